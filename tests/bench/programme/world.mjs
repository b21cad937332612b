// A synthetic utility: premises with accounts, circuits of which a third are fast-trip, and zones of
// 100-2,000 vertices in two layers. The same for the same scale; nothing of it is a real place.
import { writeFile } from 'node:fs/promises';
import { thousands } from '../lib/report.mjs';
import { Stack } from '../../lib/stack.mjs';

const PREMISES = 1_000_000;
const ZONES = 10_000;
const CIRCUITS = 3_000;
const MOST = 3_600_000; // ms that one statement may take

// A number in [0, 1) for a number and a salt, without state.
const RANDOM = `create schema bench;
  create function bench.rnd(n bigint, salt integer) returns float8 language sql immutable parallel safe as
  $$ select ((hashint8extended(n, salt) & 9007199254740991)::float8 / 9007199254740992) $$`;

const NETWORK = (circuits) => `insert into programme.circuit
  select 'B' || lpad(n::text, 8, '0'), 'BENCH ' || n from generate_series(1, ${circuits}) n;
  update programme.circuit_list set active = false where designation = 'epss';
  insert into programme.circuit_list (designation, version, source, state, active) values ('epss', 1000, 'bench', 'published', true);
  insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from)
  select l.circuit_list_id, 'B' || lpad(n::text, 8, '0'), '2022-01-01' from generate_series(1, ${circuits}) n
  join programme.circuit_list l on l.active and l.designation = 'epss' where n % 3 = 0`;

/** Squares of the grid that have a zone each: a star of 100-2,000 vertices that stays in its square. */
const ZONE_ROWS = (zones, side) => `
  update programme.zone_layer set active = false where active;
  insert into programme.zone_layer (code, version, source, state, active)
  values ('hftd', 1000, 'bench', 'published', true), ('hfra', 1000, 'bench', 'published', true);
  insert into programme.zone (zone_layer_id, name, tier, geom)
  select l.zone_layer_id, 'zone ' || z.n, case when z.n % 2 = 0 then 2 + z.n / 2 % 2 end, public.st_multi(public.st_setsrid(public.st_makepolygon(s.shell), 4326))
  from generate_series(0, ${zones - 1}) z(n)
  join programme.zone_layer l on l.version = 1000 and l.code = case when z.n % 2 = 0 then 'hftd' else 'hfra' end
  cross join lateral (select 100 + floor(1901 * bench.rnd(z.n, 1))::integer) v(n)
  cross join lateral (
    select public.st_addpoint(l.line, public.st_startpoint(l.line)) as shell from (
      select public.st_makeline(public.st_point(
               -122 + ((z.n % ${side}) + 0.5 + 0.48 * r.r * cos(2 * pi() * k / v.n)) * 4.0 / ${side},
               36 + ((z.n / ${side}) + 0.5 + 0.48 * r.r * sin(2 * pi() * k / v.n)) * 4.0 / ${side}) order by k) as line
      from generate_series(0, v.n - 1) k
      cross join lateral (select 0.55 + 0.25 * sin(k * 2 * pi() * (2 + z.n % 7) / v.n) + 0.2 * bench.rnd(z.n * 4096 + k, 2)) r(r)
    ) l
  ) s`;

const PREMISE_ROWS = (from, to) => `insert into programme.premise (code, address, city, postal_code, geom, meter_number, meter_form, service_amps, service_voltage)
  select 'B-' || n, n || ' Bench Road', 'Town ' || n % 500, (90000 + n % 6000)::text,
         public.st_setsrid(public.st_point(-122 + 4 * bench.rnd(n, 3), 36 + 4 * bench.rnd(n, 4)), 4326),
         'M' || n, case when n % 20 <> 0 then '2S' end, (array[100, 125, 200, 200, 400])[1 + n % 5],
         case when n % 50 = 0 then '120/208' else '120/240' end
  from generate_series(${from}::bigint, ${to}::bigint) n`;

const HELD_ROWS = (circuits) => `
  insert into programme.premise_circuit
  select p.premise_id, 'B' || lpad((1 + p.premise_id % ${circuits})::text, 8, '0'), '2020-01-01' from programme.premise p where p.code like 'B-%';
  insert into person.customer (medical_baseline)
  select p.premise_id % 50 = 0 from programme.premise p where p.code like 'B-%' order by p.premise_id;
  insert into programme.account (number, premise_id, customer_id, kind)
  select 'A' || p.premise_id, p.premise_id, c.customer_id, case when p.premise_id % 12 = 0 then 'business' else 'residential' end
  from (select premise_id, row_number() over (order by premise_id) as n from programme.premise where code like 'B-%') p
  join (select customer_id, row_number() over (order by customer_id) as n from person.customer) c using (n);
  insert into person.unsealed (customer_id, name) select customer_id, 'Bench ' || customer_id from person.customer`;

export class World {
  static async create(scale) {
    const stack = await Stack.create();
    stack.timeout = MOST;
    const world = new World(stack, scale);
    try {
      await stack.command('ctl', 'seed');
      await world.fill();
    } catch (error) {
      await stack.destroy();
      throw error;
    }
    return world;
  }

  constructor(stack, scale) {
    this.stack = stack;
    this.premises = Math.round(PREMISES * scale);
    this.zones = Math.max(4, Math.round(ZONES * scale));
    this.circuits = Math.max(3, Math.round(CIRCUITS * scale));
    this.rows = Math.round(100_000 * scale); // of a bulk import
  }

  destroy() {
    return this.stack.destroy();
  }

  describe() {
    return `${thousands(this.premises)} premises with circuit and account, ${thousands(this.zones)} zones of 100-2,000 vertices ` +
      `(${thousands(this.vertices)} in all), ${thousands(this.circuits)} circuits.`;
  }

  /** One script as the superuser; what it printed. */
  async sql(text) {
    const file = this.stack.file('bench.sql');
    await writeFile(file, text, { mode: 0o644 });
    return (await this.stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', file)).trim();
  }

  /** One statement that gives one value, with the seconds that the server took: { value, seconds }. */
  async timed(text) {
    const clock = 'select extract(epoch from clock_timestamp());';
    const lines = (await this.sql(`${clock}\n${text};\n${clock}`)).split('\n');
    return { value: lines.slice(1, -1).join('\n'), seconds: Number(lines.at(-1)) - Number(lines[0]) };
  }

  async fill() {
    await this.sql(RANDOM);
    await this.sql(NETWORK(this.circuits));
    await this.sql(ZONE_ROWS(this.zones, Math.ceil(Math.sqrt(this.zones))));
    await this.sql('select programme.zone_rim_make(zone_layer_id) from programme.zone_layer where active');
    for (let from = 1; from <= this.premises; from += 100_000) {
      await this.sql(PREMISE_ROWS(from, Math.min(this.premises, from + 99_999)));
    }
    await this.sql(HELD_ROWS(this.circuits));
    await this.stack.command('ctl', 'person-key', 'seal', this.stack.file('secret/person.key'));
    await this.sql('vacuum analyze');
    this.vertices = Number(await this.sql('select sum(public.st_npoints(z.geom)) from programme.zone z join programme.zone_layer l using (zone_layer_id) where l.active'));
  }
}
