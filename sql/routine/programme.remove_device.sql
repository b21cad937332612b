-- The device of an application is taken out: its assignment ends, the removal is kept, the ledger
-- says who has it now, as far as that is known: the crew of the token, else that of the job. Device
-- and journal keep their history. Gives the removal_id; null when no device is in place for it. The
-- application's own state is the caller's to move.
create or replace function programme.remove_device(in_application_id bigint, in_removed_at timestamptz,
  in_reason text, in_condition text, in_actor access.actor)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_device_id bigint;
  l_at timestamptz;
  l_lost boolean := in_condition = 'lost';
  l_crew text;
  l_id bigint;
  l_refused text;
begin
  update fleet.assignment f set assigned_to = coalesce(in_removed_at, now())
  where f.application_id = in_application_id and (f.assigned_to is null or f.assigned_to > now())
  returning f.device_id, f.assigned_to into l_device_id, l_at;
  if not found then
    return null;
  end if;
  insert into programme.removal (application_id, device_id, removed_at, reason, condition, token_id, role)
  values (in_application_id, l_device_id, l_at, in_reason, in_condition, in_actor.token_id,
          coalesce(in_actor.role, 'bptmctl'))
  returning removal_id into l_id;

  select coalesce(
    (select nullif(t.crew, '*') from access.token t where t.token_id = in_actor.token_id),
    (select p.crew from programme.appointment p where p.application_id = in_application_id
      and p.crew is not null and p.status <> 'cancelled' order by p.starts_at desc limit 1)) into l_crew;
  select m.sentence into l_refused
  from programme.custody_move(l_device_id, case when l_lost then 'remove_lost' else 'remove' end, 'REMOVAL', null,
    case when not l_lost then l_crew end, null, in_application_id, l_at, in_reason, in_actor) m;
  if found then
    raise exception 'the ledger does not have device % at a premise: %', l_device_id, l_refused;
  end if;
  return l_id;
end
$$;
comment on function programme.remove_device(bigint, timestamptz, text, text, access.actor) is
  'End the assignment of an application''s device, keep the removal, tell the ledger.';
grant execute on function programme.remove_device(bigint, timestamptz, text, text, access.actor) to bptm_http;
