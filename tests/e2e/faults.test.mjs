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
