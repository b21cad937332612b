// The rows of the matrix: what is done to a field under load. `round` does it once and puts things right again.
import { rm, writeFile, open } from 'node:fs/promises';
import { packet } from '../lib/mqtt.mjs';
import { until } from '../lib/stack.mjs';
import { published } from './field.mjs';

/** Load before the fault, so that records are under way when it comes. */
async function runIn(field) {
    await field.pause(100 + field.random.below(700));
}

async function killAndStart(field, name, { down = 300, frees = true } = {}) {
    await field.kill(name);
    if (name !== 'postgres') {
        await field.oracle.checkPromises(`${name} killed`);
    }
    await field.pause(field.random.below(down));
    if (name === 'bptmd' && frees) {
        await field.freeLease();
    }
    await field.start(name);
}

// --- the server, at its named points -------------------------------------------------------------

const POINT_SECONDS = 30;

/** Restart the server so that it dies at a point; then ask the oracle before anything else runs. */
export async function dieAt(field, point, visits, { environment = [], delay = field.random.pick([0, 0, 5, 40]) } = {}) {
    const nth = 1 + field.random.below(visits);
    await field.kill('bptmd');
    await field.freeLease();
    const server = await field.doomed([`BPTM_KILL_AT=${point}:${nth}:${delay}`, ...environment]);
    try {
        const { signal } = await Promise.race([
            server.exit,
            field.pause(POINT_SECONDS * 1000).then(() => ({ signal: 'none' })),
        ]);
        if (signal !== 'SIGKILL') {
            throw new Error(`bptmd did not reach the ${nth}. ${point} in ${POINT_SECONDS} s (${signal}): ${server.output().slice(-2000)}`);
        }
    } finally {
        await field.environment([]);
        server.child.kill('SIGKILL');
        await server.exit;
    }
    field.kills++;
    await field.oracle.checkPromises(`killed ${point}`);
    await field.freeLease();
    await field.start('bptmd');
}

const atPoint = (point, visits) => ({
    name: `server ${point}`,
    round: (field) => dieAt(field, point, visits),
    keeps: ['sim', 'mosquitto', 'postgres'],
});

// --- the database --------------------------------------------------------------------------------

/** The whole of it, one backend (the postmaster then restarts all), or an immediate stop. */
async function killDatabase(field, round) {
    const how = round % 3;
    if (how === 0) {
        await killAndStart(field, 'postgres', { down: 1500 });
    } else if (how === 1) {
        const rows = await field.stack.sql("select pid from pg_stat_activity where usename = 'bptm_mqtt'");
        rows.forEach(({ pid }) => field.signal(pid, 'SIGKILL'));
        field.kills++;
    } else {
        const [postmaster] = await field.pids('postgres');
        field.signal(postmaster, 'SIGQUIT');
        field.kills++;
        await until('postgres stopped', async () => (await field.pids('postgres')).length === 0);
        await field.start('postgres');
    }
    await field.ready();
    await field.oracle.checkPromises('database killed');
}

async function fillDisk(field) {
    const ballast = field.stack.file('pg/ballast');
    const file = await open(ballast, 'w');
    try {
        for (const size of [1 << 20, 4096]) {
            const block = Buffer.alloc(size);
            await (async () => {
                for (;;) {
                    await file.write(block);
                }
            })().catch((error) => {
                if (error.code !== 'ENOSPC') {
                    throw error;
                }
            });
        }
        field.kills++;
        await field.pause(1200 + field.random.below(1200));
    } finally {
        await file.close();
        await rm(ballast);
    }
    if (!/No space left on device/.test(await field.stack.log('postgres'))) {
        field.oracle.fail('the fault did not bite: PostgreSQL had space left');
    }
    // with its log on a full disk PostgreSQL may have given up
    if ((await field.pids('postgres')).length === 0) {
        await field.start('postgres');
    }
    await field.ready();
}

/** The restored database knows less than was promised, or it proves nothing. */
async function mustHaveForgotten(field) {
    const forgotten = field.oracle.promises().map(([serial, through]) => `('${serial}', ${through})`).join(',');
    await field.mustHave('the backup has all that was receipted', `select count(*)::int from (values ${forgotten}) p(serial, through)
        join fleet.device using (serial) left join fleet.journal_head h using (device_id) where coalesce(h.head_seq, 0) < p.through`);
}

/** The cluster is replaced by a copy that is some seconds old; every second time under a running server. */
async function restore(field, round) {
    const { stack } = field;
    const stops = round % 2 === 0;
    await stack.command('run', 'rm', '-rf', stack.file('backup'));
    await stack.command('run', '/usr/lib/postgresql/15/bin/pg_basebackup', '-D', stack.file('backup'), '-c', 'fast', '--no-sync', '-d', 'dbname=postgres');
    // the last home writes something that only the backup will not have, and then nothing more
    field.quiet = field.homes;
    field.command([`${field.quiet} field_work 600`, `${field.quiet} field_work 0`]);
    await field.pause(1000 + field.random.below(1000));
    await field.oracle.checkPromises('before the restore');
    if (stops) {
        await field.kill('bptmd');
    }
    await field.kill('postgres');
    await stack.command('run', 'find', stack.file('pg'), '-mindepth', '1', '-delete');
    await stack.command('run', 'cp', '-a', `${stack.file('backup')}/.`, stack.file('pg'));
    await field.start('postgres');
    await mustHaveForgotten(field);
    await stack.command('ctl', 'receipt-epoch', 'raise', '--reason', 'kill matrix: restored from a backup');
    const [{ epoch }] = await stack.sql('select max(epoch)::int as epoch from fleet.receipt_epoch');
    field.oracle.raise(epoch);
    if (stops) {
        await field.freeLease();
        await field.start('bptmd');
    }
    await field.ready();
    await field.pause(500);
}

// --- links ---------------------------------------------------------------------------------------

const cutLink = (name) => async (field, round) => {
    const link = field.links[name];
    const ways = [
        () => link.stall(),
        () => link.reset({ refuse: true }),
        () => link.swallow('up'),
        () => link.swallow('down'),
    ];
    ways[round % ways.length]();
    field.kills++;
    await field.pause(200 + field.random.below(1000));
    if (round % ways.length > 0) {
        link.reset();
    }
    link.pass();
    await field.ready();
    await field.oracle.checkPromises(`${name} cut`);
};

/** As a QoS 0 packet, which nobody acknowledges. */
function copyOf({ topic, payload }) {
    const name = Buffer.from(topic);
    return packet(3, 0, Buffer.from([name.length >> 8, name.length & 255]), name, payload);
}

/** Copies, late ones and very old ones of everything that concerns the journal. */
function meddle(random, leaf) {
    const kept = [];
    return (mqtt, push) => {
        if (mqtt.type !== 3) {
            push(mqtt.raw);
            return;
        }
        const message = published(mqtt);
        if (message.topic.endsWith(leaf)) {
            const copy = copyOf(message);
            kept.push({ copy, push });
            kept.splice(0, kept.length - 2000);
            if (random.below(3) === 0) {
                setTimeout(push, random.below(1500), copy);
            }
            // any old one, to the device it was for
            if (random.below(3) === 0) {
                const old = random.pick(kept);
                setTimeout(old.push, random.below(300), old.copy);
            }
        }
        if (random.below(5) === 0) {
            const raw = Buffer.from(mqtt.raw);
            setTimeout(push, random.below(400), raw);
        } else {
            push(mqtt.raw);
        }
    };
}

async function reorder(field) {
    field.hooks['device-up'] = meddle(field.random, '/up/journal');
    field.hooks['device-down'] = meddle(field.random, '/down/receipt');
    field.kills++;
    await field.pause(1000 + field.random.below(1000));
    field.hooks = {};
    await field.mustHave('no duplicate came', 'select sum(duplicates)::int from fleet.journal_head');
    await field.oracle.checkPromises('messages reordered');
}

// --- clocks --------------------------------------------------------------------------------------

const SMALL_JUMPS = ['+0', '+0.5', '-3', '+3600', '-86400']; // seconds
const YEARS = ['+315360000', '-946080000', '-126230400']; // 10, -30 (before any release of ours), -4

const FOLLOWED = `select 1 from fleet.journal_record
    where device_at not between now() - interval '30 days' and now() + interval '30 days' limit 1`;

/** The server's clock jumps, and with it that of the devices, which take theirs from its receipts. */
async function jumpClocks(field) {
    const clock = field.stack.file('faketime');
    const set = (offset) => writeFile(clock, offset + '\n');
    await set('+0');
    await field.kill('bptmd');
    await field.freeLease();
    await field.environment([
        `LD_PRELOAD=${field.facts.preload}`, `FAKETIME_TIMESTAMP_FILE=${clock}`, 'FAKETIME_NO_CACHE=1',
        'FAKETIME_DONT_FAKE_MONOTONIC=1', 'DONT_FAKE_MONOTONIC=1',
    ]);
    await field.start('bptmd');
    for (const jumps of [['+315360000'], SMALL_JUMPS, YEARS, SMALL_JUMPS]) {
        await set(field.random.pick(jumps));
        field.kills++;
        await field.pause(300 + field.random.below(300));
        await until('a device follows the clock', async () => (await field.stack.sql(FOLLOWED)).length > 0, 30);
    }
    await field.oracle.checkPromises('clocks jumped');
    await field.environment([]);
    await killAndStart(field, 'bptmd');
}

// --- all together --------------------------------------------------------------------------------

async function powerCut(field) {
    await field.kill('sim', 'bptmd', 'postgres', 'mosquitto');
    await field.start('postgres');
    await field.oracle.checkPromises('all killed');
    await field.freeLease();
    for (const name of ['sim', 'mosquitto', 'bptmd']) {
        await field.start(name);
    }
}

async function wipeBroker(field) {
    await field.kill('mosquitto');
    await rm(field.stack.file('mosquitto/mosquitto.db'), { force: true });
    await field.start('mosquitto');
    await field.ready();
}

/** `needs` names a fact of the machine without which the row is skipped. `keeps` are parts that must live on. */
export const rows = [
    { name: 'device', round: (field) => killAndStart(field, 'sim'), keeps: ['bptmd', 'mosquitto', 'postgres'] },
    { name: 'broker', round: (field) => killAndStart(field, 'mosquitto', { down: 1000 }), keeps: ['sim', 'bptmd', 'postgres'] },
    { name: 'broker store wiped', round: wipeBroker, keeps: ['sim', 'bptmd', 'postgres'] },
    // every fourth time the lease of the dead has to run out by itself
    { name: 'server', round: (field, round) => killAndStart(field, 'bptmd', { frees: round % 4 !== 3 }), keeps: ['sim', 'postgres', 'mosquitto'] },
    atPoint('after-receive', 200),
    atPoint('before-commit', 40),
    atPoint('after-commit', 40),
    atPoint('after-receipt', 40),
    { name: 'database', round: killDatabase, keeps: ['sim', 'bptmd', 'mosquitto'] },
    { name: 'device link cut', round: cutLink('device'), keeps: ['bptmd', 'sim', 'mosquitto'] },
    { name: 'server link cut', round: cutLink('server'), keeps: ['bptmd', 'sim', 'mosquitto'] },
    { name: 'database link cut', round: cutLink('database'), keeps: ['sim', 'bptmd', 'postgres'] },
    { name: 'database disk full', needs: 'tmpfs', round: fillDisk, keeps: ['sim', 'bptmd', 'mosquitto'] },
    { name: 'clocks jump', needs: 'preload', round: jumpClocks, keeps: ['sim', 'postgres', 'mosquitto'] },
    { name: 'messages reordered', round: reorder, keeps: ['bptmd', 'sim', 'postgres', 'mosquitto'] },
    { name: 'all at once', round: powerCut, keeps: [] },
    { name: 'database restored', round: restore, keeps: ['sim', 'mosquitto'] },
];

export { runIn };
