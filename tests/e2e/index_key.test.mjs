// Another key of the blind index: every search finds what it found, at each step and while it goes on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Stack } from '../lib/stack.mjs';

const PERSONS = 2300; // more than two pages
let stack, key;

before(async () => {
    stack = await Stack.create();
    key = stack.file('secret/person.key');
    await stack.start('mosquitto', 'bptmd');
});
after(() => stack?.destroy());

const rest = async (status, method, target, body) => {
    const answer = await stack.request(method, target, { role: 'enrolment', body });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
};
const add = (n) => rest(201, 'POST', '/v1/customers', { name: `Person Number${n}`, email: `p${n}@example.org`, phone: `530 555 ${String(n).padStart(4, '0')}` });
const found = async (q) => (await rest(200, 'GET', `/v1/customers?q=${encodeURIComponent(q)}`)).items.map((c) => c.name);
const index = (...args) => stack.command('ctl', 'index-key', ...args, key);
const restart = async () => {
    await stack.stop('bptmd');
    await stack.start('bptmd');
};
const versions = () => stack.sql('select index_version as v, count(*)::int as n from person.customer where blind is not null group by 1 order by 1');
const digests = async () => new Set((await stack.sql('select unnest(blind)::text as d from person.customer')).map((r) => r.d));
const lines = async () => (await stack.command('run', 'cat', key)).split('\n').filter((l) => l.startsWith('index')).map((l) => l.split(' ').slice(0, -1).join(' '));

/** All ways in which one is found, and that another is not. */
async function search(n) {
    for (const q of [`number${n} person`, `P${n}@example.org`, `(530) 555-${String(n).padStart(4, '0')}`]) {
        assert.deepEqual(await found(q), [`Person Number${n}`], q);
    }
    assert.deepEqual(await found(`number${n} nobody`), []);
}

/** A POST with a key of its own, as often as is wanted: the id of what it made. */
const body = { name: 'Person Repeated' };
const repeated = async () => {
    const answer = await stack.request('POST', '/v1/customers', { role: 'enrolment', body, headers: { 'idempotency-key': 'index-key' } });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
};

let old, once;
test('persons are found by words, address and number', async () => {
    const rows = Array.from({ length: PERSONS }, (_, n) => `IK-${n},IK,residential,Person Number${n},p${n}@example.org,530 555 ${String(n).padStart(4, '0')}`);
    await stack.command('run', 'psql', '-Xq', '-c', "insert into programme.premise (code, address, city, postal_code, geom) values ('IK', 'Road 1', 'Town', '12345', public.st_setsrid(public.st_point(-121, 39), 4326))");
    await writeFile(stack.file('accounts.csv'), ['number,premise_code,kind,customer_name,email,phone', ...rows, ''].join('\n'), { mode: 0o644 });
    await stack.command('ctl', 'import', 'accounts', stack.file('accounts.csv'), '--person-key', key);
    await search(7);
    await search(PERSONS - 1);
    old = await digests();
    assert.ok(old.size > 3 * PERSONS);
    assert.deepEqual(await versions(), [{ v: 1, n: PERSONS }]);
});

test('a key that is added changes nothing but the file, before and after the restart', async () => {
    assert.equal(await index('add'), 'version 2\n');
    assert.deepEqual(await lines(), ['index', 'index 2']);
    await assert.rejects(index('add'), /has two keys of the index/);
    await search(7);
    once = await repeated();
    await restart();
    assert.equal(await repeated(), once, 'what a request is known by is known under both keys');
    await search(7);
    await add(5001);
    await search(5001);
    assert.deepEqual(await versions(), [{ v: 1, n: PERSONS + 2 }], 'written under the old one');
});

test('nobody without the key can try what a request may have said', async () => {
    const [{ h }] = await stack.sql("select encode(request_hash, 'hex') as h from access.idempotency where key = 'index-key'");
    const said = `POST\0/v1/customers\0${JSON.stringify(body)}`;
    assert.equal(h.length, 64);
    assert.notEqual(h, createHash('sha256').update(said).digest('hex'));
    assert.notEqual(h, spawnSync('b2sum', ['-l', '256'], { input: said, encoding: 'utf8' }).stdout.slice(0, 64));
});

test('while all are indexed anew, who is there is found, who comes is found, who changes is found', async () => {
    let ended = false, searches = 0, n = 6000;
    const work = (async () => {
        while (!ended || searches < 10) {
            await search([7, 1200, PERSONS - 1, 5001][searches++ % 4]);
            await search((await add(++n)) && n);
        }
    })();
    assert.match(await index('rotate'), /^\d+ persons indexed anew, under version 2\n$/);
    ended = true;
    await work;
    assert.deepEqual((await versions()).map((v) => v.v), [2]);
    const now = await digests();
    assert.deepEqual([...old].filter((d) => now.has(d)), [], 'no digest of the old key is left');
    const { items: [changed] } = await rest(200, 'GET', '/v1/customers?q=number1200');
    const tag = (await stack.request('GET', `/v1/customers/${changed.id}`, { role: 'enrolment' })).headers.get('etag');
    assert.equal((await stack.request('PATCH', `/v1/customers/${changed.id}`, { role: 'enrolment', body: { name: 'Person Elsewhere' }, headers: { 'if-match': tag, 'content-type': 'application/merge-patch+json' } })).status, 200);
    assert.deepEqual(await found('elsewhere'), ['Person Elsewhere']);
    assert.deepEqual(await found('number1200'), []);
});

test('one that is still under the old key, or a staged cell, stops its retirement', async () => {
    await assert.rejects(index('retire'), /0 persons and staged cells of 1 imports are under an older key/);
    await stack.command('run', 'psql', '-Xq', '-d', 'bptm', '-c', "update programme.import set changed_at = now() - interval '30 days'; select programme.import_forget(7, 10); update person.customer set index_version = 1 where customer_id = (select min(customer_id) from person.customer)");
    await assert.rejects(index('retire'), /1 persons and staged cells of 0 imports/);
    assert.deepEqual(await lines(), ['index', 'index 2'], 'nothing was taken out');
    assert.equal(await index('rotate'), '1 persons indexed anew, under version 2\n');
});

test('retired, the old key is in neither file nor database, and searches go on before and after the restart', async () => {
    assert.equal(await index('retire'), '1 retired, 1 left\n');
    assert.deepEqual(await lines(), ['index 2']);
    assert.deepEqual(await stack.sql('select version from person.index_key'), [{ version: 2 }]);
    await search(7);
    await restart();
    await search(7);
    await search(5001);
    await add(5002);
    await search(5002);
    const now = await digests();
    assert.deepEqual([...old].filter((d) => now.has(d)), []);
    assert.equal(await index('retire'), '0 retired, 1 left\n');
});

test('a file without the key that persons are written under is refused', async () => {
    const other = stack.file('other.key');
    await stack.command('run', 'sh', '-c', `sed s/^index.*// ${key} | grep . >${other}.keys; { echo index $(printf '0%.0s' $(seq 64)); cat ${other}.keys; } >${other}; chmod 600 ${other}`);
    await assert.rejects(stack.command('ctl', 'person-key', 'seal', other), /does not have the key that this database uses/);
});
