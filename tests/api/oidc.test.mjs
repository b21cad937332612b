// Tokens of an identity provider: a real one, its good tokens, and tokens with one thing wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { audience, confused, IdentityProvider, newKey, signed, unsigned } from '../lib/provider.mjs';
import { until } from '../lib/stack.mjs';
import { Api } from './harness.mjs';
import { home, request } from './suite_life.mjs';

const provider = await IdentityProvider.create();
const skip = provider.missing ?? false;
let api;

const settings = ({ max_age_s = 3600, stale_s = 86_400, refresh_s = 1, http = '', more = '' } = {}) => `[http]
timeout_s = 5
threads = 3
${http}
[oidc]
issuer = ${provider.issuer}
audience = ${audience}
unencrypted = loopback
enrolment = desk, front desk
installer = field
analyst = /numbers
operator = grid-ops,grid-lead
admin = root
crew_claim = crew
max_age_s = ${max_age_s}
stale_s = ${stale_s}
refresh_s = ${refresh_s}
${more}
`;

before(async () => {
    if (!skip) {
        api = await Api.start(settings());
        await until('keys', async () => (await tried(signed(provider.key('RS256'), provider.claims()))) === 200);
    }
}, { timeout: 120_000 });
after(async () => {
    await api?.end();
    await provider.stop?.();
});

const tried = async (token, target = '/v1/session') => (await api.call('GET', target, { token })).status;
const figure = async (name) => {
    const { text } = await api.call('GET', '/metrics', { role: 'operator' });
    return Number(text.split('\n').find((l) => l.startsWith(`${name} `))?.split(' ')[1] ?? 0);
};

/** Change the configuration and start the server again. */
async function restart(options) {
    await api.stack.stop('bptmd');
    await writeFile(api.stack.file('bptmd.extra'), settings(options));
    await api.stack.command('create');
    await api.stack.start('bptmd');
}

test('what the provider signs is taken, by each algorithm', { skip }, async () => {
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
        const token = await provider.token('batch', { roles: ['grid-ops', 'none of ours'] }, audience, algorithm);
        assert.equal(JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).alg, algorithm);
        const who = await api.expect(200, 'GET', '/v1/session', { token });
        assert.deepEqual([who.subject, who.roles, who.source], [`batch@${provider.issuer}`, ['operator'], 'oidc']);
        assert.equal(Date.parse(who.expires_at) - Date.parse(who.created_at), 600_000);
    }
    assert.equal(await figure('bptm_oidc_tokens_total{result="ok"}') > 4, true);
});

test('claims give roles, and no role is none', { skip }, async () => {
    const roles = async (claim) => {
        const token = signed(provider.key('ES256'), provider.claims({ roles: claim }));
        const { status, body } = await api.call('GET', '/v1/session', { token });
        return status === 200 ? body.roles : status;
    };
    assert.deepEqual(await roles(['grid-lead', 'front desk']), ['enrolment', 'operator']);
    assert.deepEqual(await roles('desk /numbers grid-op'), ['enrolment', 'analyst']);
    assert.deepEqual(await roles(['root']), ['admin']);
    for (const claim of [[], ['Grid-Ops'], ['grid'], [1, null, {}], 7, {}, '', undefined, ['grid-ops,grid-lead'], ['']]) {
        assert.equal(await roles(claim), 403, JSON.stringify(claim));
    }
    const lead = signed(provider.key('ES256'), provider.claims({ roles: ['grid-ops', 'desk'] }));
    assert.deepEqual(await Promise.all(['/v1/customers', '/v1/audit', '/v1/tokens'].map((t) => tried(lead, t))), [200, 200, 403]);
    assert.equal(await tried(lead, '/v1/me'), 404);
});

test('an installer of the provider sees the jobs of the crew that a claim names', { skip }, async () => {
    const { id } = await api.expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(await home(api, 'OIDC1')) });
    await api.expect(200, 'POST', `/v1/applications/${id}/transitions`, { role: 'enrolment', body: { action: 'approve' } });
    const at = Date.now() + 86_400_000;
    await api.expect(201, 'POST', `/v1/applications/${id}/appointments`, { role: 'enrolment', body: { purpose: 'survey', starts_at: new Date(at).toISOString(), ends_at: new Date(at + 3_600_000).toISOString(), crew: 'Crew 77' } });
    const jobs = async (crew) => {
        const token = signed(provider.key('EdDSA'), provider.claims({ roles: ['field'], crew }));
        return [(await api.expect(200, 'GET', '/v1/appointments', { token })).items.length, await tried(token, `/v1/applications/${id}`)];
    };
    assert.deepEqual(await jobs('Crew 77'), [1, 200]);
    for (const crew of ['Crew 7', '', undefined, ['Crew 77'], 'x'.repeat(81)]) {
        assert.deepEqual(await jobs(crew), [0, 404], JSON.stringify(crew));
    }
});

test('a token with one thing wrong is refused', { skip }, async () => {
    const key = provider.key('RS256');
    const by = (more, head) => signed(key, provider.claims(more), head);
    const good = by();
    const [head, payload, signature] = good.split('.');
    const now = Math.floor(Date.now() / 1000);
    const other = Buffer.from(JSON.stringify(provider.claims({ roles: ['root'] }))).toString('base64url');
    const flipped = Buffer.from(signature, 'base64url');
    flipped[9] ^= 1;
    const wrong = {
        expired: [by({ iat: now - 900, exp: now - 61 }), by({ exp: undefined, iat: now }), by({ exp: 'soon' })],
        'not-yet': [by({ nbf: now + 600 }), by({ iat: now + 600, exp: now + 900 })],
        audience: [by({ aud: 'urn:other' }), by({ aud: [] }), by({ aud: undefined }), by({ aud: ['urn:other', `${audience}/x`] })],
        issuer: [by({ iss: `${provider.issuer}/` }), by({ iss: 'https://id.example' }), by({ iss: undefined })],
        type: [by({}, { typ: 'JWT' }), by({}, { typ: undefined }), by({}, { typ: 'at+jwt2' })],
        algorithm: [unsigned(provider.claims()), `${unsigned(provider.claims())}${signature}`, confused(key, provider.claims()), by({}, { alg: 'RS384' }), by({}, { alg: 'nOnE' })],
        signature: [`${head}.${other}.${signature}`, `${head}.${payload}.${flipped.toString('base64url')}`, `${head}.${payload}.`, by({}, { alg: 'PS256', kid: provider.key('PS256').kid }),
            signed({ ...newKey('RS256'), kid: key.kid }, provider.claims()), signed({ ...newKey('EdDSA'), kid: provider.key('EdDSA').kid }, provider.claims())],
        key: [by({}, { alg: 'ES256' }), by({}, { kid: undefined, alg: 'RS256' }) + 'x'],
        malformed: [by({}, { crit: ['b64'], b64: false }), `${good}.`, `${head}.${payload}`, `.${payload}.${signature}`, `${good}=`, good.replace('.', '..'), 'a.b.c', 'x', '..'],
        claims: [by({ sub: undefined }), by({ sub: '' }), by({ sub: 'a\u0000b' }), by({ sub: 'x'.repeat(256) }), by({ client_id: undefined }), by({ iat: undefined }), by({ exp: now + 86_500 })],
    };
    for (const [why, tokens] of Object.entries(wrong)) {
        for (const token of tokens) {
            assert.equal(await tried(token), 401, `${why}: ${token}`);
        }
    }
    assert.equal(await tried(await provider.token('batch', { roles: ['grid-ops'] }, 'urn:other')), 401, 'made for another audience');
    assert.equal(await tried(good), 200);
    const late = Math.floor(Date.now() / 1000);
    assert.equal(await tried(by({ iat: late - 300, exp: late - 50, nbf: late - 300 })), 200, 'clocks may differ by a minute');
    assert.equal(await tried(by({ aud: ['urn:other', audience] }, { typ: 'application/AT+JWT' })), 200);
    assert.equal((await api.call('GET', '/v1/session', { headers: { authorization: `bearer ${good}` } })).status, 200);
});

test('an ID token is no access token', { skip }, async () => {
    const id = signed(provider.key('RS256'), provider.claims({ aud: audience, nonce: 'n' }), { typ: 'JWT' });
    assert.equal(await tried(id), 401);
    assert.equal(await tried(signed(provider.key('RS256'), provider.claims({ client_id: undefined, azp: audience }))), 401);
});

test('who acts is named in the audit, by subject and issuer alone, and may repeat a request', { skip }, async () => {
    const token = await provider.token('batch', { roles: ['desk', 'grid-ops'], email: 'ann@utility.example', name: 'Ann' });
    const body = { code: 'OIDC-TWICE', address: '1 Token Way', city: 'Nevada City', postal_code: '95959', longitude: -121.0161, latitude: 39.2616 };
    const once = await api.call('POST', '/v1/premises', { token, body, headers: { 'idempotency-key': 'k1' } });
    const twice = await api.call('POST', '/v1/premises', { token, body, headers: { 'idempotency-key': 'k1' } });
    assert.deepEqual([once.status, twice.status, twice.headers.get('idempotency-replayed'), twice.body], [201, 201, 'true', once.body]);
    assert.equal((await api.call('POST', '/v1/premises', { token, body: { ...body, city: 'Truckee' }, headers: { 'idempotency-key': 'k1' } })).status, 422);
    const other = signed(provider.key('RS256'), provider.claims({ roles: ['desk'] }));
    assert.equal((await api.call('POST', '/v1/premises', { token: other, body, headers: { 'idempotency-key': 'k1' } })).status, 409, 'the key is of one caller');
    const { id } = await api.expect(201, 'POST', '/v1/applications', { token, body: request(await home(api, 'OIDC2'), { draft: true }) });
    await api.expect(200, 'POST', `/v1/applications/${id}/transitions`, { token, body: { action: 'submit' } });
    const rows = (await api.expect(200, 'GET', '/v1/audit?limit=100', { role: 'operator' })).items;
    const mine = rows.filter((r) => r.subject === `batch@${provider.issuer}`);
    assert.deepEqual([...new Set(mine.map((r) => r.action))].sort(), ['application.create', 'application.submit', 'premise.create']);
    assert.ok(mine.every((r) => r.token_id === null && r.role === 'enrolment operator'));
    assert.ok(rows.filter((r) => r.token_id).every((r) => r.subject === null));
    assert.doesNotMatch(JSON.stringify(rows) + await api.stack.log('bptmd'), /ann@utility|Ann"/);
    assert.ok(!(await api.stack.log('bptmd')).includes(token.slice(0, 40)));
});

test('a list of generators takes two persons, whoever they are to the provider', { skip }, async () => {
    const by = (sub) => signed(provider.key('RS256'), provider.claims({ sub, roles: ['desk', 'grid-ops'] }));
    const call = (status, method, target, sub, body) => api.expect(status, method, target, { token: by(sub), body });
    const csv = await readFile(new URL('../../sql/seed/generators.csv', import.meta.url), 'utf8');
    const { id } = await call(201, 'POST', '/v1/imports', 'ann', { kind: 'generators', file_name: 'g.csv', why: 'oidc' });
    await api.expect(200, 'PUT', `/v1/imports/${id}/file`, { token: by('ann'), raw: csv, headers: { 'content-type': 'text/csv' } });
    const state = async (wanted) => until(wanted, async () => (await call(200, 'GET', `/v1/imports/${id}`, 'ann')).state === wanted, 60);
    await state('checked');
    await call(202, 'POST', `/v1/imports/${id}/commit`, 'bob');
    await state('committed');
    const { items: [list] } = await call(200, 'GET', '/v1/generator-lists', 'ann');
    assert.equal(list.imported_by, `oidc:bob@${provider.issuer}`);
    const draft = await api.previewed({ token: by('ann'), body: { programme: 'bptm', generator_list: list.version } });
    const refused = await call(409, 'POST', `/v1/previews/${draft.id}/publications`, 'bob');
    assert.equal(refused.type, 'urn:bptm:error:same-person');
    await call(200, 'POST', `/v1/previews/${draft.id}/publications`, 'ann');
    assert.equal((await call(200, 'GET', `/v1/generator-lists/${list.version}`, 'ann')).published_by, `oidc:ann@${provider.issuer}`);
    const rows = (await api.expect(200, 'GET', '/v1/audit?limit=100', { role: 'operator' })).items;
    assert.equal(rows.find((r) => r.action === 'import.commit').subject, `bob@${provider.issuer}`);
});

test('new keys are found at once, and asked for no more often than configured', { skip }, async () => {
    const old = provider.key('RS256');
    await sleep(2200); // what was asked for is fetched, and the pace is over
    provider.keys = provider.keys.map((k) => newKey(k.alg));
    provider.configure();
    assert.equal(await tried(signed(provider.key('RS256'), provider.claims())), 200, 'signed with a key of a second ago');
    assert.equal(await tried(signed(old, provider.claims())), 401, 'withdrawn');
    const asked = provider.asked, from = Date.now();
    const stranger = newKey('RS256');
    for (let n = 0; n < 40; n++) {
        assert.ok([401, 503].includes(await tried(signed(stranger, provider.claims()))));
    }
    assert.ok(provider.asked - asked <= (Date.now() - from) / 1000 + 1, `${provider.asked - asked} fetches in ${Date.now() - from} ms`);
});

test('one request waits for new keys, others go on', { skip }, async () => {
    await sleep(2200); // what was asked for is fetched, and the pace is over
    provider.delay = 700;
    provider.keys = provider.keys.map((k) => newKey(k.alg));
    provider.configure();
    const asked = provider.asked;
    const token = signed(provider.key('ES256'), provider.claims());
    const waits = [tried(token), tried(token)];
    assert.equal(await tried(api.tokens.operator, '/v1/me'), 200);
    const told = await Promise.all(waits); // a second one in the thread of the first comes after it
    assert.ok(told.includes(200) && told.every((status) => [200, 503].includes(status)), String(told));
    assert.equal(provider.asked - asked, 1);
    provider.delay = 0;
});

test('without the provider its keys are good for a while, then it is 503; our own tokens always work', { skip }, async () => {
    await restart({ max_age_s: 1, stale_s: 4 });
    const token = signed(provider.key('PS256'), provider.claims());
    await until('keys', async () => (await tried(token)) === 200);
    await provider.stop();
    await sleep(1500);
    assert.equal(await tried(token), 200, 'keys of a moment ago');
    await until('too old', async () => (await tried(token)) === 503);
    assert.equal(await tried(api.tokens.operator, '/v1/me'), 200);
    assert.ok(await figure('bptm_oidc_fetches_total{result="failed"}') >= 1);
    assert.ok(await figure('bptm_oidc_keys_age_seconds') >= 4);
    await provider.start();
    await until('back', async () => (await tried(token)) === 200);
});

/* -- people who sign in ------------------------------------------------------------------------- */

/** A browser at our server: keeps its cookies, follows nothing. */
function browser() {
    const jar = new Map();
    return async (target, { method = 'GET', headers = {} } = {}) => {
        const response = await fetch(new URL(target, api.url), { method, redirect: 'manual', headers: { connection: 'close', cookie: [...jar].map((c) => c.join('=')).join('; '), ...headers } });
        const set = response.headers.getSetCookie();
        for (const field of set) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(field);
            jar.set(name, value);
        }
        const text = await response.text();
        return { status: response.status, to: response.headers.get('location'), set, body: text && JSON.parse(text), jar };
    };
}

const begin = async (go, next) => {
    const { status, to, set } = await go(`/sign-in/oidc${next ? `?next=${encodeURIComponent(next)}` : ''}`);
    assert.equal(status, 303);
    return { to: new URL(to), set };
};
const problem = (answer, what) => {
    assert.deepEqual([answer.status, answer.to], [303, `/sign-in?problem=${what}`]);
    assert.ok(!answer.set.some((c) => c.startsWith('bptm_session=')));
};
const withSecret = async () => {
    const file = api.stack.file('secret/oidc-client');
    await writeFile(file, 'a secret: with / all + sorts %\n', { mode: 0o600 });
    const { uid, gid } = await stat(api.stack.file('secret/receipt.key'));
    await chown(file, uid, gid);
    return file;
};

test('people sign in by code and PKCE, and sign out', { skip }, async () => {
    assert.deepEqual((await api.expect(200, 'GET', '/v1/sign-in')), { token: true, oidc: false });
    await api.expect(404, 'GET', '/sign-in/oidc');
    await api.expect(404, 'GET', '/sign-in/oidc/callback?code=x&state=y');
    provider.addConsole('console', `${api.url}/sign-in/oidc/callback`, 'a secret: with / all + sorts %');
    provider.addConsole('public', `${api.url}/sign-in/oidc/callback`);
    provider.people = { ann: { roles: ['grid-ops', 'desk'] }, ben: { roles: ['grid-ops'] }, eve: { roles: ['none'] } };
    provider.configure();
    await restart({ http: `public_url = ${api.url}`, more: `client_id = console\nclient_secret_file = ${await withSecret()}` });
    assert.deepEqual((await api.expect(200, 'GET', '/v1/sign-in')), { token: true, oidc: true });
    await until('the provider', async () => (await begin(browser())).to.origin === provider.issuer);

    const go = browser();
    const { to, set } = await begin(go, '/queue?state=eligible');
    assert.match(set[0], /^bptm_sign_in=[\w-]{43}; Path=\/; Max-Age=300; HttpOnly; SameSite=Lax$/);
    assert.deepEqual(['response_type', 'client_id', 'scope', 'code_challenge_method', 'redirect_uri'].map((p) => to.searchParams.get(p)),
        ['code', 'console', 'openid', 'S256', `${api.url}/sign-in/oidc/callback`]);
    const back = await provider.visit(to.href, 'ann');
    const came = await go(back);
    assert.deepEqual([came.status, came.to], [303, '/queue?state=eligible']);
    assert.match(came.set[0], /^bptm_session=[\w-]{43}; Path=\/; Max-Age=36000; HttpOnly; SameSite=Strict$/);
    const { body } = await go('/v1/session');
    assert.deepEqual([body.subject, body.roles, body.source], [`ann@${provider.issuer}`, ['enrolment', 'operator'], 'oidc']);
    const [row] = (await go('/v1/audit?object=session.create')).body.items;
    assert.deepEqual([row.subject, row.token_id, row.role], [`ann@${provider.issuer}`, null, 'enrolment operator']);
    problem(await go(back), 'state');
    assert.equal((await go('/v1/session')).status, 200, 'the one session stays');
    assert.equal((await go('/v1/session', { method: 'DELETE', headers: { 'x-requested-with': 'bptm' } })).status, 204);
    assert.equal((await go('/v1/session')).status, 401);
    const log = await api.stack.log('bptmd');
    assert.ok(![...new URL(back).searchParams.values()].some((v) => v !== provider.issuer && log.includes(v)), 'no code or state in the log');
});

test('a sign-in that is not of this browser, or not as it began, gets no session', { skip }, async () => {
    const go = browser();
    const back = async (g, who = 'ben', change = (u) => u) => provider.visit(change((await begin(g)).to).href ?? '', who);
    const other = await back(go);
    problem(await browser()(other), 'state'); // a victim who is sent another's address
    problem(await go(other), 'state'); // and the state is used up
    problem(await go('/sign-in/oidc/callback?code=x'), 'state');
    problem(await go(`/sign-in/oidc/callback?code=x&state=${'A'.repeat(43)}`), 'state');
    const foreign = new URL(await back(go));
    foreign.searchParams.set('iss', 'https://id.example');
    problem(await go(foreign.href), 'state');
    const silent = new URL(await back(go));
    silent.searchParams.delete('iss');
    problem(await go(silent.href), 'state');
    const [a, b] = [new URL(await back(go)), new URL(await back(browser(), 'ann'))];
    a.searchParams.set('code', b.searchParams.get('code'));
    const mixed = browser();
    problem(await mixed(a.href), 'state');
    const own = browser(), c = new URL(await back(own));
    c.searchParams.set('code', b.searchParams.get('code'));
    problem(await own(c.href), 'denied'); // another's code: the provider refuses it by its verifier
    const nonce = browser();
    problem(await nonce(await back(nonce, 'ben', (u) => { u.searchParams.set('nonce', 'other'); return u; })), 'token');
    const eve = browser();
    problem(await eve(await back(eve, 'eve')), 'role');
    const gone = browser();
    problem(await gone(await back(gone, null)), 'denied');
    for (const next of ['//elsewhere.example/', '/\\elsewhere.example/', 'https://elsewhere.example/', 'javascript:alert(1)']) {
        const g = browser();
        assert.equal((await g(await provider.visit((await begin(g, next)).to.href, 'ben'))).to, '/', next);
    }
    const late = browser(), address = await back(late);
    await provider.stop();
    problem(await late(address), 'away');
    await provider.start();
});

test('who signs out at the provider is signed out here, and only there where that was', { skip }, async () => {
    await until('the provider', async () => (await begin(browser())).to.origin === provider.issuer);
    const signedIn = async (who) => {
        const go = browser(), jar = new Map();
        assert.equal((await go(await provider.visit((await begin(go)).to.href, who, jar))).to, '/');
        return { go, jar, open: async () => (await go('/v1/session')).status === 200 };
    };
    const [a, b, ben] = [await signedIn('ann'), await signedIn('ann'), await signedIn('ben')];
    const { status, to } = await a.go('/sign-in/oidc/end');
    assert.deepEqual([status, new URL(to).origin], [303, provider.issuer]);
    assert.equal(await provider.visit(to, 'ann', a.jar), `${api.url}/sign-in`);
    await until('the end', async () => !await a.open());
    assert.deepEqual([await b.open(), await ben.open()], [true, true]);
    const [row] = (await api.expect(200, 'GET', '/v1/audit?object=session.end', { role: 'operator' })).items;
    assert.deepEqual([row.subject, row.role, row.token_id], [`ann@${provider.issuer}`, 'oidc', null]);

    const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const claims = (more) => ({ iss: provider.issuer, aud: 'console', iat: Date.now() / 1000 | 0, exp: (Date.now() / 1000 | 0) + 120, jti: 'x', events: event, sub: 'ann', ...more });
    const key = provider.key('RS256');
    const tell = async (token, type = 'application/x-www-form-urlencoded') => (await fetch(`${api.url}/sign-in/oidc/logout`,
        { method: 'POST', body: `state=x&logout_token=${token}`, headers: { 'content-type': type, connection: 'close' } })).status;
    const wrong = [
        signed(key, claims({ aud: 'public' }), { typ: 'logout+jwt' }), signed(key, claims({ iss: 'https://id.example' }), { typ: 'logout+jwt' }),
        signed(key, claims({ events: undefined }), { typ: 'logout+jwt' }), signed(key, claims({ events: { other: {} } }), { typ: 'logout+jwt' }),
        signed(key, claims({ nonce: 'n' }), { typ: 'logout+jwt' }), signed(key, claims({ sub: undefined }), { typ: 'logout+jwt' }),
        signed(key, claims({ jti: undefined }), { typ: 'logout+jwt' }), signed(key, claims({ iat: 1, exp: 100 }), { typ: 'logout+jwt' }),
        signed(key, claims(), { typ: 'at+jwt' }), signed(newKey('RS256', key.kid), claims(), { typ: 'logout+jwt' }),
        signed(key, provider.claims({ aud: 'console' })), unsigned(claims()), '%41', '',
    ];
    for (const token of wrong) {
        assert.equal(await tell(token), 400, token);
    }
    assert.equal(await tell(signed(key, claims(), { typ: 'logout+jwt' }), 'application/json'), 415);
    assert.deepEqual([await b.open(), await ben.open()], [true, true]);
    assert.equal(await tell(signed(key, claims({ sub: undefined, sid: 'of nobody' }), { typ: 'logout+jwt' })), 204);
    assert.equal(await tell(signed(key, claims({ iat: (Date.now() / 1000 | 0) - 3600 }), { typ: 'logout+jwt' })), 204, 'an old one, told again');
    assert.equal(await b.open(), true, 'ends nothing that came after it');
    assert.equal(await tell(signed(key, claims(), { typ: 'logout+jwt' })), 204);
    assert.deepEqual([await b.open(), await ben.open()], [false, true]);
});

test('a client without a secret signs in too, and who guesses is kept out', { skip }, async () => {
    await restart({ http: `public_url = ${api.url}/\nfailures_per_min = 6`, more: 'client_id = public' });
    const go = browser();
    await until('the provider', async () => (await begin(go)).to.origin === provider.issuer);
    assert.equal((await go(await provider.visit((await begin(go)).to.href, 'ben'))).to, '/');
    assert.equal((await go('/v1/session')).body.subject, `ben@${provider.issuer}`);
    const tries = [];
    for (let n = 0; n < 12; n++) {
        tries.push((await browser()(`/sign-in/oidc/callback?code=x&state=${n}`)).status);
    }
    assert.deepEqual([tries[0], tries.at(-1)], [303, 429]);
    assert.equal(await figure('bptm_oidc_sign_ins_total{result="ok"}') > 0 || tries.includes(429), true);
});

test('a configuration that does not fit is said at the start', { skip }, async () => {
    const file = api.stack.file('wrong.conf');
    for (const [more, says] of [['issuer = https://id.example\naudience = x\nclient_id = c', /public_url/], ['issuer = http://127.0.0.1:9\naudience = x', /https/], ['issuer = https://id.example', /audience/], ['issuer = https://id.example\naudience = x\nroles_claim = /a//b', /claim/]]) {
        await writeFile(file, `[http]\nport = 0\npages =\n[oidc]\n${more}\n`);
        const { status, stderr } = spawnSync(`${process.env.BPTM_APP}/sbin/bptmd`, ['--config', file, '--only=http'], { encoding: 'utf8', timeout: 30_000 });
        assert.equal(status, 1);
        assert.match(stderr, says);
    }
});
