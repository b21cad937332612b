// What bptmd tells a service manager: ready, alive, stopping, and silence when a loop hangs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveDevice } from '../lib/device.mjs';
import { Stack, until } from '../lib/stack.mjs';

const WATCHDOG_MS = 1200;
let stack, manager, device;
const told = []; // [state, when]
const count = (state) => told.filter(([text]) => text === state).length;

before(async () => {
    stack = await Stack.create({ users: ['WATCH-1'] });
    await stack.start('mosquitto');
    const socket = path.join(stack.dir, 'notify');
    manager = spawn('perl', [fileURLToPath(new URL('notify.pl', import.meta.url)), socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface(manager.stdout).on('line', (line) => told.push([line, Date.now()]));
    await until('the socket', () => count('LISTENING') === 1);
});

after(async () => {
    manager?.kill();
    device?.mqtt?.end();
    await stack?.destroy();
});

/** bptmd with its service manager's environment; further variables of its own. */
async function start(...more) {
    told.length = 0;
    const variables = [`NOTIFY_SOCKET=${path.join(stack.dir, 'notify')}`, ...more];
    await writeFile(stack.file('bptmd.env'), variables.map((line) => `${line}\n`).join(''));
    await stack.start('bptmd');
}

test('READY=1 comes once, WATCHDOG=1 four times in its period, STOPPING=1 at the end', async () => {
    await start(`WATCHDOG_USEC=${WATCHDOG_MS * 1000}`);
    await until('signs of life', () => count('WATCHDOG=1') >= 8, 10);
    const times = told.filter(([text]) => text === 'WATCHDOG=1').map(([, when]) => when);
    assert.ok(Math.max(...times.slice(1).map((when, n) => when - times[n])) < WATCHDOG_MS);
    assert.equal(told[0][0], 'READY=1');
    await stack.stop('bptmd');
    await until('its end', () => count('STOPPING=1') === 1, 5);
    assert.equal(count('READY=1'), 1);
    assert.equal(told.at(-1)[0], 'STOPPING=1');
});

test('without a watchdog, or one of another process, none is sent', async () => {
    for (const variables of [[], [`WATCHDOG_USEC=${WATCHDOG_MS * 1000}`, 'WATCHDOG_PID=1']]) {
        await start(...variables);
        await sleep(WATCHDOG_MS / 2);
        await stack.stop('bptmd');
        await until('its end', () => count('STOPPING=1') === 1, 5);
        assert.deepEqual(told.map(([text]) => text), ['READY=1', 'STOPPING=1']);
    }
});

test('a database that is away is no hanging loop', async () => {
    await start(`WATCHDOG_USEC=${WATCHDOG_MS * 1000}`);
    await stack.stop('postgres');
    const from = Date.now();
    await until('a period and a half', () => Date.now() - from > 1.5 * WATCHDOG_MS);
    assert.ok(told.filter(([text, when]) => text === 'WATCHDOG=1' && when > from + WATCHDOG_MS).length > 0);
    await stack.start('postgres');
    await stack.stop('bptmd');
});

test('a writer that hangs ends the signs of life', async (t) => {
    if (!/BPTM_KILL_POINTS 1/.test(await readFile(path.join(process.env.BPTM_BUILD ?? '', 'config.h'), 'utf8'))) {
        return t.skip('built without kill points');
    }
    // at this point the thread sleeps for an hour before it would end the process
    await start(`WATCHDOG_USEC=${WATCHDOG_MS * 1000}`, 'BPTM_KILL_AT=after-commit:1:3600000');
    device = await (await new LiveDevice(stack, 'WATCH-1').register()).connect();
    device.write(1);
    await device.send(1, 1);
    await until('the log', async () => /event=part-hangs/.test(await stack.log('bptmd')));
    const sent = count('WATCHDOG=1');
    await sleep(WATCHDOG_MS);
    assert.equal(count('WATCHDOG=1'), sent);
    await stack.kill('bptmd');
});
