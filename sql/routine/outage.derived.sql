-- The outages of devices as their journals tell them: a pure function of records, boots and
-- assignments. It reads distributed tables, as reports may; the ingest never calls it.
--
-- Time of a record: the device's clock when it was synchronised; else the anchor of its boot (the
-- earliest that its synchronised records give, whichever came first) plus mono_ms; else the device's estimate; else the earliest receipt of its boot, less and plus mono_ms.
-- An outage opens with utility_lost and ends with the next utility_restored, each less its since_ms.
-- A second utility_lost without a restoration between, and without a missing record, continues the
-- outage (a reboot in the dark); when its boot had seen the utility first, the outage had ended by
-- that boot (end_basis boot); when records are missing between, its end is not known.
-- Time on the generator runs from transferred_to_generator to transferred_to_utility, which may come
-- after the end; without the latter it runs to the last record of the same boot. When the utility is
-- lost again meanwhile, the rest belongs to the new outage. Transfers without an outage are a test.
-- A loss is settled when no record before it is missing, the device is not on the generator, no crew is at
-- work, and what its boot tells of the utility and of transfers, up to it, has a synchronised time: what
-- comes later changes no outage before it. Those are then taken as they are and are no more among the rows given,
-- but for the chain that may go on (outage.derive_from); records are read from there on, so that a storm costs
-- what it wrote and not what was ever written.
-- Only hash joins are on, because the planner cannot know how many records a device has, and takes
-- them for few.
drop function if exists outage.derived(bigint[]);
create or replace function outage.derived(in_device_ids bigint[])
returns table (device_id bigint, lost_seq bigint, premise_id bigint, started_at timestamptz,
               ended_at timestamptz, end_basis text, start_quality smallint, on_generator_ms bigint,
               transferred_at timestamptz, returned_at timestamptz, transfer_delay_ms bigint,
               retransfer_delay_ms bigint, retransfer_setting_ms bigint, failed_transfers integer,
               missing bigint, in_field_work boolean, is_settled boolean, boot bigint, anchor_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off set enable_mergejoin = off set work_mem = '64MB'
as $$
  with device as materialized (
    select * from outage.derive_from(in_device_ids)
  ), boot as (
    select b.* from fleet.device_boot b where b.device_id = any (in_device_ids)
  ), collar as (
    select a.* from fleet.assignment a where a.device_id = any (in_device_ids)
  ), raw as (
    -- a device may claim any number: 100 years is the most that time arithmetic is given
    select r.device_id, r.seq, r.boot, r.kind, r.delay_ms, r.setting_ms, r.device_at, r.received_at,
           case when r.device_at is null then 0 else r.quality end as quality, b.anchor_at as kept_at,
           least(r.mono_ms, 3155760000000) as mono_ms,
           least(coalesce(r.since_ms, 0), 3155760000000) * interval '1 millisecond' as since,
           least(r.mono_ms, 3155760000000) * interval '1 millisecond' as up,
           d.from_seq, case when r.boot = d.from_boot then d.from_anchor end as from_anchor
    from device d
    -- by index, device by device
    cross join lateral (select * from fleet.journal_record j
                        where j.device_id = d.device_id and j.seq >= d.from_seq offset 0) r
    left join boot b on b.device_id = r.device_id and b.boot = r.boot
  ), anchored as (
    select r.*, coalesce(least(min(r.device_at - r.up) filter (where r.quality = 2) over of_boot, r.from_anchor),
                         r.kept_at) as anchor_at,
           min(r.received_at - r.up) over of_boot as came_at, min(r.seq) over of_boot as boot_seq
    from raw r
    window of_boot as (partition by r.device_id, r.boot)
  ), placed as (
    select r.*, coalesce(case when r.quality = 2 then r.device_at end, r.anchor_at + r.up, r.device_at,
                         r.came_at + r.up) as at,
           -- how many records before this one are missing
           r.seq - row_number() over by_seq - r.from_seq + 1 as skipped,
           -- transfers so far, this one counted
           count(*) filter (where r.kind in (6, 7)) over by_seq as leg,
           -- whether the last word of field work was its start
           coalesce(max(r.seq * 2 + (r.kind = 12)::integer) filter (where r.kind in (12, 13)) over by_seq % 2 = 1, false)
             as in_field_work,
           coalesce(max(r.seq * 2 + (r.kind = 6)::integer) filter (where r.kind in (6, 7)) over by_seq % 2 = 1, false)
             as on_generator,
           max(r.seq) filter (where r.kind in (2, 3, 6, 7) and r.quality < 2) over by_seq as unsure_seq
    from anchored r
    window by_seq as (partition by r.device_id order by r.seq)
  ), rec as materialized (
    select p.*, max(p.seq) over rest as leg_seq, max(p.mono_ms) over rest as leg_mono_ms,
           max(p.skipped) over (partition by p.device_id) as skipped_in_all
    from placed p
    window rest as (partition by p.device_id, p.boot, p.leg)
  ), utility as (
    select r.*, lag(r.kind) over w as prev_kind, lag(r.skipped) over w as prev_skipped,
           lag(r.boot) over w as prev_boot
    from rec r
    where r.kind in (2, 3)
    window w as (partition by r.device_id order by r.seq)
  ), opener as (
    select u.*, lead(u.seq) over w as next_seq, lead(u.skipped) over w as next_skipped,
           lead(u.at - u.up) over w as next_boot_at
    from utility u
    where u.kind = 2
      and (u.prev_kind is distinct from 2 or u.skipped <> u.prev_skipped
           or u.boot <> u.prev_boot and u.up - u.since > interval '1 minute')
    window w as (partition by u.device_id order by u.seq)
  ), event as materialized (
    select r.*, max(o.seq) over (partition by r.device_id order by r.seq) as lost_seq
    from rec r
    left join opener o on o.device_id = r.device_id and o.seq = r.seq
    where r.kind in (2, 3, 6, 7, 8)
  ), spell as materialized (
    select o.*, e.seq as restored_seq, e.skipped as restored_skipped, e.at - e.since as restored_at
    from opener o
    left join (
      select distinct on (device_id, lost_seq) * from event where kind = 3
      order by device_id, lost_seq, seq
    ) e on e.device_id = o.device_id and e.lost_seq = o.seq
  ), transfer as materialized (
    select e.*, lag(kind) over w as prev_kind, lag(seq) over w as prev_seq,
           lead(kind) over w as next_kind, lead(seq) over w as next_seq, lead(boot) over w as next_boot,
           lead(mono_ms) over w as next_mono_ms, lead(at) over w as next_at
    from event e
    where kind in (6, 7)
    window w as (partition by device_id order by seq)
  ), stay as (
    -- on the generator, from seq to end_seq
    select device_id, lost_seq, seq, boot, mono_ms, at,
           case next_kind when 7 then next_seq else leg_seq end as end_seq,
           case next_kind when 7 then next_boot else boot end as end_boot,
           case next_kind when 7 then next_mono_ms else leg_mono_ms end as end_mono_ms,
           case next_kind when 7 then next_at else at end as end_at
    from transfer
    where kind = 6
  ), mark as (
    select device_id, seq as stay_seq, lost_seq, seq, boot, mono_ms, at, end_boot, end_mono_ms, end_at
    from stay
    union all
    -- the utility is lost again during a stay
    select s.device_id, s.seq, o.seq, o.seq, o.boot,
           o.mono_ms - floor(extract(epoch from o.since) * 1000)::bigint, o.at - o.since,
           s.end_boot, s.end_mono_ms, s.end_at
    from stay s
    join spell o on o.device_id = s.device_id and o.seq > s.seq and o.seq < s.end_seq
  ), piece as (
    select m.device_id, m.lost_seq, m.seq, m.boot, m.mono_ms, m.at,
           lead(m.boot, 1, m.end_boot) over w as end_boot,
           lead(m.mono_ms, 1, m.end_mono_ms) over w as end_mono_ms,
           lead(m.at, 1, m.end_at) over w as end_at
    from mark m
    window w as (partition by m.device_id, m.stay_seq order by m.seq)
  ), powered as (
    select o.device_id, o.seq,
           sum(greatest(0, case when p.boot = p.end_boot then p.end_mono_ms - p.mono_ms
               else floor(extract(epoch from p.end_at - p.at) * 1000)::bigint end))::bigint as on_ms
    from spell o
    join piece p on p.device_id = o.device_id and p.lost_seq = o.seq
      and (o.restored_seq is null or p.seq < o.restored_seq)
    group by o.device_id, o.seq
  ), switched as (
    -- the first transfer to the generator before the end, and the last back, which may come after
    select o.device_id, o.seq,
           min(t.seq) filter (where t.kind = 6 and (o.restored_seq is null or t.seq < o.restored_seq))
             as to_generator_seq,
           max(t.seq) filter (where t.kind = 7 and (t.prev_kind = 6 or t.skipped > o.skipped)
             and (o.restored_seq is null or t.prev_seq is null or t.prev_seq < o.restored_seq))
             as to_utility_seq
    from spell o
    join transfer t on t.device_id = o.device_id and t.lost_seq = o.seq
    group by o.device_id, o.seq
  ), failed as (
    select o.device_id, o.seq, count(*)::integer as failures
    from spell o
    join event f on f.device_id = o.device_id and f.lost_seq = o.seq and f.kind = 8
    left join switched s on s.device_id = o.device_id and s.seq = o.seq
    where o.restored_seq is null or f.seq < greatest(o.restored_seq, s.to_utility_seq)
    group by o.device_id, o.seq
  )
  select o.device_id, o.seq, a.premise_id, o.at - o.since,
         case e.basis when 'restored' then greatest(o.restored_at, o.at - o.since)
                      when 'boot' then greatest(o.next_boot_at, o.at - o.since) end,
         e.basis,
         (case when o.quality = 2 then 2 when o.anchor_at is not null then 1 else o.quality end)::smallint,
         coalesce(p.on_ms, 0), g.at, u.at, g.delay_ms,
         case when u.seq > o.restored_seq then u.delay_ms end,
         case when u.seq > o.restored_seq then u.setting_ms end,
         coalesce(f.failures, 0),
         case when o.restored_seq is null then coalesce(o.next_skipped, o.skipped_in_all)
              when u.seq > o.restored_seq then u.skipped
              else o.restored_skipped end - o.skipped,
         o.in_field_work,
         o.skipped = 0 and not o.on_generator and not o.in_field_work
           and coalesce(o.unsure_seq < o.boot_seq, true),
         o.boot, o.anchor_at
  from spell o
  cross join lateral (
    select case when o.restored_seq is not null then 'restored'
                when o.next_seq is null then null
                when o.next_skipped <> o.skipped then 'unknown'
                else 'boot' end as basis
  ) e
  left join powered p on p.device_id = o.device_id and p.seq = o.seq
  left join switched s on s.device_id = o.device_id and s.seq = o.seq
  left join transfer g on g.device_id = o.device_id and g.seq = s.to_generator_seq
  left join transfer u on u.device_id = o.device_id and u.seq = s.to_utility_seq
  left join failed f on f.device_id = o.device_id and f.seq = o.seq
  left join collar a on a.device_id = o.device_id
    and tstzrange(a.assigned_from, a.assigned_to) @> (o.at - o.since)
  union all
  select o.device_id, o.lost_seq, a.premise_id, o.started_at, o.ended_at, o.end_basis, o.start_quality, o.on_generator_ms,
         o.transferred_at, o.returned_at, o.transfer_delay_ms, o.retransfer_delay_ms, o.retransfer_setting_ms,
         o.failed_transfers, o.missing, o.uncounted is not distinct from 'field_work', false, null, null
  from device d
  cross join lateral (select * from outage.outage o
                      where o.device_id = d.device_id and o.lost_seq >= d.kept_seq and o.lost_seq < d.from_seq
                      offset 0) o
  left join collar a on a.device_id = o.device_id and tstzrange(a.assigned_from, a.assigned_to) @> o.started_at
$$;
comment on function outage.derived(bigint[]) is
  'The outages of devices as their journals tell them; pure.';
grant execute on function outage.derived(bigint[]) to bptm_job;
