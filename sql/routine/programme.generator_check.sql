-- What each rule of the connection says about generator models, as programme.generator_rule has it.
create or replace function programme.generator_check(in_generator_model_ids bigint[])
returns table (generator_model_id bigint, "position" smallint, code text, result text, sentence text)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select m.generator_model_id, r.position, r.code, r.result, r.sentence
  from programme.generator_model m
  cross join lateral programme.generator_rule(m, '{}') r
  where m.generator_model_id = any (in_generator_model_ids)
$$;
comment on function programme.generator_check(bigint[]) is
  'What each rule of the connection says about each generator model.';
grant execute on function programme.generator_check(bigint[]) to bptm_http;
