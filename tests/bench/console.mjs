// The pages with 100,000 applications and as many devices: tests/bench/run console. Search by REST, and a page in
// Chromium from the click until it can be used.
import { parseArgs } from 'node:util';
import { openBrowser, person, settled } from '../lib/browser.mjs';
import { Stack } from '../lib/stack.mjs';
import { machine, machineText, median, table, thousands, writeSection } from './lib/report.mjs';

const ROUNDS = 15;

/** Premises, customers, accounts, applications in all states and devices, `count` of each. */
const FILL = (count) => `
insert into programme.premise (code, address, city, postal_code, geom, meter_number, meter_form, service_amps, service_voltage)
select 'SP-' || n, n || ' ' || (array['Ridge','Mill','Quarry','Orchard','Lava Cap','Red Dog'])[1 + n % 6] || ' Road',
       (array['Nevada City','Grass Valley','Auburn'])[1 + n % 3], '95959',
       public.st_setsrid(public.st_makepoint(-121.2 + (n % 317) * 0.001, 39.1 + (n % 211) * 0.001), 4326), 'MT' || lpad(n::text, 8, '0'), '2S', 200, '120/240'
from generate_series(1, ${count}) n;
insert into person.customer (medical_baseline) select false from generate_series(1, ${count}) n;
insert into person.unsealed (customer_id, name)
select customer_id, (array['Ada','Ben','Cleo','Dan','Eve','Finn','Gus','Hana'])[1 + n % 8] || ' ' ||
       (array['Alder','Birch','Cedar','Elm','Fir','Hazel','Oak','Pine','Rowan','Willow'])[1 + n % 10] || ' ' || n
from (select customer_id, row_number() over (order by customer_id) as n from person.customer) c;
insert into programme.account (number, premise_id, customer_id, kind)
select 'AC-' || p.n, p.premise_id, c.customer_id, 'residential'
from (select premise_id, row_number() over (order by premise_id) as n from programme.premise where meter_number like 'MT%') p
join (select customer_id, row_number() over (order by customer_id) as n from person.customer) c using (n);
insert into programme.application (programme_id, premise_id, account_id, customer_id, generator_make, generator_model, owner_or_permission,
  access_agreed, survey_agreed, prior_rebate, state, state_since, assignee)
select g.programme_id, a.premise_id, a.account_id, a.customer_id, 'DuroMax', 'XP13000HX', true, true, a.premise_id % 9 > 0, false,
       (array['submitted','in_review','needs_information','eligible','installed','installed','installed','closed','ineligible'])[1 + a.premise_id % 9],
       now() - (a.premise_id % 40000) * interval '10 minutes', case when a.premise_id % 3 > 0 then 'desk ' || a.premise_id % 7 end
from programme.account a, programme.programme g where g.code = 'bptm';
insert into fleet.device_serial (serial) select 'BT-' || n from generate_series(1, ${count}) n;
insert into fleet.device (device_id, serial, model, hardware_revision, bucket, state, registered_at)
select device_id, serial, (select min(model) from fleet.device_model), 'A', 0, 'registered', now() from fleet.device_serial where serial like 'BT-%';
insert into fleet.assignment (device_id, premise_id, assigned_from)
select d.device_id, p.premise_id, now() - interval '1 day' from programme.premise p join fleet.device d on d.serial = 'BT-' || substr(p.code, 4)
where p.code like 'SP-%';
insert into fleet.device_link (device_id, session, online, received_at)
select device_id, 1, true, now() - case when device_id % 500 = 0 then interval '1 day' else interval '1 minute' end from fleet.device where serial like 'BT-%';
vacuum analyze;`;

/** Pages and who opens them. */
const PAGES = [['/', 'enrolment'], ['/queue', 'enrolment'], ['/applications?state=eligible', 'enrolment'], ['/application?id=7', 'enrolment'],
  ['/', 'operator'], ['/devices', 'operator'], ['/map', 'operator'], ['/alarms', 'operator'], ['/indices', 'analyst'], ['/installer/', 'installer']];

const wanted = 300; // ms for a search
const say = (text) => process.stderr.write(`${text}\n`);
const { values } = parseArgs({ options: { json: { type: 'boolean' }, scale: { type: 'string', default: '1' } } });
const count = Math.round(100_000 * Number(values.scale));

/** Milliseconds of a GET as enrolment, [median, worst]. */
async function search(stack, target) {
  const seen = [];
  for (let n = 0; n < ROUNDS; n++) {
    const from = performance.now();
    const { status } = await stack.request('GET', target(n), { role: 'enrolment' });
    seen.push(performance.now() - from);
    if (status !== 200) {
      throw new Error(`${target(n)}: ${status}`);
    }
  }
  return [median(seen), Math.max(...seen)];
}

const searches = {
  'by meter': (n) => `/v1/applications?q=MT${String(count - n * 37).padStart(8, '0')}`,
  'by name': (n) => `/v1/applications?q=oak%20${count - 3 - n * 10}`,
  'by part of a name': () => '/v1/applications?q=hana%20willow',
  'by address': (n) => `/v1/applications?q=${count - n * 41}%20ridge`,
  'by application number': (n) => `/v1/applications?q=${count - n * 7}`,
  'the queue': () => '/v1/queue',
  'the queue of one person, one state': (n) => `/v1/queue?state=eligible&assignee=desk%20${n % 7}`,
  'counts by state': () => '/v1/queue-states',
};

const stack = await Stack.create();
const rows = [];
let failed = 0;
try {
  await stack.start('mosquitto', 'bptmd');
  await stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', ...FILL(count).split(/(?<=;)\n/).flatMap((s) => ['-c', s]));
  await stack.command('ctl', 'person-key', 'seal', stack.file('secret/person.key'));
  const facts = machine();
  for (const [name, target] of Object.entries(searches)) {
    const [middle, worst] = await search(stack, target);
    failed += middle >= wanted;
    rows.push([name, `< ${wanted} ms`, `${middle.toFixed(0)} ms`, `${worst.toFixed(0)} ms`]);
  }
  const { browser, missing } = await openBrowser();
  if (missing) {
    say(missing);
  }
  for (const [path, role] of missing ? [] : PAGES) {
    const seen = [];
    const who = await person(browser, stack, role);
    for (let n = 0; n < 7; n++) {
      const from = performance.now();
      await who.page.goto(stack.url + path, { waitUntil: 'commit' });
      await settled(who.page);
      seen.push(performance.now() - from);
    }
    failed += median(seen) >= 1000;
    rows.push([`page ${path} (${role}), until it can be used`, '< 1000 ms', `${median(seen).toFixed(0)} ms`, `${Math.max(...seen).toFixed(0)} ms`]);
    await who.context.close();
  }
  await browser?.close();
  const text = ['## console: the pages', '', machineText(facts), `${thousands(count)} applications and as many devices; server without sanitisers.`, '',
    table(['what', 'wanted', 'median', 'worst'], rows)].join('\n');
  say(text);
  if (values.scale === '1') {
    writeSection('console', text);
  }
  if (values.json) {
    console.log(JSON.stringify({ count, rows }));
  }
} finally {
  await stack.destroy();
}
process.exitCode = failed ? 1 : 0;
