// bptmctl audit decisions: what a superuser changed in a stored decision is found and named.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

// What is changed of decision N, or of premise N in the screening, and the line that tells it. Each
// case has a home of its own, so that all are looked at in one run.
const decision = (change) => `update programme.decision set ${change} where decision_id = N`;
const rule = (change) => `update programme.decision_rule set ${change} where decision_id = N and code = 'TENURE'`;
const screened = (change) => `update programme.screening_decision set ${change} where premise_id = N`;
const facts = (change) => decision(`inputs = jsonb_set(inputs, '{facts}', inputs -> 'facts' || '${change}')`);
const rehash = decision('inputs_hash = sha256(convert_to(inputs::text, \'UTF8\'))');
const cases = [
    ['the result of a rule', rule("result = 'fail'"), /^decision N rule TENURE: result: stored fail, recomputed pass$/m],
    ['its sentence', rule("sentence = 'All is well.'"), /^decision N rule TENURE: sentence: stored All is well\., recomputed The customer owns/m],
    ['its evidence', rule("evidence = '{}'"), /^decision N rule TENURE: evidence: stored \{\}, recomputed \{"owner_or_permission": true\}$/m],
    ['its name', rule("code = 'OTHER'"), /^decision N rule TENURE: code: stored OTHER, recomputed TENURE$/m],
    ['a rule that is gone', 'delete from programme.decision_rule where decision_id = N and code = \'TENURE\'', /^decision N: rules: stored 6, recomputed 7$/m],
    ['the outcome', decision("outcome = 'eligible'"), /^decision N: outcome: stored eligible, recomputed in_review$/m],
    ['a reason', decision("codes[5] = 'fail'"), /^decision N rule TENURE: reason: stored fail, recomputed pass$/m],
    ['the mark of a boundary', decision('is_near_boundary = true'), /^decision N: near a boundary: stored true, recomputed false$/m],
    ['an input', facts('{"service_amps": 400}'), /^decision N: hash: stored [0-9a-f]{64}, recomputed [0-9a-f]{64}$[^]*^decision N rule PANEL: result: stored pass, recomputed fail$/m],
    ['the hash', decision("inputs_hash = sha256('')"), /^decision N: hash: stored e3b0c44298/m],
    ['an input that no rule can read', facts('{"service_amps": "many"}'), /^decision N: inputs: stored cannot be read, recomputed .*many/m],
    ['the place, with a new hash', [facts('{"longitude": -100}'), rehash], /^decision N: zones: stored \[\{.*, recomputed \[\]$/m],
    ['the circuit, with a new hash', [facts('{"circuit": "043210977"}'), rehash], /^decision N: designations: stored \[\{.*, recomputed /m],
    ['the version of a layer, with a new hash', [decision("inputs = jsonb_set(inputs, '{facts,layers,hftd}', '9')"), rehash], /^decision N: layers: stored \{"hftd": 9\}, recomputed \{"hftd": 1\}$/m],
    ['another ruleset', decision('ruleset_id = (select min(ruleset_id) from programme.ruleset)'), /^decision N: ruleset: stored 2025, recomputed 2021$/m],
    ['an override', decision("inputs = jsonb_set(inputs, '{facts,overrides}', '[]')"), /^decision N rule GENERATOR: result: stored pass, recomputed unknown$/m],
    ['a screened outcome', screened("outcome = 'ineligible'"), /^screening 1 premise N: outcome: stored ineligible, recomputed in_review$/m],
    ['a screened rule', screened("codes[2] = 'fail'"), /^screening 1 premise N rule ACCOUNT: reason: stored fail, recomputed pass$/m],
    ['a screened fact', screened('fact.service_amps = 400'), /^screening 1 premise N: hash: [^]*^screening 1 premise N rule PANEL: reason: stored pass, recomputed fail$/m],
    ['a screened area', screened('fact.area_hit = 0'), /^screening 1 premise N: areas: stored 0 0 \d+, recomputed \d+ 0 \d+$/m],
    ['a screened place', screened('fact.longitude = -100'), /^screening 1 premise N: zones: stored \[\{/m],
    ['a screened override', screened("overrides = '[]'"), /^screening 1 premise N rule GENERATOR: reason: stored pass\/override, recomputed unknown\/unlisted$/m],
    ['a screened premise that is gone', 'delete from programme.screening_decision where premise_id = N', /^screening 1 premise all: premises: stored (\d+), recomputed \d+$/m],
];
const homes = cases.length + 1; // and one that is left alone
const overridden = cases.flatMap(([what], n) => (/override/.test(what) ? [n + 1] : []));

let ctl, found;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('decisions');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
    const sample = async (name) => ctl.file(name, await readFile(new URL(`data/${name}`, import.meta.url)));
    assert.equal((await ctl.run('import', 'zones', await sample('zones.geojson'), '--layer', 'hftd', '--source', 'synthetic')).code, 0);
    assert.equal((await ctl.run('zones', 'publish', 'hftd', '--number', '1', '--yes')).code, 0);
    assert.equal((await ctl.run('import', 'circuits', await sample('circuits.csv'))).code, 0);
    assert.equal((await ctl.run('circuits', 'publish', 'epss', '--number', '1', '--yes')).code, 0);
    await ctl.execute(`
      do $$
      declare
        l_premise bigint; l_customer bigint; l_account bigint; l_application bigint;
      begin
        for n in 1 .. ${homes} loop
          insert into programme.premise (code, address, city, postal_code, geom, meter_form, service_amps, service_voltage)
          values ('SP-' || n, n || ' Road', 'Town', '95959', public.st_setsrid(public.st_point(-120.85, 39.42 + n * 0.0001), 4326), '2S', 200, '120/240')
          returning premise_id into l_premise;
          insert into programme.premise_circuit values (l_premise, '012345601', '2020-01-01');
          insert into person.customer default values returning customer_id into l_customer;
          insert into programme.account (number, premise_id, customer_id, kind)
          values ('A-' || n, l_premise, l_customer, 'residential') returning account_id into l_account;
          insert into programme.application (programme_id, premise_id, account_id, generator_make, generator_model, owner_or_permission, access_agreed, survey_agreed)
          select p.programme_id, l_premise, l_account, 'None', 'Such', true, true, true from programme.programme p where code = 'bptm'
          returning application_id into l_application;
          insert into programme.application_override (application_id, code, result, reason, role, expires_at)
          select l_application, 'GENERATOR', 'pass', 'Seen on site', 'enrolment', now() + interval '1 year' where n in (${overridden});
          perform programme.decide(l_application);
        end loop;
        perform programme.screen(ruleset_id) from programme.ruleset join programme.programme using (programme_id) where code = 'bptm' and version = 2025;
      end $$`);
});
after(() => ctl?.destroy());

test('decisions as they were made differ in nothing', async () => {
    const { code, stdout, stderr } = await ctl.run('audit', 'decisions');
    assert.deepEqual([code, stdout, stderr], [0, `${homes} decisions, ${homes} screened, 0 differences\n`, '']);
});

test('what a superuser changed fails the audit, which counts it', async () => {
    await ctl.execute(cases.flatMap(([, change], n) => [].concat(change).map((c) => c.replaceAll(' = N', ` = ${n + 1}`))).join('; '));
    const { code, stdout, stderr } = await ctl.run('audit', 'decisions');
    assert.equal(code, 1);
    found = stdout;
    const lines = stdout.trim().split('\n');
    assert.equal(lines.at(-1), `${homes} decisions, ${homes - 1} screened, ${lines.length - 1} differences`);
    assert.match(stderr, new RegExp(`bptmctl: audit decisions: ${lines.length - 1} differences`));
    const of = new Set(lines.slice(0, -1).map((line) => line.replace(/^(decision \d+|screening 1 premise \w+)[ :].*/, '$1')));
    assert.deepEqual([...of], cases.map(([what], n) => (/^a screened.*gone/.test(what) ? 'screening 1 premise all' : /^a screened/.test(what) ? `screening 1 premise ${n + 1}` : `decision ${n + 1}`)),
        'and of the others nothing differs');
});

cases.forEach(([what, , line], n) => {
    test(`${what}: found and named`, () => {
        assert.match(found, new RegExp(line.source.replace(/ N( |:)/g, ` ${n + 1}$1`), 'm'));
    });
});
