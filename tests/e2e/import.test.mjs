// A server that is killed in the middle of a bulk import: the check goes on, a commit was or was not; and of a
// preview, which begins again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../lib/stack.mjs';

const ROWS = 20_000;
let stack, id;
before(async () => {
    stack = await Stack.create();
    await stack.start('mosquitto', 'bptmd');
}, { timeout: 120_000 });
after(() => stack?.destroy());

const read = async () => (await stack.request('GET', `/v1/imports/${id}`, { role: 'enrolment' })).body;
const stored = async (prefix) => (await stack.sql(`select count(*) as n from programme.premise where code like '${prefix}-%'`))[0].n;
const reach = (what, test_) => until(what, async () => {
    const now = await read();
    return test_(now) && now;
}, 90);

/** Make an import of many premises and send its file. */
async function send(prefix) {
    const rows = Array.from({ length: ROWS }, (_, n) => `${prefix}-${n},${n} Road,Town,01234,-121.${n},39.${n}`);
    ({ body: { id } } = await stack.request('POST', '/v1/imports', { role: 'enrolment', body: { kind: 'premises', file_name: 'x.csv', why: 'test' } }));
    const sent = await fetch(`${stack.url}/v1/imports/${id}/file`, {
        method: 'PUT', body: ['code,address,city,postal_code,longitude,latitude', ...rows, ''].join('\n'),
        headers: { authorization: `Bearer ${stack.tokens.enrolment}`, 'content-type': 'text/csv' },
    });
    assert.equal(sent.status, 200, await sent.text());
}

async function restart() {
    await stack.kill('bptmd');
    await stack.start('bptmd');
}

test('killed while it checks, the check goes on', async () => {
    await send('RS');
    await reach('it is checked in part', ({ state, percent }) => state === 'checked' || (state === 'checking' && percent > 0));
    await restart();
    const checked = await reach('it is checked', ({ state }) => state === 'checked');
    assert.deepEqual([checked.rows, checked.creates, checked.errors], [ROWS, ROWS, 0]);
    assert.equal(await stored('RS'), 0);
});

test('killed while it writes, all is written or nothing, and then all', async () => {
    await stack.request('POST', `/v1/imports/${id}/commit`, { role: 'enrolment' });
    await reach('it is written in part', ({ state, phase, percent }) => state === 'committed' || (phase === 'commit' && percent > 60));
    await restart();
    const n = await stored('RS');
    assert.ok(n === 0 || n === ROWS, `${n} of ${ROWS}`);
    await reach('it is written', ({ state }) => state === 'committed');
    assert.equal(await stored('RS'), ROWS);
    assert.deepEqual(await stack.sql(`select count(*) as n from access.audit where action = 'import.commit' and object_id = '${id}'`), [{ n: 1 }]);
});

test('cancelled while it writes, nothing is written', async () => {
    await send('CX');
    await reach('it is checked', ({ state }) => state === 'checked');
    await stack.request('POST', `/v1/imports/${id}/commit`, { role: 'enrolment' });
    await reach('it is being written', ({ phase }) => phase === 'verify' || phase === 'commit');
    const { status } = await stack.request('POST', `/v1/imports/${id}/cancel`, { role: 'enrolment' });
    assert.equal(status, 200);
    await until('the work ended', async () => (await stack.sql(`select count(*) as n from pg_stat_activity where application_name = 'bptmd import' and xact_start is not null`))[0].n === 0);
    assert.deepEqual([(await read()).state, await stored('CX')], ['cancelled', 0]);
});

test('a roll-up may take longer to write than a request', async () => {
    const file = 'IOU,Circuit Name,Outage Start,Full Restoration,Total Customers\nPG&E,SHUTOFF-1105,10/26/2019 20:19,10/28/2019 20:44,"1,851"\n';
    ({ body: { id } } = await stack.request('POST', '/v1/imports', { role: 'enrolment', body: { kind: 'psps', time_zone: 'America/Los_Angeles', file_name: 'x.csv', why: 'test' } }));
    const sent = await fetch(`${stack.url}/v1/imports/${id}/file`, { method: 'PUT', body: file, headers: { authorization: `Bearer ${stack.tokens.enrolment}`, 'content-type': 'text/csv' } });
    assert.equal(sent.status, 200, await sent.text());
    await reach('it is checked', ({ state }) => state === 'checked');
    await stack.command('run', 'psql', '-XAtqc', `create function public.slow() returns trigger language plpgsql as 'begin perform pg_sleep(37); return null; end';
        create trigger slow after insert on outage.utility_event for each statement execute function public.slow()`);
    await stack.request('POST', `/v1/imports/${id}/commit`, { role: 'enrolment' });
    const ended = await reach('it is written', ({ state }) => ['committed', 'failed'].includes(state));
    assert.deepEqual([ended.state, ended.note], ['committed', null]);
});

test('killed or stopped while a preview is made, it is made again', async () => {
    const hold = "select pid from pg_stat_activity where query like 'begin; lock table programme.premise%' and pid <> pg_backend_pid()";
    const held = stack.command('run', 'psql', '-XAtqc', 'begin; lock table programme.premise; select pg_sleep(60)').catch(() => {});
    await until('the premises are held', async () => (await stack.sql("select count(*) as n from pg_locks where relation = 'programme.premise'::regclass and mode = 'AccessExclusiveLock' and granted"))[0].n === 1);
    const { status, body: asked } = await stack.request('POST', '/v1/previews', { role: 'operator', body: { programme: 'bptm', quota: 3 } });
    assert.equal(status, 202);
    const now = async () => (await stack.request('GET', `/v1/previews/${asked.id}`, { role: 'operator' })).body;
    const running = (since) => until('it is made', async () => {
        const { state, started_at: started } = await now();
        return state === 'running' && started !== since && started;
    }, 30);
    const first = await running();
    await restart();
    const second = await running(first);
    const from = Date.now();
    await stack.stop('bptmd');
    assert.ok(Date.now() - from < 6000, 'it leaves off when it is told to stop');
    await stack.start('bptmd');
    await running(second);
    const freed = Date.now();
    await stack.sql(`select pg_terminate_backend(pid) from (${hold}) h`);
    await held;
    const done = await until('it is done', async () => {
        const one = await now();
        return one.state === 'done' && one;
    }, 60);
    assert.deepEqual([done.note, done.counts.in, done.counts.places], [null, 0, 3]);
    assert.ok(Date.parse(done.ended_at) >= freed, `${done.ended_at} is when it was done`);
});
