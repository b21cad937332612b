// Every record arrives exactly once, whatever stops meanwhile; gaps close, new kinds are kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LiveDevice } from '../lib/device.mjs';
import { Stack, until } from '../lib/stack.mjs';

let stack, devices;
const names = ['UNIT-01', 'UNIT-02', 'UNIT-03', 'UNIT-04'];

before(async () => {
    stack = await Stack.create({ users: names });
    await stack.start('mosquitto', 'bptmd');
    devices = [];
    for (const name of names) {
        devices.push(await (await new LiveDevice(stack, name).register()).connect());
    }
});

after(() => stack?.destroy());

/** Sequence numbers of a device that are stored, ascending. */
async function sequences(device) {
    const rows = await stack.sql('select seq::int from fleet.journal_record r join fleet.device d using (device_id)'
        + ` where d.serial = '${device.id}' order by seq`);
    return rows.map((row) => row.seq);
}

const range = (n) => Array.from({ length: n }, (_, i) => i + 1);

async function unaccounted() {
    const [row] = await stack.sql('select unaccounted::int from analytics.loss_total');
    return row.unaccounted;
}

async function allExactlyOnce() {
    for (const device of devices) {
        assert.deepEqual(await sequences(device), range(device.records.length), device.id);
    }
    assert.equal(await unaccounted(), 0);
}

test('a duplicate is receipted again and stored once', async () => {
    const [device] = devices;
    device.write(1);
    device.write(2, [[16, 50]]);
    for (const n of [1, 2, 3]) {
        await device.send(1, 2);
        await until(`receipt ${n}`, () => device.receipts.filter((r) => r.through === 2).length >= n);
    }
    assert.deepEqual(await sequences(device), [1, 2]);
});

test('a gap is kept, named in the receipt, and closes by a resend', async () => {
    const device = devices[1];
    range(9).forEach(() => device.write(2));
    await device.send(1, 2);
    await device.receipted((r) => r.through === 2);
    await device.send(6, 9);
    const receipt = await device.receipted((r) => r.resendFrom === 3);
    assert.equal(receipt.through, 2);
    assert.deepEqual(await sequences(device), [1, 2, 6, 7, 8, 9]);
    assert.equal(await unaccounted(), 3);
    await device.send(3, 5);
    await device.receipted((r) => r.through === 9 && r.resendFrom === undefined);
    assert.deepEqual(await sequences(device), range(9));
    const [gap] = await stack.sql('select * from fleet.journal_gap');
    assert.ok(gap.closed_at, 'the gap is closed');
});

test('a kind and fields of newer firmware are stored as they are', async () => {
    const device = devices[2];
    const seq = device.write(4711, [[16, 1], [900, 'later'], [901, Buffer.from('00ff', 'hex')]]);
    await device.send(seq, seq);
    await device.receipted((r) => r.through === seq);
    const rows = await stack.sql('select kind from fleet.journal_record where kind = 4711');
    assert.equal(rows.length, 1);
});

test('SIGTERM with messages in flight: what was taken is committed and receipted', async () => {
    await stack.stop('bptmd');
    const server = stack.foreground('bptmd');
    await until('bptmd', async () => (await stack.request('GET', '/readyz')).status === 200);
    const burst = devices.map(async (device) => {
        for (let n = 0; n < 200; n++) {
            const seq = device.write(2);
            await device.send(seq, seq);
        }
    });
    await until('some receipts', () => devices[0].receipts.at(-1)?.through > 40);
    server.child.kill('SIGTERM');
    const { code, signal } = await server.exit;
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, server.output());
    await Promise.all(burst);
    // every record in the database has its receipt: what was committed was told
    for (const device of devices) {
        const head = (await sequences(device)).length;
        await device.receipted((r) => r.through === head);
    }
    await stack.start('bptmd');
    await Promise.all(devices.map((device) => device.drain()));
    await allExactlyOnce();
});

for (const [what, part, how] of [
    ['the server', 'bptmd', 'kill'],
    ['the database', 'postgres', 'kill'],
    ['the broker', 'mosquitto', 'kill'],
    ['the database in good order', 'postgres', 'stop'],
]) {
    test(`${what} goes and comes back: ${how}`, async () => {
        const burst = Promise.allSettled(devices.map(async (device) => {
            for (let n = 0; n < 150; n++) {
                const seq = device.write(2);
                await device.send(seq, seq);
            }
        }));
        await stack[how](part);
        await stack.start(part);
        await burst;
        await until('the server is ready', async () => (await stack.request('GET', '/readyz')).status === 200, 60);
        await Promise.all(devices.map((device) => device.drain()));
        await allExactlyOnce();
    });
}
