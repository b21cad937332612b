// A real storm, replayed: the outages of a utility's feed that were open at one moment of a shutoff, scaled down onto
// homes at their points, through the real derivation; derived events against fed outages by place and time.
//
// The feed has no circuits. They are made from its regions: the outages of a region, from west to east, eight to a
// circuit. Homes: one for so many customers (--scale), at least one and at most twelve an outage, plus two on each circuit
// that stay lit and flicker. Journals are written as the firmware writes them, straight into the tables of the
// ingest; 15 % of the records never come and 15 % come late. The figures are taken before and after the late ones.
import { existsSync, readFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Stack } from '../lib/stack.mjs';
import { machine, machineText, table, thousands, writeSection } from './lib/report.mjs';

const DATA = new URL('../../../shared/data/pge_outages_2019_2022.csv.gz', import.meta.url);
const DAY = Date.parse('2019-10-27T07:00:00Z') / 1000; // local midnight
const OPEN = 3959;
const CIRCUIT = 8; // outages
const HOMES_MAX = 12;
const WITHHELD = 0.15;
const LATE = 0.15;
const KM = 5;
const APART = '15 minutes';

const { values: options } = parseArgs({ options: {
  json: { type: 'boolean', default: false }, scale: { type: 'string', default: '250' },
  seed: { type: 'string', default: '20191027' }, outages: { type: 'string', default: String(OPEN) },
} });

const say = (text) => process.stderr.write(`${text}\n`);

/** The lines of the feed that were open at the last moment of the day with `OPEN` of them, the header first. */
function openLines() {
  const [header, ...lines] = gunzipSync(readFileSync(DATA)).toString().trimEnd().split('\n');
  const rows = lines.map((line) => ({ line, from: Number(line.split(',')[2]), to: Number(line.split(',')[3]) }));
  // a sweep: who is first seen adds one, who was last seen a second ago takes one away
  const steps = rows.flatMap((row) => [[row.from, 1], [row.to + 1, -1]]).sort(([a], [b]) => a - b);
  let open = 0;
  let moment;
  steps.forEach(([t, change], n) => {
    open += change;
    if (steps[n + 1]?.[0] !== t && t >= DAY && t < DAY + 86400 && open === OPEN) {
      moment = t;
    }
  });
  if (moment === undefined) {
    throw new Error(`the feed has no moment of 2019-10-27 with ${OPEN} open outages`);
  }
  return { moment, lines: [header, ...rows.filter((row) => row.from <= moment && moment <= row.to).slice(0, Number(options.outages)).map((row) => row.line)] };
}

class Replay {
  constructor(stack) {
    this.stack = stack;
  }

  sql(text, user = 'postgres') {
    return this.stack.command('run', 'psql', '-XAtq', '-U', user, '-v', 'ON_ERROR_STOP=1', '-c', text);
  }

  async import(lines) {
    const file = this.stack.file('feed.csv');
    await writeFile(file, lines.join('\n'));
    await chmod(file, 0o644);
    await this.stack.command('ctl', 'import', 'feed', file, '--feed', 'replay', '--name', 'Replay', '--time-zone', 'Etc/GMT+8', '--customers', '5500000');
  }

  /** As the jobs do, with their limits and their role, until nothing is left; seconds. */
  async derive() {
    const from = Date.now();
    let devices = 0;
    let places = 0;
    for (let left = 1; left > 0;) {
      const [taken] = (await this.sql('select coalesce(cardinality(p.ids), 0), outage.derive(p.ids) from (select array_agg(device_id) as ids from outage.pending(1000)) p', 'bptm_job')).split('|');
      left = Number(taken);
      devices += left;
    }
    for (let left = 1; left > 0;) {
      left = Number(await this.sql('select outage.derive_events(200)', 'bptm_job'));
      places += left;
    }
    return { seconds: (Date.now() - from) / 1000, devices, places };
  }

  async stage(fates) {
    for (const fate of fates) {
      await this.sql(`select replay.arrive('${fate}')`);
    }
    const took = await this.derive();
    return { ...JSON.parse(await this.sql(`select replay.score(${KM}, '${APART}')`)), ...took };
  }
}

async function measure() {
  const { moment, lines } = openLines();
  const stack = await Stack.create();
  try {
    const replay = new Replay(stack);
    await replay.import(lines);
    await replay.sql(await readFile(new URL('replay.sql', import.meta.url), 'utf8'));
    await replay.sql(`select setseed(${Number(options.seed) % 1000 / 1000}); select replay.lay_out('replay', ${Number(options.scale)}, ${HOMES_MAX}, ${CIRCUIT});
      select replay.settle(); select replay.write(${WITHHELD}, ${LATE}); analyze`);
    const world = JSON.parse(await replay.sql(`select json_build_object('homes', count(*), 'dark', count(number), 'circuits', count(distinct circuit_id),
      'records', (select count(*) from replay.record), 'withheld', (select count(*) from replay.record where fate = 'withheld'),
      'late', (select count(*) from replay.record where fate = 'late')) from replay.home`));
    say(JSON.stringify(world));
    const missing = await replay.stage(['in time']);
    say(JSON.stringify(missing));
    const late = await replay.stage(['late']);
    const whole = await replay.stage(['withheld']);
    return { moment: new Date(moment * 1000).toISOString(), seed: Number(options.seed), scale: Number(options.scale), ...world, scores: { missing, late, whole } };
  } finally {
    await stack.destroy();
  }
}

function describe(facts, r) {
  const row = (name, s) => [name, s.precision, s.recall, thousands(s.derived), thousands(s.one_to_one), s.homes_precision, s.homes_recall, s.seconds.toFixed(1)];
  return [
    '## replay of 2019-10-27', '', machineText(facts),
    `${thousands(r.scores.missing.fed)} outages open in the feed at ${r.moment}, on ${thousands(r.homes)} homes (one for ${r.scale} customers, 1 to ${HOMES_MAX} an outage; ` +
    `${thousands(r.homes - r.dark)} stay lit and flicker) and ${thousands(r.circuits)} circuits, made from the feed's regions, ${CIRCUIT} outages each from west to east; ` +
    `${thousands(r.records)} records, ${thousands(r.withheld)} withheld, ${thousands(r.late)} late; seed ${r.seed}.`,
    `A derived event and a fed outage are of one place within ${KM} km, of one time when they start within ${APART} of each other and have half of their time in common; an event that is still open ends when most of its homes were back. ` +
    'Outages of a circuit that begin together are one event, so one event may stand for several outages; pairs are those that are each other\'s best.', '',
    table(['records', 'precision', 'recall', 'events', 'pairs', 'home minutes: precision', 'recall', 'derivation, s'],
      [row('30 % withheld or late', r.scores.missing), row('late ones are there, 15 % withheld', r.scores.late), row('all', r.scores.whole)]),
  ].join('\n');
}

if (!existsSync(DATA)) {
  say('SKIPPED: no ../shared/data beside the project, so there is nothing to replay');
  if (options.json) {
    console.log(JSON.stringify({ skipped: 'no ../shared/data beside the project' }));
  }
} else {
  const facts = machine();
  const result = await measure();
  const text = describe(facts, result);
  say(text);
  if (Number(options.outages) === OPEN) {
    writeSection('replay', text);
  }
  if (options.json) {
    console.log(JSON.stringify({ facts, ...result }));
  }
}
