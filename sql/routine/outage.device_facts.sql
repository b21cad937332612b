-- What the journals of devices tell of backup power, beside their outages: a pure function of records,
-- boots, assignments and outages. Time of a record as in outage.derived.
--   outage           one that is in outage.outage
--   transfer         to the generator, in an outage or to test it
--   return           to the utility by the return timer, so with a running generator: how long it ran on,
--                    until it was absent, or the utility was lost again, or the device started anew;
--                    open when nothing of this is known yet; null when records are missing between
--   failed_transfer, overload, lockout, backfeed   as the records say
--   re_outage        the utility was lost again while the return timer ran
create or replace function outage.device_facts(in_device_ids bigint[])
returns table (device_id bigint, seq bigint, fact text, at timestamptz, premise_id bigint, circuit_id text,
               firmware text, cause integer, running_ms bigint, is_open boolean)
language sql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
  with boot as (
    select b.* from fleet.device_boot b where b.device_id = any (in_device_ids)
  ), raw as (
    select r.device_id, r.seq, r.boot, r.kind, r.cause, r.device_at, r.received_at, b.anchor_at as kept_at,
           case when r.device_at is null then 0 else r.quality end as quality,
           case when r.kind = 1 then coalesce(r.extra ->> 'version', '') end as version,
           least(r.mono_ms, 3155760000000) * interval '1 millisecond' as up
    from fleet.journal_record r
    left join boot b on b.device_id = r.device_id and b.boot = r.boot
    where r.device_id = any (in_device_ids)
  ), anchored as (
    select r.*, coalesce(min(r.device_at - r.up) filter (where r.quality = 2) over of_boot, r.kept_at) as anchor_at,
           min(r.received_at - r.up) over of_boot as came_at
    from raw r
    window of_boot as (partition by r.device_id, r.boot)
  ), placed as materialized (
    select r.*, coalesce(case when r.quality = 2 then r.device_at end, r.anchor_at + r.up, r.device_at,
                         r.came_at + r.up) as at,
           r.seq - row_number() over by_seq as skipped,
           max(r.seq) filter (where r.kind = 1) over by_seq as boot_seq,
           max(r.seq) filter (where r.kind in (6, 7)) over by_seq as switch_seq
    from anchored r
    window by_seq as (partition by r.device_id order by r.seq)
  ), step as (
    -- what the generator and the utility do, each with the one before and the one after
    select p.*, lag(p.kind) over w as prev_kind, lag(p.skipped) over w as prev_skipped,
           lead(p.kind) over w as next_kind, lead(p.at) over w as next_at, lead(p.skipped) over w as next_skipped,
           last_value(p.skipped) over (w rows between unbounded preceding and unbounded following) as last_skipped
    from placed p
    where p.kind in (1, 2, 3, 5, 6, 7)
    window w as (partition by p.device_id order by p.seq)
  ), told as (
    select p.device_id, p.seq, p.boot_seq, p.at, p.cause, null::bigint as running_ms, false as is_open,
           case when p.kind = 6 then 'transfer' when p.kind = 8 then 'failed_transfer' when p.kind = 9 then 'overload'
                when p.kind = 10 and p.cause = 26 then 'lockout' when p.kind = 10 and p.cause = 24 then 'backfeed' end as fact
    from placed p
    where p.kind in (6, 8, 9) or p.kind = 10 and p.cause in (24, 26)
    union all
    select s.device_id, s.seq, s.boot_seq, s.at, s.cause,
           case when s.next_skipped = s.skipped
                then greatest(0, floor(extract(epoch from s.next_at - s.at) * 1000))::bigint end,
           s.next_kind is null, 'return'
    from step s
    where s.kind = 7 and s.cause = 10
    union all
    select s.device_id, s.seq, s.boot_seq, s.at, null, null, false, 're_outage'
    from step s
    join placed t on t.device_id = s.device_id and t.seq = s.switch_seq
    where s.kind = 2 and s.prev_kind = 3 and s.prev_skipped = s.skipped and t.kind = 6
    union all
    select o.device_id, o.lost_seq, p.boot_seq, o.started_at, null, null, false, 'outage'
    from outage.outage o
    join placed p on p.device_id = o.device_id and p.seq = o.lost_seq
    where o.device_id = any (in_device_ids)
  )
  select t.device_id, t.seq, t.fact, t.at, a.premise_id, coalesce(l.circuit_id, ''), coalesce(b.version, ''), t.cause,
         t.running_ms, t.is_open
  from told t
  left join placed b on b.device_id = t.device_id and b.seq = t.boot_seq
  left join fleet.assignment a on a.device_id = t.device_id and tstzrange(a.assigned_from, a.assigned_to) @> t.at
  left join programme.premise_circuit l on l.premise_id = a.premise_id
    and daterange(l.valid_from, l.valid_to) @> (t.at at time zone 'UTC')::date
$$;
comment on function outage.device_facts(bigint[]) is
  'What the journals of devices tell of backup power, beside their outages.';
grant execute on function outage.device_facts(bigint[]) to bptm_job;
