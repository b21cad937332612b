// What operators tell a device reaches it, its journal says what became of it; and what must not be done is not.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Mqtt } from '../lib/mqtt.mjs';
import { Stack, until } from '../lib/stack.mjs';
import { encode, Key, signed } from '../lib/wire.mjs';

let stack, serial, fleet, broker, seq;
const REPLAYED = 'replayed', EXPIRED = 'expired', FOREIGN = 'foreign_signature', SWITCHING = 'switching';

before(async () => {
    stack = await Stack.create({ homes: 2, users: ['SENDER'] });
    await appendFile(stack.file('mosquitto/acl'), '\nuser SENDER\ntopic write bptm/1/+/+/down/#\n');
    await stack.start('mosquitto', 'bptmd', 'sim');
    const [, line] = (await stack.text('sim/manifest.csv')).trim().split('\n');
    const [name, public_key, , hardware_revision] = line.split(',');
    serial = name;
    const body = { serial, public_key, model: 'BPTM-REF-30', hardware_revision };
    assert.equal((await stack.request('POST', '/v1/devices', { role: 'operator', body })).status, 201);
    fleet = new Key(Buffer.from((await stack.text('secret/receipt.key')).trim(), 'hex'));
    broker = await Mqtt.open(stack.mqttPort, 'SENDER', stack.users.SENDER);
    broker.setMaxListeners(0);
    await until('a clock', async () => (await records('time_set')).length > 0, 60);
});

after(() => stack?.destroy());

/** Records of a kind of the device. */
async function records(kind) {
    const { body } = await stack.request('GET', `/v1/devices/${serial}/records?kind=${kind}&limit=200`, { role: 'operator' });
    return body.items;
}

async function command(body) {
    const answer = await stack.request('POST', `/v1/devices/${serial}/commands`, { role: 'operator', body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.counter;
}

/** Wait until the device's journal has closed a command. */
function closed(counter) {
    return until(`command ${counter} closed`, async () => {
        const { body } = await stack.request('GET', `/v1/devices/${serial}/commands/${counter}`, { role: 'operator' });
        return ['done', 'refused'].includes(body.state) && body;
    }, 40);
}

/** Publish a command that was never in the outbox. */
function publish({ key = fleet, device = serial, counter = Date.now(), expires = Date.now() + 60_000, code = 1, argument }) {
    const members = [[1, counter], [2, expires], [3, code], ...(argument ? [[4, new Map(argument)]] : [])];
    const bucket = createHash('sha256').update(serial).digest().readUInt16BE(0) % 1024;
    const message = signed(key, 'command', device, encode(new Map(members)));
    return broker.publish(`bptm/1/${bucket}/${serial}/down/command`, message);
}

/** The next refusal in the journal. */
async function refused() {
    const record = await until('a refusal', async () => (await records('command_refused')).find((r) => r.seq > (seq ?? 0)), 40);
    seq = record.seq;
    return record;
}

const state = async () => /state=(\S+)/.exec(await stack.control('1 status'))[1];

test('commands are sent, done, and closed by the record that says so', async () => {
    for (const body of [{ command: 'read' }, { command: 'identify', duration_ms: 1000 }, { command: 'self_test' },
        { command: 'settings', return_ms: 60000 }, { command: 'field_work', duration_ms: 5000 }]) {
        const done = await closed(await command(body));
        assert.equal(done.state, 'done', JSON.stringify(done));
        const record = (await records('command_done')).find((r) => r.seq === done.record_seq);
        assert.equal(record.extra.counter, done.counter);
    }
    const [test] = await records('self_test');
    assert.equal(test.extra.result, 0, 'the self-test passes');
    assert.equal((await records('config_applied')).length, 1);
    assert.equal((await records('field_work_start')).at(-1).setting_ms, 5000);
});

test('a device that is away gets its commands when it comes back, in order', async () => {
    await stack.stop('sim');
    await until('offline', async () => (await stack.sql('select online from fleet.device_link')).every((l) => !l.online));
    const counters = [await command({ command: 'read' }), await command({ command: 'identify', duration_ms: 0 })];
    await stack.start('sim');
    const ends = [];
    for (const counter of counters) {
        ends.push(await closed(counter));
    }
    assert.deepEqual(ends.map((c) => c.state), ['done', 'done']);
    assert.ok(ends[0].record_seq < ends[1].record_seq);
});

test('replayed, expired, foreign-signed and switching commands are refused and journalled', async () => {
    const before = await state();
    const used = (await stack.sql('select max(counter)::text as last from fleet.command'))[0].last;
    await publish({ counter: Number(used), code: 2, argument: [[1, 60000]] });
    assert.deepEqual((({ cause, extra }) => [cause, extra.counter])(await refused()), [REPLAYED, Number(used)]);
    await publish({ expires: Date.now() - 1000, code: 2, argument: [[1, 60000]] });
    assert.equal((await refused()).cause, EXPIRED);
    await publish({ key: new Key(Buffer.alloc(32, 7)), code: 2, argument: [[1, 60000]] });
    const foreign = await refused();
    assert.deepEqual([foreign.cause, foreign.extra], [FOREIGN, { count: 1 }]);
    for (const code of [32, 33, 255]) {
        await publish({ code });
        const record = await refused();
        assert.deepEqual([record.cause, record.extra.command], [SWITCHING, code]);
    }
    await publish({ code: 3, argument: [[18, 1]] });
    assert.equal((await refused()).cause, 'out_of_limits');
    const leds = /leds=(\d+)/.exec(await stack.control('1 status'))[1];
    assert.equal(await state(), before, 'the switch has not moved');
    assert.equal(leds, '1000', 'nothing blinks');
    await publish({ device: `${serial}X` }); // signed for another device
    assert.equal((await refused()).cause, FOREIGN);
});

test('a refusal closes a command of the outbox with its cause', async () => {
    await publish({ counter: Date.now() + 3_600_000 }); // a later counter is used up
    await until('done', async () => (await records('command_done')).some((r) => r.extra.counter > Date.now() + 3_000_000));
    const late = await closed(await command({ command: 'read' }));
    assert.deepEqual([late.state, late.cause], ['refused', REPLAYED]);
});
