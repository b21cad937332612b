-- What backup power did in a period: one row in all, or one for each group of `in_by` (month, area, circuit,
-- programme, generator, model, firmware). A fact counts on the day it began, in the time zone of our own
-- meters. Times are in milliseconds; those of a group are the medians, 90th percentiles and largest.
--   devices                at a home at any time of the period
--   used, unused           with a transfer to the generator, and without any: never used in the season
--   unused_in_outage       of these, those whose home was dark longer than the limit of a momentary outage
--   outages                of homes; ended: with a known end, which all minutes and shares are of
--   carried                outages that a generator carried in part; covered: carried for nearly all of them
--   share                  of all minutes, those carried; share_p50: of half of the outages at least so much
--   late_returns           later than the setting by more than the tolerance
--   left_running           generators that ran on after the return for longer than the limit
--   medical                Medical Baseline customers' homes in a public safety shutoff, by the roll-up that
--                          names their circuit; of these, those carried and those covered
create or replace function outage.benefit(in_from date, in_to date, in_by text[] default '{}',
                                          in_area text default null, in_circuit text default null,
                                          in_programme text default null, in_generator text default null,
                                          in_model text default null, in_firmware text default null)
returns table (month date, area text, circuit_id text, programme text, generator text, model text, firmware text,
               devices integer, used integer, unused integer, unused_in_outage integer,
               outages bigint, ended bigint, outage_minutes double precision, carried bigint, covered bigint,
               carried_minutes double precision, share double precision, share_p50 double precision,
               transfer_p50 double precision, transfer_p90 double precision, transfer_max bigint,
               return_p50 double precision, return_p90 double precision, over_setting_p50 double precision,
               over_setting_max bigint, late_returns bigint,
               failed bigint, failed_causes jsonb, left_running bigint, left_running_minutes double precision,
               overloads bigint, lockouts bigint, backfeeds bigint, re_outages bigint,
               medical bigint, medical_carried bigint, medical_covered bigint)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with span as (
    -- the months of the period, or all of it
    select case when 'month' = any (in_by) then g.at::date else '-infinity' end as month,
           greatest(g.at::date, in_from)::timestamp at time zone s.time_zone as from_at,
           least(case when 'month' = any (in_by) then (g.at + interval '1 month')::date else in_to end, in_to)::timestamp
             at time zone s.time_zone as to_at
    from outage.source s
    cross join lateral generate_series(case when 'month' = any (in_by) then date_trunc('month', in_from::timestamp)
                                            else in_from::timestamp end, in_to::timestamp - interval '1 day',
                                       case when 'month' = any (in_by) then interval '1 month' else interval '1000 years' end) g(at)
    where s.kind = 'meters'
  ), fact as materialized (
    select f.*,
           jsonb_build_array(s.month, case when 'area' = any (in_by) then f.area end, case when 'circuit' = any (in_by) then f.circuit_id end,
           case when 'programme' = any (in_by) then f.programme end, case when 'generator' = any (in_by) then f.generator end,
           case when 'model' = any (in_by) then f.model end, case when 'firmware' = any (in_by) then f.firmware end) as key
    from span s
    join outage.benefit_fact f on f.at >= s.from_at and f.at < s.to_at
    where f.premise_id is not null
      and (in_area is null or f.area = in_area) and (in_circuit is null or f.circuit_id = in_circuit)
      and (in_programme is null or f.programme = in_programme) and (in_generator is null or f.generator = in_generator)
      and (in_model is null or f.model = in_model) and (in_firmware is null or f.firmware = in_firmware)
  ), shut as (
    -- outages of Medical Baseline customers in a shutoff
    select f.device_id, f.seq, true as is_medical
    from fact f
    where f.fact = 'outage'
      and exists (select from outage.utility_event u
                  where u.kind = 'psps' and u.circuit_id = f.circuit_id
                    and f.at >= u.out_at - interval '1 hour' and f.at <= coalesce(u.restored_at, 'infinity'))
      and exists (select from programme.account c
                  cross join lateral (
                    select c.customer_id, c.moved_in, c.moved_out
                    union all
                    select x.customer_id, x.moved_in, x.moved_out from programme.account_past x where x.account_id = c.account_id) h
                  join person.customer u on u.customer_id = h.customer_id and u.medical_baseline
                  where c.premise_id = f.premise_id and daterange(h.moved_in, h.moved_out, '[]') @> (f.at at time zone 'UTC')::date)
  ), told as (
    select f.key, count(*) filter (where f.fact = 'outage') as outages,
           count(f.total_ms) as ended, sum(f.total_ms) / 60000.0 as outage_minutes,
           count(*) filter (where f.carried_ms > 0) as carried,
           count(*) filter (where f.is_covered) as covered,
           sum(f.carried_ms) / 60000.0 as carried_minutes,
           sum(f.carried_ms) filter (where f.total_ms is not null)::double precision / nullif(sum(f.total_ms), 0) as share,
           percentile_cont(0.5) within group (order by f.share) as share_p50,
           percentile_cont(array[0.5, 0.9]) within group (order by f.transfer_delay_ms) as transfer,
           max(f.transfer_delay_ms) as transfer_max,
           percentile_cont(array[0.5, 0.9]) within group (order by f.retransfer_delay_ms) as back,
           percentile_cont(0.5) within group (order by f.over_setting_ms) as over_p50, max(f.over_setting_ms) as over_max,
           count(*) filter (where f.is_late) as late_returns,
           count(*) filter (where f.fact = 'failed_transfer') as failed,
           count(*) filter (where f.is_left_running) as left_running,
           sum(f.running_ms) filter (where f.is_left_running) / 60000.0 as left_running_minutes,
           count(*) filter (where f.fact = 'overload') as overloads, count(*) filter (where f.fact = 'lockout') as lockouts,
           count(*) filter (where f.fact = 'backfeed') as backfeeds, count(*) filter (where f.fact = 're_outage') as re_outages,
           count(distinct f.premise_id) filter (where m.is_medical) as medical,
           count(distinct f.premise_id) filter (where m.is_medical and f.carried_ms > 0) as medical_carried,
           count(distinct f.premise_id) filter (where m.is_medical and f.is_covered) as medical_covered
    from fact f
    left join shut m on m.device_id = f.device_id and m.seq = f.seq and f.fact = 'outage'
    group by f.key
  ), cause as (
    select c.key, jsonb_object_agg(c.cause, c.n) as causes
    from (select f.key, coalesce(f.cause, 0)::text as cause, count(*) as n
          from fact f where f.fact = 'failed_transfer' group by 1, 2) c
    group by c.key
  ), seen as (
    -- the devices of each group: where they stay, and wherever they have a fact
    select x.key, x.device_id, bool_or(x.is_used) as is_used, bool_or(x.is_dark) as is_dark
    from (
      select jsonb_build_array(s.month, case when 'area' = any (in_by) then h.area end, case when 'circuit' = any (in_by) then h.circuit_id end,
             case when 'programme' = any (in_by) then h.programme end, case when 'generator' = any (in_by) then h.generator end,
             case when 'model' = any (in_by) then h.model end, case when 'firmware' = any (in_by) then h.firmware end) as key,
             h.device_id, false as is_used, false as is_dark
      from span s
      join outage.benefit_home h on h.assigned_from < s.to_at and coalesce(h.assigned_to, 'infinity') > s.from_at
      where (in_area is null or h.area = in_area) and (in_circuit is null or h.circuit_id = in_circuit)
        and (in_programme is null or h.programme = in_programme) and (in_generator is null or h.generator = in_generator)
        and (in_model is null or h.model = in_model) and (in_firmware is null or h.firmware = in_firmware)
      union all
      select f.key, f.device_id, f.fact = 'transfer',
             f.fact = 'outage' and coalesce(f.total_ms * interval '1 ms', now() - f.at) > u.momentary
      from fact f
      join outage.source u on u.kind = 'meters') x
    group by 1, 2
  ), counted as (
    select s.key, count(*)::integer as devices, (count(*) filter (where s.is_used))::integer as used,
           (count(*) filter (where not s.is_used and s.is_dark))::integer as unused_in_outage
    from seen s
    group by s.key
  )
  select nullif(c.key ->> 0, '-infinity')::date, c.key ->> 1, c.key ->> 2, c.key ->> 3, c.key ->> 4, c.key ->> 5, c.key ->> 6,
         c.devices, c.used, c.devices - c.used, c.unused_in_outage,
         coalesce(t.outages, 0), coalesce(t.ended, 0), coalesce(t.outage_minutes, 0), coalesce(t.carried, 0), coalesce(t.covered, 0),
         coalesce(t.carried_minutes, 0), t.share, t.share_p50, t.transfer[1], t.transfer[2], t.transfer_max,
         t.back[1], t.back[2], t.over_p50, t.over_max, coalesce(t.late_returns, 0),
         coalesce(t.failed, 0), coalesce(k.causes, '{}'), coalesce(t.left_running, 0), coalesce(t.left_running_minutes, 0),
         coalesce(t.overloads, 0), coalesce(t.lockouts, 0), coalesce(t.backfeeds, 0), coalesce(t.re_outages, 0),
         coalesce(t.medical, 0), coalesce(t.medical_carried, 0), coalesce(t.medical_covered, 0)
  from counted c
  left join told t on t.key = c.key
  left join cause k on k.key = c.key
  order by 1 nulls first, 2, 3, 4, 5, 6, 7
$$;
comment on function outage.benefit(date, date, text[], text, text, text, text, text, text) is
  'What backup power did in a period, in all or by month, area, circuit, programme, generator, model and firmware.';
grant execute on function outage.benefit(date, date, text[], text, text, text, text, text, text) to bptm_http;
