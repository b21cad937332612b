// The image for the Cortex-M4F under QEMU against the real server, broker and database.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../kill-matrix/flash.mjs';
import { Oracle } from '../kill-matrix/oracle.mjs';
import { Machine, journalPlace, provision } from '../lib/qemu.mjs';
import { Stack, until } from '../lib/stack.mjs';

const RETURN_MS = 2000;
const KILLS = 20;
const KIND = { boot: 1, utility_lost: 2, utility_restored: 3, generator_present: 4, generator_absent: 5, to_generator: 6, to_utility: 7 };
const times = ['--fail_ms', '1000', '--gen_ms', '1000', '--return_ms', String(RETURN_MS), '--jitter_ms', '0', '--status_ms', '10000'];
const RETURN_TIMER = 10; // cause of a record

let stack, device, tls, tlsPort, machine;

/** The light is lit for two seconds without a break: it does not blink. */
async function staysLit(name) {
    for (let n = 0; n < 20; n++) {
        assert.ok((await machine.lights())[name], `${name} is lit, look ${n + 1}`);
        await sleep(100);
    }
}

async function blinks(name) {
    const seen = new Set();
    await until(`${name} blinks`, async () => {
        seen.add((await machine.lights())[name]);
        return seen.size === 2;
    }, 5);
}

function house(what, wanted, seconds = 10) {
    return until(what, async () => {
        const is = await machine.plant.tell('status');
        return Object.entries(wanted).every(([key, value]) => is[key] === value) && is;
    }, seconds);
}

function records(serial) {
    return stack.sql(`select seq::int, boot::int, kind, cause, delay_ms::int, setting_ms::int from fleet.journal_record r join fleet.device d
        using (device_id) where d.serial = '${serial}' order by seq`);
}

/** The journal in the machine's flash, from outside. */
async function journalOf(from) {
    return readJournal(await from.flash(0, (journalPlace.first + journalPlace.sectors) * 4096), journalPlace);
}

/** What a device wrote has a receipt. */
async function settled(from, seconds = 60) {
    return until('all records have their receipt', async () => {
        const journal = await journalOf(from);
        return journal.written > 0 && journal.released === journal.written && journal;
    }, seconds);
}

/** A port for the broker's second listener. */
function tlsListener() {
    return `listener ${tlsPort} 127.0.0.1\npsk_hint bptm\npsk_file ${stack.file('mosquitto/psk')}\n`
        + 'use_identity_as_username true\nciphers PSK-AES128-GCM-SHA256\n';
}

before(async () => {
    stack = await Stack.create();
    tlsPort = stack.mqttPort + 1;
    await writeFile(stack.file('mosquitto/extra'), tlsListener());
    await writeFile(stack.file('mosquitto/psk'), `BPTM-TLS-00001:${'ab'.repeat(32)}\n`, { mode: 0o644 });
    device = await provision(stack, 'qemu', stack.mqttPort, ...times);
    tls = await provision(stack, 'tls', tlsPort, '--psk', ...times);
    await stack.start('mosquitto', 'bptmd');
    machine = await Machine.create({ settings: device.flash });
    await machine.start();
});

after(async () => {
    await machine?.destroy();
    await stack?.destroy();
});

test('plugged in, the utility serves: UTILITY is lit, GENERATOR is dark', async () => {
    await house('on the utility', { device: 'alive', contacts: '10', leds: '1000' });
    await staysLit('utility');
    assert.equal((await machine.lights()).generator, false);
});

test('the utility fails and the generator is started: amber GEN. PWR ON', async () => {
    await machine.plant.tell('utility off');
    await sleep(1500);
    assert.deepEqual(await machine.lights(), { utility: false, generator: false });
    await machine.plant.tell('generator start');
    await house('on the generator', { contacts: '01', coils: '01', leds: '0100' }, 15);
    await staysLit('generator');
});

test('the utility returns: after its delay the home goes back by itself', async () => {
    const from = Date.now();
    await machine.plant.tell('utility on');
    await house('back on the utility', { contacts: '10', coils: '10', leds: '1200' }, 15);
    assert.ok(Date.now() - from >= RETURN_MS, 'not before the delay');
    await staysLit('utility');
    await blinks('generator'); // it may be shut down
});

test('the generator is shut down and unplugged: GENERATOR is dark', async () => {
    await machine.plant.tell('generator stop');
    await house('no generator', { generator: 'off', leds: '1000' });
    await until('dark', async () => !(await machine.lights()).generator, 5);
    const is = await machine.plant.tell('status');
    assert.equal(is.both_closed_ms, '0', 'never both contactors closed');
});

test('the story stands in the database, in order, with its delays', async () => {
    const { written } = await settled(machine);
    const stored = await records(device.serial);
    assert.deepEqual(stored.map(({ seq }) => seq), Array.from({ length: written }, (_, n) => n + 1));
    const told = Object.values(KIND).filter((kind) => kind > 1);
    const story = stored.filter(({ kind }) => told.includes(kind));
    assert.deepEqual(story.map(({ kind }) => kind), [KIND.utility_lost, KIND.generator_present, KIND.to_generator,
        KIND.utility_restored, KIND.to_utility, KIND.generator_absent]);
    assert.equal(stored[0].kind, KIND.boot);
    const [, , , , back] = story;
    assert.equal(back.setting_ms, RETURN_MS);
    assert.ok(back.delay_ms >= RETURN_MS && back.delay_ms < RETURN_MS + 1500, `returned after ${back.delay_ms} ms`);
    assert.equal(back.cause, RETURN_TIMER);
});

test(`${KILLS} power cuts, broker and server killed in between: every record is stored exactly once`, async () => {
    const oracle = new Oracle(stack, [device.serial], () => journalOf(machine));
    const orders = ['utility off', 'generator start', 'utility on', 'utility sag', 'generator stop', 'utility on'];
    let order = 0;
    let { written } = await journalOf(machine);
    const flap = setInterval(() => machine.plant.tell(orders[order++ % orders.length]), 350);
    try {
        for (let n = 1; n <= KILLS; n++) {
            // every second cut comes whenever it comes; the others on a journal that has grown
            if (n % 2 === 0) {
                await until('five more records', async () => (await journalOf(machine)).written >= written + 5, 30);
            }
            await sleep(400 + Math.random() * 1800);
            await machine.kill();
            ({ written } = await journalOf(machine));
            await oracle.look();
            if (n % 5 === 0) {
                await stack.kill('mosquitto');
                await stack.start('mosquitto');
            }
            if (n % 7 === 0) {
                await stack.kill('bptmd');
                await stack.start('bptmd');
            }
            await machine.start();
            await oracle.checkPromises(`after cut ${n}`);
        }
    } finally {
        clearInterval(flap);
    }
    await machine.plant.tell('utility on');
    await machine.plant.tell('generator stop');
    await house('the home is quiet', { contacts: '10', generator: 'off' }, 30);
    await settled(machine, 90);
    await oracle.look();
    await oracle.checkAll('after the cuts');
    assert.deepEqual(oracle.problems, []);
    const stored = await records(device.serial);
    assert.equal(stored.filter(({ kind }) => kind === KIND.boot).length, KILLS + 1, 'one boot record each');
    assert.ok(stored.length > 3 * KILLS, `${stored.length} records`);
    assert.equal((await machine.plant.tell('status')).both_closed_ms, '0');
    console.log(`# ${stored.length} records over ${KILLS} power cuts`);
});

test('the stack was never near its end', async () => {
    const depth = await machine.stack();
    await writeFile(path.join(process.env.BPTM_FIRMWARE, 'fw.stack'), `${depth}\n`);
    assert.ok(depth > 1000, `${depth} bytes`);
});

test('TLS with a pre-shared key: the wrong key is refused, the right one carries the journal', async () => {
    await machine.destroy();
    machine = await Machine.create({ image: 'fw-tls', settings: tls.flash });
    await machine.start();
    await until('a wrong key is refused', async () => /tls handshake failed/.test(await machine.console()), 15);
    assert.deepEqual(await records(tls.serial), []);
    await machine.kill();
    await stack.stop('mosquitto');
    await writeFile(stack.file('mosquitto/psk'), await readFile(path.join(path.dirname(tls.flash), 'psk')));
    await stack.start('mosquitto');
    await machine.start();
    const { written } = await settled(machine);
    assert.equal((await records(tls.serial)).length, written);
    assert.match(await machine.console(), /TLS-PSK-WITH-AES-128-GCM-SHA256/);
    const depth = await machine.stack();
    await writeFile(path.join(process.env.BPTM_FIRMWARE, 'fw-tls.stack'), `${depth}\n`);
});
