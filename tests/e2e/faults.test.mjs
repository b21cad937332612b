// Faults of the simulator against the real server: what a home could not hear or had torn is stored exactly once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../lib/stack.mjs';

let stack, serial;

before(async () => {
    stack = await Stack.create({ homes: 1 });
    const [, line] = (await stack.text('sim/manifest.csv')).trim().split('\n');
    const [name, public_key, , hardware_revision] = line.split(',');
    serial = name;
    await stack.start('mosquitto', 'bptmd', 'sim');
    const body = { serial, public_key, model: 'BPTM-REF-30', hardware_revision };
    assert.equal((await stack.request('POST', '/v1/devices', { role: 'operator', body })).status, 201);
    await settled();
});

after(() => stack?.destroy());

async function figures() {
    const status = await stack.control('1 status');
    const figure = (name) => Number(new RegExp(`${name}=(\\d+)`).exec(status)[1]);
    return { written: figure('written'), receipted: figure('receipted'), boot: figure('boot') };
}

/** Everything that the home has written is receipted, and stored exactly once. */
async function settled() {
    const { written } = await until('all is receipted', async () => {
        const f = await figures();
        return f.written > 0 && f.receipted === f.written && f;
    }, 60);
    const [row] = await stack.sql('select count(*)::int as stored, count(distinct seq)::int as distinct,'
        + ' max(seq)::int as last from fleet.journal_record');
    assert.deepEqual([row.stored, row.distinct], [row.last, row.last]);
    assert.ok(row.last >= written);
}

test('receipts that a home does not hear: the server has it, the home keeps it and sends it again', async () => {
    await stack.control('1 link deaf', '1 self_test');
    const { written } = await figures();
    await until('the server has it', async () => (await stack.sql('select max(seq)::int as last from fleet.journal_record'))[0].last >= written);
    assert.ok((await figures()).receipted < written);
    await stack.control('1 link up');
    await settled();
});

test('the power fails in a flash operation: the home starts again, and no record is lost', async () => {
    const { boot } = await figures();
    await stack.control('1 tear 3', '1 self_test');
    await until('a restart', async () => (await figures()).boot > boot);
    await settled();
});

/** A device at a home that has not been heard from since an hour ago. */
const quiet = `
    with p as (
      insert into programme.premise (code, address, city, postal_code, geom) values ('QUIET-1', 'Road 1', 'Town', '1', 'SRID=4326;POINT(-121 39)') returning premise_id
    ), d as (
      insert into fleet.device values (650001, 'QUIET-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now())
    )
    insert into fleet.assignment (device_id, premise_id, assigned_from) select 650001, premise_id, now() - interval '1 hour' from p`;

test('we were down: after our own restart nobody is silent for it', async () => {
    const execute = (text) => stack.command('run', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-c', text);
    const silent = async () => (await stack.request('GET', '/v1/silent-devices', { role: 'operator' })).body.items.map((i) => [i.device, i.cause]);
    await stack.stop('bptmd');
    await execute(quiet);
    await execute("update fleet.part_health set at = now() - interval '1 hour'");
    await stack.start('bptmd');
    await until('our absence is in the record', async () => (await stack.sql("select 1 as n from outage.blind where part = 'job' and to_at - from_at > interval '55 minutes'")).length > 0);
    assert.deepEqual(await silent(), []);
    await execute("delete from outage.blind");
    assert.deepEqual(await silent(), [['QUIET-1', 'unit']], 'without the record it would be');
});

test('the broker is down: that is in the record too, and ends with it', async () => {
    const broker = () => stack.sql("select to_at from outage.blind where part = 'broker' order by from_at desc limit 1");
    await stack.stop('mosquitto');
    await until('the absence of the broker is in the record', async () => (await broker()).length > 0);
    await stack.start('mosquitto');
    await until('the broker is there', async () => (await stack.sql("select 1 as n from fleet.part_health where part = 'mqtt' and (detail ->> 'broker')::boolean")).length > 0);
    await settled();
});
