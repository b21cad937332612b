-- The model of a list that a make and model stand for, the one implementation for eligibility, REST,
-- recalls and results of the field: by its own make and model in any case, else by a full name or an
-- alias, else as the text that programme.generator_alike is sure of. No row when none is. is_exact: by
-- its own make and model.
create or replace function programme.generator_meant(in_generator_list_id bigint, in_make text, in_model text)
returns table (generator_model_id bigint, is_exact boolean)
language plpgsql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  l_both text := programme.generator_key(in_make || in_model);
  l_model text := programme.generator_key(in_model);
begin
  return query
    select m.generator_model_id, true
    from programme.generator_model m
    where m.generator_list_id = in_generator_list_id and lower(m.make) = lower(in_make)
      and lower(m.model) = lower(in_model);
  if found then
    return;
  end if;
  return query
    select m.generator_model_id, false
    from programme.generator_name n join programme.generator_model m using (generator_model_id)
    where n.generator_list_id = in_generator_list_id and n.kind <> 'model'
      and (n.key = l_both or n.key = l_model and programme.generator_key(m.make) = programme.generator_key(in_make))
    order by n.key = l_both desc
    limit 1;
  if found then
    return;
  end if;
  return query
    select a.generator_model_id, false
    from programme.generator_alike(in_generator_list_id, in_make || ' ' || in_model, 1) a
    where a.is_sure;
end
$$;
comment on function programme.generator_meant(bigint, text, text) is
  'The model of a list that a make and model stand for; no row when none is.';
grant execute on function programme.generator_meant(bigint, text, text) to bptm_http, bptm_job, bptm_import;
