// The compatibility of a generator by make and model, with a token, against a libmicrohttpd handler that answers the
// same bytes from one prepared query by primary key, without tokens, limits, tags or log (tests/bench/serve.c).
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuOf, processesOf } from '../lib/cpu.mjs';
import { median, thousands } from '../lib/report.mjs';

const CONNECTIONS = 8;
const THREADS = 2; // of each server, as bptmd.conf has it when it says nothing
const SECONDS = 2; // short, so that what else the machine does weighs on both
const ROUNDS = 11;

export const title = 'look-up of a generator';
export const wanted = [
  { figure: 'to_peer', least: 0.5, text: `answers/s over ${CONNECTIONS} connections to those of the plain handler` },
];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The plain handler: { url, pid, stop }. */
async function startPeer(stack) {
  const port = await freePort();
  const child = spawn(process.env.BPTM_BENCH, ['serve', '--threads', String(THREADS), '--port', String(port), '--database',
    `host=${stack.file('sock')} dbname=bptm user=bptm_http`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const [first] = await Promise.race([once(child.stdout, 'data'), exit]);
  if (child.exitCode !== null) {
    throw new Error(`the plain handler ended with ${first}`);
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => (child.kill(), exit) };
}

async function load(url, token, paths) {
  const script = fileURLToPath(new URL('look-up.lua', import.meta.url));
  const { stdout } = await promisify(execFile)('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}`, '-s', script,
    '-H', `Authorization: Bearer ${token}`, url, '--', paths]);
  const seen = JSON.parse(stdout.trim().split('\n').at(-1));
  if (seen.failed) {
    throw new Error(`${seen.failed} of ${seen.requests} requests to ${url} failed`);
  }
  return { requests: seen.requests, rate: seen.requests / seen.seconds, p99_ms: seen.p99_ms };
}

/** As load(), with the microseconds of CPU that an answer took of each of `pids`. */
async function loadCounted(pids, url, token, paths) {
  const before = await cpuOf(pids);
  const seen = await load(url, token, paths);
  const after = await cpuOf(pids);
  const cpu = Object.fromEntries(Object.keys(after).map((part) => [part, Math.round((after[part] - (before[part] ?? 0)) * 1e6 / seen.requests)]));
  return { ...seen, cpu };
}

/** What both are asked for: every generator of the active list. */
async function makePaths(world) {
  const models = JSON.parse(await world.sql(`select json_agg(json_build_array(m.make, m.model) order by m.generator_model_id)
    from programme.generator_model m join programme.generator_list l using (generator_list_id) where l.active`));
  const file = world.stack.file('look-up.paths');
  await writeFile(file, models.map(([make, model]) =>
    `/v1/compatibility?make=${encodeURIComponent(make)}&model=${encodeURIComponent(model)}\n`).join(''));
  return file;
}

async function sameBytes(stack, peer, paths, token) {
  const path = (await stack.text(paths.split('/').at(-1))).split('\n')[0];
  const [ours, theirs] = await Promise.all([stack.url, peer.url].map(async (url) =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).text()));
  if (ours !== theirs) {
    throw new Error('the plain handler answers something else');
  }
}

function cpuText(rounds, who) {
  return ['server', 'postgres'].map((part) => `${part} ${median(rounds.map((r) => r[who].cpu[part]))}`).join(', ');
}

export async function measure(world, { say }) {
  const paths = await makePaths(world);
  const token = world.stack.tokens.installer;
  await world.stack.start('mosquitto', 'bptmd');
  const peer = await startPeer(world.stack);
  try {
    await sameBytes(world.stack, peer, paths, token);
    const { bptmd, postgres } = await processesOf(world.stack.dir);
    const rounds = [];
    for (let n = 0; n < ROUNDS; n++) {
      const ours = await loadCounted({ server: bptmd, postgres }, world.stack.url, token, paths);
      const plain = await loadCounted({ server: peer.pid, postgres }, peer.url, token, paths);
      rounds.push({ ours, plain, to_peer: ours.rate / plain.rate });
      say(`look-up: ${JSON.stringify(rounds.at(-1))}`);
    }
    const all = (get, how) => rounds.map((r) => how(get(r))).join(' / ');
    return {
      figures: { to_peer: median(rounds.map((r) => r.to_peer)), rate: median(rounds.map((r) => r.ours.rate)),
        p99_ms: median(rounds.map((r) => r.ours.p99_ms)) },
      lines: [`${THREADS} threads each. Answers/s over ${ROUNDS} rounds: ours ${all((r) => r.ours.rate, thousands)}, the plain handler ` +
        `${all((r) => r.plain.rate, thousands)}; p99, ms: ours ${all((r) => r.ours.p99_ms, (ms) => ms.toFixed(1))}, ` +
        `the plain handler ${all((r) => r.plain.p99_ms, (ms) => ms.toFixed(1))}.`,
      `CPU an answer, us, median: ours ${cpuText(rounds, 'ours')}, the plain handler ${cpuText(rounds, 'plain')}.`],
    };
  } finally {
    await peer.stop();
    await world.stack.stop('bptmd', 'mosquitto');
  }
}
