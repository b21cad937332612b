-- The verdict on one generator by list (null: the active one), make and model; always one row. A
-- model that is not on the list is unknown.
create or replace function programme.compatibility(in_generator_list_id bigint, in_make text, in_model text)
returns table (generator_list_id bigint, list_version integer, generator_model_id bigint, make text,
               model text, source_type text, verdict text, grade text, rules jsonb, evidence text)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with list as (
    select l.generator_list_id, l.version
    from programme.generator_list l
    where l.generator_list_id = in_generator_list_id or in_generator_list_id is null and l.active
  ), found as (
    select m.*
    from list l join programme.generator_model m using (generator_list_id)
    where lower(m.make) = lower(in_make) and lower(m.model) = lower(in_model)
  )
  select l.generator_list_id, l.version, f.generator_model_id, coalesce(f.make, in_make),
         coalesce(f.model, in_model), f.source_type, coalesce(v.verdict, 'unknown'), v.grade,
         coalesce(v.rules, '[]'::jsonb), f.evidence
  from (select 1) one
  left join list l on true
  left join found f on true
  left join lateral programme.generator_verdict(array[f.generator_model_id]) v on true
$$;
comment on function programme.compatibility(bigint, text, text) is
  'The verdict on one generator by list (null: the active one), make and model; always one row.';

-- The same by id; no row when there is no such model.
create or replace function programme.compatibility(in_generator_model_id bigint)
returns table (generator_list_id bigint, list_version integer, generator_model_id bigint, make text,
               model text, source_type text, verdict text, grade text, rules jsonb, evidence text)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select c.*
  from programme.generator_model m
  cross join lateral programme.compatibility(m.generator_list_id, m.make, m.model) c
  where m.generator_model_id = in_generator_model_id
$$;
comment on function programme.compatibility(bigint) is
  'The verdict on one generator by its id; no row when there is no such model.';
grant execute on function programme.compatibility(bigint, text, text),
  programme.compatibility(bigint) to bptm_http;
