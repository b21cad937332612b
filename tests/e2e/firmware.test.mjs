// Firmware over MQTT to simulated homes: signed, imported, offered, loaded, tried, confirmed - or refused.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Stack, until } from '../lib/stack.mjs';

const SLOT_A = '21100000', SLOT_B = '21180000';
const CAUSE = { foreignSignature: 42, oldVersion: 50, otherHardware: 51 };
let stack, serials, key;

/** A file that the stack's user can read. */
async function put(name, bytes) {
    const file = stack.file(name);
    await writeFile(file, bytes);
    await chmod(file, 0o644);
    return file;
}

/** Make and sign an image; the file's name. */
async function image(version, address, { size = 40_000, signer = 'firmware.key', hardware = 'bptm-host' } = {}) {
    const name = `secret/${version}-${address}-${signer}-${hardware}`;
    const program = await put(`${name}.bin`, randomBytes(size));
    await stack.command('ctl', 'firmware', 'sign', program, '--key', stack.file(`secret/${signer}`),
        '--hardware', hardware, '--image-version', version, '--address', address, '--out', stack.file(`${name}.img`));
    return stack.file(`${name}.img`);
}

async function publish(version, options) {
    for (const address of [SLOT_A, SLOT_B]) {
        await stack.command('ctl', 'firmware', 'import', await image(version, address, options));
    }
}

async function offer(serial, version, ...more) {
    const said = await stack.command('ctl', 'firmware', 'offer', '--device', serial, '--image-version', version, ...more);
    return Number(/^counter=(\d+)$/m.exec(said)[1]);
}

/** Records of a device about its firmware, oldest first: "confirmed 1.0.0". */
async function history(serial) {
    const rows = await stack.sql(`select r.kind, r.extra from fleet.journal_record r join fleet.device d using (device_id)
        where d.serial = '${serial}' and r.kind in (19, 20, 21) order by r.seq`);
    const names = { 19: 'staged', 20: 'confirmed', 21: 'rolled_back' };
    return rows.map((row) => `${names[row.kind]} ${row.extra.version}`);
}

function reaches(serial, what, seconds = 40) {
    return until(`${serial} says "${what}"`, async () => (await history(serial)).includes(what), seconds);
}

/** How the device's journal closed a command: its cause, null when done. */
function outcome(serial, counter) {
    return until(`the command ${counter} is closed`, async () => {
        const [row] = await stack.sql(`select c.closed_seq, c.cause from fleet.command c join fleet.device d using (device_id)
            where d.serial = '${serial}' and c.counter = ${counter}`);
        return row.closed_seq !== null && row;
    }, 30).then((row) => row.cause);
}

before(async () => {
    stack = await Stack.create({ homes: 2 });
    await stack.command('ctl', 'import', 'devices', stack.file('sim/manifest.csv'));
    serials = (await stack.text('sim/manifest.csv')).trim().split('\n').slice(1).map((line) => line.split(',')[0]);
    for (const name of ['firmware.key', 'foreign.key']) {
        await stack.command('ctl', 'key', 'create', '--out', stack.file(`secret/${name}`));
    }
    key = (await stack.command('ctl', 'key', 'public', stack.file('secret/firmware.key'))).trim();
    await put('sim.args', `--image\n${await image('1.0.0', SLOT_A)}\n--firmware-key\n${key}\n`);
    await stack.start('mosquitto', 'bptmd', 'sim');
    for (const serial of serials) {
        await reaches(serial, 'confirmed 1.0.0');
    }
});

after(() => stack?.destroy());

test('a new version is loaded, started, and confirmed by a receipt', async () => {
    await publish('1.1.0');
    const counter = await offer(serials[0], '1.1.0');
    await reaches(serials[0], 'confirmed 1.1.0');
    assert.equal(await outcome(serials[0], counter), null);
    assert.deepEqual(await history(serials[0]), ['confirmed 1.0.0', 'staged 1.1.0', 'confirmed 1.1.0']);
    assert.deepEqual(await history(serials[1]), ['confirmed 1.0.0']);
    const [boot] = await stack.sql('select extra from fleet.journal_record where kind = 1 and device_id = 1 order by seq desc limit 1');
    assert.equal(boot.extra.version, '1.1.0');
    const [state] = await stack.sql('select state, version from fleet.firmware_offer');
    assert.deepEqual(state, { state: 1, version: 0x010100 });
});

test('a power cut in the middle of a download costs one block, not the download', async () => {
    const chunks = 400;
    await publish('1.2.0', { size: (chunks - 1) * 1024 });
    const before = await sent();
    await offer(serials[0], '1.2.0');
    await until('half of it is there', async () => {
        const [row] = await stack.sql('select first_chunk from fleet.firmware_offer');
        return row.first_chunk > chunks / 2;
    });
    await stack.kill('sim');
    await stack.start('sim');
    await reaches(serials[0], 'confirmed 1.2.0');
    const total = (await until('the counter is written', async () => (await sent()) - before >= chunks - 1 && sent())) - before;
    assert.ok(total < chunks * 1.3, `${total} chunks were sent for ${chunks}`);
});

/** Chunks that the server has sent. */
async function sent() {
    const [row] = await stack.sql(`select coalesce(sum(value), 0)::int as sent from fleet.counter where name = 'firmware_chunks'`);
    return row.sent;
}

test('what a device must not run it refuses, and says why', async () => {
    await publish('1.3.0', { signer: 'foreign.key' });
    await publish('1.4.0', { hardware: 'another-board' });
    const rows = [['1.3.0', CAUSE.foreignSignature], ['1.4.0', CAUSE.otherHardware], ['1.1.0', CAUSE.oldVersion], ['1.2.0', CAUSE.oldVersion]];
    for (const [version, cause] of rows) {
        assert.equal(await outcome(serials[0], await offer(serials[0], version)), cause, version);
    }
    assert.equal((await history(serials[0])).at(-1), 'confirmed 1.2.0');
});
