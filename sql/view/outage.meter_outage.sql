-- Interruptions of homes as the utility's own meters tell them: from a power_down that follows no other to the
-- next power_up. The last gasp of a meter often does not arrive: a home that is not here may have been dark.
create or replace view outage.meter_outage as
select s.premise_id, s.at as started_at,
       (select min(u.at) from outage.meter_event u
        where u.premise_id = s.premise_id and u.meaning = 'power_up' and u.at >= s.at) as ended_at
from (select e.premise_id, e.at, e.meaning, lag(e.meaning) over (partition by e.premise_id order by e.at, e.meaning desc) as before
      from outage.meter_event e) s
where s.meaning = 'power_down' and s.before is distinct from 'power_down';
comment on view outage.meter_outage is 'Interruptions of homes as the utility''s own meters tell them.';
grant select on outage.meter_outage to bptm_job;
