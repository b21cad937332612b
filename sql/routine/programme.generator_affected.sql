-- Applications that name a generator of a list, as programme.generator_meant understands them, and the
-- device that is at the premise now: whom a recall or withdrawal concerns.
create or replace function programme.generator_affected(in_generator_model_id bigint)
returns table (application_id bigint, premise_id bigint, premise_code text, programme text, state text,
               generator_make text, generator_model text, serial text)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with named as materialized (
    select n.make, n.model
    from programme.generator_model m
    cross join (select distinct a.generator_make, a.generator_model from programme.application a) n(make, model)
    cross join lateral programme.generator_meant(m.generator_list_id, n.make, n.model) t
    where m.generator_model_id = in_generator_model_id and t.generator_model_id = in_generator_model_id
  )
  select a.application_id, a.premise_id, p.code, pr.code, a.state, a.generator_make, a.generator_model,
         d.serial
  from named n
  join programme.application a on a.generator_make = n.make and a.generator_model = n.model
  join programme.premise p on p.premise_id = a.premise_id
  join programme.programme pr on pr.programme_id = a.programme_id
  left join fleet.assignment i on i.premise_id = a.premise_id and i.application_id = a.application_id
    and i.assigned_from <= now() and (i.assigned_to is null or i.assigned_to > now())
  left join fleet.device d on d.device_id = i.device_id
$$;
comment on function programme.generator_affected(bigint) is
  'Applications that name a generator of a list: whom a recall or withdrawal concerns.';
grant execute on function programme.generator_affected(bigint) to bptm_http;
