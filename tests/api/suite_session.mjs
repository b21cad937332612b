// Sessions of the web pages, and the pages themselves as files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

const own = { 'x-requested-with': 'bptm' };

export function session(api) {
    const signIn = async (token, headers = {}) => {
        const answer = await api().call('POST', '/v1/session', { body: { token }, headers });
        assert.equal(answer.status, 201, answer.text);
        return { field: answer.headers.get('set-cookie'), body: answer.body, cookie: answer.headers.get('set-cookie').split(';')[0] };
    };
    const newToken = (role, label) => api().expect(201, 'POST', '/v1/tokens', { role: 'admin', body: { role, label } });
    const as = (cookie, more = {}) => ({ headers: { cookie, ...more } });

    test('a token is exchanged for a cookie that scripts cannot read', async () => {
        const { field, body, cookie } = await signIn(api().tokens.enrolment);
        assert.match(field, /^bptm_session=[\w-]{43}; Path=\/; Max-Age=36000; HttpOnly; SameSite=Strict$/);
        assert.deepEqual([body.roles, body.source, body.subject], [['enrolment'], 'token', 'stack enrolment']);
        const lie = await signIn(api().tokens.enrolment, { 'x-forwarded-proto': 'https' });
        assert.match(lie.field, /^bptm_session=.*Strict$/, 'who is no proxy is not believed');
        assert.deepEqual(await api().expect(200, 'GET', '/v1/session', as(cookie)), body);
        await api().expect(200, 'GET', '/v1/me', as(cookie));
        await api().expect(200, 'GET', '/v1/applications', as(`theme=dark; ${cookie}; other=1`));
        await api().expect(403, 'GET', '/v1/audit', as(cookie));
        const kept = await api().exec("select hash from access.session order by created_at limit 1");
        assert.ok(!kept.includes(cookie.slice(13)), 'the secret is not stored');
    });

    test('no cookie, or one that is none of ours', async () => {
        for (const cookie of ['', 'bptm_session=', `bptm_session=${'x'.repeat(43)}`, 'bptm_session', `xbptm_session=${'x'.repeat(43)}`]) {
            await api().expect(401, 'GET', '/v1/session', as(cookie));
        }
        await api().expect(401, 'POST', '/v1/session', { body: { token: `bptm_${'x'.repeat(43)}` } });
        await api().expect(404, 'GET', '/v1/session', { role: 'enrolment' });
        await api().expect(404, 'DELETE', '/v1/session', { role: 'enrolment' });
        const { headers } = await api().call('GET', '/v1/session', { headers: own });
        assert.equal(headers.get('www-authenticate'), 'Bearer realm="bptm"', 'the browser must not ask for a password');
    });

    test('a change by cookie comes from our own pages only', async () => {
        const { cookie } = await signIn(api().tokens.enrolment);
        const change = (headers) => api().call('POST', '/v1/customers', { body: { name: 'By cookie' }, headers: { cookie, ...headers } });
        const forged = [
            {}, { 'x-requested-with': 'XMLHttpRequest' }, { 'sec-fetch-site': 'same-origin' },
            { ...own, 'sec-fetch-site': 'cross-site' }, { ...own, 'sec-fetch-site': 'same-site' }, { ...own, 'sec-fetch-site': 'none' },
        ];
        for (const headers of forged) {
            const { status, body } = await change(headers);
            assert.deepEqual([status, body.type], [403, 'urn:bptm:error:cross-site'], JSON.stringify(headers));
        }
        assert.equal((await change(own)).status, 201);
        assert.equal((await change({ ...own, 'sec-fetch-site': 'same-origin' })).status, 201);
        await api().expect(403, 'DELETE', '/v1/session', as(cookie));
        const { headers } = await api().call('OPTIONS', '/v1/customers', { headers: { origin: 'https://elsewhere.example' } });
        assert.equal(headers.get('access-control-allow-origin'), null);
    });

    test('signing out ends it, and the audit has both', async () => {
        const { cookie } = await signIn(api().tokens.analyst);
        const out = await api().call('DELETE', '/v1/session', as(cookie, own));
        assert.equal(out.status, 204);
        assert.match(out.headers.get('set-cookie'), /^bptm_session=; Path=\/; Max-Age=0;/);
        await api().expect(401, 'GET', '/v1/session', as(cookie));
        const { items } = await api().expect(200, 'GET', '/v1/audit?object=session', { role: 'operator' });
        assert.deepEqual(items.slice(0, 2).map((a) => [a.action, a.role, a.after.subject]),
            [['session.end', 'analyst', 'stack analyst'], ['session.create', 'analyst', 'stack analyst']]);
    });

    test('a person sees and ends sessions of the own token, and nobody else\'s', async () => {
        const [mine, other] = [await newToken('analyst', 'sessions of one'), await newToken('analyst', 'sessions of another')];
        const [a, b, c, foreign] = [await signIn(mine.token), await signIn(mine.token), await signIn(mine.token), await signIn(other.token)];
        const list = async (how) => (await api().expect(200, 'GET', '/v1/me/sessions', how)).items;
        assert.deepEqual(await list(as(a.cookie)), [c.body, b.body, a.body]);
        assert.deepEqual(await list({ token: mine.token }), [c.body, b.body, a.body], 'by the token itself, too');
        assert.deepEqual(new Set([a, b, c].map(({ body }) => body.id)).size, 3);
        const first = await api().expect(200, 'GET', '/v1/me/sessions?limit=2', as(a.cookie));
        assert.deepEqual((await api().expect(200, 'GET', `/v1/me/sessions?limit=2&cursor=${first.next}`, as(a.cookie))).items, [a.body]);
        await api().expect(404, 'DELETE', `/v1/me/sessions/${foreign.body.id}`, as(a.cookie, own));
        await api().expect(403, 'DELETE', `/v1/me/sessions/${b.body.id}`, as(a.cookie));
        await api().expect(204, 'DELETE', `/v1/me/sessions/${b.body.id}`, as(a.cookie, own));
        await api().expect(404, 'DELETE', `/v1/me/sessions/${b.body.id}`, as(a.cookie, own));
        await api().expect(401, 'GET', '/v1/session', as(b.cookie));
        await api().expect(404, 'DELETE', '/v1/me/sessions', { token: mine.token });
        assert.deepEqual(await api().expect(200, 'DELETE', '/v1/me/sessions', as(a.cookie, own)), { ended: 1 });
        assert.deepEqual(await list(as(a.cookie)), [a.body]);
        await api().expect(401, 'GET', '/v1/session', as(c.cookie));
        await api().expect(200, 'GET', '/v1/session', as(foreign.cookie));
        const { items } = await api().expect(200, 'GET', '/v1/audit?object=session.end', { role: 'operator' });
        assert.deepEqual(items.slice(0, 2).map((row) => [row.object_id, row.token_id]), [[c.body.id, mine.id], [b.body.id, mine.id]]);
    });

    test('an operator sees whose sessions are open, and ends one, or all of a token', async () => {
        const made = await newToken('analyst', 'to be shown out');
        const [a, b, c] = [await signIn(made.token), await signIn(made.token), await signIn(made.token)];
        const all = (query) => api().expect(200, 'GET', `/v1/sessions${query}`, { role: 'operator' });
        assert.deepEqual((await all('?limit=3')).items, [c.body, b.body, a.body]);
        for (const of of ['to be shown out', made.id]) {
            assert.deepEqual((await all(`?of=${encodeURIComponent(of)}`)).items, [c.body, b.body, a.body], of);
        }
        assert.deepEqual((await all('?of=to%20be%20shown')).items, [], 'a part of a name is nobody');
        await api().expect(204, 'DELETE', `/v1/sessions/${b.body.id}`, { role: 'operator' });
        await api().expect(401, 'GET', '/v1/session', as(b.cookie));
        await api().expect(400, 'DELETE', '/v1/sessions', { role: 'operator' });
        assert.deepEqual(await api().expect(200, 'DELETE', `/v1/sessions?of=${made.id}`, { role: 'operator' }), { ended: 2 });
        assert.deepEqual((await all(`?of=${made.id}`)).items, []);
        await api().expect(401, 'GET', '/v1/session', as(a.cookie));
        await api().expect(200, 'GET', '/v1/me', { token: made.token });
        await api().expect(204, 'DELETE', `/v1/tokens/${made.id}`, { role: 'admin' });
    });

    test('it ends with its token, with its time, and when there are too many', async () => {
        const made = await newToken('analyst', 'sessions');
        const first = await signIn(made.token);
        await api().exec(`update access.session set expires_at = now() where token_id = '${made.id}'`);
        await api().expect(401, 'GET', '/v1/session', as(first.cookie));
        const cookies = [];
        for (let n = 0; n < 17; n++) {
            cookies.push((await signIn(made.token)).cookie);
        }
        await api().expect(401, 'GET', '/v1/session', as(cookies[0]));
        await api().expect(200, 'GET', '/v1/session', as(cookies[1]));
        await api().expect(204, 'DELETE', `/v1/tokens/${made.id}`, { role: 'admin' });
        await api().expect(401, 'GET', '/v1/session', as(cookies[16]));
    });

    /** As the bytes come, without a client that unpacks them. */
    const file = (path, headers = {}) => new Promise((done, fail) => {
        const call = request(api().url + path, { headers }, (answer) => {
            const pieces = [];
            answer.on('data', (piece) => pieces.push(piece));
            answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
        });
        call.on('error', fail);
        call.end();
    });

    test('pages are files with type, tag, policy and a compressed form', async () => {
        const plain = await file('/', { accept: 'text/html' });
        assert.deepEqual([plain.status, plain.headers['content-type'], plain.headers.vary], [200, 'text/html; charset=utf-8', 'Accept-Encoding']);
        assert.deepEqual(plain.body, await readFile('server/www/index.html'));
        const policy = plain.headers['content-security-policy'];
        assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
        assert.doesNotMatch(policy, /unsafe|https?:|\*/);
        const packed = await file('/base.css', { 'accept-encoding': 'gzip, br' });
        assert.deepEqual([packed.headers['content-encoding'], packed.headers['content-type']], ['gzip', 'text/css; charset=utf-8']);
        assert.deepEqual(gunzipSync(packed.body), await readFile('server/www/base.css'));
        const tag = packed.headers.etag;
        assert.notEqual(tag, (await file('/base.css')).headers.etag);
        const again = await file('/base.css', { 'accept-encoding': 'gzip', 'if-none-match': tag });
        assert.deepEqual([again.status, again.body.length], [304, 0]);
        assert.equal((await file('/lib/api.js')).headers['content-type'], 'text/javascript; charset=utf-8');
    });

    test('what is no page: a page for people, a problem for programs, nothing of the disk', async () => {
        const person = await file('/no-such-page', { accept: 'text/html' });
        assert.deepEqual([person.status, person.headers['content-type']], [404, 'text/html; charset=utf-8']);
        for (const path of ['/no-such-page', '/base.css.gz', '/../bptmd.conf', '/lib/../../sql/order', '/%2e%2e/sql/order', '//base.css', '/lib', '/.git']) {
            const { status, headers } = await file(path);
            assert.deepEqual([status, headers['content-type']], [404, 'application/problem+json'], path);
        }
        await api().expect(404, 'POST', '/base.css', { body: {} });
    });
}
