// Tokens of an identity provider: a real one, its good tokens, and tokens with one thing wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { audience, confused, IdentityProvider, newKey, signed, unsigned } from '../lib/provider.mjs';
import { until } from '../lib/stack.mjs';
import { Api } from './harness.mjs';
import { home, request } from './suite_life.mjs';

const provider = await IdentityProvider.create();
const skip = provider.missing ?? false;
let api;

const settings = ({ max_age_s = 3600, stale_s = 86_400, refresh_s = 1, more = '' } = {}) => `[http]
timeout_s = 5
threads = 3
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
        'not-yet': [by({ nbf: now + 70 }), by({ iat: now + 70, exp: now + 300 })],
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
    assert.equal(await tried(by({ iat: now - 300, exp: now - 55, nbf: now - 300 })), 200, 'clocks may differ by a minute');
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
    const by = (sub) => signed(provider.key('RS256'), provider.claims({ sub, roles: ['desk'] }));
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
    const refused = await call(409, 'POST', `/v1/generator-lists/${list.version}/publications`, 'bob');
    assert.equal(refused.type, 'urn:bptm:error:same-person');
    const published = await call(200, 'POST', `/v1/generator-lists/${list.version}/publications`, 'ann');
    assert.equal(published.published_by, `oidc:ann@${provider.issuer}`);
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
    assert.deepEqual((await Promise.all(waits)).sort(), [200, 503]);
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

test('a configuration that does not fit is said at the start', { skip }, async () => {
    const file = api.stack.file('wrong.conf');
    for (const [more, says] of [['issuer = http://127.0.0.1:9\naudience = x', /https/], ['issuer = https://id.example', /audience/], ['issuer = https://id.example\naudience = x\nroles_claim = /a//b', /claim/]]) {
        await writeFile(file, `[http]\nport = 0\npages =\n[oidc]\n${more}\n`);
        const { status, stderr } = spawnSync(`${process.env.BPTM_APP}/sbin/bptmd`, ['--config', file, '--only=http'], { encoding: 'utf8', timeout: 30_000 });
        assert.equal(status, 1);
        assert.match(stderr, says);
    }
});
