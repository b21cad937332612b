-- Eligibility and decisions on rows: places, dates, states, hashes.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(32);

-- a world: a district with a hole and a boundary at longitude -120, two circuits, one list
update programme.zone_layer set active = false where active;
update programme.generator_list set active = false where active;
insert into programme.programme (code, name, kind) values ('t-dec', 'test', 'free');
insert into programme.ruleset (programme_id, version, title, valid_from, valid_to, rules)
select programme_id, v.version, 'test', v.valid_from::date, v.valid_to::date, v.rules::jsonb
from programme.programme, (values
  (1, '2021-01-01', '2022-01-01', '[{"code": "AREA", "kind": "area", "any": [{"layer": "t-hftd"}]}]'),
  (2, '2022-01-01', null, '[
    {"code": "AREA", "kind": "area", "any": [{"layer": "t-hftd", "tiers": [2, 3]}, {"designation": "epss"}]},
    {"code": "PANEL", "kind": "service_amps", "max": 200},
    {"code": "MEDICAL", "kind": "medical"},
    {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}]')
) v(version, valid_from, valid_to, rules)
where code = 't-dec';
insert into programme.zone_layer (code, version, source, state, active) values ('t-hftd', 7, 'test', 'published', true);
insert into programme.zone (zone_layer_id, name, tier, geom)
select zone_layer_id, v.name, v.tier, st_multi(st_geomfromtext(v.wkt, 4326))
from programme.zone_layer, (values
  ('two', 2, 'POLYGON((-121 38, -120 38, -120 39, -121 39, -121 38), (-120.6 38.4, -120.6 38.6, -120.4 38.6, -120.4 38.4, -120.6 38.4))'),
  ('three', 3, 'POLYGON((-120 38, -119 38, -119 39, -120 39, -120 38))'),
  ('one', 1, 'POLYGON((-110 38, -109 38, -109 39, -110 39, -110 38))')
) v(name, tier, wkt)
where code = 't-hftd';
-- an older version of the layer, everywhere, counts no more
insert into programme.zone_layer (code, version, source) values ('t-hftd', 6, 'test');
insert into programme.zone (zone_layer_id, name, tier, geom)
select zone_layer_id, 'old', 3, st_multi(st_makeenvelope(-180, -90, 180, 90, 4326))
from programme.zone_layer where code = 't-hftd' and version = 6;
insert into programme.circuit values ('000000001', 'T FAST'), ('000000002', 'T SLOW');
insert into programme.circuit_list (designation, version, source, state, active) values ('epss', 900, 'test', 'published', true);
insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
select l.circuit_list_id, v.* from programme.circuit_list l cross join (values ('000000001', date '2021-07-28', date '2023-01-01'), ('000000001', '2024-01-01', null)) v(circuit_id, first, last)
where l.designation = 'epss' and l.active;
insert into programme.generator_list (version, source, active, state) values (900, 'test', true, 'published');
insert into programme.generator_model (generator_list_id, make, model, source_type, fuels, running_w,
    starting_w, l14_30r, rated_a_240v, neutral, gfci_on_240v, co_shutoff, carb, evidence)
select generator_list_id, 'Maker', v.model, 'engine', '{gasoline}', array[v.w], '{}', v.rcpt, 30,
       'floating', false, true, true, 'test'
from programme.generator_list, (values ('Good', 7500, true), ('Plain', 7500, false)) v(model, w, rcpt)
where version = 900;

create function pg_temp.apply(in_name text, in_lon numeric, in_lat numeric, in_circuit text,
                              in_day date, in_model text, in_amps integer, in_medical boolean default false)
returns void language sql as $$
  with premise as (
    insert into programme.premise (code, address, city, postal_code, geom, service_amps)
    values (in_name, 'a', 'c', '1', st_setsrid(st_point(in_lon, in_lat), 4326), in_amps)
    returning premise_id
  ), fed as (
    insert into programme.premise_circuit
    select premise_id, in_circuit, '2020-01-01' from premise where in_circuit is not null
  ), customer as (
    insert into person.customer (name_box, medical_baseline)
    values (convert_to('Secret Name, whose box this is not really', 'UTF8'), in_medical)
    returning customer_id
  ), account as (
    insert into programme.account (number, premise_id, customer_id, kind)
    select in_name, premise_id, customer_id, 'residential' from premise, customer
    returning account_id
  )
  insert into programme.application (programme_id, premise_id, account_id, generator_make,
      generator_model, owner_or_permission, access_agreed, survey_agreed, created_at)
  select p.programme_id, premise_id, account_id, 'maker', in_model, true, true, true, in_day
  from programme.programme p, premise, account where p.code = 't-dec'
$$;
-- what a decision says of each rule, and the application as it was
create function pg_temp.told(in_application_id bigint)
returns table ("position" smallint, code text, result text, evidence jsonb) language plpgsql as $$
declare
  l_id bigint;
  l_rules jsonb;
begin
  begin
    l_id := programme.decide(in_application_id);
    l_rules := (select jsonb_agg(to_jsonb(r)) from programme.decision_rule r where r.decision_id = l_id);
    raise exception using errcode = 'BP999';
  exception when sqlstate 'BP999' then null;
  end;
  return query select r.* from jsonb_to_recordset(l_rules) r("position" smallint, code text, result text, evidence jsonb);
end
$$;
create function pg_temp.area(in_name text) returns text language sql volatile as $$
  select e.result || coalesce(' ' || (select string_agg(coalesce(m ->> 'zone', m ->> 'circuit'), '+')
                                      from jsonb_array_elements(e.evidence -> 'matched') m), '')
  from programme.premise p join programme.application a using (premise_id)
  cross join lateral pg_temp.told(a.application_id) e
  where p.code = in_name and e.code = 'AREA'
$$;

-- places
select pg_temp.apply('inside', -120.9, 38.1, null, '2022-06-01', 'good', 200);
select is(pg_temp.area('inside'), 'pass two', 'a point inside');
select pg_temp.apply('hole', -120.5, 38.5, '000000002', '2022-06-01', 'good', 200);
select is(pg_temp.area('hole'), 'fail', 'a point in a hole is outside');
select pg_temp.apply('rim', -120.6, 38.5, null, '2022-06-01', 'good', 200);
select is(pg_temp.area('rim'), 'pass two', 'a point on the rim of a hole is inside');
select pg_temp.apply('border', -120, 38.5, null, '2022-06-01', 'good', 200);
select is(pg_temp.area('border'), 'pass two+three', 'a point on a boundary is in both zones');
select pg_temp.apply('corner', -121, 38, null, '2022-06-01', 'good', 200);
select is(pg_temp.area('corner'), 'pass two', 'a corner is inside');
select pg_temp.apply('beside', -121.0000001, 38, '000000002', '2022-06-01', 'good', 200);
select is(pg_temp.area('beside'), 'fail', 'a centimetre outside is outside');
select pg_temp.apply('tier1', -109.5, 38.5, '000000002', '2022-06-01', 'good', 200);
select is(pg_temp.area('tier1'), 'fail', 'another tier does not count');
select pg_temp.apply('tier1old', -109.5, 38.5, null, '2021-06-01', 'good', 200);
select is(pg_temp.area('tier1old'), 'pass one', 'it does under the ruleset of its day');

-- circuits, on the day of the application
select pg_temp.apply('fast', -100, 30, '000000001', '2022-12-31', 'good', 200);
select is(pg_temp.area('fast'), 'pass 000000001', 'on a fast-trip circuit, its leading zeros kept');
select pg_temp.apply('pause', -100, 30, '000000001', '2023-01-01', 'good', 200);
select is(pg_temp.area('pause'), 'fail', 'not while the circuit was off the list');
select pg_temp.apply('again', -100, 30, '000000001', '2024-01-01', 'good', 200);
select is(pg_temp.area('again'), 'pass 000000001', 'again when it was back');
select pg_temp.apply('nowhere', -100, 30, null, '2024-01-01', 'good', 200);
select is(pg_temp.area('nowhere'), 'unknown', 'no circuit known: unknown');
select pg_temp.apply('moved', -100, 30, '000000002', '2024-06-01', 'good', 200);
update programme.premise_circuit set valid_to = '2024-05-01'
where premise_id = (select premise_id from programme.premise where code = 'moved');
insert into programme.premise_circuit
select premise_id, '000000001', '2024-05-01' from programme.premise where code = 'moved';
select is(pg_temp.area('moved'), 'pass 000000001', 'the circuit of the day counts');

select pg_temp.apply('many' || n, -121.2 + (n % 40) * 0.06, 37.9 + n / 40 * 0.05, '000000002',
                     '2022-06-01', 'good', 200) from generate_series(0, 1099) n;
create temporary table app as
select array_agg(a.application_id order by a.application_id) as ids
from programme.application a join programme.programme p using (programme_id) where p.code = 't-dec';
-- all premises at once, driven from the zones, say what applications say one by one
create temporary table screened as
select programme.screen((select ruleset_id from programme.ruleset join programme.programme using (programme_id)
                         where code = 't-dec' and version = 2)) as id;
select is((select count(*) from programme.screening_decision where screening_id = (select id from screened)),
  (select count(*) from programme.premise), 'a screening decides every premise');
select is_empty($$select p.code, d.codes, e.codes from programme.screening_decision d join programme.premise p using (premise_id)
  join (select a.premise_id, array_agg(e.result || '' order by e.position) as codes
        from app, unnest(ids) u(id) join programme.application a on a.application_id = u.id
        cross join lateral pg_temp.told(u.id) e where a.created_at >= '2022-01-01' group by 1) e using (premise_id)
  where d.screening_id = (select id from screened) and p.code like 'many%'
    and array(select substring(c from 'pass|fail|unknown|not_applicable') from unnest(d.codes) c) <> e.codes$$,
  'both ways to the zones agree');

-- the account is the one of the premise
update programme.account set premise_id = (select premise_id from programme.premise where code = 'hole')
where number = 'rim';
select results_eq($$select p.code, (j.fact).account_at_premise::text from programme.premise p
  join programme.application a using (premise_id)
  cross join lateral programme.judged(false, array[a.application_id], null, array[row(1, null, '{}', '{}', null)::programme.side], current_date) j where p.code in ('rim', 'hole') order by 1$$,
  $$values ('hole', 'true'), ('rim', 'false')$$, 'an account of another premise is seen');

-- decisions
create function pg_temp.id(in_name text) returns bigint language sql stable as $$
  select a.application_id from programme.application a join programme.premise p using (premise_id)
  where p.code = in_name
$$;
create temporary table decided (name text, decision_id bigint);
insert into decided select n, programme.decide(pg_temp.id(n)) from unnest(array['inside', 'hole', 'nowhere']) n;
select results_eq('select n.name, d.outcome, a.state, a.version from decided n
  join programme.decision d using (decision_id) join programme.application a using (application_id) order by 1',
  $$values ('hole', 'ineligible', 'ineligible', 2), ('inside', 'eligible', 'eligible', 2),
           ('nowhere', 'in_review', 'in_review', 2)$$,
  'any fail: ineligible; any unknown: in review; else eligible');
select results_eq(
  $$select r.position::integer, r.code, r.result from decided n join programme.decision_rule r using (decision_id)
    where n.name = 'inside' order by 1$$,
  $$values (1, 'AREA', 'pass'), (2, 'PANEL', 'pass'), (3, 'MEDICAL', 'not_applicable'), (4, 'GENERATOR', 'pass')$$,
  'the decision keeps each rule, in the order of the ruleset');
select results_eq(
  $$select rs.version, d.zone_layer_ids = array[l.zone_layer_id], g.version, d.inputs ->> 'ruleset',
           d.inputs #>> '{facts,layers,t-hftd}', d.inputs #>> '{facts,generator_list}'
    from decided n join programme.decision d using (decision_id) join programme.ruleset rs using (ruleset_id)
    join programme.generator_list g using (generator_list_id), programme.zone_layer l
    where n.name = 'inside' and l.code = 't-hftd' and l.active$$,
  $$values (2, true, 900, '2', '7', '900')$$, 'the decision keeps the versions used');
select ok((select d.inputs::text !~* 'secret|536563726574' from decided n join programme.decision d using (decision_id)
           where n.name = 'inside'), 'the inputs name nobody');

-- hashes
select isnt(programme.decide(pg_temp.id('inside')), (select decision_id from decided where name = 'inside'),
  'deciding again is another decision');
select is((select count(distinct inputs_hash) from programme.decision where application_id = pg_temp.id('inside')),
  1::bigint, 'same inputs, same hash');
select is((select inputs_hash = sha256(convert_to(inputs::text, 'UTF8')) from programme.decision
           where application_id = pg_temp.id('inside') limit 1), true, 'the hash is over the inputs kept');
select is((select version from programme.application where application_id = pg_temp.id('inside')), 2,
  'the application does not change when its state does not');
select pg_temp.apply('twin', -120.9, 38.1, null, '2022-06-01', 'good', 200);
do $$ begin perform programme.decide(pg_temp.id('twin')); end $$;
select is((select count(distinct inputs_hash) from programme.decision
           where application_id in (pg_temp.id('inside'), pg_temp.id('twin'))), 1::bigint,
  'another application with the same facts has the same hash');
update programme.zone_layer set version = 8 where code = 't-hftd' and active;
do $$ begin perform programme.decide(pg_temp.id('twin')); end $$;
select is((select count(distinct inputs_hash) from programme.decision where application_id = pg_temp.id('twin')),
  2::bigint, 'another version of the map is another hash');
update programme.premise set service_amps = 400 where code = 'twin';
do $$ begin perform programme.decide(pg_temp.id('twin')); end $$;
select results_eq(format('select outcome from programme.decision where application_id = %s order by decision_id', pg_temp.id('twin')),
  array['eligible', 'eligible', 'ineligible'], 'a changed fact changes the outcome');

-- what cannot be decided
select throws_ok('select programme.decide(-1)', 'BP001', 'not-found', 'no such application');
update programme.application set state = 'installed' where application_id = pg_temp.id('inside');
select throws_ok(format('select programme.decide(%s)', pg_temp.id('inside')), 'BP001', 'state-refused',
  'an installed application is decided');
select pg_temp.apply('early', -120.9, 38.1, null, '2020-06-01', 'good', 200);
select throws_ok(format('select programme.decide(%s)', pg_temp.id('early')), 'BP001', 'state-refused',
  'no ruleset was in force');

-- the generator rule is the compatibility
select pg_temp.apply('plain', -120.9, 38.1, null, '2022-06-01', 'PLAIN', 200);
select is((select row(e.result, e.evidence ->> 'verdict') from pg_temp.told(pg_temp.id('plain')) e
           where e.code = 'GENERATOR')::text,
  row('fail', programme.compatibility_by_name('Maker', 'plain', '{}') ->> 'verdict')::text,
  'a generator without the outlet fails, by the same function as the compatibility');
update programme.generator_list set active = false where active;
select is((select e.result from pg_temp.told(pg_temp.id('plain')) e where e.code = 'GENERATOR'),
  'unknown', 'without an active list the generator is unknown');

select * from finish();
rollback;
