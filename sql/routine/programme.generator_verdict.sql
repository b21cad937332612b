-- One verdict for each generator model, as programme.generator_judge has it.
create or replace function programme.generator_verdict(in_generator_model_ids bigint[])
returns table (generator_model_id bigint, verdict text, grade text, rules jsonb)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select m.generator_model_id, j.verdict, j.grade, j.rules
  from programme.generator_model m
  cross join lateral programme.generator_judge(m, '{}') j
  where m.generator_model_id = any (in_generator_model_ids)
$$;
comment on function programme.generator_verdict(bigint[]) is
  'One verdict, with grade and rules, for each generator model.';
grant execute on function programme.generator_verdict(bigint[]) to bptm_http;
