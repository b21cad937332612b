// The journal path against the limit, against verification alone and against a peer: tests/bench/run ingest.
//
// Every contestant gets the same signed batches, made before any clock starts, on the same broker and
// database, from an empty journal. Each round measures all of them one after the other; a ratio is
// taken within its round, and the median of the rounds counts.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bench } from './lib/bench.mjs';
import { machine, machineText, median, table, thousands, writeSection } from './lib/report.mjs';
import { until } from '../lib/stack.mjs';

const ROUNDS = 3;
const DEVICES = 2000;
const FLEET = 100_000;
const FLEET_PASSES = 3;
const BATCH = 32;
const WORKERS = 2; // that verify: the default of bptmd.conf
const WINDOW = { 1: 1500, [BATCH]: 600 }; // batches on the way: below what the broker queues for a consumer
const BURST = 8; // batches of a device in a row, which one receipt may cover
const RATE = 2000; // of the latency
const KILL_RATE = 3000;
const COPY_ROWS = 5000;
const PEER_ROWS = 1000;

/** Figure, least or most that is wanted, text. */
const WANTED = [
  { figure: 'to_copy', least: 0.35, text: `records receipted/s, ${BATCH} a batch, against COPY` },
  { figure: 'to_verify', least: 0.9, text: 'batches receipted/s, 1 record each, against verification on one core' },
  { figure: 'to_peer_verifying', least: 2, text: 'against the peer that verifies, 1 record a message' },
  { figure: 'to_peer', least: 1.5, text: `against the peer without signatures at its best, ours signed, ${BATCH} a batch` },
  { figure: 'p50_ms', below: 10, text: `publish to receipt at ${RATE} records/s, 1 record a batch: p50, ms` },
  { figure: 'p99_ms', below: 60, text: 'the same: p99, ms' },
  { figure: 'memory_mib', below: 300, text: `memory of bptmd while ${FLEET.toLocaleString('en-GB')} devices have sent, MiB` },
  { figure: 'memory_growth', below: 1.1, text: 'the same: at the end against after the first pass' },
  { figure: 'lost', below: 1, text: 'records lost over kill -9 of bptmd' },
  { figure: 'doubled', below: 1, text: 'records doubled over kill -9 of bptmd' },
];

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Every record of a run must be there once; anything else fails the part. */
async function checkRows(bench, records) {
  const rows = await bench.count('fleet.journal_record');
  if (rows !== records) {
    throw new Error(`${records} records were to be stored, ${rows} are`);
  }
}

// --- the contestants: each returns what it measured --------------------------------------------------

async function copy(bench, { files }) {
  await bench.reset();
  const got = await bench.measure('copy', { corpus: files[BATCH], database: bench.conninfo, rows: COPY_ROWS });
  await checkRows(bench, got.rows);
  return got.rows_s;
}

async function verification(bench, { files }, threads) {
  return (await bench.measure('verify', { corpus: files[1], threads })).batches_s;
}

function checkReceipts(got, batches) {
  if (got.batches !== batches || got.strange || got.unverified) {
    throw new Error(`of ${batches} batches ${got.batches} were receipted; ${got.strange} receipts strange, ` +
      `${got.unverified} do not verify`);
  }
}

/** The whole path to the receipt; with the CPU seconds that each part used for a record. */
async function whole(bench, { files, batches }, perBatch, burst = 1) {
  await bench.reset();
  await bench.stack.start('bptmd-mqtt');
  const before = await bench.cpu();
  const got = await bench.load({ corpus: files[perBatch], window: WINDOW[perBatch], burst });
  const after = await bench.cpu();
  checkReceipts(got, batches[perBatch]);
  await checkRows(bench, got.records);
  const cpu = Object.fromEntries(Object.keys(after).map((part) =>
    [part, ((after[part] - (before[part] ?? 0)) * 1e6) / got.batches]));
  return { ...got, cpu };
}

async function latency(bench, { files, seconds }) {
  await bench.reset();
  await bench.stack.start('bptmd-mqtt');
  const count = RATE * seconds;
  await bench.load({ corpus: files[1], rate: RATE, count: RATE / 2 });
  const got = await bench.load({ corpus: files[1], rate: RATE, from: RATE / 2, count });
  checkReceipts(got, count);
  return got;
}

async function peer(bench, { files, batches }, perBatch, verify) {
  await bench.reset();
  const consumer = await bench.peer({ verify, rows: PEER_ROWS });
  const count = Math.ceil(batches[perBatch] / 2);
  try {
    const got = await bench.load({ corpus: files[perBatch], window: WINDOW[perBatch], 'ends-by': 'progress', count });
    await checkRows(bench, count * perBatch);
    return got.records_s;
  } finally {
    await consumer.stop();
  }
}

async function round(bench, plan, n) {
  const got = { copy: await copy(bench, plan) };
  got.verify_1 = await verification(bench, plan, 1);
  got.verify_all = await verification(bench, plan, WORKERS);
  const single = await whole(bench, plan, 1);
  const burst = await whole(bench, plan, 1, BURST);
  const bulk = await whole(bench, plan, BATCH);
  got.single = single.batches_s;
  got.burst = burst.batches_s;
  got.bulk = bulk.records_s;
  got.bulk_batches = bulk.batches_s;
  got.cpu_single = single.cpu;
  got.cpu_burst = burst.cpu;
  got.cpu_bulk = bulk.cpu;
  const paced = await latency(bench, plan);
  got.p50_ms = paced.p50_ms;
  got.p99_ms = paced.p99_ms;
  got.peer_verifying = await peer(bench, plan, 1, true);
  got.peer_single = await peer(bench, plan, 1, false);
  got.peer_bulk = await peer(bench, plan, BATCH, false);
  got.to_copy = got.bulk / got.copy;
  got.to_verify = got.single / got.verify_1;
  got.to_peer_verifying = got.single / got.peer_verifying;
  got.to_peer = got.bulk / Math.max(got.peer_single, got.peer_bulk);
  say(`round ${n}: ${JSON.stringify(got)}`);
  return got;
}

// --- kill -9 in mid-stream ---------------------------------------------------------------------------

/** Rows once nothing has been added for two seconds. */
async function settledRows(bench) {
  let last = -1;
  let since = Date.now();
  await until('the consumer is done', async () => {
    const rows = await bench.count('fleet.journal_record');
    if (rows !== last) {
      last = rows;
      since = Date.now();
    }
    return Date.now() - since > 2000;
  }, 60);
  return last;
}

async function killPeer(bench, { files, seconds }) {
  await bench.reset();
  const count = KILL_RATE * seconds;
  const consumer = await bench.peer();
  const sending = bench.load({ corpus: files[1], rate: KILL_RATE, count, 'ends-by': 'nothing' });
  await sleep(seconds * 500);
  await consumer.kill();
  const again = await bench.peer();
  try {
    await sending;
    return count - (await settledRows(bench));
  } finally {
    await again.stop();
  }
}

async function killServer(bench, { files, seconds }) {
  await bench.reset();
  await bench.stack.start('bptmd-mqtt');
  const count = KILL_RATE * seconds;
  const sending = bench.load({ corpus: files[1], rate: KILL_RATE, count, stall: 40 });
  await sleep(seconds * 500);
  await bench.stack.kill('bptmd-mqtt');
  await bench.stack.start('bptmd-mqtt');
  const got = await sending;
  const rows = await bench.count('fleet.journal_record');
  const distinct = await bench.count('(select distinct device_id, seq from fleet.journal_record) d');
  checkReceipts(got, count);
  return { lost: count - distinct, doubled: rows - distinct };
}

async function kills(bench, plan) {
  const peers = [];
  const servers = [];
  for (let n = 0; n < ROUNDS; n++) {
    servers.push(await killServer(bench, plan));
    if (process.env.BPTM_PEER) {
      peers.push(await killPeer(bench, plan));
    }
  }
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  return {
    lost: sum(servers.map((s) => s.lost)),
    doubled: sum(servers.map((s) => s.doubled)),
    peer_lost: sum(peers),
    sent: ROUNDS * KILL_RATE * plan.seconds,
  };
}

// --- memory ------------------------------------------------------------------------------------------

async function memory(bench) {
  await bench.register(FLEET);
  const corpus = await bench.corpus('fleet', { devices: FLEET, batches: FLEET_PASSES, 'per-batch': 1 });
  await bench.reset();
  await bench.stack.start('bptmd');
  const samples = [await bench.memory()];
  const passes = [];
  const clock = setInterval(() => void bench.memory().then((mib) => samples.push(mib), () => {}), 250);
  try {
    for (let pass = 0; pass < FLEET_PASSES; pass++) {
      const got = await bench.load({ corpus, window: WINDOW[1], from: pass * FLEET, count: FLEET });
      checkReceipts(got, FLEET);
      passes.push(await bench.memory());
    }
  } finally {
    clearInterval(clock);
  }
  await checkRows(bench, FLEET * FLEET_PASSES);
  return {
    memory_start_mib: samples[0],
    memory_mib: Math.max(...samples, ...passes),
    memory_passes_mib: passes,
    memory_growth: passes.at(-1) / passes[0],
  };
}

// --- all of it ---------------------------------------------------------------------------------------

async function makePlan(bench, seconds) {
  const batches = { 1: DEVICES * BURST * seconds, [BATCH]: DEVICES * seconds };
  const files = {};
  await bench.register(DEVICES);
  for (const perBatch of [1, BATCH]) {
    const shape = { devices: DEVICES, batches: batches[perBatch] / DEVICES, 'per-batch': perBatch };
    files[perBatch] = await bench.corpus(`batches-${perBatch}`, shape);
  }
  return { files, batches, seconds };
}

async function attempt(failures, name, part) {
  try {
    return await part();
  } catch (error) {
    failures.push(`${name}: ${error.message}`);
    say(`failed: ${name}: ${error.stack}`);
    return undefined;
  }
}

/** Medians over the rounds of all numbers. */
function middle(rounds) {
  const names = Object.keys(rounds[0] ?? {}).filter((name) => typeof rounds[0][name] === 'number');
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((r) => r[name]))]));
}

function judge(figures) {
  return WANTED.map(({ figure, least, below, text }) => {
    const seen = figures[figure];
    const reached = least === undefined ? seen < below : seen >= least;
    return { figure, text, wanted: least === undefined ? `< ${below}` : `>= ${least}`, seen, reached };
  });
}

function cpuText(rounds, name) {
  const parts = Object.keys(rounds[0]?.[name] ?? {});
  return parts.map((part) => `${part} ${Math.round(median(rounds.map((r) => r[name][part])))}`).join(', ');
}

function shown(value) {
  return value === undefined ? 'not measured' : Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function describe({ facts, figures, verdicts, rounds, failures, seconds }) {
  const rate = (name) => [thousands(figures[name]), rounds.map((r) => thousands(r[name])).join(' / ')];
  const rates = rounds.length === 0 ? [] : [
    ['(a) binary COPY, rows/s', ...rate('copy')],
    ['(b) verification alone, one core, batches/s', ...rate('verify_1')],
    [`(b) the same on ${WORKERS} threads`, ...rate('verify_all')],
    ['(c) whole path, 1 record a batch, batches/s', ...rate('single')],
    [`(c) the same, each device ${BURST} batches in a row`, ...rate('burst')],
    [`(c) whole path, ${BATCH} a batch, records/s`, ...rate('bulk')],
    ['(d) peer that verifies, 1 a message, records/s', ...rate('peer_verifying')],
    ['(d) peer without signatures, 1 a message', ...rate('peer_single')],
    [`(d) peer without signatures, ${BATCH} a message`, ...rate('peer_bulk')],
  ];
  const passes = figures.memory_passes_mib?.map((mib) => mib.toFixed(0)).join(' / ');
  return [
    '## ingest',
    '',
    machineText(facts),
    `${DEVICES} devices, pieces of about ${seconds} s, ${ROUNDS} rounds; a ratio is the median of the rounds' ratios.`,
    '',
    table(['figure', 'wanted', 'seen', 'reached'],
      verdicts.map((v) => [v.text, v.wanted, shown(v.seen), v.reached ? 'yes' : '**no**'])),
    '',
    table(['rate', 'median', 'rounds'], rates),
    '',
    ...(rounds.length ? [`CPU of the whole path, us a batch: with 1 record ${cpuText(rounds, 'cpu_single')}; ` +
      `${BURST} in a row ${cpuText(rounds, 'cpu_burst')}; with ${BATCH} ${cpuText(rounds, 'cpu_bulk')}.`] : []),
    ...(passes ? [`Memory after each pass of ${FLEET.toLocaleString('en-GB')} devices: ${passes} MiB, ` +
      `${figures.memory_start_mib.toFixed(0)} MiB before.`] : []),
    ...(figures.sent ? [`kill -9 in mid-stream, ${ROUNDS} times, ${thousands(figures.sent)} records: bptmd lost ` +
      `${figures.lost} and doubled ${figures.doubled}; the peer lost ` +
      `${process.env.BPTM_PEER ? thousands(figures.peer_lost) : '(not measured)'}.`] : []),
    ...failures.map((text) => `**Failed:** ${text.split('\n')[0]}`),
  ].join('\n');
}

async function measureAll(bench, seconds, failures) {
  const rounds = [];
  let figures = {};
  const plan = await makePlan(bench, seconds);
  for (let n = 1; n <= ROUNDS; n++) {
    const got = await attempt(failures, `round ${n}`, () => round(bench, plan, n));
    if (got) {
      rounds.push(got);
    }
  }
  figures = { ...middle(rounds), ...(await attempt(failures, 'kills', () => kills(bench, plan))) };
  figures = { ...figures, ...(await attempt(failures, 'memory', () => memory(bench))) };
  return { rounds, figures };
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, seconds: { type: 'string', default: '4' } } });
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 1 || seconds > 60) {
  say('--seconds must be 1..60');
  process.exit(2);
}
const facts = machine();
const failures = [];
const from = Date.now();
const bench = await Bench.create();
let measured = { rounds: [], figures: {} };
try {
  measured = await measureAll(bench, seconds, failures);
} finally {
  await bench.destroy();
}
const verdicts = judge(measured.figures);
const text = describe({ facts, ...measured, verdicts, failures, seconds });
writeSection('ingest', text);
say(text);
say(`${Math.round((Date.now() - from) / 1000)} s in all`);
if (values.json) {
  console.log(JSON.stringify({ machine: facts, ...measured, verdicts, failures }));
}
process.exitCode = failures.length || verdicts.some((v) => !v.reached) ? 1 : 0;
