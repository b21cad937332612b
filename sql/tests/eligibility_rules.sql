-- The rules of every published version, each by pass, fail and unknown: the table of versions is the
-- test. Needs what `bptmctl seed` adds.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;

-- Facts of an application that every version accepts.
create function pg_temp.good() returns jsonb language sql as $$
  select '{
    "account_kind": "residential", "account_active": true, "account_at_premise": true,
    "medical_baseline": false, "medical_needs_not_compromised": null,
    "medical_needs_met_in_shutoff": null, "owner_or_permission": true, "access_agreed": true,
    "survey_agreed": true, "prior_rebate": true, "meter_form": "2S", "service_amps": 200,
    "service_voltage": "120/240", "circuit_lists": {"epss": 1}, "outages": [], "rims": [], "layers": {"hftd": 1, "hfra": 1},
    "zones": [{"layer": "hftd", "version": 1, "zone": "Tier 3", "tier": 3}],
    "circuit": "012345601", "circuit_since": "2020-01-01", "designations": [],
    "generator_list": 1, "generator_make": "Honda", "generator_model": "EU7000iS",
    "generator_listed": true, "generator_verdict": "conditional", "generator_grade": "REDUCED",
    "generator_rules": []}'::jsonb
$$;

-- What the rules of a version say of kept facts, as a decision is recomputed (programme.audit_decision_page).
create function pg_temp.said(in_rules jsonb, in_facts jsonb)
returns table (code text, result text, evidence jsonb, sentence text) language sql as $$
  select t.code, substring(c.code from 'pass|fail|unknown|not_applicable'), s.evidence, s.sentence
  from programme.rule_term(null, in_rules) t
  cross join lateral programme.rule_code(t, programme.fact_of(in_rules, in_facts)) c(code)
  left join lateral programme.rule_told(in_rules -> (t.position - 1), in_facts, c.code) s on true
$$;

create temporary table wanted (id serial, version integer, code text, result text, change jsonb);
insert into wanted (version, code, result, change)
select v.version, w.code, w.result, w.change::jsonb
from (values
  -- area: district of any tier in 2021; tiers 2 and 3, or a fast-trip circuit, later; hfra in 2025
  ('{2021,2022,2023,2025}', 'AREA', 'pass', '{}'),
  ('{2021,2022,2023,2025}', 'AREA', 'fail', '{"zones": []}'),
  ('{2021,2022,2023,2025}', 'AREA', 'pass', '{"zones": [{"layer": "hftd", "zone": "z", "tier": 2}]}'),
  ('{2021}', 'AREA', 'pass', '{"zones": [{"layer": "hftd", "zone": "z", "tier": 1}]}'),
  ('{2022,2023,2025}', 'AREA', 'fail', '{"zones": [{"layer": "hftd", "zone": "z", "tier": 1}]}'),
  ('{2022,2023,2025}', 'AREA', 'fail', '{"zones": [{"layer": "hftd", "zone": "z", "tier": null}]}'),
  ('{2021}', 'AREA', 'fail', '{"zones": [], "designations": [{"designation": "epss", "since": "2021-07-28"}]}'),
  ('{2022,2023,2025}', 'AREA', 'pass', '{"zones": [], "designations": [{"designation": "epss", "since": "2021-07-28"}]}'),
  ('{2022,2023,2025}', 'AREA', 'fail', '{"zones": [], "designations": [{"designation": "other", "since": "2021-07-28"}]}'),
  ('{2022,2023,2025}', 'AREA', 'unknown', '{"zones": [], "circuit": null}'),
  ('{2021}', 'AREA', 'fail', '{"zones": [], "circuit": null}'),
  ('{2022,2023,2025}', 'AREA', 'pass', '{"circuit": null}'),
  ('{2021,2022,2023}', 'AREA', 'unknown', '{"zones": [], "layers": {"hfra": 1}}'),
  ('{2025}', 'AREA', 'unknown', '{"zones": [], "layers": {"hftd": 1}}'),
  ('{2025}', 'AREA', 'pass', '{"zones": [{"layer": "hfra", "zone": "z", "tier": null}]}'),
  ('{2021,2022,2023}', 'AREA', 'fail', '{"zones": [{"layer": "hfra", "zone": "z", "tier": null}]}'),
  -- prior rebate: required in 2021 only, for the customer and for the generator
  ('{2021}', 'REBATE', 'pass', '{}'),
  ('{2021}', 'REBATE', 'fail', '{"prior_rebate": false}'),
  ('{2021}', 'GENERATOR', 'pass', '{"generator_verdict": "unknown", "generator_listed": false}'),
  ('{2021}', 'GENERATOR', 'fail', '{"prior_rebate": false}'),
  ('{2022,2023,2025}', 'REBATE', null, '{}'),
  -- account: none, of record, of record, active residential of record
  ('{2021}', 'ACCOUNT', null, '{}'),
  ('{2022,2023,2025}', 'ACCOUNT', 'pass', '{}'),
  ('{2022,2023,2025}', 'ACCOUNT', 'fail', '{"account_at_premise": false}'),
  ('{2022,2023}', 'ACCOUNT', 'pass', '{"account_active": false}'),
  ('{2025}', 'ACCOUNT', 'fail', '{"account_active": false}'),
  ('{2022,2023}', 'ACCOUNT', 'pass', '{"account_kind": "business"}'),
  ('{2025}', 'ACCOUNT', 'fail', '{"account_kind": "business"}'),
  -- business and meter: a 2S socket of businesses in 2022, of all in 2023
  ('{2022}', 'BUSINESS', 'not_applicable', '{"meter_form": "1S"}'),
  ('{2022}', 'BUSINESS', 'pass', '{"account_kind": "business"}'),
  ('{2022}', 'BUSINESS', 'fail', '{"account_kind": "business", "meter_form": "1S"}'),
  ('{2022}', 'BUSINESS', 'unknown', '{"account_kind": "business", "meter_form": null}'),
  ('{2021,2023,2025}', 'BUSINESS', null, '{}'),
  ('{2023}', 'METER', 'pass', '{}'),
  ('{2023}', 'METER', 'fail', '{"meter_form": "1S"}'),
  ('{2023}', 'METER', 'unknown', '{"meter_form": null}'),
  ('{2021,2022,2025}', 'METER', null, '{}'),
  -- service: a 200 A panel; 200 A or less; 120/240 V and 200 A or less
  ('{2022,2023,2025}', 'PANEL', 'pass', '{}'),
  ('{2022}', 'PANEL', 'fail', '{"service_amps": 100}'),
  ('{2023,2025}', 'PANEL', 'pass', '{"service_amps": 100}'),
  ('{2022,2023,2025}', 'PANEL', 'fail', '{"service_amps": 201}'),
  ('{2022,2023,2025}', 'PANEL', 'unknown', '{"service_amps": null}'),
  ('{2021}', 'PANEL', null, '{}'),
  ('{2025}', 'VOLTAGE', 'pass', '{}'),
  ('{2025}', 'VOLTAGE', 'fail', '{"service_voltage": "120/208"}'),
  ('{2025}', 'VOLTAGE', 'unknown', '{"service_voltage": null}'),
  ('{2021,2022,2023}', 'VOLTAGE', null, '{}'),
  -- tenure, access, survey
  ('{2022,2023,2025}', 'TENURE', 'pass', '{}'),
  ('{2022,2023,2025}', 'TENURE', 'fail', '{"owner_or_permission": false}'),
  ('{2021}', 'TENURE', null, '{}'),
  ('{2023,2025}', 'ACCESS', 'pass', '{}'),
  ('{2023,2025}', 'ACCESS', 'fail', '{"access_agreed": false}'),
  ('{2021,2022}', 'ACCESS', null, '{}'),
  ('{2023}', 'SURVEY', 'pass', '{}'),
  ('{2023}', 'SURVEY', 'fail', '{"survey_agreed": false}'),
  ('{2021,2022,2025}', 'SURVEY', null, '{}'),
  -- Medical Baseline: both acknowledgements in 2022 and 2023
  ('{2022,2023}', 'MEDICAL', 'not_applicable', '{}'),
  ('{2022,2023}', 'MEDICAL', 'pass', '{"medical_baseline": true, "medical_needs_not_compromised": true, "medical_needs_met_in_shutoff": true}'),
  ('{2022,2023}', 'MEDICAL', 'fail', '{"medical_baseline": true, "medical_needs_not_compromised": false, "medical_needs_met_in_shutoff": true}'),
  ('{2022,2023}', 'MEDICAL', 'fail', '{"medical_baseline": true, "medical_needs_met_in_shutoff": false}'),
  ('{2022,2023}', 'MEDICAL', 'unknown', '{"medical_baseline": true, "medical_needs_not_compromised": true}'),
  ('{2022,2023}', 'MEDICAL', 'unknown', '{"medical_baseline": true}'),
  ('{2021,2025}', 'MEDICAL', null, '{}'),
  -- generator: by its verdict
  ('{2022,2023,2025}', 'GENERATOR', 'pass', '{}'),
  ('{2022,2023,2025}', 'GENERATOR', 'pass', '{"generator_verdict": "compatible"}'),
  ('{2022,2023,2025}', 'GENERATOR', 'fail', '{"generator_verdict": "incompatible"}'),
  ('{2022,2023,2025}', 'GENERATOR', 'unknown', '{"generator_verdict": "unknown"}'),
  ('{2022,2023,2025}', 'GENERATOR', 'unknown', '{"generator_verdict": "unknown", "generator_listed": false}')
) w(versions, code, result, change)
cross join lateral unnest(w.versions::integer[]) v(version);

select plan(count(*)::integer + 9) from wanted;

-- one test a row; a code that the version has no rule for gives null
select is(
  (select v.result
   from programme.ruleset rs join programme.programme p using (programme_id)
   cross join lateral pg_temp.said(rs.rules, pg_temp.good() || w.change) v
   where p.code = 'bptm' and rs.version = w.version and v.code = w.code),
  w.result, format('%s %s %s %s', w.version, w.code, coalesce(w.result, 'no rule'), w.change))
from wanted w order by w.id;

-- every version accepts the good facts, and every result comes with a sentence and evidence
select is_empty($$
  select rs.version, v.code from programme.ruleset rs
  cross join lateral pg_temp.said(rs.rules, pg_temp.good()) v
  where v.result not in ('pass', 'not_applicable')$$, 'every version accepts the good facts');
select is_empty($$
  select w.id, v.code from wanted w
  join programme.ruleset rs on rs.version = w.version
  cross join lateral pg_temp.said(rs.rules, pg_temp.good() || w.change) v
  where v.sentence is null or v.sentence !~ '^[A-Z].*\.$' or v.evidence is null
     or jsonb_typeof(v.evidence) <> 'object'$$, 'every result has a sentence and evidence');
select is_empty($$
  select rs.version, r.rule, count(v.result) from programme.ruleset rs
  cross join lateral jsonb_array_elements(rs.rules) r(rule)
  left join lateral pg_temp.said(rs.rules, pg_temp.good()) v on v.code = r.rule ->> 'code'
  group by 1, 2 having count(v.result) <> 1$$, 'each rule gives exactly one result');

-- what is not known to the server is never a pass
select is((select result from pg_temp.said('[{"kind": "moon"}]', pg_temp.good())), 'unknown',
  'a rule kind that the server does not know is unknown');
select is((select result from pg_temp.said('[{}]', pg_temp.good())), 'unknown',
  'a rule without a kind is unknown');

-- sentences say which, since when, and what would have been right
select is((select sentence from pg_temp.said('[{"kind": "area", "any": [{"layer": "hftd", "tiers": [2, 3]}, {"designation": "epss"}]}]',
    pg_temp.good() || '{"designations": [{"designation": "epss", "since": "2021-07-28"}]}')),
  'The premise is in hftd tier 3 (Tier 3), and on circuit 012345601, epss since 2021-07-28.',
  'the area says which zone, circuit and date');
select is((select sentence from pg_temp.said('[{"kind": "area", "any": [{"layer": "hftd", "tiers": [2, 3]}, {"layer": "hfra"}, {"designation": "epss"}]}]',
    pg_temp.good() || '{"zones": []}')),
  'The premise is in none of these areas: hftd tier 2 or 3; hfra; a circuit with epss.',
  'the area says what was looked for');
select is((select sentence from pg_temp.said('[{"kind": "service_voltage", "allowed": ["120/240"]}]', pg_temp.good() || '{"service_voltage": "120/208"}')),
  'The voltage of the service is 120/208; it must be 120/240.', 'a value says what it must be');
select is((select evidence -> 'matched' from pg_temp.said('[{"kind": "area", "any": [{"layer": "hftd"}]}]', pg_temp.good())),
  '[{"layer": "hftd", "version": 1, "zone": "Tier 3", "tier": 3}]'::jsonb,
  'the evidence has zone, layer version and tier');

select * from finish();
rollback;
