// The n-th allocation and the n-th statement of the journal part fail: run.mjs [--seconds N] [--all]
//
//   --seconds N  for memory and for statements (20): every place once, then as many n as there is time for
//   --all        an hour instead: every n, and every statement in each of six ways
//
// Prints TAP, and as last line JSON. Each of four processes has a database of its own and its share of the n.
import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { Stack, until } from '../lib/stack.mjs';

const SHARES = 4;
const options = process.argv.slice(2);
const all = options.includes('--all');
const at = options.indexOf('--seconds');
const seconds = all ? 3600 : Number(at >= 0 ? options[at + 1] : 20);

let stack, broker, port, number = 0, failed = 0;

function freePort() {
    return new Promise((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port: free } = server.address();
            server.close(() => resolve(free));
        });
    });
}

/** A broker where everybody may say everything: the devices here come and go by hundreds. */
async function startBroker() {
    const dir = path.join(stack.dir, 'broker');
    await mkdir(dir);
    await chmod(dir, 0o755);
    port = await freePort();
    const conf = ['allow_anonymous true', 'persistence false', 'set_tcp_nodelay true', 'max_queued_messages 10000', 'log_dest none'];
    await writeFile(path.join(dir, 'conf'), `listener ${port} 127.0.0.1\n${conf.join('\n')}\n`);
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
    broker = spawn('mosquitto', ['-c', path.join(dir, 'conf')], { env, stdio: 'ignore' });
    await until('the broker', () => broker.exitCode === null && new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(resolve(true)));
        socket.on('error', () => resolve(false));
    }));
}

/** One process of tests/nth/nth: { failure, places, numbers, log }. */
function share(fault, first, limit, env = []) {
    const program = path.join(stack.dir, 'nth');
    const key = stack.file('secret/receipt.key');
    return new Promise((resolve) => {
        const child = spawn(stack.script, stack.args(['run', 'env', `PGDATABASE=nth${first}`, ...env,
            program, String(port), key, fault, String(first), String(SHARES), String(limit)]));
        const out = [], log = [];
        child.stdout.on('data', (data) => out.push(data));
        child.stderr.on('data', (data) => log.push(data));
        child.on('close', (code) => {
            const rows = Buffer.concat(out).toString().trim().split('\n').map((line) => line.split('\t'));
            const text = Buffer.concat(log).toString();
            resolve({
                failure: rows.find(([kind]) => kind === 'failed')?.[1] ?? (code ? `ended with ${code}` : undefined),
                places: rows.filter(([kind]) => kind === 'place').map(([, times, what]) => [what, Number(times)]),
                numbers: Object.fromEntries(rows.filter((row) => row.length === 2)),
                log: text,
            });
        });
    });
}

function report(ok, name, detail = '') {
    number++;
    failed += !ok;
    console.log(`${ok ? 'ok' : 'not ok'} ${number} - ${name}`);
    if (!ok) {
        console.log(detail.split('\n').slice(-60).map((line) => `    ${line}`).join('\n'));
    }
}

/** One kind of failure over all of its n. */
async function run(fault) {
    const shares = await Promise.all(Array.from({ length: SHARES }, (_, n) => share(fault, n + 1, seconds)));
    const times = new Map();
    for (const [what, count] of shares.flatMap((s) => s.places)) {
        times.set(what, (times.get(what) ?? 0) + count);
    }
    const sum = (member) => shares.reduce((total, s) => total + Number(s.numbers[member] ?? 0), 0);
    const spared = [...times].filter(([, count]) => count === 0);
    const result = {
        runs: sum('runs'), failures: sum('failures'), places: times.size, spared: spared.length,
        calls: Number(shares[0].numbers.calls ?? 0), complete: sum('complete') === SHARES,
    };
    const bad = shares.find((s) => s.failure);
    console.log(`#| ${fault}: ${result.failures} failures in ${result.runs} runs of ${result.calls} calls, `
        + `${times.size - spared.length} of ${times.size} places${result.complete ? '' : '; a sample'}`);
    for (const [what] of spared) {
        console.log(`# never failed: ${what}`);
    }
    report(!bad, `${fault}: no crash, no leak, nothing lost, nothing doubled`, bad && `${bad.failure}\n${bad.log}`);
    report(result.failures > 0 && spared.length * 2 < times.size, `${fault}: it did fail, in most places`, JSON.stringify(result));
    return [fault, result];
}

async function main() {
    if (!process.env.BPTM_APP || !process.env.BPTM_BUILD) {
        throw new Error('BPTM_APP and BPTM_BUILD name an installed tree and its build: use tests/run');
    }
    stack = await Stack.create();
    await copyFile(path.join(process.env.BPTM_BUILD, 'tests/nth/nth'), path.join(stack.dir, 'nth'));
    await chmod(path.join(stack.dir, 'nth'), 0o755);
    await startBroker();
    for (let n = 1; n <= SHARES; n++) {
        await stack.command('run', 'psql', '-Xq', '-d', 'postgres', '-c', `create database nth${n} template bptm`);
    }
    // A server that tells before it commits must not come through.
    const unsafe = await share('cut-before', 1, 5, ['BPTM_UNSAFE_RECEIPT_FIRST=1']);
    report(/what is not committed/.test(unsafe.failure), 'a receipt before the commit is noticed', JSON.stringify(unsafe.numbers));
    const results = [];
    for (const fault of ['memory', 'statement']) {
        results.push(await run(fault));
    }
    console.log(`1..${number}`);
    console.log(JSON.stringify(Object.fromEntries(results)));
}

try {
    await main();
} finally {
    broker?.kill('SIGKILL');
    await stack?.destroy();
}
process.exitCode = failed ? 1 : 0;
