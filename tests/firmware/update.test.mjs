// Loader and updates under QEMU: what may run runs, what may not does not, and what hangs is left.
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Machine, provision } from '../lib/qemu.mjs';
import { Stack, until } from '../lib/stack.mjs';

const FLASH = 0x21000000, A = 0x100000, B = 0x180000; // device-fw/port/mps2/layout.h
const HARDWARE = 'bptm-mps2-an386';
const times = ['--fail_ms', '1000', '--gen_ms', '1000', '--return_ms', '2000', '--jitter_ms', '0', '--status_ms', '10000'];
const NOT_AT_REST = 46, OLD_VERSION = 50; // causes of a refusal

const signed = new Set();
let stack, device, machine;

async function put(name, bytes) {
    const file = stack.file(name);
    await writeFile(file, bytes);
    await chmod(file, 0o644);
    return file;
}

/** Sign a file of the build, or bytes, for a slot; the signed image. */
async function sign(what, slot, version, { hardware = HARDWARE, key = process.env.BPTM_FIRMWARE_KEY } = {}) {
    const name = `secret/${version}-${slot}-${hardware}-${path.basename(key)}`;
    const elf = typeof what === 'string' ? path.join(process.env.BPTM_FIRMWARE, `${what}.elf`) : null;
    const address = elf ? [] : ['--address', (FLASH + slot).toString(16)];
    if (signed.has(name)) {
        return stack.file(`${name}.img`);
    }
    signed.add(name);
    const seed = await put(`${name}.key`, await readFile(key));
    await stack.command('ctl', 'firmware', 'sign', await put(`${name}.in`, elf ? await readFile(elf) : what), '--key', seed,
        '--hardware', hardware, '--image-version', version, ...address, '--out', stack.file(`${name}.img`));
    return stack.file(`${name}.img`);
}

/** A program that does nothing for ever: stack, reset vector, `b .` */
function hanging(slot) {
    const words = Buffer.alloc(16, 0);
    words.writeUInt32LE(0x20010000, 0);
    words.writeUInt32LE(FLASH + slot + 0x400 + 8 + 1, 4);
    words.writeUInt16LE(0xe7fe, 8);
    return words;
}

/** A machine with these signed images in its slots. */
async function boots(...areas) {
    const loaded = await Promise.all(areas.map(async ([at, file, change]) => {
        const bytes = await readFile(file);
        change?.(bytes);
        return [at, bytes];
    }));
    const one = await Machine.create({ image: 'boot', settings: device.flash, areas: loaded });
    await one.start();
    return one;
}

function says(one, pattern, seconds = 20) {
    return until(`the console says ${pattern}`, async () => pattern.exec(await one.console()), seconds);
}

async function history() {
    const rows = await stack.sql(`select r.kind, r.extra from fleet.journal_record r join fleet.device d using (device_id)
        where d.serial = '${device.serial}' and r.kind in (19, 20, 21) order by r.seq`);
    const names = { 19: 'staged', 20: 'confirmed', 21: 'rolled_back' };
    return rows.map((row) => `${names[row.kind]} ${row.extra.version}`);
}

function reaches(what, seconds = 40) {
    return until(`the database says "${what}"`, async () => (await history()).includes(what), seconds);
}

const execute = (text) => stack.command('run', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-c', text);

async function offer(version) {
    const said = await stack.command('ctl', 'firmware', 'offer', '--device', device.serial, '--image-version', version);
    return Number(/^counter=(\d+)$/m.exec(said)[1]);
}

/** Offer it until the device is at rest, which it is not right after a start: why it refused, or null. */
async function offerAtRest(version) {
    for (let n = 0; n < 40; n++) {
        const counter = await offer(version);
        const { cause } = await until('the device has answered', async () => {
            const [row] = await stack.sql(`select cause from fleet.command where counter = ${counter} and closed_seq is not null`);
            return row;
        });
        if (cause !== NOT_AT_REST) {
            return cause;
        }
        await sleep(250);
    }
    throw new Error('the device does not come to rest');
}

before(async () => {
    stack = await Stack.create();
    await stack.command('ctl', 'key', 'create', '--out', stack.file('secret/foreign.key'));
    device = await provision(stack, 'update', stack.mqttPort, ...times);
    await stack.start('mosquitto', 'bptmd');
    machine = await boots([A, await sign('fw-a', A, '1.0.0')]);
});

after(async () => {
    await machine?.destroy();
    await stack?.destroy();
});

test('the loader starts what is signed for this machine and slot, and nothing else', async () => {
    const good = await sign('fw-a', A, '1.0.0');
    const rows = [
        [[[B, await sign('fw-b', B, '1.1.0', { key: stack.file('secret/foreign.key') })]], /boot: B not signed/],
        [[[B, await sign('fw-b', B, '1.1.0'), (image) => { image[70000] ^= 4; }]], /boot: B not what was signed/],
        [[[B, await sign('fw-b', B, '1.1.0', { hardware: 'another-board' })]], /boot: B for another place or machine/],
        [[[B, good]], /boot: B for another place or machine/],
        [[], /boot: B empty/],
    ];
    for (const [more, verdict] of rows) {
        const one = await boots([A, good], ...more);
        await says(one, verdict);
        await says(one, /boot: A starts[^]*bptm 1\.0\.0 /);
        await one.destroy();
    }
    const none = await boots();
    await says(none, /boot: nothing to start/);
    await none.destroy();
});

test('a good update over MQTT, its power cut twice: in the download and at the switch', async () => {
    await reaches('confirmed 1.0.0');
    for (const [what, slot] of [['fw-a', A], ['fw-b', B]]) {
        await stack.command('ctl', 'firmware', 'import', await sign(what, slot, '1.1.0'));
    }
    // The download is over in a fifth of a second: held up in its middle, so that the cut cannot miss it.
    await execute(`create function fleet.hold_up() returns trigger language plpgsql as
        'begin perform pg_sleep(2); return new; end'`);
    await execute(`create trigger hold_up before update on fleet.firmware_offer for each row
        when (new.first_chunk > 40) execute function fleet.hold_up()`);
    await offer('1.1.0');
    await until('it is loading', async () => {
        const rows = await stack.sql(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`);
        return rows.length > 0;
    });
    await machine.kill();
    await execute('drop function fleet.hold_up cascade');
    assert.ok((await machine.flash(B, 4)).readUInt32LE(0) === 0xffffffff, 'no manifest yet');
    await machine.start();
    await says(machine, /boot: B empty[^]*boot: A starts[^]*boot: B empty\n[^]*boot: A starts/);
    await until('the manifest is in place', async () => (await machine.flash(B, 4)).toString() === 'BPTI');
    await machine.kill();
    await machine.start();
    await says(machine, /boot: B on trial[^]*bptm 1\.1\.0 /);
    await reaches('confirmed 1.1.0');
    await machine.kill();
    await machine.start();
    await says(machine, /boot: B starts/);
    const told = (await history()).filter((line, i, all) => line !== all[i - 1]);
    assert.deepEqual(told, ['confirmed 1.0.0', 'staged 1.1.0', 'confirmed 1.1.0']);
});

test('an older version is refused by the device, and by the loader when it is put there', async () => {
    for (const [what, slot] of [['fw-a', A], ['fw-b', B]]) {
        await stack.command('ctl', 'firmware', 'import', await sign(what, slot, '1.0.9'));
    }
    assert.equal(await offerAtRest('1.0.9'), OLD_VERSION);
    await machine.kill();
    const flash = await readFile(machine.file('nvm.bin'));
    (await readFile(await sign('fw-a', A, '1.0.9'))).copy(flash, A);
    flash.fill(0xff, B, B + 0x1000); // the confirmed version is gone
    await writeFile(machine.file('nvm.bin'), flash);
    await machine.start();
    await says(machine, /boot: A 1\.0\.9\nboot: B empty\nboot: nothing to start/);
    await machine.kill();
    const repaired = await readFile(machine.file('nvm.bin'));
    (await readFile(await sign('fw-b', B, '1.1.0'))).copy(repaired, B);
    await writeFile(machine.file('nvm.bin'), repaired);
    await machine.start();
    await says(machine, /boot: A 1\.0\.9\nboot: B 1\.1\.0\nboot: B starts/);
});

test('a version that hangs is started three times by the watchdog, then the old one is back and says so', async () => {
    for (const slot of [A, B]) {
        await stack.command('ctl', 'firmware', 'import', await sign(hanging(slot), slot, '1.2.0'));
    }
    assert.equal(await offerAtRest('1.2.0'), null);
    await says(machine, /(boot: A on trial\n[^]*){3}boot: B starts[^]*bptm 1\.1\.0 /, 60);
    await reaches('rolled_back 1.2.0');
    assert.equal((await machine.console()).match(/boot: A on trial/g).length, 3);
    const [boot] = await stack.sql(`select r.cause from fleet.journal_record r where r.kind = 1 order by seq desc limit 1`);
    assert.equal(boot.cause, 2, 'after a reset by the watchdog');
});
