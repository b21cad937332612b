// Every premise decided by one ruleset, the decisions written, against the bare join of points and zones
// driven from the zones plus the insert of the same rows.
import { median } from '../lib/report.mjs';

const ROUNDS = 3;

export const title = 'eligibility of every premise';
export const wanted = [
  { figure: 'to_bare', below: 3, text: 'time of the whole, decisions written, to bare join and insert of the same rows' },
];

const JOIN = `select count(*) from (select z.geom, z.zone_id from programme.zone z join programme.zone_layer l using (zone_layer_id)
    where l.active offset 0) z
  cross join lateral (select p.premise_id from programme.premise p where public.st_covers(z.geom, p.geom) offset 0) p`;

const SCREEN = `select programme.screen(r.ruleset_id) from programme.ruleset r join programme.programme p using (programme_id)
  where p.code = 'bptm' and r.version = 2025`;

// the same rows into the same shape of table: checks, primary key and references included
const COPY = `create table bench.copy (like programme.screening_decision including all);
  alter table bench.copy add foreign key (screening_id) references programme.screening, add foreign key (premise_id) references programme.premise`;
const FILL = 'insert into bench.copy select * from programme.screening_decision where screening_id = (select max(screening_id) from programme.screening)';

async function round(world, say) {
  const join = await world.timed(JOIN);
  const whole = await world.timed(SCREEN);
  const decided = Number(await world.sql('select premises from programme.screening order by screening_id desc limit 1'));
  if (decided !== world.premises + (await sampled(world))) {
    throw new Error(`${decided} premises were decided, ${world.premises} were to be`);
  }
  await world.sql('drop table if exists bench.copy');
  await world.sql(COPY);
  const insert = await world.timed(FILL);
  await world.sql('drop table bench.copy; truncate programme.screening_decision');
  await world.sql('checkpoint');
  const got = { join: join.seconds, insert: insert.seconds, whole: whole.seconds, to_bare: whole.seconds / (join.seconds + insert.seconds),
    covered: Number(join.value) };
  say(`eligibility: ${JSON.stringify(got)}`);
  return got;
}

const sampled = async (world) => Number(await world.sql("select count(*) from programme.premise where code not like 'B-%'"));

export async function measure(world, { say }) {
  const rounds = [];
  for (let n = 0; n < ROUNDS; n++) {
    rounds.push(await round(world, say));
  }
  const all = (name) => rounds.map((r) => r[name].toFixed(1)).join(' / ');
  const outcome = Object.fromEntries(['join', 'insert', 'whole', 'to_bare'].map((name) => [name, median(rounds.map((r) => r[name]))]));
  return {
    figures: outcome,
    lines: [`Seconds over ${ROUNDS} rounds: bare join ${all('join')} (${rounds[0].covered} premises in a zone), insert of the rows ${all('insert')}, ` +
      `the whole ${all('whole')}; ratios ${all('to_bare')}.`],
  };
}
