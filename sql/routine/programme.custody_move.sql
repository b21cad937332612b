-- The one door through which a device gets from hand to hand. in_as is the role that the transition
-- asks for: the caller's, or in capitals that of what acts; in_crew as in programme.custody_action.
-- No row when it moved; else one for each refusal, and nothing has changed. Writes entry and audit. What is scrapped is
-- retired at once: nothing that it signs is believed from here on.
create or replace function programme.custody_move(in_device_id bigint, in_action text, in_as text,
  in_crew text, in_to text, in_premise_id bigint, in_application_id bigint, in_at timestamptz,
  in_reason text, in_actor access.actor)
returns table (refused_by text, sentence text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_now programme.custody_now;
  l_action record;
  l_role text := coalesce(in_actor.role, 'bptmctl');
begin
  perform pg_advisory_xact_lock(hashtextextended('custody ' || in_device_id, 7));
  select c.* into l_now from programme.custody_now c where c.device_id = in_device_id;
  select t.* into l_action from programme.custody_action(in_device_id, in_as, in_crew) t where t.action = in_action;
  if l_action is null then
    return query select 'STATE', format('A device whose state is %s does not have the action %s.',
      coalesce(l_now.state, 'maker'), replace(in_action, '_', ' '));
    return;
  end if;
  return query select r ->> 'code', r ->> 'sentence' from jsonb_array_elements(l_action.refusals) r;
  return query
    select v.code, v.sentence from (values
      ('REASON', 'It takes a reason.', l_action.needs_reason and in_reason is null),
      ('TO', format('It takes the name of a %s that gets the device, and another one than has it.', l_action.gives_to),
       l_action.gives_to is not null and (in_to is null or in_to = l_now.holder and l_action.to_state = l_now.state)),
      ('TO', 'Nobody gets the device by this.',
       l_action.gives_to is null and in_to is not null and in_as <> upper(in_as)),
      ('OWN_CREW', 'A crew takes devices for itself only.', 'OWN_CREW' = any (l_action.guards) and in_to <> in_crew),
      ('TIME', 'That is not yet.', in_at > now() and in_as <> upper(in_as))) v(code, sentence, refuses)
    where v.refuses;
  if found or l_action.refusals <> '[]' then
    return;
  end if;

  insert into programme.custody (device_id, nth, action, state, holder, premise_id, application_id, since,
                                 reason, token_id, role)
  values (in_device_id, coalesce(l_now.nth, 0) + 1, in_action, l_action.to_state, in_to, in_premise_id,
          in_application_id, coalesce(in_at, now()), in_reason, in_actor.token_id, l_role);
  if l_action.to_state = 'scrapped' then
    update fleet.device d set state = 'retired' where d.device_id = in_device_id;
  end if;
  insert into access.audit (token_id, role, action, object_id, before, after, reason, request_id)
  select in_actor.token_id, l_role, 'custody.' || in_action, d.serial,
         jsonb_build_object('state', coalesce(l_now.state, 'maker'), 'holder', l_now.holder),
         jsonb_build_object('state', l_action.to_state, 'holder', in_to, 'premise_id', in_premise_id),
         in_reason, in_actor.request_id
  from fleet.device d where d.device_id = in_device_id;
end
$$;
comment on function programme.custody_move(bigint, text, text, text, text, bigint, bigint, timestamptz, text, access.actor) is
  'The one door through which a device gets from hand to hand; says which rules refused.';
grant execute on function programme.custody_move(bigint, text, text, text, text, bigint, bigint, timestamptz, text, access.actor)
  to bptm_http;
