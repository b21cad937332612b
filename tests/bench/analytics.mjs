// What analysts ask, at the size of a large programme: tests/bench/run analytics.
//
// One stack and one world for all figures, made set-based in SQL: homes on circuits, three years of
// interruptions (four transfer records each), then a storm whose records are derived. --scale 0.01 is a
// hundredth of everything, and is not written to RESULTS.md.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Stack } from '../lib/stack.mjs';
import { machine, machineText, median, table, writeSection } from './lib/report.mjs';

const run = promisify(execFile);
const feed = fileURLToPath(new URL('../../../shared/data/pge_outages_2019_2022.csv.gz', import.meta.url));
const GOLDEN = '674|404863|0.093284|1.297737|28.152';
const RECORDS = 10_000_000, DEVICES = 100_000, PER_OUTAGE = 4, CIRCUITS = 1000, STORM = 50_000;

const say = (text) => process.stderr.write(`${text}\n`);
const { values } = parseArgs({ options: { json: { type: 'boolean' }, scale: { type: 'string', default: '1' }, only: { type: 'string', multiple: true } } });
const scale = Number(values.scale);
if (!(scale >= 0.001 && scale <= 2)) {
  say('--scale must be 0.001..2');
  process.exit(2);
}
const devices = Math.round(DEVICES * scale), outages = Math.round((RECORDS / PER_OUTAGE) * scale), storm = Math.round(STORM * scale);

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

/** Homes in a square of 4 by 4 degrees, each with a meter on one of the circuits. */
const HOMES = `
  insert into programme.circuit (circuit_id, name) select 'B' || lpad(n::text, 4, '0'), 'Bench ' || n from generate_series(1, ${CIRCUITS}) n;
  insert into programme.premise (code, address, city, postal_code, geom)
  select 'BA-' || n, n || ' Road', 'Town ' || n % 50, '1', st_setsrid(st_point(-122 + hashint4(n) % 200000 * 0.00001, 39 + hashint4(n + 7) % 200000 * 0.00001), 4326)
  from generate_series(1, ${devices}) n;
  insert into programme.premise_circuit select premise_id, 'B' || lpad((1 + substr(code, 4)::integer % ${CIRCUITS})::text, 4, '0'), '2019-01-01'
  from programme.premise where code like 'BA-%';
  insert into fleet.device select 5000000 + n, 'BENCH-' || n, (select min(model) from fleet.device_model), 'A', 0, 'registered', now() from generate_series(1, ${devices}) n;
  insert into fleet.assignment (device_id, premise_id, assigned_from) select 5000000 + substr(code, 4)::integer, premise_id, '2023-01-01Z' from programme.premise where code like 'BA-%';
  analyze programme.premise, programme.premise_circuit, fleet.device, fleet.assignment`;

/** Three years, every sixth interruption momentary. */
const YEARS = `
  insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, on_generator_ms, circuit_id, derived_at)
  select 5000000 + d, k, p.premise_id, t, t, t + case when k % 6 = 0 then interval '2 minutes' else (6 + hashint8(k * 31 + d) % 300 + 300) * interval '1 minute' end,
         'restored', 2, 60000, 'B' || lpad((1 + d % ${CIRCUITS})::text, 4, '0'), now()
  from (select premise_id, substr(code, 4)::integer as d from programme.premise where code like 'BA-%') p
  cross join generate_series(1, ${Math.max(1, Math.round(outages / devices))}) k
  cross join lateral (select timestamptz '2023-01-01Z' + ((hashint8(d::bigint * 1000 + k) & 2147483647) % (3 * 365 * 1440)) * interval '1 minute' as t) x;
  vacuum analyze outage.outage`;

const INDICES = "select count(*), round(sum(saidi)::numeric, 3) from outage.indices('meters', '2023-01-01', '2026-01-01', '{month,circuit}')";
const PLAIN = `select count(*) from (select date_trunc('month', o.started_at) as month, o.circuit_id, count(*), sum(extract(epoch from o.ended_at - o.started_at) / 60)
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
  const scratch = [], plain = [], rolled = [];
  for (let n = 0; n < 3; n++) {
    plain.push((await world.timed(PLAIN)).seconds);
    scratch.push((await world.timed("select outage.roll_up('meters', '2023-01-01', '2026-01-01')")).seconds);
    await world.sql('vacuum analyze outage.index_day, outage.served_day');
    const { seconds, value } = await world.timed(INDICES);
    rolled.push(seconds);
    say(`indices: plain ${plain.at(-1).toFixed(2)} s, from scratch ${scratch.at(-1).toFixed(2)} s, from rollups ${seconds.toFixed(2)} s (${value})`);
  }
  return { figures: { rolled_s: median(rolled), scratch_to_plain: median(scratch.map((s, n) => s / plain[n])) },
    lines: [`Three rounds, seconds: plain GROUP BY ${plain.map((s) => s.toFixed(2)).join(' / ')}, rollups made from scratch ${scratch.map((s) => s.toFixed(2)).join(' / ')}, ` +
      `indices by circuit and month from them ${rolled.map((s) => s.toFixed(2)).join(' / ')}.`] };
}

/** The records of a storm of `count` homes on day `day`: dark within ten minutes, back within ten. */
const records = (count, day, first) => `
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
  select 5000000 + n, ${first} + v.k, date_trunc('month', v.at), v.at, v.at, extract(epoch from v.at - timestamptz '2026-01-01Z') * 1000, 1, v.k + 2, 2, 0, ''
  from generate_series(1, ${count}) n
  cross join lateral (values (0, timestamptz '${day} 10:00Z' + (hashint4(n) & 65535) % 300 * interval '1 second'),
                             (1, timestamptz '${day} 10:05Z' + (hashint4(n + 1) & 65535) % 300 * interval '1 second')) v(k, at);
  insert into fleet.journal_head (device_id, head_hash, head_seq, claimed_seq, stored, seen, updated_at)
  select 5000000 + n, sha256(''), ${first} + 1, ${first} + 1, ${first} + 1, int8multirange(int8range(1, ${first} + 2)), now() from generate_series(1, ${count}) n
  on conflict (device_id) do update set head_seq = excluded.head_seq, claimed_seq = excluded.claimed_seq, stored = excluded.stored, seen = excluded.seen;
  analyze fleet.journal_record, fleet.journal_head`;

/** As the job does it: pieces of 500 devices, then of 50 places, each a statement, until nothing waits. */
const DERIVE = `do $$
  declare l_ids bigint[];
  begin
    loop
      l_ids := array(select device_id from outage.pending(500));
      exit when l_ids = '{}';
      perform outage.derive(l_ids);
      commit;
    end loop;
    while exists (select from outage.event_due) loop
      perform outage.derive_events(50);
      commit;
    end loop;
  end $$`;

async function derivation(world) {
  await world.stack.stop('bptmd'); // its job would derive the same records
  await world.sql('truncate outage.outage, outage.event, outage.event_member, outage.event_version, outage.event_due, outage.index_due');
  const one = async (count, day, first) => {
    await world.sql(records(count, day, first));
    const { seconds } = await world.timed(DERIVE);
    const told = Number(await world.sql(`select count(*) from outage.outage where started_at >= '${day}Z' and started_at < timestamptz '${day}Z' + interval '1 day'`));
    const inEvents = Number(await world.sql(`select count(*) from outage.event_member m join outage.outage o using (outage_id) where o.started_at >= '${day}Z' and o.started_at < timestamptz '${day}Z' + interval '1 day'`));
    say(`storm of ${count}: ${seconds.toFixed(1)} s, ${told} outages, ${inEvents} of them in events`);
    if (told !== count) {
      throw new Error(`${told} outages, ${count} homes`);
    }
    return seconds;
  };
  const small = await one(Math.round(storm / 10), '2026-02-01', 1);
  const large = await one(storm, '2026-02-10', 3);
  return { figures: { storm_s: large, growth: large / small / 10 },
    lines: [`Storms: ${Math.round(storm / 10)} homes in ${small.toFixed(1)} s, ${storm} in ${large.toFixed(1)} s, until no outage and no event waits.`] };
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
  { figure: 'scratch_to_plain', below: 3, text: 'rollups made from scratch, to the plain GROUP BY' },
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
  const made = [(await world.timed(HOMES)).seconds, (await world.timed(YEARS.split(';\n')[0])).seconds];
  await world.sql('vacuum analyze outage.outage');
  const rows = Number(await world.sql('select count(*) from outage.outage'));
  lines.push(`${devices} devices on ${CIRCUITS} circuits, ${rows} interruptions of three years: what ${rows * PER_OUTAGE} transfer records tell; made in ${Math.round(made[0] + made[1])} s.`);
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
