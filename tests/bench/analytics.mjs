// What analysts ask, at the size of a large programme: tests/bench/run analytics.
//
// One stack and one world for all figures (analytics.sql): homes on circuits, three years of journals and the
// interruptions derived from them, then storms, which the job derives. --scale 0.01 is a hundredth of
// everything, and is not written to RESULTS.md.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Stack, until } from '../lib/stack.mjs';
import { machine, machineText, median, table, writeSection } from './lib/report.mjs';

const run = promisify(execFile);
const feed = fileURLToPath(new URL('../../../shared/data/pge_outages_2019_2022.csv.gz', import.meta.url));
const GOLDEN = '674|404863|0.093284|1.297737|28.152';
const RECORDS = 10_000_000, DEVICES = 100_000, PER_OUTAGE = 4, STORM = 50_000;

const say = (text) => process.stderr.write(`${text}\n`);
const { values } = parseArgs({ options: { json: { type: 'boolean' }, scale: { type: 'string', default: '1' }, only: { type: 'string', multiple: true } } });
const scale = Number(values.scale);
if (!(scale >= 0.001 && scale <= 2)) {
  say('--scale must be 0.001..2');
  process.exit(2);
}
const devices = Math.round(DEVICES * scale), each = RECORDS / DEVICES / PER_OUTAGE, storm = Math.round(STORM * scale);

class World {
  static async create() {
    const world = new World();
    world.stack = await Stack.create({ conf: '[http]\nthreads = 4\n' });
    return world;
  }

  /** psql as the superuser without the time-outs of a server part. */
  async sql(text) {
    const { stdout } = await run(this.stack.script, this.stack.args(['run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text]), { maxBuffer: 64 << 20 });
    return stdout.trim();
  }

  async timed(text) {
    const from = performance.now();
    const value = await this.sql(text);
    return { seconds: (performance.now() - from) / 1000, value };
  }
}

const INDICES = "select count(*), round(sum(saidi)::numeric, 3) from outage.indices('meters', '2023-01-01', '2026-01-01', '{month,circuit}')";
/** What one would write: of the transfer records themselves, and of the interruptions that were derived from them. */
const PLAIN = `select count(*) from (select date_trunc('month', r.lost) as month, l.circuit_id, count(*), sum(extract(epoch from r.back - r.lost)) / 60
  from (select device_id, kind, device_at as lost, lead(device_at) over (partition by device_id order by seq) as back from fleet.journal_record where kind in (2, 3)) r
  join fleet.assignment a using (device_id) join programme.premise_circuit l using (premise_id)
  where r.kind = 2 and r.back - r.lost > interval '5 minutes' group by 1, 2) g`;
const DERIVED = `select count(*) from (select date_trunc('month', o.started_at) as month, o.circuit_id, count(*), sum(extract(epoch from o.ended_at - o.started_at) / 60)
  from outage.outage o where o.started_at >= '2023-01-01Z' and o.started_at < '2026-01-01Z' and o.ended_at - o.started_at > interval '5 minutes' group by 1, 2) g`;

async function golden(world) {
  if (!existsSync(feed)) {
    return { figures: {}, lines: ['The real feed is not here: the golden value was not measured.'] };
  }
  const file = path.join(world.stack.dir, 'feed.csv');
  writeFileSync(file, gunzipSync(readFileSync(feed)));
  await world.stack.command('ctl', 'import', 'feed', file, '--feed', 'golden', '--name', 'Golden', '--time-zone', 'Etc/GMT+8', '--customers', '5500000');
  const seen = await world.sql(`select days, interruptions, round(alpha::numeric, 6), round(beta::numeric, 6), round(t_med::numeric, 3)
    from outage.major_event_threshold('golden', '2019-06-01', '2022-05-01')`);
  return { figures: { golden: Number(seen === GOLDEN) }, lines: [`Golden: days, rows, alpha, beta, T_MED = ${seen}.`] };
}

async function indices(world) {
  const scratch = [], plain = [], derived = [], rolled = [];
  for (let n = 0; n < 3; n++) {
    plain.push((await world.timed(PLAIN)).seconds);
    derived.push((await world.timed(DERIVED)).seconds);
    await world.sql('truncate outage.served_span');
    scratch.push((await world.timed("select outage.count_served(), outage.roll_up('meters', '2023-01-01', '2026-01-01')")).seconds);
    await world.sql('vacuum analyze outage.index_day, outage.index_month, outage.served_span');
    const { seconds, value } = await world.timed(INDICES);
    rolled.push(seconds);
    say(`indices: plain ${plain.at(-1).toFixed(2)} s, from scratch ${scratch.at(-1).toFixed(2)} s, from rollups ${seconds.toFixed(2)} s (${value})`);
  }
  return { figures: { rolled_s: median(rolled), scratch_to_plain: median(scratch.map((s, n) => s / plain[n])) },
    lines: [`Three rounds, seconds: plain GROUP BY of the records ${plain.map((s) => s.toFixed(2)).join(' / ')}, of the interruptions ${derived.map((s) => s.toFixed(2)).join(' / ')}; rollups made from scratch ${scratch.map((s) => s.toFixed(2)).join(' / ')}, ` +
      `indices by circuit and month from them ${rolled.map((s) => s.toFixed(2)).join(' / ')}.`] };
}

/**
 * A storm over whole circuits, half of their homes, in one piece: from the start of the job until no outage and no
 * event waits. The journals reach back three years. Then, until the job has nothing left to do.
 */
async function storms(world, count, at) {
  await world.sql(`select bench.storm(${count}, '${at}')`);
  await world.sql('analyze fleet.journal_head');
  const from = performance.now();
  await world.stack.start('bptmd-job');
  const done = (what) => until(what, async () => (await world.sql(`select ${WAITS[what]}`)) === 'f', 3000);
  await done('publication');
  const published = (performance.now() - from) / 1000;
  await done('all else');
  const all = (performance.now() - from) / 1000;
  await world.stack.stop('bptmd-job');
  const [told, long, inEvents] = (await world.sql(`select * from bench.told('${at}')`)).split('|').map(Number);
  say(`storm of ${count}: published ${published.toFixed(1)} s, all done ${all.toFixed(1)} s, ${told} outages, ${inEvents} of ${long} in events`);
  if (told !== count || inEvents !== long) {
    throw new Error(`${count} homes, ${told} outages, ${inEvents} of ${long} in events`);
  }
  return { published, all };
}

const WAITS = {
  'publication': 'exists (select from outage.pending(1)) or exists (select from outage.event_due)',
  'all else': `exists (select from outage.index_due) or exists (select from outage.derivation where facts_stored is distinct from stored or alarms_stored is distinct from stored)
    or exists (select from outage.match_due)`,
};

async function derivation(world) {
  await world.stack.stop('bptmd');
  const small = await storms(world, Math.round(storm / 10), '2026-02-01 10:00Z');
  const large = await storms(world, storm, '2026-02-10 10:00Z');
  return { figures: { storm_s: large.published, growth: large.published / small.published / 10 },
    lines: [`Storms: ${Math.round(storm / 10)} homes published in ${small.published.toFixed(1)} s, ${storm} in ${large.published.toFixed(1)} s; rollups, facts, alarms and matches of these done after ${large.all.toFixed(1)} s.`] };
}

async function list(world) {
  await world.stack.start('mosquitto', 'bptmd');
  const took = [];
  let rows = 0;
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let n = 0; n < 1050; n++) {
    const size = 0.02 * 50 ** random(), west = -124 + random() * 3.5, south = 37 + random() * 3.5;
    const from = Date.UTC(2023, 0, 1) + random() * 3 * 365 * 86400e3, days = 1 + 60 * random();
    const query = `bbox=${[west, south, west + size, south + size].map((v) => v.toFixed(4)).join()}&from=${new Date(from).toISOString()}&to=${new Date(from + days * 86400e3).toISOString()}`;
    const begun = performance.now();
    const { status, body } = await world.stack.request('GET', `/v1/outages?${query}`, { role: 'operator' });
    if (status !== 200) {
      throw new Error(`list: ${status}`);
    }
    if (n >= 50) { // plans and caches
      took.push(performance.now() - begun);
      rows += body.items.length;
    }
  }
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.ceil(took.length * share) - 1];
  return { figures: { list_p99_ms: at(0.99) },
    lines: [`List: ${took.length} requests one after the other, boxes of 0.02 to 1 degree, 1 to 60 days, ${rows} rows: p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)}, longest ${at(1).toFixed(1)} ms.`] };
}

const COUNTS = { outages: 'outage.outage', 'outage-events': 'outage.event', zones: '(select from programme.zone join programme.zone_layer using (zone_layer_id) where active) z',
  devices: 'fleet.device', premises: 'programme.premise' };

async function collections(world) {
  const wrong = [];
  let read = 0;
  for (const [name, from] of Object.entries(COUNTS)) {
    const wanted = Number(await world.sql(`select count(*) from ${from}`));
    if (wanted === 0) {
      continue; // a layer without features makes no file
    }
    const out = path.join(world.stack.dir, `${name}.fgb`);
    await run('ogr2ogr', ['-f', 'FlatGeobuf', '-lco', 'SPATIAL_INDEX=NO', '-oo', 'PAGE_SIZE=1000', '-oo', `USERPWD=x:${world.stack.tokens.operator}`, out, `OAPIF:${world.stack.url}`, name], { timeout: 3600e3 });
    const { stdout } = await run('ogrinfo', ['-ro', '-so', '-al', out]);
    const seen = Number(/Feature Count: (\d+)/.exec(stdout)?.[1]);
    read += seen;
    if (seen !== wanted) {
      wrong.push(`${name} ${seen} of ${wanted}`);
    }
  }
  return { figures: { collections_wrong: wrong.length }, lines: [`Collections: ${read} features read by ogr2ogr, page by page${wrong.length ? `; wrong: ${wrong.join(', ')}` : ''}.`] };
}

const WANTED = [
  { figure: 'golden', least: 1, text: 'golden value of the real feed, to its last digit' },
  { figure: 'rolled_s', below: 1, text: 'SAIDI and SAIFI by circuit and month of 3 years from rollups, s' },
  { figure: 'scratch_to_plain', below: 3, text: 'rollups by day and month and N_T made from scratch, to the plain GROUP BY of the records' },
  { figure: 'storm_s', below: 60, text: 'a storm of 50,000 homes, until all is published, s' },
  { figure: 'growth', below: 1.1, text: 'its cost a home to that of a tenth of it' },
  { figure: 'list_p99_ms', below: 50, text: 'outage list by bbox and time: p99, ms' },
  { figure: 'collections_wrong', below: 1, text: 'collections that ogr2ogr reads another number of' },
];
const PARTS = { golden, indices, list, collections, derivation };

const facts = machine();
const world = await World.create();
const figures = {}, lines = [];
let failed = 0;
try {
  await world.sql(readFileSync(new URL('analytics.sql', import.meta.url), 'utf8'));
  await world.sql(`select bench.homes(${devices}), bench.partitions()`);
  const made = await world.timed(`select bench.years(${devices}, ${each})`);
  await world.sql('vacuum analyze');
  const derived = await world.timed('call bench.derive()');
  await world.sql('vacuum analyze');
  const rows = Number(await world.sql('select count(*) from outage.outage'));
  lines.push(`${devices} devices on ${Math.ceil(devices / 100)} circuits, ${rows * PER_OUTAGE} transfer records of three years (written in ${Math.round(made.seconds)} s), ${rows} interruptions (derived in ${Math.round(derived.seconds)} s).`);
  say(lines[0]);
  for (const name of values.only ?? Object.keys(PARTS)) {
    try {
      const got = await PARTS[name](world);
      Object.assign(figures, got.figures);
      lines.push(...got.lines);
    } catch (error) {
      failed++;
      lines.push(`**Failed:** ${name}: ${error.message.split('\n')[0]}`);
      say(`failed: ${name}: ${error.stack}`);
    }
  }
} finally {
  await world.stack.destroy();
}
const verdicts = WANTED.map(({ figure, least, below, text }) => {
  const seen = figures[figure];
  return { text, wanted: least === undefined ? `< ${below}` : `>= ${least}`, seen, reached: least === undefined ? seen < below : seen >= least };
});
const text = ['## analytics', '', machineText(facts), `scale ${scale}.`, '',
  table(['figure', 'wanted', 'seen', 'reached'], verdicts.map((v) => [v.text, v.wanted, v.seen === undefined ? 'not measured' : Number.isInteger(v.seen) ? String(v.seen) : v.seen.toFixed(2), v.reached ? 'yes' : '**no**'])),
  '', ...lines].join('\n');
say(text);
if (!values.only && (scale === 1 || process.env.BPTM_BENCH_KEEP)) {
  writeSection('analytics', text);
}
if (values.json) {
  console.log(JSON.stringify({ scale, facts, figures, verdicts, lines }));
}
process.exitCode = failed || verdicts.some((v) => !v.reached) ? 1 : 0;
