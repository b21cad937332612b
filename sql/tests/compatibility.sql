-- The verdict on generators: each rule on made-up models, then the list that is shipped (which
-- `bptmctl import generators` made the active one).
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(102);

create temporary table shipped as
select m.make, m.model, j.*
from programme.generator_list l join programme.generator_model m using (generator_list_id)
cross join lateral programme.generator_judge(m, '{}') j
where l.active;

-- one good model, and what each changed cell does to one rule and to the verdict
insert into programme.generator_list (version, source) values (901, 'test');
create temporary table wanted (id serial, change jsonb, code text, result text, verdict text, grade text);
insert into wanted (change, code, result, verdict, grade) values
  ('{}', 'RCPT', 'pass', 'compatible', 'FULL'),
  ('{"l14_30r": false}', 'RCPT', 'fail', 'incompatible', 'FULL'),
  ('{"l14_30r": null}', 'RCPT', 'unknown', 'unknown', 'FULL'),
  ('{}', 'VOLT', 'pass', 'compatible', 'FULL'),
  ('{"l14_30r": null}', 'VOLT', 'unknown', 'unknown', 'FULL'),
  ('{"rated_a_240v": 30}', 'AMPS', 'pass', 'compatible', 'FULL'),
  ('{"rated_a_240v": 29.9}', 'AMPS', 'fail', 'incompatible', 'FULL'),
  ('{"rated_a_240v": null, "running_w": [7200]}', 'AMPS', 'pass', 'conditional', 'FULL'),
  ('{"rated_a_240v": null, "running_w": [7199]}', 'AMPS', 'conditional', 'conditional', 'REDUCED'),
  ('{"rated_a_240v": null, "running_w": []}', 'AMPS', 'unknown', 'unknown', null),
  ('{"rated_a_240v": null, "running_w": [7199], "l14_30r": null}', 'AMPS', 'unknown', 'unknown', 'REDUCED'),
  ('{"running_w": [5500]}', 'AMPS', 'pass', 'conditional', 'REDUCED'),
  ('{"running_w": [7500, 6750]}', 'AMPS', 'pass', 'compatible', 'FULL'),
  ('{"running_w": []}', 'AMPS', 'pass', 'compatible', null),
  ('{"rated_a_240v": 30}', 'OCP', 'pass', 'compatible', 'FULL'),
  ('{"rated_a_240v": 39.6}', 'OCP', 'conditional', 'conditional', 'FULL'),
  ('{"rated_a_240v": null}', 'OCP', 'unknown', 'conditional', 'FULL'),
  ('{"neutral": "floating"}', 'NEUT', 'pass', 'compatible', 'FULL'),
  ('{"neutral": "switchable"}', 'NEUT', 'conditional', 'conditional', 'FULL'),
  ('{"neutral": "bonded", "gfci_on_240v": true}', 'NEUT', 'fail', 'incompatible', 'FULL'),
  ('{"neutral": "bonded", "gfci_on_240v": false}', 'NEUT', 'conditional', 'conditional', 'FULL'),
  ('{"neutral": "bonded", "gfci_on_240v": null}', 'NEUT', 'unknown', 'conditional', 'FULL'),
  ('{"neutral": null}', 'NEUT', 'unknown', 'conditional', 'FULL'),
  ('{"co_shutoff": true}', 'CO', 'pass', 'compatible', 'FULL'),
  ('{"co_shutoff": false}', 'CO', 'fail', 'conditional', 'FULL'),
  ('{"co_shutoff": null}', 'CO', 'unknown', 'compatible', 'FULL'),
  ('{"source_type": "battery", "co_shutoff": null}', 'CO', 'not_applicable', 'compatible', 'FULL'),
  ('{"source_type": "inverter", "co_shutoff": false}', 'CO', 'fail', 'conditional', 'FULL'),
  ('{"carb": true}', 'CARB', 'pass', 'compatible', 'FULL'),
  ('{"carb": false}', 'CARB', 'fail', 'conditional', 'FULL'),
  ('{"carb": null}', 'CARB', 'unknown', 'compatible', 'FULL'),
  ('{"carb": false, "running_w": [19001]}', 'CARB', 'not_applicable', 'compatible', 'FULL'),
  ('{"carb": false, "running_w": [19000]}', 'CARB', 'fail', 'conditional', 'FULL'),
  ('{"source_type": "vehicle", "carb": null}', 'CARB', 'not_applicable', 'compatible', 'FULL'),
  ('{"l14_30r": null, "receptacles": ["5-20R", "L14-30R"]}', 'RCPT', 'pass', 'compatible', 'FULL'),
  ('{"l14_30r": null, "receptacles": ["5-20R", "14-50R"]}', 'RCPT', 'fail', 'incompatible', 'FULL'),
  ('{"volts": "120"}', 'VOLT', 'fail', 'incompatible', 'FULL'),
  ('{"volts": "240"}', 'VOLT', 'fail', 'incompatible', 'FULL'),
  ('{"volts": "120/240"}', 'VOLT', 'pass', 'compatible', 'FULL'),
  ('{"breaker_a": 0}', 'OCP', 'fail', 'incompatible', 'FULL'),
  ('{"breaker_a": 30, "rated_a_240v": 39.6}', 'OCP', 'pass', 'compatible', 'FULL'),
  ('{"breaker_a": 50}', 'OCP', 'fail', 'incompatible', 'FULL'),
  ('{"source_type": "battery", "trips_unbalanced": true}', 'BAL', 'conditional', 'conditional', 'FULL'),
  ('{"source_type": "battery", "trips_unbalanced": false}', 'BAL', 'pass', 'compatible', 'FULL'),
  ('{"source_type": "battery"}', 'BAL', 'unknown', 'compatible', 'FULL'),
  ('{}', 'BAL', 'not_applicable', 'compatible', 'FULL'),
  ('{}', 'CORD', 'unknown', 'compatible', 'FULL'),
  ('{}', 'ALT', 'not_applicable', 'compatible', 'FULL'),
  ('{}', 'LIST', 'pass', 'compatible', 'FULL'),
  ('{"status": "recalled", "reason": "fuel leak"}', 'LIST', 'fail', 'incompatible', 'FULL'),
  ('{"status": "withdrawn", "reason": "no longer sold"}', 'LIST', 'fail', 'incompatible', 'FULL'),
  ('{"valid_from": "2999-01-01"}', 'LIST', 'fail', 'incompatible', 'FULL'),
  ('{"valid_to": "2020-01-01"}', 'LIST', 'fail', 'incompatible', 'FULL');

insert into programme.generator_model overriding system value
select (jsonb_populate_record(null::programme.generator_model, jsonb_build_object(
    'generator_model_id', 0, 'generator_list_id', l.generator_list_id, 'make', 'Made', 'model', 'Up ' || w.id,
    'source_type', 'engine', 'fuels', array['gasoline'], 'running_w', array[7200], 'starting_w', '[]'::jsonb,
    'l14_30r', true, 'rated_a_240v', 30, 'neutral', 'floating', 'gfci_on_240v', false, 'co_shutoff', true,
    'carb', true, 'evidence', 'test', 'aliases', '[]'::jsonb, 'field_evidence', '{}'::jsonb,
    'status', 'listed') || w.change
    || jsonb_build_object('generator_model_id', -w.id))).*
from wanted w, programme.generator_list l where l.version = 901
;

select is((select row(r.result, j.verdict, j.grade) from programme.generator_model m
           cross join lateral programme.generator_rule(m, '{}') r cross join lateral programme.generator_judge(m, '{}') j
           where m.generator_model_id = -w.id and r.code = w.code)::text,
  row(w.result, w.verdict, w.grade)::text, format('%s %s %s', w.code, w.result, w.change))
from wanted w order by w.id;

-- the shape
create view pg_temp.said as
select m.generator_model_id, r.* from programme.generator_model m cross join lateral programme.generator_rule(m, '{}') r
where m.generator_model_id < 0;
select results_eq(
  'select count(*), array_agg(code order by position) from pg_temp.said where generator_model_id in (-1, -2) group by generator_model_id',
  $$values (11::bigint, '{RCPT,VOLT,AMPS,OCP,NEUT,CO,CARB,ALT,CORD,BAL,LIST}'::text[]), (11, '{RCPT,VOLT,AMPS,OCP,NEUT,CO,CARB,ALT,CORD,BAL,LIST}')$$,
  'every model has every rule');
select is_empty($$select * from pg_temp.said where sentence is null or sentence !~ '^[A-Z].*\.$'$$, 'every rule has a sentence');

-- what is asked about beyond the generator: altitude, fuel, cord, date
select is((select row(r.result, r.sentence, j.verdict, j.grade)
           from programme.generator_model m cross join lateral programme.generator_rule(m, t.site) r
           cross join lateral programme.generator_judge(m, t.site) j
           where m.generator_model_id = t.id and r.code = t.code)::text,
  row(t.result, t.sentence, t.verdict, t.grade)::text, format('%s %s %s', t.id, t.code, t.site))
from (values
  (-1, '{"altitude_m": 0}'::jsonb, 'ALT', 'pass', 'At 0 ft it runs 7200 W of its 7200 W.', 'compatible', 'FULL'),
  (-1, '{"altitude_m": 304.8}', 'ALT', 'conditional', 'At 1000 ft it runs 6948 W of its 7200 W, so some load must be shed.', 'conditional', 'REDUCED'),
  (-13, '{"altitude_m": 304.8}', 'ALT', 'pass', 'At 1000 ft it runs 7237 W of its 7500 W.', 'compatible', 'FULL'),
  (-13, '{"altitude_m": 1524}', 'ALT', 'conditional', 'At 5000 ft it runs 6187 W of its 7500 W, so some load must be shed.', 'conditional', 'REDUCED'),
  (-14, '{"altitude_m": 304.8}', 'ALT', 'unknown', 'What it runs at 1000 ft is not known.', 'compatible', null),
  (-27, '{"altitude_m": 3048}', 'ALT', 'not_applicable', 'It burns no fuel, so altitude takes no power from it.', 'compatible', 'FULL'),
  (-1, '{"fuel": "propane"}', 'AMPS', 'pass', 'It is rated at 30 A at 240 V.', 'compatible', null),
  (-1, '{"cord_conductors": 4, "cord_awg": 10}', 'CORD', 'pass', 'The cord has 4 conductors of AWG 10.', 'compatible', 'FULL'),
  (-1, '{"cord_conductors": 4, "cord_awg": 12}', 'CORD', 'fail', 'The conductors of the cord are AWG 12; it needs AWG 10 or thicker.', 'conditional', 'FULL'),
  (-1, '{"cord_conductors": 3, "cord_awg": 10}', 'CORD', 'fail', 'The cord has 3 conductors; it needs 4.', 'conditional', 'FULL'),
  (-1, '{"cord_conductors": 4}', 'CORD', 'unknown', 'The cord needs 4 conductors of AWG 10 or thicker; which one is used is not known.', 'compatible', 'FULL'),
  (-52, '{"on": "2999-01-01"}', 'LIST', 'pass', 'It is on the list.', 'compatible', 'FULL'),
  (-52, '{"on": "2998-12-31"}', 'LIST', 'fail', 'Its entry on the list counts from 2999-01-01.', 'incompatible', 'FULL'),
  (-53, '{"on": "2019-12-31"}', 'LIST', 'pass', 'It is on the list.', 'compatible', 'FULL')
) t(id, site, code, result, sentence, verdict, grade);
select is((programme.compatibility_by_label(w.facts, '{}')::jsonb - '{list,field_results,match}'::text[]) ->> 'verdict', w.verdict,
  format('by label: %s', w.facts))
from (values
  ('{"receptacles": ["L14-30R"], "volts": "120/240", "rated_a_240v": 30, "breaker_a": 30, "neutral": "floating", "running_w": [7500], "fuels": ["gasoline"]}'::jsonb, 'compatible'),
  ('{"receptacles": ["L14-30R"], "rated_a_240v": 30, "neutral": "bonded", "gfci_on_240v": true}', 'incompatible'),
  ('{"receptacles": ["L5-30R"], "volts": "120"}', 'incompatible'),
  ('{}', 'unknown')
) w(facts, verdict);

-- by name: any case, unknown when it is not listed
select is(programme.compatibility_by_name('HONDA', 'eu7000is', '{}') ->> 'verdict', 'conditional', 'a model is found in any case');
select is((select row(c ->> 'verdict', c -> 'rules')::text from programme.compatibility_by_name('Made', 'Up 1', '{}') c),
  '(unknown,[])', 'a model that is not on the active list is unknown');

-- the list that is shipped
select is((select count(*) from shipped), 51::bigint, '51 models are shipped');
select is_empty($$select * from shipped where verdict is null
  or verdict not in ('compatible', 'conditional', 'incompatible', 'unknown') or jsonb_array_length(rules) <> 11$$,
  'no model without a verdict and its rules');
create function pg_temp.told(in_model text) returns text language sql as $$
  select verdict || ' ' || coalesce(grade, '-') || ' ' || (
    select string_agg((r ->> 'code') || '=' || (r ->> 'result'), ' ') from jsonb_array_elements(rules) r
    where r ->> 'result' not in ('unknown', 'not_applicable') and r ->> 'code' <> 'LIST')
  from shipped where model = in_model
$$;
select is(pg_temp.told(g.model), g.told, 'golden: ' || g.model)
from (values
  ('XP13000HX', 'conditional FULL RCPT=pass VOLT=pass AMPS=pass CO=pass CARB=pass'),
  ('EU7000iS', 'conditional REDUCED RCPT=pass VOLT=pass AMPS=conditional'),
  ('F-150 Lightning Pro Power', 'incompatible FULL RCPT=pass VOLT=pass AMPS=pass OCP=pass NEUT=fail'),
  ('XP8000E', 'incompatible FULL AMPS=pass OCP=pass NEUT=fail'),
  ('XG8000E', 'unknown FULL AMPS=pass OCP=pass NEUT=conditional'),
  ('AC300 + B300', 'incompatible - RCPT=fail'),
  ('WGen7500DF', 'unknown FULL AMPS=pass CARB=pass'),
  ('WGen9500TFc', 'unknown FULL AMPS=pass OCP=conditional'),
  ('EM6500SX', 'unknown - NEUT=pass'),
  ('EB6500X', 'unknown REDUCED AMPS=pass OCP=pass'),
  ('Delta Pro x2 + Double Voltage Hub', 'unknown - BAL=conditional')
) g(model, told);

-- ready answers are what the rules say now
select is_empty($$select from programme.generator_answer a full join shipped s
  on a.make = lower(s.make) and a.model = lower(s.model)
  where a.body::jsonb ->> 'verdict' is distinct from s.verdict or a.body::jsonb -> 'rules' is distinct from s.rules$$,
  'the ready answer of every model is what the rules say');
select is(programme.generator_answer_refresh(), 0::bigint, 'writing them again changes nothing');

-- every name that is shipped with every mistake of one letter: added, left out, replaced, swapped
create temporary table alphabet as select chr(c) as letter from generate_series(97, 122) c
  union all select n::text from generate_series(0, 9) n;
create temporary table mistake as
select distinct n.generator_model_id, e.text
from programme.generator_name n
join programme.generator_list l using (generator_list_id)
cross join lateral generate_series(1, length(n.name) + 1) i
cross join lateral (
  select overlay(n.name placing '' from i for 1) where i <= length(n.name)
  union all select overlay(n.name placing substr(n.name, i + 1, 1) || substr(n.name, i, 1) from i for 2) where i < length(n.name)
  union all select overlay(n.name placing a.letter from i for 1) from alphabet a where i <= length(n.name)
  union all select overlay(n.name placing a.letter from i for 0) from alphabet a
  union all select n.name
) e(text)
where l.active;
create temporary table met as
select d.text, d.generator_model_id, d.distance,
       min(d.distance) over (partition by d.text) as nearest
from programme.generator_list l
cross join lateral programme.generator_near(l.generator_list_id, (select array_agg(distinct m.text) from mistake m)) d
where l.active;
create index on met (text, generator_model_id);
analyze met;
-- the right model comes first, alone unless another model's name is as near
create temporary table judged as
select m.text, m.generator_model_id, r.distance,
       (select count(*) from met o where o.text = m.text and o.generator_model_id <> m.generator_model_id
          and o.distance <= r.distance) as others
from mistake m left join met r using (text, generator_model_id);
select is((select count(*) from judged where distance is null), 0::bigint,
  (select format('%s mistyped names, each finds its model', count(*)) from judged));
-- where others are as near, the text is one letter away from both
select ok((select count(*) filter (where others > 0) between 1 and 0.03 * count(*) from judged),
  (select format('%s of them are as near to another model', count(*) filter (where others > 0)) from judged));
select is((select string_agg(distinct j.text, ' ') from judged j
  cross join lateral (select model, make, generator_model_id from programme.generator_search(j.text, 1)) s
  where j.others = 0 and s.generator_model_id <> j.generator_model_id and hashtext(j.text) % 400 = 0), null,
  'the whole search puts it first, too (every 400th)');

-- search
select is((select model from programme.generator_search('honda eu7000is') limit 1), 'EU7000iS', 'a name in any case');
select is((select model from programme.generator_search('Hoda EU700iS') limit 1), 'EU7000iS', 'a mistyped name');
select is((select make from programme.generator_search('xp13000hx') limit 1), 'DuroMax', 'a model without its make');
select ok((select bool_and(make = 'Westinghouse') and count(*) >= 5 from programme.generator_search('westinghouse wgen')),
  'a make and the beginning of a model');
select is_empty($$select * from programme.generator_search('%')$$, 'a pattern is only text');
select is((select count(*) from programme.generator_search('duromax', 3)), 3::bigint, 'no more than asked for');
select is_empty($$select * from programme.generator_search('zzzzqqqq')$$, 'nothing alike, nothing found');
select is_empty($$select * from programme.generator_search('Made Up 1') where make = 'Made'$$,
  'another list is not searched');
select ok((select array_agg(score) = array_agg(score order by score desc) from programme.generator_search('generac xp6500e')),
  'best first');

select * from finish();
rollback;
