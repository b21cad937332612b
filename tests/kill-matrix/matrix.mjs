// The kill matrix: whatever is killed, cut, filled or set back, no record is lost and none is doubled.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Field } from './field.mjs';
import { checkEvidence } from './evidence.mjs';
import { figure } from '../lib/figures.mjs';
import { dieAt, rows, runIn } from './rows.mjs';

/** What runs after the rows: always, or when asked for by name. */
const isAsked = (name) => wanted.row.length === 0 || wanted.row.includes(name);

const HELP = `usage: matrix.mjs [--rounds N] [--row TEXT] [--homes N] [--seed N]
Prints TAP, a table, and last {"kills":..,"records":..,"lost":..,"doubled":..}. A kill is one fault: a
process killed, a link cut, a store wiped, a disk filled, a clock set, a database set back.
  --rounds N  faults of each row (1)
  --row TEXT  only rows whose name has TEXT, or evidence, or teeth; may be repeated
  --homes N   simulated homes (24)
  --seed N    of everything that is left to chance (random; it is printed)`;

function options(words) {
    const found = { rounds: 1, homes: 24, seed: Math.floor(Math.random() * 2 ** 31), row: [] };
    for (let n = 0; n < words.length; n += 2) {
        const name = words[n].replace(/^--/, '');
        if (!(name in found) || words[n + 1] === undefined || (name !== 'row' && !/^[1-9]\d{0,8}$/.test(words[n + 1]))) {
            console.error(HELP);
            process.exit(2);
        }
        found[name] = name === 'row' ? [...found.row, words[n + 1]] : Number(words[n + 1]);
    }
    return found;
}

/** Numbers from a seed (mulberry32). */
class Random {
    constructor(seed) {
        this.state = seed;
    }

    below(n) {
        let t = (this.state = (this.state + 0x6d2b79f5) | 0);
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) % n;
    }

    pick(list) {
        return list[this.below(list.length)];
    }
}

/** libfaketime, and before it the sanitiser's library when the server was built with one. */
function preload() {
    const faketime = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((arch) => `/usr/lib/${arch}/faketime/libfaketimeMT.so.1`)
        .find(existsSync);
    const linked = execFileSync('ldd', [`${process.env.BPTM_APP}/sbin/bptmd`], { encoding: 'utf8' });
    const asan = /libasan\S* => (\S+)/.exec(linked)?.[1];
    return faketime && [asan, faketime].filter(Boolean).join(':');
}

const wanted = options(process.argv.slice(2));
const random = new Random(wanted.seed);
const table = [];
let number = 0;

function report(name, problems, skip) {
    number++;
    console.log(`${problems.length ? 'not ok' : 'ok'} ${number} - ${name}${skip ? ` # SKIP ${skip}` : ''}`);
    problems.slice(0, 20).forEach((line) => console.log(`    ${line}`));
}

/** Parts that a row must leave alone keep their process. */
async function mustLive(field, row, before, problems) {
    for (const name of row.keeps) {
        const [pid] = await field.pids(name);
        if (pid !== before[name]) {
            problems.push(`${name} did not live through it: process ${before[name]}, now ${pid}`);
        }
    }
}

async function oneRound(field, row, round) {
    const before = {};
    for (const name of row.keeps) {
        [before[name]] = await field.pids(name);
    }
    const { problems } = field.oracle;
    field.quiet = 0;
    field.flap();
    try {
        await runIn(field);
        await row.round(field, wanted.seed + round); // a row's variants take turns, from any of them on
        await field.pause(200);
        await mustLive(field, row, before, problems);
        await field.settle(row.name);
    } finally {
        await field.calm();
    }
}

async function runRow(field, row) {
    const from = Date.now();
    const { oracle } = field;
    const had = { kills: field.kills, records: oracle.records, lost: oracle.lost, doubled: oracle.doubled };
    field.slowest = 0;
    oracle.problems = [];
    if (row.needs && !field.facts[row.needs]) {
        report(row.name, [], `this machine has no ${row.needs}`);
        return true;
    }
    let isBroken = false;
    for (let round = 0; round < wanted.rounds && !isBroken; round++) {
        try {
            await oneRound(field, row, round);
        } catch (error) {
            oracle.fail(`round ${round + 1}: ${error.stack}`);
            isBroken = true;
        }
        if (oracle.problems.length > 0 && process.env.BPTM_KEEP) {
            isBroken = true;
        }
    }
    oracle.problems.push(...await field.complaints());
    report(row.name, oracle.problems);
    table.push([row.name, wanted.rounds, field.kills - had.kills, oracle.records - had.records, oracle.lost - had.lost,
        oracle.doubled - had.doubled, ((Date.now() - from) / 1000).toFixed(1), (field.slowest / 1000).toFixed(1)]);
    return !isBroken;
}

function printTable() {
    const head = ['row', 'rounds', 'kills', 'records', 'lost', 'doubled', 'seconds', 'slowest drain'];
    const widths = head.map((text, n) => Math.max(text.length, ...table.map((line) => String(line[n]).length)));
    for (const line of [head, ...table]) {
        console.log('#| ' + line.map((cell, n) => (n ? String(cell).padStart(widths[n]) : String(cell).padEnd(widths[n]))).join('  '));
    }
}

/** The oracle must notice a record that is there twice, one that is gone and one that was changed. */
async function tamper(field) {
    const { oracle, stack } = field;
    field.flap();
    await runIn(field);
    await field.settle('before the teeth');
    const had = { lost: oracle.lost, doubled: oracle.doubled };
    oracle.problems = [];
    const columns = (await stack.sql(`select string_agg(quote_ident(attname), ',' order by attnum) as list from pg_attribute
        where attrelid = 'fleet.journal_record'::regclass and attnum > 0 and not attisdropped`))[0].list;
    const one = (n) => `seq = ${n} and device_id = (select device_id from fleet.device where serial = '${oracle.serials[n]}')`;
    for (const statement of [
        `insert into fleet.journal_record (${columns}) select ${columns.replace('part_ts', "part_ts + interval '1 second'")}
            from fleet.journal_record where ${one(1)}`,
        `update fleet.journal_record set hash = sha256(hash) where ${one(2)}`,
        `delete from fleet.journal_record where ${one(3)}`,
    ]) {
        await stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', statement);
    }
    await oracle.checkAll('tampered');
    const found = [oracle.doubled - had.doubled, oracle.problems.filter((text) => /hashes of/.test(text)).length, oracle.lost - had.lost];
    report('a record put twice, one changed and one taken away are noticed', found.join() === '1,1,1' ? [] : [`noticed: ${found}`]);
}

/** A server that receipts before the commit must be caught. */
async function teeth(field) {
    const { oracle } = field;
    const had = { kills: field.kills, lost: oracle.lost };
    oracle.problems = [];
    field.flap();
    try {
        await runIn(field);
        for (let n = 0; n < 5 && oracle.lost === had.lost; n++) {
            await dieAt(field, 'before-commit', 20, { environment: ['BPTM_UNSAFE_RECEIPT_FIRST=1'], delay: 40 });
        }
    } finally {
        await field.calm();
    }
    console.log(`# with receipts before the commit: ${oracle.lost - had.lost} lost in ${field.kills - had.kills} kills`);
    report('a server that receipts before the commit is caught', oracle.lost > had.lost ? [] : ['nothing was found to be lost']);
}

async function main() {
    const chosen = rows.filter(({ name }) => wanted.row.length === 0 || wanted.row.some((text) => name.includes(text)));
    console.log(`# seed ${wanted.seed}, ${wanted.homes} homes, ${wanted.rounds} rounds a row`);
    let total = { kills: 0, records: 0, lost: 0, doubled: 0 };
    if (chosen.length > 0 || isAsked('teeth')) {
        const facts = { preload: preload(), tmpfs: process.env.BPTM_MAY_MOUNT === '1' };
        const field = await Field.create({ homes: wanted.homes, random, facts });
        let isSound = true;
        const leave = async (why) => {
            console.log(`not ok ${number + 1} - ended: ${why.stack ?? why}`);
            await field.destroy().catch(() => {});
            process.exit(1);
        };
        ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection'].forEach((event) => process.once(event, leave));
        try {
            for (const row of chosen) {
                isSound = isSound && await runRow(field, row);
            }
            if (isSound && isAsked('evidence')) {
                report('the evidence of every device verifies', await checkEvidence(field));
            }
            total = { kills: field.kills, records: field.oracle.records, lost: field.oracle.lost, doubled: field.oracle.doubled };
            if (isSound && isAsked('teeth')) {
                await tamper(field);
                await teeth(field);
            }
        } finally {
            await field.destroy();
        }
        if (!isSound) {
            console.log('# the rows after the broken one did not run');
        }
    }
    printTable();
    console.log(`1..${number}`);
    if (wanted.row.length === 0 && number > 0 && total.kills > 0 && total.lost === 0 && total.doubled === 0) {
        figure('kills-survived', total.kills);
    }
    console.log(JSON.stringify(total));
}

await main();
