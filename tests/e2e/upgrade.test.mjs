// The schema is upgraded while devices and people go on: an upgrade waits for a table briefly and often, so nobody waits long behind it.
// The program is the one of now, before and after: what is upgraded is a schema that lacks one patch of this test.
import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LiveDevice } from '../lib/device.mjs';
import { Stack, until } from '../lib/stack.mjs';

const LOCK_MS = 500; // LIMIT_UPGRADE_LOCK_MS
const READER_S = 8;
const patience = Number(process.env.BPTM_TEST_PATIENCE ?? 1);
let stack, dir;
const devices = [];
const told = { statuses: {}, longest: 0, asked: 0 };

before(async () => {
    stack = await Stack.create({ users: ['UP-1', 'UP-2', 'UP-3'] });
    await stack.start('mosquitto', 'bptmd');
    for (const id of Object.keys(stack.users)) {
        devices.push(await (await new LiveDevice(stack, id).register()).connect());
    }
    dir = path.join(stack.dir, 'schema');
    await cp(path.join(process.env.BPTM_APP, 'share/bptm-fleet/sql'), dir, { recursive: true });
    await writeFile(path.join(dir, 'patch/9990-locks.sql'), `-- Needs the tables of every record and every request for itself.
        alter table fleet.device add column up_test integer;
        alter table fleet.journal_head add column up_test integer;\n`);
});

after(async () => {
    devices.forEach((d) => d.mqtt?.end());
    await stack?.destroy();
});

const waits = async () => (await stack.sql("select count(*)::int as n from pg_stat_activity where application_name like 'bptmctl%' and wait_event_type = 'Lock'"))[0].n;

test(`a long reader holds a table for ${READER_S} s: the upgrade waits for it, and nobody for the upgrade`, async () => {
    let goes = true;
    const people = async (n) => {
        for (let i = 0; goes; i++) {
            const from = Date.now();
            const { status } = i % 4 === 0
                ? await stack.request('POST', '/v1/devices', { role: 'operator', body: { serial: `UPN-${n}-${i}`, public_key: (1000 * n + i).toString(16).padStart(64, '0'), model: 'BPTM-REF-30', hardware_revision: 'A' }, headers: { 'idempotency-key': `up-${n}-${i}` } })
                : await stack.request('GET', `/v1/devices/UP-${n}`, { role: 'operator' });
            told.statuses[status] = (told.statuses[status] ?? 0) + 1;
            told.longest = Math.max(told.longest, Date.now() - from);
            told.asked++;
        }
    };
    const writes = async (device) => {
        while (goes) {
            device.write(1);
            await device.send(device.records.length, device.records.length);
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    };
    const traffic = [...[1, 2, 3].map(people), ...devices.map(writes)];
    await until('traffic', () => told.asked > 20);

    const reader = stack.command('run', 'psql', '-XAtq', '-c', `begin; select count(*) from fleet.device, fleet.journal_head; select pg_sleep(${READER_S}); commit`);
    await until('the reader', async () => (await stack.sql("select count(*)::int as n from pg_stat_activity where query like '%pg_sleep%' and wait_event = 'PgSleep'"))[0].n > 0);
    const from = Date.now();
    let waited = 0, ended = false;
    const upgrade = stack.command('ctl', 'db', 'upgrade', '--sql-dir', dir).finally(() => { ended = true; });
    while (!ended) {
        waited += await waits() > 0;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const stdout = await upgrade, took = Date.now() - from;
    await reader;
    await new Promise((resolve) => setTimeout(resolve, 500));
    goes = false;
    await Promise.all(traffic);

    assert.match(stdout, /^applied patch\/9990-locks\.sql/m);
    assert.ok(took > 1000 * (READER_S - 3), `it could not have had the table sooner: ${took} ms`);
    assert.ok(waited > 1, 'and asked for it more than once');
    assert.deepEqual(Object.keys(told.statuses).sort(), ['200', '201'], JSON.stringify(told));
    assert.ok(told.longest < LOCK_MS + 2000 * patience && told.longest < 1000 * (READER_S - 2), `the longest answer took ${told.longest} ms`);
    for (const device of devices) {
        await device.drain();
        const { body } = await stack.request('GET', `/v1/devices/${device.id}`, { role: 'operator' });
        assert.deepEqual([body.journal.stored, body.journal.forks, body.journal.unaccounted], [device.records.length, 0, 0]);
    }
    console.log(`# upgrade ${took} ms, ${told.asked} requests, longest ${told.longest} ms, ${devices.reduce((n, d) => n + d.records.length, 0)} records`);
});

test('what runs sees the new schema, and an upgrade once more does nothing', async () => {
    assert.match(await stack.command('ctl', 'db', 'upgrade', '--sql-dir', dir), /^0 applied/m);
    assert.equal((await stack.request('GET', '/v1/devices/UP-1', { role: 'operator' })).status, 200);
});
