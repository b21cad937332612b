-- How a list differs from the active one (from nothing when there is none), field by field: a model
-- that was added or removed has one row with field null. Models are the same by make and model.
create or replace function programme.generator_list_difference(in_generator_list_id bigint)
returns table (change text, make text, model text, field text, "before" jsonb, "after" jsonb)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with old as materialized (
    select lower(m.make) as k1, lower(m.model) as k2, m.make, m.model, to_jsonb(m) as facts
    from programme.generator_list l join programme.generator_model m using (generator_list_id)
    where l.active
  ), new as materialized (
    select lower(m.make) as k1, lower(m.model) as k2, m.make, m.model, to_jsonb(m) as facts
    from programme.generator_model m
    where m.generator_list_id = in_generator_list_id
  ), paired as (
    select coalesce(new.make, old.make) as make, coalesce(new.model, old.model) as model,
           old.facts as before, new.facts as after
    from old full join new using (k1, k2)
  )
  select case when p.before is null then 'added' else 'removed' end, p.make, p.model, null::text,
         null::jsonb, null::jsonb
  from paired p
  where p.before is null or p.after is null
  union all
  select 'changed', p.make, p.model, b.key, b.value, p.after -> b.key
  from paired p
  cross join lateral jsonb_each(p.before) b
  where p.after is not null and b.value is distinct from p.after -> b.key
    and b.key not in ('generator_model_id', 'generator_list_id')
$$;
comment on function programme.generator_list_difference(bigint) is
  'How a list differs from the active one, field by field.';
grant execute on function programme.generator_list_difference(bigint) to bptm_http, bptm_import;

-- The same as one document.
create or replace function programme.generator_list_difference_document(in_generator_list_id bigint)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'added', coalesce(json_agg(json_build_object('make', d.make, 'model', d.model)
               order by d.make, d.model) filter (where d.change = 'added'), '[]'),
    'removed', coalesce(json_agg(json_build_object('make', d.make, 'model', d.model)
               order by d.make, d.model) filter (where d.change = 'removed'), '[]'),
    'changed', coalesce(json_agg(json_build_object('make', d.make, 'model', d.model, 'field', d.field,
               'before', d.before, 'after', d.after) order by d.make, d.model, d.field)
               filter (where d.change = 'changed'), '[]'))
  from programme.generator_list_difference(in_generator_list_id) d
$$;
comment on function programme.generator_list_difference_document(bigint) is
  'How a list differs from the active one, as one document.';
grant execute on function programme.generator_list_difference_document(bigint) to bptm_http, bptm_import;
