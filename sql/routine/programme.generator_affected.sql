-- Applications that name a generator of a list, by its make and model or one of its aliases, and the
-- device that is at the premise now: whom a recall or withdrawal concerns.
create or replace function programme.generator_affected(in_generator_model_id bigint)
returns table (application_id bigint, premise_id bigint, premise_code text, programme text, state text,
               generator_make text, generator_model text, serial text)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select a.application_id, a.premise_id, p.code, pr.code, a.state, a.generator_make, a.generator_model,
         d.serial
  from programme.generator_name n
  join programme.application a
    on regexp_replace(lower(a.generator_make || a.generator_model), '[^[:alnum:]]+', '', 'g') = n.key
  join programme.premise p on p.premise_id = a.premise_id
  join programme.programme pr on pr.programme_id = a.programme_id
  left join fleet.assignment i on i.premise_id = a.premise_id and i.application_id = a.application_id
    and i.assigned_from <= now() and (i.assigned_to is null or i.assigned_to > now())
  left join fleet.device d on d.device_id = i.device_id
  where n.generator_model_id = in_generator_model_id and n.kind <> 'model'
$$;
comment on function programme.generator_affected(bigint) is
  'Applications that name a generator of a list: whom a recall or withdrawal concerns.';
grant execute on function programme.generator_affected(bigint) to bptm_http;
