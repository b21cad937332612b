-- Decide a rule of an application by hand until a time, or with the result none take that back. Gives
-- the id; null when the application has not been decided. Errors: fields-invalid, as the constraint
-- application_override_code when its newest decision has no such rule, application_override_expiry
-- when the time is not given (or is, with none), is past, or more than a year away.
create or replace function programme.override_add(in_application_id bigint, in_code text, in_result text,
  in_reason text, in_expires_at timestamptz, in_actor access.actor)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_decision_id bigint;
  l_override_id bigint;
begin
  select d.decision_id into l_decision_id
  from programme.decision d where d.application_id = in_application_id order by d.decision_id desc limit 1;
  if not found then
    return null;
  end if;
  if not exists (select from programme.decision_rule r where r.decision_id = l_decision_id and r.code = in_code) then
    raise exception using errcode = 'BP001', message = 'fields-invalid', constraint = 'application_override_code';
  end if;
  if (in_expires_at is null) <> (in_result = 'none') then
    raise exception using errcode = 'BP001', message = 'fields-invalid', constraint = 'application_override_expiry';
  end if;
  insert into programme.application_override (application_id, code, result, reason, token_id, role, created_at, expires_at)
  values (in_application_id, in_code, in_result, in_reason, in_actor.token_id, in_actor.role,
          case when in_result = 'none' then now() - interval '1 microsecond' else now() end, coalesce(in_expires_at, now()))
  returning application_override_id into l_override_id;
  return l_override_id;
end
$$;
comment on function programme.override_add(bigint, text, text, text, timestamptz, access.actor) is
  'Decide a rule of an application by hand until a time, or take that back.';
grant execute on function programme.override_add(bigint, text, text, text, timestamptz, access.actor) to bptm_http;
