// Messages that nobody should believe: nothing stored as true, each counted and visible, server up.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LiveDevice } from '../lib/device.mjs';
import { Mqtt } from '../lib/mqtt.mjs';
import { Stack, until } from '../lib/stack.mjs';
import { encode, signed } from '../lib/wire.mjs';

let stack, good, other;

before(async () => {
    stack = await Stack.create({ conf: '[mqtt]\ndevice_per_s = 20\n', users: ['GOOD-1', 'OTHER-1', 'NOBODY-1'] });
    await stack.start('mosquitto', 'bptmd');
    good = await (await new LiveDevice(stack, 'GOOD-1').register()).connect();
    other = await (await new LiveDevice(stack, 'OTHER-1').register()).connect();
    other.write(1);
});

after(() => stack?.destroy());

/** Reasons in quarantine, with how many of each. */
async function quarantine() {
    const rows = await stack.sql('select reason, count(*)::int as n from fleet.quarantine group by reason');
    return Object.fromEntries(rows.map((row) => [row.reason, row.n]));
}

async function stored() {
    const [row] = await stack.sql('select (select count(*) from fleet.journal_record)::int as records,'
        + ' (select count(*) from fleet.journal_batch)::int as batches,'
        + ' (select coalesce(sum(head_seq), 0) from fleet.journal_head)::int as heads');
    return row;
}

/** Send with `send`; it must end in quarantine as one more of `reason`, and nothing else may change. */
async function refused(reason, send) {
    const records = await stored();
    const had = (await quarantine())[reason] ?? 0;
    await send();
    await until(`${reason} in quarantine`, async () => (await quarantine())[reason] === had + 1);
    assert.deepEqual(await stored(), records);
    const listed = await stack.request('GET', '/v1/quarantine', { role: 'operator' });
    assert.equal(listed.status, 200);
    assert.ok(listed.body.items.some((item) => item.reason === reason), `${reason} is listed by REST`);
    const metrics = await stack.request('GET', '/metrics', { role: 'operator' });
    assert.match(metrics.body, new RegExp(`quarantine[^\\n]*"${reason}"[^\\n]* ${had + 1}\\b`));
}

/** The server still takes and receipts an honest record. */
async function stillWorks() {
    const seq = good.write(2, [[16, 100], [20, 0], [21, 0], [22, 0]]);
    await good.send(seq, seq);
    await good.receipted((r) => r.through === seq);
}

test('a good device is receipted, with QoS 0', async () => {
    await stillWorks();
    assert.deepEqual(good.mqtt.messages.map((m) => m.qos), [0]);
});

test('one flipped bit, wherever it is', async () => {
    good.write(1);
    const seq = good.records.length;
    const message = good.batch(seq, seq);
    for (const at of [message.length - 1, message.length - 40, 90, 40]) {
        const flipped = Buffer.from(message);
        flipped[at] ^= 4;
        const before = Object.values(await quarantine()).reduce((a, b) => a + b, 0);
        const records = await stored();
        await good.publish(flipped);
        await until('quarantined', async () => Object.values(await quarantine()).reduce((a, b) => a + b, 0) === before + 1);
        assert.deepEqual(await stored(), records, `bit 2 of byte ${at}`);
    }
    await good.publish(message);
    await good.receipted((r) => r.through === seq);
});

test("a batch of one device on another's topic", () =>
    refused('device-key-unknown', () => other.publish(good.batch(1, 1))));

test("another's journal under one's own signature", () => refused('cose-signature', () => {
    const stolen = new LiveDevice(stack, 'GOOD-1');
    stolen.key = other.key;
    stolen.write(1);
    return other.publish(stolen.batch(1, 1));
}));

test('an unknown device', () => refused('device-unknown', async () => {
    const nobody = await new LiveDevice(stack, 'NOBODY-1').connect();
    nobody.write(1);
    await nobody.send(1, 1);
    nobody.mqtt.end();
}));

test('a truncated message', () => refused('wire-truncated', () => good.publish(good.batch(1, 1).subarray(0, 60))));

test('bytes that are no message at all', () => refused('wire-type', () => good.publish(Buffer.from('hello'))));

test('a message of 1 MiB', () => refused('wire-too-large', () => good.publish(Buffer.alloc(1 << 20, 0xd2))));

test('a topic outside the protocol', () =>
    refused('topic-invalid', () => good.publish(good.batch(1, 1), 'up/journal/more')));

test("another's bucket", () => refused('topic-invalid', () =>
    good.mqtt.publish(`bptm/1/${(good.bucket + 1) % 1024}/${good.id}/up/journal`, good.batch(1, 1))));

test("a status under another's key", () => refused('device-key-unknown', () =>
    good.publish(signed(other.key, 'status', good.id, encode(new Map([[1, 1]]))), 'up/status')));

test('a journal batch offered as a status', () => refused('cose-signature', () =>
    good.publish(good.batch(1, 1), 'up/status')));

test('the broker keeps devices apart', async () => {
    const spy = await Mqtt.open(stack.mqttPort, 'NOBODY-1', stack.users['NOBODY-1']);
    await spy.subscribe('#');
    await spy.subscribe(good.topic('#'));
    const before = await quarantine();
    await spy.publish(good.topic('up/journal'), good.batch(1, 1));
    await spy.publish(good.topic('down/receipt'), Buffer.from('x'));
    const receipts = good.receipts.length;
    await stillWorks();
    assert.deepEqual(spy.messages.filter((m) => m.topic.includes(good.id)), []);
    assert.deepEqual(await quarantine(), before);
    assert.equal(good.receipts.length, receipts + 1);
    await assert.rejects(Mqtt.open(stack.mqttPort, 'GOOD-1', 'guess'), /refused/);
    await assert.rejects(Mqtt.open(stack.mqttPort, '', ''), /refused|closed/);
    spy.end();
});

test('a fork is kept beside the chain and raises an incident', async () => {
    const fork = new LiveDevice(stack, 'OTHER-1');
    await other.send(1, 1);
    await other.receipted((r) => r.through === 1);
    fork.write(2);
    await other.publish(fork.batch(1, 1));
    await until('the fork', async () => (await stack.sql('select 1 from fleet.journal_fork')).length === 1);
    const [row] = await stack.sql("select kind from fleet.journal_record r join fleet.device d using (device_id) where d.serial = 'OTHER-1'");
    assert.equal(row.kind, 1);
});

test('a device that floods is dropped unread, loses nothing, and holds up nobody', async () => {
    const dropped = async () => {
        const { body } = await stack.request('GET', '/metrics', { role: 'operator' });
        return Number(/^bptm_dropped_total\{reason="device-rate"\} (\d+)$/m.exec(body)?.[1] ?? 0);
    };
    const before = await dropped(), seq = other.write(2, [[16, 100], [20, 0], [21, 0], [22, 0]]);
    for (let n = 0; n < 600; n++) {
        other.publish(other.batch(seq, seq)).catch(() => {});
    }
    await stillWorks();
    await until('the flood is counted', async () => await dropped() > before + 100);
    await until('and what it had is taken in the end', async () => {
        await other.send(1, seq);
        return other.receipts.some((r) => r.through === seq);
    });
});

test('the server is up at the end, and nothing is unaccounted', async () => {
    await stillWorks();
    assert.equal((await stack.request('GET', '/readyz')).status, 200);
    const log = await stack.log('bptmd');
    assert.doesNotMatch(log, /ERROR: AddressSanitizer|runtime error/);
    good.mqtt.end();
    other.mqtt.end();
});
