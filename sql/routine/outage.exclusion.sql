-- Why an interruption is not the utility's and counts in no index; null when it counts.
--   field_work  it began between the device's records field_work_start and field_work_end
--   exchange    it began or the device was taken out within 15 minutes of its assignment
--   drill       it began in a drill that was declared for its circuit
create or replace function outage.exclusion(in_device_id bigint, in_lost_seq bigint, in_started_at timestamptz,
                                            in_circuit_id text)
returns text
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select case
    when (select r.kind from fleet.journal_record r
          where r.device_id = in_device_id and r.seq < in_lost_seq and r.kind in (12, 13)
          order by r.seq desc limit 1) = 12 then 'field_work'
    when exists (select from fleet.assignment a
                 where a.device_id = in_device_id
                   and (in_started_at >= a.assigned_from - interval '15 minutes'
                          and in_started_at < a.assigned_from + interval '15 minutes'
                        or in_started_at >= a.assigned_to - interval '15 minutes'
                          and in_started_at < a.assigned_to + interval '15 minutes')) then 'exchange'
    when exists (select from outage.drill d
                 where tstzrange(d.starts_at, d.ends_at) @> in_started_at
                   and (d.circuit_id is null or d.circuit_id = in_circuit_id)) then 'drill'
  end
$$;
comment on function outage.exclusion(bigint, bigint, timestamptz, text) is
  'Why an interruption counts in no index: field work, an exchange of the meter, a drill; null when it counts.';
grant execute on function outage.exclusion(bigint, bigint, timestamptz, text) to bptm_job;
