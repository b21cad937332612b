// What holds for all routes: pages, tags, keys, methods, figures, and a database that goes away.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';
import { operations } from './schema.mjs';
import { nowhere, targetOf } from './suite_roles.mjs';

/** The text format of Prometheus: every family described once, samples together, no sample twice. */
function checkMetrics(text) {
    const described = new Map();
    const samples = new Set();
    let family = '';
    for (const line of text.trimEnd().split('\n')) {
        const [, kind, name, rest] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
        if (kind === 'HELP') {
            assert.ok(!described.has(name), `${name} is described twice`);
            family = name;
            described.set(name, undefined);
        } else if (kind === 'TYPE') {
            assert.equal(name, family, 'TYPE follows its HELP');
            described.set(name, rest);
        } else {
            const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?\d+(?:\.\d+)?)$/.exec(line);
            assert.ok(sample, `not a sample: ${line}`);
            assert.equal(sample[1].replace(/_(sum|count)$/, (m) => (described.get(family) === 'summary' ? '' : m)), family, line);
            assert.ok(!samples.has(sample[1] + (sample[2] ?? '')), `twice: ${line}`);
            samples.add(sample[1] + (sample[2] ?? ''));
            assert.equal(described.get(family) === 'counter', family.endsWith('_total'), `${family}: counters end with _total`);
        }
    }
    return described;
}

export function behaviour(api) {
    const customer = (n) => ({ role: 'enrolment', body: { name: `Customer ${n}` } });
    const customers = async () => Number(await api().exec('select count(*) from person.customer'));

    test('lists come in pages that join without loss', async () => {
        const all = [], direct = await api().expect(200, 'GET', '/v1/accounts?limit=200', { role: 'enrolment' });
        assert.equal(direct.next, null);
        for (let target = '/v1/accounts?limit=3', pages = 0; target; pages++) {
            const { body, headers } = await api().call('GET', target, { role: 'enrolment' });
            all.push(...body.items);
            assert.ok(body.items.length <= 3 && pages < 100);
            const link = headers.get('link');
            assert.equal(link === null, body.next === null);
            target = link && /^<([^>]+)>; rel="next"$/.exec(link)[1];
            assert.equal(target === null || new URLSearchParams(target.split('?')[1]).get('cursor') === body.next, true);
        }
        assert.deepEqual(all, direct.items);
    });

    test('the link of a page keeps its filters', async () => {
        const { headers } = await api().call('GET', '/v1/premises?q=sp-api%20&limit=1', { role: 'enrolment' });
        assert.equal(headers.get('link'), null);
        const { headers: more } = await api().call('GET', '/v1/premises?limit=1&q=SP-API-', { role: 'enrolment' });
        assert.match(more.get('link'), /^<\/v1\/premises\?q=SP-API-&limit=1&cursor=[\w-]+>; rel="next"$/);
    });

    test('an ETag makes polling cheap', async () => {
        const first = await api().call('GET', '/v1/premises/1', { role: 'enrolment' });
        const tag = first.headers.get('etag');
        assert.match(tag, /^"[0-9a-f]{32}"$/);
        const headers = { 'if-none-match': tag };
        const again = await api().call('GET', '/v1/premises/1', { role: 'enrolment', headers });
        assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', tag]);
        await api().expect(200, 'GET', '/v1/premises/1', { role: 'enrolment', headers: { 'if-none-match': '"0"' } });
        await api().expect(403, 'GET', '/v1/premises/1', { role: 'analyst', headers });
    });

    test('HEAD is GET without a body', async () => {
        for (const [target, role] of [['/livez'], ['/v1/premises', 'enrolment'], ['/v1/premises/999999999', 'enrolment']]) {
            const get = await api().call('GET', target, { role });
            const head = await api().call('HEAD', target, { role });
            assert.deepEqual([head.status, head.text], [get.status, '']);
            assert.equal(head.headers.get('etag'), get.headers.get('etag'));
        }
    });

    test('each path names its methods and refuses others', async () => {
        const all = operations(api().document);
        for (const path of new Set(all.map((op) => op.path))) {
            const methods = all.filter((op) => op.path === path).flatMap((op) => (op.method === 'GET' ? ['GET', 'HEAD'] : [op.method]));
            const allow = [...methods, 'OPTIONS'].sort().join();
            const options = await api().call('OPTIONS', nowhere(path));
            assert.deepEqual([options.status, options.headers.get('allow').split(', ').sort().join()], [204, allow], path);
            for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((m) => !methods.includes(m))) {
                const refused = await api().call(method, nowhere(path), { role: 'admin' });
                assert.deepEqual([refused.status, refused.headers.get('allow').split(', ').sort().join()], [405, allow], `${method} ${path}`);
            }
        }
        for (const path of ['/v1', '/v1/', '/v1/premises/', '/v2/premises', '/V1/premises', '/v1/premises/1/x', '//v1/premises', '/v1/./premises', '/v1/%70remises']) {
            const { status } = await api().call('GET', '/x', { role: 'admin' });
            assert.equal(status, 404);
            const { answers } = await api().raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
            assert.deepEqual(answers, [404], path);
        }
    });

    test('a repeated key gives the first answer, and one row', async () => {
        const headers = { 'idempotency-key': 'key-1' };
        const before = await customers();
        const first = await api().call('POST', '/v1/customers', { ...customer(1), headers });
        const second = await api().call('POST', '/v1/customers', { ...customer(1), headers });
        assert.deepEqual([second.status, second.text], [201, first.text]);
        assert.equal(second.headers.get('location'), first.headers.get('location'));
        assert.deepEqual([first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')], [null, 'true']);
        const other = await api().expect(422, 'POST', '/v1/customers', { ...customer(2), headers });
        assert.equal(other.type, 'urn:bptm:error:idempotency-reuse');
        await api().expect(422, 'POST', '/v1/accounts', { role: 'enrolment', body: customer(1).body, headers });
        await api().expect(201, 'POST', '/v1/customers', { ...customer(1), role: 'admin', headers }); // another token, another key
        assert.equal(await customers(), before + 2);
    });

    test('a refused request leaves its key free', async () => {
        const headers = { 'idempotency-key': 'key-2' };
        await api().expect(422, 'POST', '/v1/customers', { role: 'enrolment', body: {}, headers });
        await api().expect(201, 'POST', '/v1/customers', { ...customer(3), headers });
    });

    test('many at once with one key: one row, the others wait their turn or are told to', async () => {
        const before = await customers();
        const headers = { 'idempotency-key': 'key-3' };
        const answers = await Promise.all(Array.from({ length: 12 }, () => api().call('POST', '/v1/customers', { ...customer(4), headers })));
        const created = answers.filter((a) => a.status === 201);
        assert.ok(created.length >= 1);
        assert.equal(new Set(created.map((a) => a.text)).size, 1);
        assert.ok(answers.every((a) => a.status === 201 || (a.status === 409 && a.body.type === 'urn:bptm:error:in-progress')));
        assert.equal(await customers(), before + 1);
    });

    test('409 while the first is running', async () => {
        const request = { ...customer(5), headers: { 'idempotency-key': 'key-4' } };
        const { id } = await api().expect(200, 'GET', '/v1/me', { role: 'enrolment' });
        const holder = api().exec(`begin; select pg_advisory_xact_lock(hashtextextended('${id} key-4', 5)); select pg_sleep(3); commit`);
        await until('the key is held', async () => await api().exec("select 1 from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and granted and pid in (select pid from pg_stat_activity where query like '%key-4%')") === '1');
        const problem = await api().expect(409, 'POST', '/v1/customers', request);
        assert.equal(problem.type, 'urn:bptm:error:in-progress');
        await holder;
        await api().expect(201, 'POST', '/v1/customers', request);
    });

    test('keys that are not', async () => {
        for (const key of ['x'.repeat(81), 'a b', 'é']) {
            const { answers, text } = await api().raw(`POST /v1/customers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${api().tokens.enrolment}\r\nContent-Type: application/json\r\nIdempotency-Key: ${key}\r\nContent-Length: 12\r\n\r\n{"name":"x"}`);
            assert.deepEqual(answers, [400], key);
            assert.match(text, /Idempotency-Key/);
        }
        await api().expect(400, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'analyst', label: 'x' }, headers: { 'idempotency-key': 'k' } });
    });

    test('the caller may name the request', async () => {
        const { headers } = await api().call('GET', '/livez', { headers: { 'x-request-id': 'my-id.1' } });
        assert.equal(headers.get('x-request-id'), 'my-id.1');
        const other = await api().call('GET', '/livez', { headers: { 'x-request-id': 'not "safe"' } });
        assert.match(other.headers.get('x-request-id'), /^[0-9a-f]{16}$/);
    });

    test('texts go in and out as they are', async () => {
        for (const name of ['<script>alert(1)</script>', "Robert'); drop table person.customer;--", '=1+1', '\u202eabc', '👩‍👩‍👧 \u{1F468}', '"\\/', 'x'.repeat(200)]) {
            const made = await api().expect(201, 'POST', '/v1/customers', { role: 'enrolment', body: { name } });
            assert.equal((await api().expect(200, 'GET', `/v1/customers/${made.id}`, { role: 'enrolment' })).name, name);
        }
    });

    test('figures are in the format of Prometheus', async () => {
        await api().exec(`insert into fleet.counter values ('test', E'a"b\\\\c\\nd', 5) on conflict do nothing`);
        const { status, text } = await api().call('GET', '/metrics', { role: 'operator' });
        assert.equal(status, 200);
        const families = checkMetrics(text);
        for (const name of ['bptm_http_requests_total', 'bptm_journal_unaccounted_records', 'bptm_part_up', 'bptm_http_request_duration_seconds']) {
            assert.ok(families.has(name), name);
        }
        assert.ok(text.includes('bptm_test_total{reason="a\\"b\\\\c\\nd"} 5\n'));
        assert.match(text, /bptm_http_requests_total\{method="POST",route="\/v1\/customers",code="2xx"\} \d+/);
        assert.ok(!text.includes('SP-API'), 'routes, never targets');
        const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
        if (!promtool.error) {
            assert.equal(promtool.status, 0, promtool.stderr);
        }
    });

    test('no token, query or personal text in the log', async () => {
        await api().call('GET', '/v1/premises?q=Secret-Query', { role: 'enrolment' });
        const log = await api().stack.log('bptmd');
        for (const text of [...Object.values(api().tokens), 'Secret-Query', 'z@example.org', 'Sample Road']) {
            assert.ok(!log.includes(text), text);
        }
        assert.match(log, /event=request id=\S+ method=GET route=\/v1\/premises\/\{id\} status=200 ms=\d+ role=enrolment/);
        // who is not let in, and who is not let at something, too
        await api().expect(401, 'GET', '/v1/me', { token: `bptm_${'x'.repeat(43)}` });
        await api().expect(403, 'GET', '/v1/audit', { role: 'installer' });
        for (const line of [/event=request id=\S+ method=GET route=\/v1\/me status=401 ms=\d+ role=-/, /event=request id=\S+ method=GET route=\/v1\/audit status=403 ms=\d+ role=installer/]) {
            await until(`a line ${line}`, async () => line.test((await api().stack.log('bptmd')).slice(log.length)));
        }
        assert.ok(!/level=error/.test(log), log.split('\n').find((line) => line.includes('level=error')));
    });

    test('without its database the server says so, and recovers', async () => {
        await api().stack.kill('postgres');
        for (const op of operations(api().document).filter((o) => !o.roles.includes('open')).slice(0, 12)) {
            const answer = await api().call(op.method, targetOf(op), { role: op.roles[0], ...(op.body && { body: op.example }) });
            assert.deepEqual([answer.status, answer.body.type], [503, 'urn:bptm:error:unavailable'], `${op.method} ${op.path}`);
            assert.ok(Number(answer.headers.get('retry-after')) > 0);
        }
        const ready = await api().expect(503, 'GET', '/readyz');
        assert.equal(ready.parts.database.ok, false);
        await api().expect(200, 'GET', '/livez');
        await api().stack.start('postgres');
        await api().expect(200, 'GET', '/v1/me', { role: 'analyst' });
        await api().expect(201, 'POST', '/v1/customers', customer(9));
    });
}
