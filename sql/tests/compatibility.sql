-- The verdict on generators: each rule on made-up models, then the list that is shipped (which
-- `bptmctl import generators` made the active one).
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(62);

create temporary table shipped as
select v.*, m.make, m.model
from programme.generator_list l join programme.generator_model m using (generator_list_id)
join programme.generator_verdict((select array_agg(generator_model_id) from programme.generator_model)) v
  using (generator_model_id)
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
  ('{"source_type": "vehicle", "carb": null}', 'CARB', 'not_applicable', 'compatible', 'FULL');

insert into programme.generator_model overriding system value
select (jsonb_populate_record(null::programme.generator_model, jsonb_build_object(
    'generator_model_id', 0, 'generator_list_id', l.generator_list_id, 'make', 'Made', 'model', 'Up ' || w.id,
    'source_type', 'engine', 'fuels', array['gasoline'], 'running_w', array[7200], 'starting_w', '[]'::jsonb,
    'l14_30r', true, 'rated_a_240v', 30, 'neutral', 'floating', 'gfci_on_240v', false, 'co_shutoff', true,
    'carb', true, 'evidence', 'test') || w.change
    || jsonb_build_object('generator_model_id', -w.id))).*
from wanted w, programme.generator_list l where l.version = 901
;

select is((select row(c.result, v.verdict, v.grade) from programme.generator_check(array[-w.id]) c
           join programme.generator_verdict(array[-w.id]) v using (generator_model_id)
           where c.code = w.code)::text,
  row(w.result, w.verdict, w.grade)::text, format('%s %s %s', w.code, w.result, w.change))
from wanted w order by w.id;

-- the shape
select results_eq(
  'select count(*), array_agg(code order by position) from programme.generator_check(array[-1, -2]) group by generator_model_id',
  $$values (7::bigint, '{RCPT,VOLT,AMPS,OCP,NEUT,CO,CARB}'::text[]), (7, '{RCPT,VOLT,AMPS,OCP,NEUT,CO,CARB}')$$,
  'every model has every rule');
select is_empty($$select * from programme.generator_check((select array_agg(-id::bigint) from wanted))
  where sentence is null or sentence !~ '^[A-Z].*\.$'$$, 'every rule has a sentence');

-- by name: any case, unknown when it is not listed, an older list by its id
select is((select verdict from programme.compatibility((select generator_list_id from programme.generator_list where version = 901), 'made', 'UP 1')),
  'compatible', 'a model is found in any case, in the list named');
select results_eq($$select c.generator_model_id, c.verdict, c.grade, c.rules, c.make from programme.compatibility(null, 'Made', 'Up 1') c$$,
  $$values (null::bigint, 'unknown', null::text, '[]'::jsonb, 'Made')$$, 'a model that is not on the active list is unknown');
select is((select verdict from programme.compatibility(-2::bigint)), 'incompatible', 'by id');
select is_empty('select * from programme.compatibility(-9999::bigint)', 'no such id, no row');

-- the list that is shipped
select is((select count(*) from shipped), 51::bigint, '51 models are shipped');
select is_empty($$select * from shipped where verdict is null
  or verdict not in ('compatible', 'conditional', 'incompatible', 'unknown') or jsonb_array_length(rules) <> 7$$,
  'no model without a verdict and its rules');
create function pg_temp.told(in_model text) returns text language sql as $$
  select verdict || ' ' || coalesce(grade, '-') || ' ' || (
    select string_agg((r ->> 'code') || '=' || (r ->> 'result'), ' ') from jsonb_array_elements(rules) r
    where r ->> 'result' not in ('unknown', 'not_applicable'))
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
  ('Delta Pro x2 + Double Voltage Hub', null)
) g(model, told);

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
