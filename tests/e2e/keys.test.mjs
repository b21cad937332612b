// Keys of devices: announced until it has shown that it has its key; another key with overlap; the end of the old one.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LiveDevice } from '../lib/device.mjs';
import { Stack, patience, until } from '../lib/stack.mjs';
import { encode, Key, signed } from '../lib/wire.mjs';

const NAMES = ['KEY-1', 'KEY-2', 'KEY-3'];
let stack;
const devices = {};

before(async () => {
    stack = await Stack.create({ homes: 1, users: NAMES });
    await stack.start('mosquitto', 'bptmd');
    for (const id of NAMES) {
        devices[id] = await (await new LiveDevice(stack, id).register()).connect();
    }
});

after(async () => {
    Object.values(devices).forEach((d) => d.mqtt?.end());
    await stack?.destroy();
});

/** What api/journal.md calls for: the new key signs, and around that the old one. */
const proof = (id, old, fresh, replaces = old.kid) => signed(old, 'key', id, signed(fresh, 'key', id, encode(new Map([[1, fresh.public], [2, replaces]]))));
const rotate = (id, message, more = {}) => stack.request('POST', `/v1/devices/${id}/keys`, { role: 'operator', body: { proof: message.toString('hex'), ...more } });
const told = async (id) => (await stack.request('GET', `/v1/devices/${id}`, { role: 'operator' })).body;
const quarantined = async (id, reason) => Number((await stack.sql(`select count(*)::int as n from fleet.quarantine where serial = '${id}' and reason = '${reason}'`))[0].n);

/** One more record, sent under `key`. */
async function write(device, key) {
    device.key = key;
    device.write(1);
    await device.send(device.records.length, device.records.length);
}
/** As a device does: the last record again until it is receipted, for a key that is new is looked up once a second at most. */
async function receipted(device) {
    let asked = Date.now();
    await until(`a receipt of the last record of ${device.id}`, async () => {
        if (Date.now() - asked > 1500) {
            asked = Date.now();
            await device.send(device.records.length, device.records.length);
        }
        return device.receipts.some((r) => r.through === device.records.length);
    });
    return device.receipted((r) => r.through === device.records.length);
}

test('a device is announced, and told nothing, until a message of its own verifies', async () => {
    const device = devices['KEY-1'];
    await device.publish(encode(new Map([[1, true]])), 'up/link'); // the broker's word, and no signature
    const { body: { counter } } = await stack.request('POST', '/v1/devices/KEY-1/commands', { role: 'operator', body: { command: 'read' } });
    await device.mqtt.subscribe(device.topic('down/command'));
    const commands = () => device.mqtt.messages.filter(({ topic }) => topic === device.topic('down/command')).length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.deepEqual([(await told('KEY-1')).trust, commands()], ['announced', 0]);
    await write(device, device.key);
    await receipted(device);
    assert.equal((await told('KEY-1')).trust, 'proven');
    await until('the command', () => commands() > 0);
    assert.ok(counter > 0);
});

test('what proves nothing is refused, and changes nothing', async () => {
    const device = devices['KEY-1'], fresh = new Key(randomBytes(32)), stranger = new Key(randomBytes(32));
    for (const [what, message] of [
        ['signed by the new key alone', signed(fresh, 'key', 'KEY-1', encode(new Map([[1, fresh.public], [2, device.key.kid]])))],
        ['not signed by the new key', signed(device.key, 'key', 'KEY-1', signed(stranger, 'key', 'KEY-1', encode(new Map([[1, fresh.public], [2, device.key.kid]]))))],
        ['signed by a stranger', proof('KEY-1', stranger, fresh)],
        ['of another device', proof('KEY-2', device.key, fresh)],
        ['naming another old key', proof('KEY-1', device.key, fresh, stranger.kid)],
        ['signed for something else', signed(device.key, 'journal', 'KEY-1', signed(fresh, 'key', 'KEY-1', encode(new Map([[1, fresh.public], [2, device.key.kid]]))))],
        ['with a byte too many', Buffer.concat([proof('KEY-1', device.key, fresh), Buffer.from([0])])],
    ]) {
        const { status, body } = await rotate('KEY-1', message);
        assert.deepEqual([status, body.errors?.[0].pointer], [422, '/proof'], what);
    }
    assert.equal((await rotate('KEY-1', proof('KEY-1', device.key, device.key))).status, 409);
    assert.equal((await rotate('NO-SUCH-1', proof('NO-SUCH-1', device.key, fresh))).status, 404);
    assert.equal((await told('KEY-1')).keys.length, 1);
});

test('both keys are good for the overlap; then the old one is quarantined by its name, and the device goes on with the new', async () => {
    const device = devices['KEY-1'], old = device.key, fresh = new Key(randomBytes(32)), overlap = 6 * patience;
    const { status, body } = await rotate('KEY-1', proof('KEY-1', old, fresh), { overlap_s: overlap, reason: 'once a year' });
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual(body.keys.map((k) => [k.kid, k.valid_to !== null]), [[old.kid.toString('hex'), true], [fresh.kid.toString('hex'), false]]);
    const end = Date.parse(body.keys[0].valid_to);
    assert.equal(end - Date.parse(body.keys[1].valid_from), overlap * 1000);
    await write(device, fresh);
    await receipted(device);
    await write(device, old);
    await receipted(device);
    assert.ok(Date.now() < end, 'all of that within the overlap');
    assert.equal((await rotate('KEY-1', proof('KEY-1', fresh, new Key(randomBytes(32))))).status, 409, 'one at a time');

    await until('the end of the overlap', () => Date.now() > end + 500);
    await write(device, old);
    await until('it is in quarantine', async () => await quarantined('KEY-1', 'device-key-retired') === 1);
    assert.equal((await told('KEY-1')).journal.stored, 3, 'and not stored');
    await device.send(device.records.length, device.records.length);
    await until('by the same name once more', async () => await quarantined('KEY-1', 'device-key-retired') === 2);
    device.key = fresh;
    await device.send(device.records.length, device.records.length);
    await receipted(device);
    assert.equal((await told('KEY-1')).journal.forks, 0);
    assert.equal((await rotate('KEY-1', proof('KEY-1', old, new Key(randomBytes(32))))).status, 422, 'the old one vouches for nothing');
    assert.equal((await rotate('KEY-1', proof('KEY-1', fresh, old))).status, 409, 'and does not come back');
    const [audit] = await stack.sql("select before, after, reason from access.audit where action = 'device.key' and object_id = 'KEY-1'");
    assert.deepEqual([audit.before.kid, audit.after.public_key, audit.after.overlap_s, audit.after.vouched_by, audit.reason], [old.kid.toString('hex'), fresh.public.toString('hex'), overlap, 'old_key', 'once a year']);
});

test('with no overlap the old one ends at once, though the server had just believed it', async () => {
    const device = devices['KEY-2'], old = device.key, fresh = new Key(randomBytes(32));
    await write(device, old);
    await receipted(device);
    assert.equal((await rotate('KEY-2', proof('KEY-2', old, fresh), { overlap_s: 0 })).status, 201);
    await write(device, old);
    await until('it is in quarantine', async () => await quarantined('KEY-2', 'device-key-retired') === 1);
    device.key = fresh;
    await device.drain();
});

/** A seed file as bptmctl makes and reads them. */
async function seedFile(name, seed) {
    const file = stack.file(name);
    await stack.command('run', 'sh', '-c', 'umask 077; printf "%s\\n" "$1" > "$2"', 'sh', seed.toString('hex'), file);
    return file;
}
const ctl = async (...args) => {
    try {
        return { code: 0, stdout: await stack.command('ctl', 'device', ...args), stderr: '' };
    } catch (error) {
        return { code: error.code, stderr: error.stderr };
    }
};

test('where the old key is lost an operator vouches at the machine, and the audit says so', async () => {
    const device = devices['KEY-3'], seed = randomBytes(32), out = stack.file('key-3.proof');
    await write(device, device.key);
    await receipted(device);
    const file = await seedFile('key-3.seed', seed);
    assert.equal((await ctl('key-proof', '--device', 'KEY-3', '--new', file, '--replaces', device.key.kid.toString('hex'), '--out', out)).code, 0);
    assert.match((await ctl('rekey', 'KEY-3', '--proof', out, '--reason', 'new board')).stderr, /KEY-3: does not prove that the device has the new key/);
    assert.equal((await ctl('rekey', 'KEY-3', '--proof', out, '--reason', 'new board', '--vouch', '--overlap-s', '0')).code, 0);
    device.key = new Key(seed);
    device.write(1);
    await device.drain();
    const [audit] = await stack.sql("select after, reason from access.audit where action = 'device.key' and object_id = 'KEY-3'");
    assert.deepEqual([audit.after.vouched_by, audit.reason], ['operator', 'new board']);
});

// -- the firmware itself -------------------------------------------------------------------------------

function crc32(...parts) {
    let crc = ~0;
    for (const byte of Buffer.concat(parts)) {
        crc ^= byte;
        for (let n = 0; n < 8; n++) {
            crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc >>> 0;
}

/** The slot of settings in a flash image that holds `seed`: where it begins (magic, generation, length, CRC, then the blob). */
function slotOf(image, seed) {
    const at = image.indexOf(seed);
    for (let slot = at - 16; slot >= 0 && slot > at - 4096; slot--) {
        const length = image.readUInt32LE(slot + 8);
        if (length < 4096 && image.readUInt32LE(slot + 12) === crc32(image.subarray(slot + 4, slot + 12), image.subarray(slot + 16, slot + 16 + length))) {
            return { at, slot, length };
        }
    }
    throw new Error('no slot');
}

test('a home of the reference firmware goes on with its journal under another key', async () => {
    const [, line] = (await stack.text('sim/manifest.csv')).trim().split('\n');
    const [serial, public_key, , hardware_revision] = line.split(',');
    assert.equal((await stack.request('POST', '/v1/devices', { role: 'operator', body: { serial, public_key, model: 'BPTM-REF-30', hardware_revision } })).status, 201);
    assert.equal((await told(serial)).trust, 'announced');
    await stack.start('sim');
    await until('it is heard', async () => (await told(serial)).journal?.stored > 0, 60);
    assert.equal((await told(serial)).trust, 'proven');
    await stack.stop('sim');

    const flash = stack.file('sim/home-00001.flash'), image = Buffer.from(await stack.command('run', 'base64', '-w0', flash), 'base64');
    const marker = image.indexOf(Buffer.from('065820', 'hex')) + 3, seed = Buffer.from(image.subarray(marker, marker + 32));
    const old = new Key(seed), next = randomBytes(32), fresh = new Key(next);
    assert.equal(old.public.toString('hex'), public_key);
    const [oldFile, newFile, out] = [await seedFile('sim.old', seed), await seedFile('sim.new', next), stack.file('sim.proof')];
    assert.equal((await ctl('key-proof', '--device', serial, '--new', newFile, '--old', oldFile, '--out', out)).code, 0);
    assert.deepEqual(Buffer.from(await stack.command('run', 'base64', '-w0', out), 'base64'), proof(serial, old, fresh), 'as the document says');
    assert.equal((await ctl('rekey', serial, '--proof', out, '--reason', 'once a year', '--overlap-s', '0')).code, 0);
    const { at, slot, length } = slotOf(image, seed);
    next.copy(image, at);
    image.writeUInt32LE(crc32(image.subarray(slot + 4, slot + 12), image.subarray(slot + 16, slot + 16 + length)), slot + 12);
    const changed = path.join(stack.dir, 'changed.flash');
    await writeFile(changed, image);
    await stack.command('run', 'cp', changed, flash);

    const had = (await told(serial)).journal;
    await stack.start('sim');
    const now = await until('more of its journal', async () => {
        const { journal } = await told(serial);
        return journal.stored > had.stored && journal;
    }, 60);
    assert.deepEqual([now.forks, now.unaccounted, await quarantined(serial, 'device-key-retired')], [0, 0, 0]);
    const [{ n }] = await stack.sql(`select count(*)::int as n from fleet.device_key k join fleet.device d using (device_id) where d.serial = '${serial}' and exists (select from fleet.journal_batch b where b.device_id = d.device_id and position(k.kid in b.message) > 0)`);
    assert.equal(n, 2, 'batches of both keys make one chain');
});
