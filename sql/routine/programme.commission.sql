-- Keep that an application's meter was put to work, with the records that show it. Gives the
-- commissioning_id; null while programme.meter_check_failure has something to say.
create or replace function programme.commission(in_application_id bigint, in_lamps_seen_at timestamptz,
  in_done_at timestamptz, in_actor access.actor)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into programme.commissioning (application_id, device_id, done_at, lamps_seen_at, self_test_seq,
    transfer_seq, return_seq, token_id, role)
  select in_application_id, c.device_id, coalesce(in_done_at, now()), in_lamps_seen_at, c.self_test_seq,
         c.transfer_seq, c.return_seq, in_actor.token_id, coalesce(in_actor.role, 'bptmctl')
  from programme.meter_check(in_application_id) c
  where not exists (select from programme.meter_check_failure(in_application_id))
  returning commissioning_id
$$;
comment on function programme.commission(bigint, timestamptz, timestamptz, access.actor) is
  'Keep that an application''s meter was put to work, with the records that show it.';
grant execute on function programme.commission(bigint, timestamptz, timestamptz, access.actor) to bptm_http;
