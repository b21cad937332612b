-- What backup power did, by month and circuit, for people who study it. Of fewer homes than
-- outage.disclosure names only the month and the circuit are told. Where nothing happened there is no row.
create or replace view analytics.backup_benefit as
select g.month, g.circuit_id,
       case when t.told then g.homes end as homes,
       case when t.told then g.outages end as outages,
       case when t.told then g.carried end as carried,
       case when t.told then g.covered end as covered,
       case when t.told then g.outage_minutes end as outage_minutes,
       case when t.told then g.carried_minutes end as carried_minutes,
       case when t.told then g.share end as share,
       case when t.told then g.transfer_ms end as transfer_ms,
       case when t.told then g.over_setting_ms end as over_setting_ms,
       case when t.told then g.late_returns end as late_returns,
       case when t.told then g.failed_transfers end as failed_transfers,
       case when t.told then g.left_running end as left_running,
       case when t.told then g.overloads end as overloads,
       case when t.told then g.backfeeds end as backfeeds,
       case when t.told then g.re_outages end as re_outages
from (
  select date_trunc('month', f.at at time zone s.time_zone)::date as month, f.circuit_id,
         count(distinct f.premise_id) as homes,
         count(*) filter (where f.fact = 'outage') as outages,
         count(*) filter (where f.carried_ms > 0) as carried,
         count(*) filter (where f.is_covered) as covered,
         round(sum(f.total_ms) / 60000.0, 2) as outage_minutes,
         round(sum(f.carried_ms) / 60000.0, 2) as carried_minutes,
         round(sum(f.carried_ms) filter (where f.total_ms is not null) / nullif(sum(f.total_ms), 0), 4) as share,
         round(percentile_cont(0.5) within group (order by f.transfer_delay_ms)) as transfer_ms,
         round(percentile_cont(0.5) within group (order by f.over_setting_ms)) as over_setting_ms,
         count(*) filter (where f.is_late) as late_returns,
         count(*) filter (where f.fact = 'failed_transfer') as failed_transfers,
         count(*) filter (where f.is_left_running) as left_running,
         count(*) filter (where f.fact in ('overload', 'lockout')) as overloads,
         count(*) filter (where f.fact = 'backfeed') as backfeeds,
         count(*) filter (where f.fact = 're_outage') as re_outages
  from outage.benefit_fact f
  join outage.source s on s.kind = 'meters'
  where f.premise_id is not null
  group by 1, 2
) g
cross join outage.disclosure d
cross join lateral (select outage.told(false, g.homes, d) as told) t;
comment on view analytics.backup_benefit is 'What backup power did, by month and circuit; no row where nothing happened.';
comment on column analytics.backup_benefit.month is 'First day, in the time zone of the meters.';
comment on column analytics.backup_benefit.circuit_id is 'Empty when not known.';
comment on column analytics.backup_benefit.homes is 'Homes with any of this; null, as all that follows, for few homes.';
comment on column analytics.backup_benefit.outages is 'Outages of homes, field work, exchanges and drills left out.';
comment on column analytics.backup_benefit.carried is 'Outages that a generator carried, in part at least.';
comment on column analytics.backup_benefit.covered is 'Outages that were carried nearly whole (outage.benefit_rule).';
comment on column analytics.backup_benefit.outage_minutes is 'Minutes of all outages that have ended.';
comment on column analytics.backup_benefit.carried_minutes is 'Minutes on the generator while the utility was gone.';
comment on column analytics.backup_benefit.share is 'Of the minutes of ended outages those carried, 0 to 1.';
comment on column analytics.backup_benefit.transfer_ms is 'From the loss to the generator contactor closed, median.';
comment on column analytics.backup_benefit.over_setting_ms is 'Transfer back later than its setting, median.';
comment on column analytics.backup_benefit.late_returns is 'Transfers back later than their setting by more than the tolerance.';
comment on column analytics.backup_benefit.failed_transfers is 'Transfers that the device could not prove.';
comment on column analytics.backup_benefit.left_running is 'Generators that ran on long after the transfer back.';
comment on column analytics.backup_benefit.overloads is 'Overload trips and lock-outs.';
comment on column analytics.backup_benefit.backfeeds is 'Voltage on the utility side that followed the generator.';
comment on column analytics.backup_benefit.re_outages is 'The utility was lost again while the return timer ran.';
grant select on analytics.backup_benefit to bptm_analyst;
