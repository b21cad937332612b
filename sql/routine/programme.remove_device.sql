-- The device of an application is taken out: its assignment ends, the removal is kept. Device and
-- journal keep their history. Gives the removal_id; null when no device is in place for it. The
-- application's own state is the caller's to move.
create or replace function programme.remove_device(in_application_id bigint, in_removed_at timestamptz,
  in_reason text, in_condition text, in_actor access.actor)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    update fleet.assignment f
    set assigned_to = coalesce(in_removed_at, now())
    where f.application_id = in_application_id and (f.assigned_to is null or f.assigned_to > now())
    returning f.device_id, f.assigned_to
  )
  insert into programme.removal (application_id, device_id, removed_at, reason, condition, token_id, role)
  select in_application_id, e.device_id, e.assigned_to, in_reason, in_condition, in_actor.token_id,
         coalesce(in_actor.role, 'bptmctl')
  from ended e
  returning removal_id
$$;
comment on function programme.remove_device(bigint, timestamptz, text, text, access.actor) is
  'End the assignment of an application''s device and keep the removal.';
grant execute on function programme.remove_device(bigint, timestamptz, text, text, access.actor) to bptm_http;
