// A real OpenID Connect provider (npm oidc-provider) whose keys, clients and health the test decides.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { installed, reason } from './npm.mjs';

export const audience = 'urn:bptm:rest';
const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** How node signs what JWS calls by these names. */
const signers = {
    RS256: { hash: 'sha256' },
    PS256: { hash: 'sha256', padding: 6, saltLength: 32 },
    ES256: { hash: 'sha256', dsaEncoding: 'ieee-p1363' },
    EdDSA: { hash: null },
};
const kinds = {
    RS256: ['rsa', { modulusLength: 2048 }],
    PS256: ['rsa', { modulusLength: 2048 }],
    ES256: ['ec', { namedCurve: 'P-256' }],
    EdDSA: ['ed25519', {}],
};

/** A private key as a JWK with `kid`, for `alg`. By way of PEM: Node.js 20 can lock itself up for good when it exports
 *  the object that a generation gave, and collects the generation's garbage meanwhile. */
export function newKey(alg, kid = `${alg}-${randomUUID()}`) {
    const [kind, options] = kinds[alg];
    const { privateKey } = generateKeyPairSync(kind, {
        ...options, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    return { ...createPrivateKey(privateKey).export({ format: 'jwk' }), alg, use: 'sig', kid };
}

/** A compact JWS of these parts by this key, whatever it says. */
export function signed(key, claims, head = {}) {
    const { hash, ...options } = signers[key.alg];
    const text = `${part({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...head })}.${part(claims)}`;
    return `${text}.${sign(hash, Buffer.from(text), { key, format: 'jwk', ...options }).toString('base64url')}`;
}

/** Signed with the public key's own text as the secret of an HMAC, as a confused verifier would check it. */
export function confused(key, claims) {
    const text = `${part({ alg: 'HS256', kid: key.kid, typ: 'at+jwt' })}.${part(claims)}`;
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
}

export const unsigned = (claims) => `${part({ alg: 'none', typ: 'at+jwt' })}.${part(claims)}.`;

export class IdentityProvider {
    /** A provider, or { missing } with the reason why there is none. */
    static async create() {
        let dir;
        try {
            dir = await installed('oidc', 'oidc-provider');
        } catch (error) {
            return { missing: `NOT CHECKED: npm cannot install oidc-provider: ${reason(error)}` };
        }
        const { default: Provider } = await import(pathToFileURL(path.join(dir, 'node_modules/oidc-provider/lib/index.js')));
        const made = new IdentityProvider(Provider);
        await made.start();
        return made;
    }

    constructor(Provider) {
        this.Provider = Provider;
        this.keys = Object.keys(kinds).map((alg) => newKey(alg));
        this.port = 0;
        this.asked = 0; // times that the keys were read
        this.delay = 0; // ms before they are answered
        this.clients = []; // of oidc-provider
        this.people = {}; // name -> claims; who signs in, and clients that ask for themselves
    }

    get issuer() {
        return `http://127.0.0.1:${this.port}`;
    }

    key(alg) {
        return this.keys.find((k) => k.alg === alg);
    }

    async start() {
        const server = createServer();
        server.listen(this.port, '127.0.0.1');
        await once(server, 'listening');
        server.unref(); // it keeps no test alive that does not need it
        this.port = server.address().port;
        this.server = server;
        this.configure();
    }

    /** Take the keys, clients and people as they are now. */
    configure() {
        const provider = new this.Provider(this.issuer, {
            jwks: { keys: this.keys },
            clients: this.clients,
            claims: { openid: ['sub', 'roles', 'crew'] },
            fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own dispatcher keeps it from this machine, where we are
            conformIdTokenClaims: false,
            enabledJWA: { idTokenSigningAlgValues: Object.keys(kinds) },
            extraTokenClaims: (ctx, token) => this.people[token.clientId],
            findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...this.people[sub] }) }),
            ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
            features: {
                backchannelLogout: { enabled: true },
                clientCredentials: { enabled: true },
                resourceIndicators: {
                    enabled: true,
                    getResourceServerInfo: (ctx, resource) => ({ scope: 'rest', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: this.algorithm ?? 'RS256' } } }),
                },
            },
        });
        provider.on('server_error', (ctx, error) => console.error(error));
        const answer = provider.callback();
        this.server.removeAllListeners('request');
        this.server.on('request', async (request, response) => {
            if (request.url === '/jwks') {
                this.asked++;
                await sleep(this.delay);
            }
            answer(request, response);
        });
    }

    /** A client that people sign in for; without a secret a public one. */
    addConsole(client_id, redirect_uri, client_secret) {
        const { origin } = new URL(redirect_uri);
        this.clients.push({
            backchannel_logout_uri: `${origin}/sign-in/oidc/logout`, backchannel_logout_session_required: true, post_logout_redirect_uris: [`${origin}/sign-in`],
            client_id, ...(client_secret && { client_secret }), redirect_uris: [redirect_uri], grant_types: ['authorization_code'], response_types: ['code'],
            token_endpoint_auth_method: client_secret ? 'client_secret_basic' : 'none',
        });
        this.configure();
    }

    /**
     * What a person's browser does at the provider: from its authorisation address through its forms until it is sent
     * elsewhere, which is the answer. `people[name]` are the claims; no name: the person gives up. `jar` has the cookies.
     */
    async visit(address, name, jar = new Map()) {
        const go = async (url, form) => {
            const response = await fetch(url, { method: form ? 'POST' : 'GET', redirect: 'manual', body: form && new URLSearchParams(form), headers: { cookie: [...jar].map((c) => c.join('=')).join('; ') } });
            for (const field of response.headers.getSetCookie()) {
                const [, key, value] = /^([^=]+)=([^;]*)/.exec(field);
                jar.set(key, value);
            }
            const to = response.headers.get('location');
            return { at: to && new URL(to, url).href, text: await response.text() };
        };
        for (let at = address, steps = 0; steps < 20; steps++) {
            if (!at.startsWith(this.issuer)) {
                return at;
            }
            const here = at;
            let answer = await go(here);
            const leaves = /action="([^"]+)"[^]*name="xsrf" value="(\w+)"/.exec(answer.text);
            if (!answer.at && leaves) {
                answer = await go(new URL(leaves[1], here).href, { xsrf: leaves[2], logout: 'yes' });
            } else if (!answer.at) {
                const prompt = /name="prompt" value="(\w+)"/.exec(answer.text)?.[1];
                if (!prompt) {
                    throw new Error(answer.text);
                }
                answer = name ? await go(here, { prompt, login: name, password: 'any' }) : await go(`${here}/abort`);
            }
            at = answer.at;
        }
        throw new Error('no end');
    }

    async stop() {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    /** An access token of the provider's own making: for the client of this name, with these claims. */
    async token(name, claims, resource = audience, algorithm = 'RS256') {
        this.algorithm = algorithm;
        this.people[name] = claims;
        if (!this.clients.some((c) => c.client_id === name)) {
            this.clients.push({ client_id: name, client_secret: 'its-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] });
            this.configure();
        }
        const response = await fetch(`${this.issuer}/token`, {
            method: 'POST',
            headers: { authorization: `Basic ${btoa(`${name}:its-secret`)}` },
            body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: 'rest' }),
        });
        const answer = await response.json();
        if (!answer.access_token) {
            throw new Error(JSON.stringify(answer));
        }
        return answer.access_token;
    }

    /** What a good access token says, for tests that change one thing of it. */
    claims(more = {}) {
        const now = Math.floor(Date.now() / 1000);
        return {
            iss: this.issuer, aud: audience, sub: 'forged', client_id: 'forged', jti: randomUUID(), iat: now, exp: now + 300,
            roles: ['grid-ops'], ...more,
        };
    }
}
