-- What the journal of an application's meter says of its commissioning: the newest self-test, the newest
-- transfer to the generator, and the return after it, received since the meter was put in. A row for a
-- meter that is in place; `receipted` is the highest sequence that a receipt covers.
create or replace function programme.meter_check(in_application_id bigint)
returns table (device_id bigint, since timestamptz, receipted bigint,
  self_test_seq bigint, self_test_at timestamptz, self_test_result integer,
  transfer_seq bigint, transfer_at timestamptz, return_seq bigint, return_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select f.device_id, f.assigned_from,
         coalesce((select max(c.through_seq) from fleet.receipt c where c.device_id = f.device_id), 0),
         s.seq, s.at, (s.extra ->> 'result')::integer, t.seq, t.at, u.seq, u.at
  from fleet.assignment f
  left join lateral (
    select r.seq, coalesce(r.device_at, r.received_at) as at, r.extra from fleet.journal_record r
    where r.device_id = f.device_id and r.received_at >= f.assigned_from and r.kind = 14
    order by r.seq desc limit 1) s on true
  left join lateral (
    select r.seq, coalesce(r.device_at, r.received_at) as at from fleet.journal_record r
    where r.device_id = f.device_id and r.received_at >= f.assigned_from and r.kind = 6
    order by r.seq desc limit 1) t on true
  left join lateral (
    select r.seq, coalesce(r.device_at, r.received_at) as at from fleet.journal_record r
    where r.device_id = f.device_id and r.seq > t.seq and r.kind = 7
    order by r.seq limit 1) u on true
  where f.application_id = in_application_id and (f.assigned_to is null or f.assigned_to > now())
$$;
comment on function programme.meter_check(bigint) is
  'What the journal of an application''s meter says of its commissioning.';
grant execute on function programme.meter_check(bigint) to bptm_http;
