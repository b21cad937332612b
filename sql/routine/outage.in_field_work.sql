-- Whether a crew works on the device: its last word of field work is the start, and the time it set is not over.
create or replace function outage.in_field_work(in_device_id bigint, in_at timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((
    select r.kind = 12 and coalesce(r.device_at, r.received_at) + coalesce(r.setting_ms, 0) * interval '1 millisecond' > in_at
    from fleet.journal_record r
    where r.device_id = in_device_id and r.kind in (12, 13)
    order by r.seq desc limit 1), false)
$$;
comment on function outage.in_field_work(bigint, timestamptz) is
  'Whether a crew works on the device: its last word of field work is the start, and the time it set is not over.';
grant execute on function outage.in_field_work(bigint, timestamptz) to bptm_job;
