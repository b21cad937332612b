-- The founding case and its neighbours: a high fire-risk area or a high-outage area, each alone
-- suffices and is named; distances to boundaries; versions of lists; decisions by hand.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(32);

update programme.zone_layer set active = false where active;
update programme.circuit_list set active = false where active;
insert into programme.programme (code, name, kind) values ('t-area', 'test', 'free');
insert into programme.ruleset (programme_id, version, title, valid_from, rules)
select programme_id, 1, 'test', '2022-01-01', '[
  {"code": "AREA", "kind": "area", "any": [
    {"layer": "t-fire", "tiers": [2, 3]}, {"layer": "t-own"}, {"designation": "t-fast"},
    {"outages": {"n": 8, "since": "2022-01-01", "causes": ["epss"]}},
    {"outages": {"n": 5, "since": "2023-01-01", "causes": ["epss"]}}]},
  {"code": "ACCOUNT", "kind": "account", "active": true, "residential": true},
  {"code": "VOLTAGE", "kind": "service_voltage", "allowed": ["120/240"]},
  {"code": "PANEL", "kind": "service_amps", "max": 200},
  {"code": "METER", "kind": "meter_form", "allowed": ["2S"]},
  {"code": "TENURE", "kind": "tenure"}, {"code": "ACCESS", "kind": "access"}, {"code": "SURVEY", "kind": "survey"},
  {"code": "MEDICAL", "kind": "medical"}, {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}]'
from programme.programme where code = 't-area';
insert into programme.zone_layer (code, version, source, state, active, tolerance_m, reach_m)
values ('t-fire', 3, 'test', 'published', true, 30, 250), ('t-own', 1, 'test', 'published', true, 30, 250);
insert into programme.zone (zone_layer_id, name, tier, geom)
select zone_layer_id, 'ridge', 3, st_multi(st_makeenvelope(-121, 38, -120, 39, 4326)) from programme.zone_layer where code = 't-fire';
insert into programme.zone (zone_layer_id, name, tier, geom)
select zone_layer_id, 'canyon', null, st_multi(st_makeenvelope(-119, 38, -118, 39, 4326)) from programme.zone_layer where code = 't-own';
do $$ begin perform programme.zone_rim_make(zone_layer_id) from programme.zone_layer where active; end $$;
insert into programme.circuit values ('000000901', 'T FAST'), ('000000902', 'T OFTEN'), ('000000903', 'T QUIET'), ('000000904', 'T LATE');
insert into programme.circuit_list (designation, version, source, state, active) values ('t-fast', 1, 'test', 'published', true);
insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
select l.circuit_list_id, v.* from programme.circuit_list l cross join (values ('000000901', date '2021-07-28', null::date)) v(circuit_id, first, last)
where l.designation = 't-fast' and l.active;
insert into programme.circuit_outage
select '000000902', timestamptz '2022-02-01 00:00Z' + n * interval '1 day', 'epss' from generate_series(1, 9) n union all
select '000000903', timestamptz '2022-02-01 00:00Z' + n * interval '1 day', 'epss' from generate_series(1, 7) n union all
select '000000903', timestamptz '2023-03-01 00:00Z' + n * interval '1 day', 'storm' from generate_series(1, 9) n union all
select '000000904', timestamptz '2023-02-01 00:00Z' + n * interval '1 day', 'epss' from generate_series(1, 5) n;

create function pg_temp.home(in_name text, in_lon numeric, in_lat numeric, in_circuit text, in_change jsonb default '{}')
returns void language sql as $$
  with premise as (
    insert into programme.premise (code, address, city, postal_code, geom, meter_form, service_amps, service_voltage)
    values (in_name, 'a', 'c', '1', st_setsrid(st_point(in_lon, in_lat), 4326), '2S',
            coalesce((in_change ->> 'amps')::integer, 200), coalesce(in_change ->> 'volts', '120/240'))
    returning premise_id
  ), fed as (
    insert into programme.premise_circuit select premise_id, in_circuit, '2020-01-01' from premise where in_circuit is not null
  ), customer as (
    insert into person.customer default values returning customer_id
  ), account as (
    insert into programme.account (number, premise_id, customer_id, kind)
    select in_name, premise_id, customer_id, coalesce(in_change ->> 'kind', 'residential') from premise, customer
    returning account_id
  )
  insert into programme.application (programme_id, premise_id, account_id, generator_make, generator_model,
      owner_or_permission, access_agreed, survey_agreed, created_at)
  select p.programme_id, premise_id, account_id, 'DuroMax', coalesce(in_change ->> 'generator', 'XP13000HX'),
         coalesce((in_change ->> 'owner')::boolean, true), coalesce((in_change ->> 'access')::boolean, true),
         coalesce((in_change ->> 'survey')::boolean, true), '2024-06-01'
  from programme.programme p, premise, account where p.code = 't-area'
$$;
create function pg_temp.id(in_name text) returns bigint language sql stable as $$
  select a.application_id from programme.application a join programme.premise p using (premise_id) where p.code = in_name
$$;
create function pg_temp.told(in_name text) returns text language plpgsql as $$
declare l_id bigint := programme.decide(pg_temp.id(in_name));
begin
  return (select d.outcome || coalesce(': ' || (select string_agg(r.code || ' ' || r.result, ', ' order by r.position)
            from programme.decision_rule r where r.decision_id = l_id and r.result in ('fail', 'unknown')), '')
          from programme.decision d where d.decision_id = l_id);
end $$;
create function pg_temp.said(in_name text) returns text language sql stable as $$
  select r.sentence from programme.decision d join programme.decision_rule r using (decision_id)
  where d.application_id = pg_temp.id(in_name) and r.code = 'AREA' order by d.decision_id desc limit 1
$$;

select pg_temp.home('fire', -120.5, 38.5, '000000903');
select is(pg_temp.told('fire'), 'eligible', 'high fire risk alone suffices');
select is(pg_temp.said('fire'), 'The premise is in t-fire tier 3 (ridge).', 'and is named');
select pg_temp.home('own', -118.5, 38.5, '000000903');
select is(pg_temp.told('own'), 'eligible', 'the utility''s own area alone suffices');
select is(pg_temp.said('own'), 'The premise is in t-own (canyon).', 'and is named');
select pg_temp.home('fast', -100, 30, '000000901');
select is(pg_temp.told('fast'), 'eligible', 'the circuit alone suffices');
select is(pg_temp.said('fast'), 'The premise is on circuit 000000901, t-fast since 2021-07-28.', 'and is named');
select pg_temp.home('often', -100, 30, '000000902');
select is(pg_temp.told('often'), 'eligible', 'eight outages since 2022 alone suffice');
select is(pg_temp.said('often'), 'The premise is on circuit 000000902, with 9 epss outages since 2022-01-01.', 'and are counted');
select pg_temp.home('late', -100, 30, '000000904');
select is(pg_temp.told('late'), 'eligible', 'five since 2023 as well');
select pg_temp.home('quiet', -100, 30, '000000903');
select is(pg_temp.told('quiet'), 'ineligible: AREA fail', 'seven, and others of another cause, do not');
select is(pg_temp.said('quiet'), 'The premise is in none of these areas: t-fire tier 2 or 3; t-own; a circuit with t-fast; '
  || 'a circuit with 8 or more epss outages since 2022-01-01; a circuit with 5 or more epss outages since 2023-01-01.', 'and it says what was looked for');
select pg_temp.home('nowhere', -100, 30, null);
select is(pg_temp.told('nowhere'), 'in_review: AREA unknown', 'without a circuit nobody knows');

-- the neighbours of the first, each failing one rule
select pg_temp.home('n' || v.n, -120.5, 38.5, '000000903', v.change::jsonb)
from (values (1, '{"kind": "business"}'), (2, '{"volts": "120/208"}'), (3, '{"amps": 400}'), (4, '{"owner": false}'),
             (5, '{"access": false}'), (6, '{"survey": false}'), (7, '{"generator": "XP4850EH-NO"}')) v(n, change);
select is(pg_temp.told('n' || v.n), v.told, 'a neighbour: ' || v.told)
from (values (1, 'ineligible: ACCOUNT fail'), (2, 'ineligible: VOLTAGE fail'), (3, 'ineligible: PANEL fail'),
             (4, 'ineligible: TENURE fail'), (5, 'ineligible: ACCESS fail'), (6, 'ineligible: SURVEY fail'),
             (7, 'in_review: GENERATOR unknown')) v(n, told);

-- boundaries: 0.0002 degrees of longitude are 17.5 m at 38.5 degrees
select pg_temp.home('in', -120.9998, 38.5, '000000903');
select is(pg_temp.told('in'), 'in_review', 'within the tolerance of a boundary: to be reviewed');
select is(pg_temp.said('in'), 'The premise is in t-fire tier 3 (ridge). It is 17.4 m from a boundary of t-fire, within the tolerance: to be reviewed.', 'with its distance');
select is((select jsonb_path_query_first(d.inputs, '$.facts.rims[0].distance_m')::text::numeric from programme.decision d where application_id = pg_temp.id('in')),
  (select round(st_distance(st_point(-120.9998, 38.5)::geography, 'linestring(-121 38.49, -121 38.51)'::geography)::numeric, 1)), 'as the geodesic has it');
select pg_temp.home('out', -121.0002, 38.5, '000000903');
select is(pg_temp.told('out'), 'in_review: AREA fail', 'nor is it refused for being a little outside');
select pg_temp.home('outfast', -121.0002, 38.5, '000000901');
select is(pg_temp.told('outfast'), 'eligible', 'unless another area holds anyway');
select pg_temp.home('farther', -120.999, 38.5, '000000903');
select is(pg_temp.told('farther'), 'eligible', 'beyond the tolerance it counts as it is');
select ok((select d.inputs @> '{"facts": {"rims": [{"layer": "t-fire", "distance_m": 87.2}], "reach": {"t-fire": 250}}}' from programme.decision d where application_id = pg_temp.id('farther')),
  'the distance is kept anyway');

-- by hand, with reason and expiry
insert into programme.application_override (application_id, code, result, reason, role, created_at, expires_at)
select pg_temp.id('quiet'), 'AREA', 'pass', 'Surveyed on site', 'enrolment', '2020-01-01', '2021-01-01';
select is(pg_temp.told('quiet'), 'ineligible: AREA fail', 'an override that has expired counts no more');
insert into programme.application_override (application_id, code, result, reason, role, expires_at)
select pg_temp.id('in'), 'AREA', 'fail', 'Surveyed on site', 'enrolment', now() + interval '1 year';
select is(pg_temp.told('in'), 'ineligible: AREA fail', 'an override counts');
select matches(pg_temp.said('in'), '^Decided by hand as fail until 20\d\d-\d\d-\d\d by enrolment: Surveyed on site\.$', 'and says who, why and until when');

-- a decision rests on versions
do $$ begin perform programme.circuit_list_redraft('t-fast', 'test'); end $$;
insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from)
select circuit_list_id, '000000903', '2024-01-01' from programme.circuit_list where designation = 't-fast' and version = 2;
select results_eq($$select d.circuit_id, d.valid_from from programme.circuit_designation d where designation = 't-fast'$$,
  $$values ('000000901', date '2021-07-28')$$, 'a draft changes nothing');
do $$ begin perform programme.circuit_list_publish(circuit_list_id) from programme.circuit_list where designation = 't-fast' and version = 2; end $$;
select results_eq($$select d.circuit_id, d.valid_from from programme.circuit_designation d where designation = 't-fast' order by 1$$,
  $$values ('000000901', date '2021-07-28'), ('000000903', '2024-01-01')$$, 'which has what was in force, too');
select is((select l.version from programme.decision d join programme.circuit_list l on l.circuit_list_id = any (d.circuit_list_ids)
           where d.application_id = pg_temp.id('fast') and l.designation = 't-fast'), 1, 'which the decision names');

select * from finish();
rollback;
