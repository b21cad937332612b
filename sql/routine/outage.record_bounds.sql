-- The earliest and latest time at which each record of a device can have been written, whatever its
-- clock says. Within a boot mono_ms orders and spaces the records, so
--   latest:   no record is written after it was received, nor after a later boot began;
--   earliest: a clock that was set from a signed receipt runs behind the server's, never ahead, and a
--             boot begins after the last record of every boot before it.
-- The margin is 2 s for the way of a receipt and 100 ppm for the crystal. An anchor after the first
-- receipt of its boot contradicts itself and is not used. A clock outside its bounds is suspect:
-- marked, never refused.
create or replace function outage.record_bounds(in_device_id bigint)
returns table (seq bigint, earliest_at timestamptz, latest_at timestamptz, is_suspect boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with rec as materialized (
    -- a device may claim any number: 100 years is the most that time arithmetic is given
    select r.seq, r.boot, r.received_at, r.device_at,
           least(r.mono_ms, 3155760000000) * interval '1 millisecond' as up
    from fleet.journal_record r
    where r.device_id = in_device_id
  ), boot as (
    select r.boot, min(r.received_at - r.up) as begun_by, max(r.up) as lasted,
           interval '2 seconds' + max(r.up) / 10000 as margin
    from rec r
    group by r.boot
  ), anchored as (
    select b.*, case when d.anchor_at <= b.begun_by + b.margin then d.anchor_at end as anchor_at
    from boot b
    left join fleet.device_boot d on d.device_id = in_device_id and d.boot = b.boot
  ), bounded as (
    select a.*,
           min(a.begun_by + a.margin) over (order by a.boot rows between 1 following
                                            and unbounded following) as next_begun_by,
           max(a.anchor_at + a.lasted - a.margin) over (order by a.boot rows between unbounded preceding
                                                        and 1 preceding) as before_ended
    from anchored a
  ), bounds as (
    select r.seq, r.device_at,
           greatest(b.anchor_at + r.up - b.margin, b.before_ended + r.up) as earliest_at,
           least(r.received_at, b.begun_by + r.up + b.margin, b.next_begun_by) as latest_at
    from rec r
    join bounded b on b.boot = r.boot
  )
  select s.seq, s.earliest_at, s.latest_at,
         coalesce(s.device_at > s.latest_at + interval '2 seconds', false)
           or coalesce(s.device_at < s.earliest_at - interval '2 seconds', false)
  from bounds s
$$;
comment on function outage.record_bounds(bigint) is
  'The earliest and latest time at which each record of a device can have been written.';
grant execute on function outage.record_bounds(bigint) to bptm_http, bptm_job;
