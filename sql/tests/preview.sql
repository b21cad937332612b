-- A preview judges both of its sides together and what they share once. It must say what each side alone
-- says: two screenings, one by what is in force and one by the drafts, for every set of drafts.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(6);

-- what is in force, and a draft of each that differs from it in part
update programme.zone_layer set active = false where active;
update programme.circuit_list set active = false where active;
update programme.generator_list set active = false where active;
insert into programme.programme (code, name, kind) values ('t-side', 'test', 'free');
insert into programme.ruleset (programme_id, version, title, valid_from, state, rules)
select programme_id, v.version, 'test', '2020-01-01', v.state, v.rules::jsonb
from programme.programme, (values
  (1, 'published', '[
    {"code": "AREA", "kind": "area", "any": [{"layer": "t-tiers", "tiers": [2, 3]}, {"layer": "t-areas"}, {"designation": "t-fast"}]},
    {"code": "PANEL", "kind": "service_amps", "max": 200},
    {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}]'),
  (2, 'draft', '[
    {"code": "AREA", "kind": "area", "any": [{"designation": "t-fast"}, {"layer": "t-tiers", "tiers": [3]}, {"outages": {"n": 2, "since": "2020-01-01"}}]},
    {"code": "PANEL", "kind": "service_amps", "max": 400}]')
) v(version, state, rules)
where code = 't-side';
insert into programme.zone_layer (code, version, source, state, active) values
  ('t-tiers', 1, 'test', 'published', true), ('t-tiers', 2, 'test', 'draft', false), ('t-areas', 1, 'test', 'published', true);
insert into programme.zone (zone_layer_id, name, tier, geom)
select l.zone_layer_id, v.name, v.tier, st_multi(st_makeenvelope(v.west, 10, v.west + 0.01, 10.01, 4326))
from (values ('t-tiers', 1, 'two', 2, 20), ('t-tiers', 1, 'three', 3, 20.01), ('t-tiers', 2, 'two', 2, 20.002),
             ('t-tiers', 2, 'three', 3, 20.012), ('t-areas', 1, 'area', null, 20.005)) v(code, version, name, tier, west)
join programme.zone_layer l using (code, version);
do $$ begin perform programme.zone_rim_make(l.zone_layer_id) from programme.zone_layer l where l.code like 't-%'; end $$;
insert into programme.circuit select '00000010' || n, 'T SIDE ' || n from generate_series(1, 4) n;
insert into programme.circuit_outage (circuit_id, started_at, cause)
select '000000104', '2021-01-01'::timestamptz + n * interval '1 day', 'psps' from generate_series(1, 3) n;
insert into programme.circuit_list (designation, version, source, state, active) values
  ('t-fast', 1, 'test', 'published', true), ('t-fast', 2, 'test', 'draft', false);
insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from)
select l.circuit_list_id, v.circuit_id, '2020-01-01' from (values (1, '000000101'), (1, '000000102'), (2, '000000102'), (2, '000000103')) v(version, circuit_id)
join programme.circuit_list l using (version) where l.designation = 't-fast';
insert into programme.generator_list (version, source, active, state) values (900, 'test', true, 'published'), (901, 'test', false, 'draft');
insert into programme.generator_model (generator_list_id, make, model, source_type, fuels, running_w,
    starting_w, l14_30r, rated_a_240v, neutral, gfci_on_240v, co_shutoff, carb, evidence)
select generator_list_id, 'Maker', m.model, 'engine', '{gasoline}', '{7500}', '{}', m.model = 'Good' or version = 901, 30,
       'floating', false, true, true, 'test'
from programme.generator_list, (values ('Good'), ('Plain')) m(model) where version in (900, 901);

-- premises along the boundaries; every third has an application
with premise as (
  insert into programme.premise (code, address, city, postal_code, geom, service_amps)
  select 'side ' || n, 'a', 'c', '1', st_setsrid(st_point(19.999 + n * 0.0001, 10.005 + n % 3 * 0.005), 4326), 200 + n % 2 * 200
  from generate_series(1, 260) n returning premise_id, substr(code, 6)::integer as n
), fed as (
  insert into programme.premise_circuit select premise_id, '00000010' || 1 + n % 5, '2020-01-01' from premise where n % 5 < 4
), customer as (
  insert into person.customer (medical_baseline) values (false) returning customer_id
), account as (
  insert into programme.account (number, premise_id, customer_id, kind)
  select 'side ' || n, premise_id, customer_id, 'residential' from premise, customer returning account_id, premise_id
)
insert into programme.application (programme_id, premise_id, account_id, generator_make, generator_model, owner_or_permission,
    access_agreed, survey_agreed)
select p.programme_id, premise_id, account_id, 'maker', (array['good', 'plain', 'other'])[1 + n / 3 % 3], true, true, true
from programme.programme p, premise join account using (premise_id) where p.code = 't-side' and n % 3 = 0;

-- every set of drafts, previewed, and each side on its own
create temporary table asked as
select s.kinds, programme.preview_ask('t-side', case when 'ruleset' = any (s.kinds) then 2 end,
         case when 'layer' = any (s.kinds) then '{"t-tiers": "2"}'::jsonb end, case when 'circuits' = any (s.kinds) then '{"t-fast": "2"}'::jsonb end,
         case when 'generators' = any (s.kinds) then 901 end, null, row(null, 'operator', null)::access.actor, 100) as preview_id
from generate_series(0, 15) n
cross join lateral (select array(select k.kind from (values ('ruleset', 1), ('layer', 2), ('circuits', 4), ('generators', 8)) k(kind, bit)
                                 where n & k.bit <> 0)) s(kinds);
update programme.preview set state = 'running' where preview_id in (select preview_id from asked);
do $$ begin perform programme.preview_judge(preview_id) from asked; end $$;
create temporary table alone as
select a.kinds, a.preview_id,
       programme.screen(p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids, p.generator_list_before_id, p.decided_on) as before_id,
       programme.screen(p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids, p.generator_list_id, p.decided_on) as after_id
from asked a join programme.preview p using (preview_id);
create temporary table wanted as
select a.kinds, a.preview_id, premise_id, b.outcome as before, n.outcome as after, p.code like 'side %' as is_ours
from alone a
join programme.screening_decision b on b.screening_id = a.before_id
join programme.screening_decision n using (premise_id)
join programme.premise p using (premise_id)
where n.screening_id = a.after_id;

select set_eq('select preview_id, premise_id, before, after from wanted where before <> after',
  'select preview_id, premise_id, before, after from programme.preview_change join asked using (preview_id)',
  'who moves is who is judged otherwise by each side alone');
select set_eq($$select preview_id, count(*), count(*) filter (where before = 'eligible') as b, count(*) filter (where after = 'eligible') as a from wanted group by 1$$,
  $$select preview_id, (counts ->> 'premises')::bigint, (counts ->> 'eligible_before')::bigint as b, (counts ->> 'eligible_after')::bigint as a
    from programme.preview join asked using (preview_id)$$, 'and so is how many are eligible');
select set_eq($$select w.kinds from wanted w where w.is_ours and w.before <> w.after group by 1$$,
  $$select kinds from asked where kinds <> '{}'$$, 'each draft moves somebody here, nothing moves nobody');
select set_eq('select distinct c.application_id is not null from programme.preview_change c join asked using (preview_id)',
  'values (true), (false)', 'with an application and without');
-- and application by application, which goes another way to the same rules
select is_empty($$select a.kinds, j.application_id from alone a join programme.preview p using (preview_id)
  cross join programme.application o
  cross join lateral programme.judged(false, array[o.application_id], null, array[
    row(1, p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids, p.generator_list_id),
    row(2, p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids, p.generator_list_before_id)]::programme.side[], p.decided_on) j
  join programme.screening_decision d on d.premise_id = j.premise_id and d.screening_id = case j.side when 1 then a.after_id else a.before_id end
  where o.programme_id = p.programme_id and a.kinds in ('{}', '{layer}', '{ruleset,circuits}', '{ruleset,layer,circuits,generators}')
    and (j.codes, j.fact) is distinct from (d.codes, d.fact)$$, 'applications by both sides say what screenings keep');
-- nothing was in force before
update programme.ruleset r set valid_from = current_date + 1 from programme.programme p
where p.programme_id = r.programme_id and p.code = 't-side' and r.version = 1;
create temporary table first as
select programme.preview_ask('t-side', 2, null, null, null, null, row(null, 'operator', null)::access.actor, 100) as preview_id;
update programme.preview set state = 'running' where preview_id in (select preview_id from first);
do $$ begin perform programme.preview_judge(preview_id) from first; end $$;
select results_eq($$select (counts ->> 'eligible_before')::bigint, (counts ->> 'eligible_after') = counts ->> 'in',
    (counts ->> 'premises')::bigint = (select count(*) from programme.premise) from programme.preview join first using (preview_id)$$,
  'values (0::bigint, true, true)', 'the first ruleset moves in whoever is eligible');
select * from finish();
rollback;
