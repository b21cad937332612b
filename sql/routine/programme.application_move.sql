-- The one door for changes of an application's state. in_as is the role that the transition asks
-- for: the caller's, or in capitals that of the routine which acts. One row when it moved (or is
-- there already); else one row for each refusal, and nothing has changed. Takes and gives back the
-- place in the season's quota, whose row is locked after the application's own, and lets those who
-- wait move up. Writes event and audit. Errors: not-found.
create or replace function programme.application_move(in_application_id bigint, in_action text,
  in_as text, in_reason text, in_actor access.actor)
returns table (from_state text, to_state text, refused_by text, sentence text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_app programme.application;
  l_action record;
  l_place bigint;
begin
  select a.* into l_app
  from programme.application a where a.application_id = in_application_id for update;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  select t.* into l_action
  from programme.application_action(in_application_id, in_as) t where t.action = in_action;
  if not found then
    return query select l_app.state, null::text, 'STATE'::text, format(
      'An application that is %s does not have the action %s.', replace(l_app.state, '_', ' '), in_action);
    return;
  end if;
  if l_action.needs_reason and btrim(coalesce(in_reason, '')) = '' then
    l_action.refusals := l_action.refusals
      || '[{"code": "REASON", "sentence": "It takes a reason."}]'::jsonb;
  end if;
  if l_action.refusals <> '[]' then
    return query select l_app.state, null::text, r ->> 'code', r ->> 'sentence'
      from jsonb_array_elements(l_action.refusals) r;
    return;
  end if;
  if l_action.to_state = l_app.state then
    if l_app.state = 'waitlisted' then  -- it may have been passed over until it was decided again
      perform programme.quota_promote(l_app.programme_id, in_actor);
    end if;
    return query select l_app.state, l_app.state, null::text, null::text;
    return;
  end if;

  l_place := l_app.programme_year_id;
  if l_action.place = 'take' then
    update programme.programme_year y set reserved = y.reserved + 1
    from programme.season(l_app.programme_id) s
    where y.programme_year_id = s.programme_year_id and (y.quota is null or y.reserved < y.quota)
    returning y.programme_year_id into l_place;
    if l_place is null then
      return query select l_app.state, null::text, 'QUOTA_FREE'::text,
        'The last place of the season was just given.'::text;
      return;
    end if;
  elsif l_action.place = 'free' and l_place is not null then
    update programme.programme_year y set reserved = y.reserved - 1
    where y.programme_year_id = l_place;
    l_place := null;
  end if;

  update programme.application a
  set state = l_action.to_state, state_since = now(), state_reason = in_reason,
      programme_year_id = l_place, version = a.version + 1,
      eligible_at = case when l_action.to_state = 'eligible' then coalesce(a.eligible_at, now())
                         when l_action.to_state in ('ineligible', 'withdrawn') then null
                         else a.eligible_at end
  where a.application_id = in_application_id;
  insert into programme.application_event (application_id, action, from_state, to_state, reason, token_id, role)
  values (in_application_id, in_action, l_app.state, l_action.to_state, in_reason, in_actor.token_id,
          case when in_as = upper(in_as) then in_as else coalesce(in_actor.role, in_as) end);
  insert into access.audit (token_id, role, action, object_id, before, after, reason, request_id)
  values (in_actor.token_id, coalesce(in_actor.role, in_as), 'application.' || in_action,
          in_application_id::text, jsonb_build_object('state', l_app.state),
          jsonb_build_object('state', l_action.to_state), in_reason, in_actor.request_id);

  if l_app.programme_year_id is not null and l_place is null or l_action.to_state = 'waitlisted' then
    perform programme.quota_promote(l_app.programme_id, in_actor);
  end if;
  return query select l_app.state, l_action.to_state, null::text, null::text;
end
$$;
comment on function programme.application_move(bigint, text, text, text, access.actor) is
  'The one door for changes of an application''s state; says which rules refused.';
grant execute on function programme.application_move(bigint, text, text, text, access.actor) to bptm_http, bptm_import;
