-- Reliability by source, month and circuit, from the rollups, as outage.indices gives it for
-- `month,circuit`. Of a circuit with fewer homes than outage.disclosure names nothing is counted.
create or replace view analytics.index_month as
select m.source, m.month, m.circuit_id, case when m.told then m.customers_served end as customers_served,
       case when m.told then m.interruptions end as interruptions,
       case when m.told then m.customer_interruptions end as customer_interruptions,
       case when m.told then m.customer_minutes end as customer_minutes,
       case when m.told then m.momentary_events end as momentary_events,
       case when m.told then m.customer_minutes / nullif(m.customers_served, 0) end as saidi,
       case when m.told then m.customer_interruptions / nullif(m.customers_served, 0) end as saifi
from (
  select c.source, c.month, c.circuit_id,
         coalesce(s.customers_served, c.customer_days::double precision / c.days) as customers_served,
         coalesce(h.interruptions, 0) as interruptions, coalesce(h.customer_interruptions, 0) as customer_interruptions,
         coalesce(h.customer_minutes, 0) as customer_minutes, coalesce(h.momentary_events, 0) as momentary_events,
         outage.told(false, coalesce(s.customers_served, c.customer_days::double precision / c.days), w) as told
  from (
    select k.source, k.month, k.circuit_id, max(k.customer_days) as customer_days,
           extract(day from k.month + interval '1 month' - interval '1 day')::integer as days
    from (
      select v.source, m.at::date as month, v.circuit_id,
             sum(v.customers * (least(v.to_day, (m.at + interval '1 month')::date) - greatest(v.from_day, m.at::date)))
               as customer_days
      from outage.served_span v
      cross join lateral generate_series(date_trunc('month', v.from_day::timestamp), least(v.to_day - 1, now()::date),
                                         interval '1 month') m(at)
      group by 1, 2, 3
      union all
      select i.source, i.month, i.circuit_id, 0 from outage.index_month i group by 1, 2, 3
    ) k
    group by 1, 2, 3
  ) c
  join outage.source s on s.code = c.source
  cross join outage.disclosure w
  left join (
    select i.source, i.month, i.circuit_id,
           sum(i.interruptions)::bigint as interruptions, sum(i.customer_interruptions)::bigint as customer_interruptions,
           sum(i.customer_minutes) as customer_minutes, sum(i.momentary_events)::bigint as momentary_events
    from outage.index_month i group by 1, 2, 3
  ) h on h.source = c.source and h.month = c.month and h.circuit_id = c.circuit_id
) m;
comment on view analytics.index_month is 'Reliability (IEEE 1366) by source, month and circuit, all days counted.';
comment on column analytics.index_month.source is 'meters, or the code of a feed of the utility.';
comment on column analytics.index_month.month is 'First day of the month, in the time zone of the source.';
comment on column analytics.index_month.circuit_id is 'Empty when not known.';
comment on column analytics.index_month.customers_served is 'N_T: mean of the homes with a device on each day of the month; null of few.';
comment on column analytics.index_month.interruptions is 'Sustained interruptions that began in the month.';
comment on column analytics.index_month.customer_interruptions is 'Homes that they interrupted.';
comment on column analytics.index_month.customer_minutes is 'Minutes that these were dark, booked on the day of the start.';
comment on column analytics.index_month.momentary_events is 'Momentary events, each of a home.';
comment on column analytics.index_month.saidi is 'Minutes: customer minutes / N_T.';
comment on column analytics.index_month.saifi is 'Interruptions: customer interruptions / N_T.';
grant select on analytics.index_month to bptm_analyst;
