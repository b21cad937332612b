-- The facts of backup power with what they are grouped by. A generator is named only as the published
-- list names it: what an applicant wrote is not told ('' is not known). Outages that do not count (field work, exchanges,
-- drills) are left out.
create or replace view outage.benefit_fact as
select f.fact, f.device_id, f.seq, f.at, f.premise_id, f.circuit_id, coalesce(p.city, '') as area,
       coalesce(g.code, '') as programme, coalesce(m.make || ' ' || m.model, case when q.application_id is null then '' else 'not on the list' end) as generator, d.model,
       f.firmware, f.cause, f.running_ms, f.is_open, c.outage_id, c.total_ms, c.carried_ms, c.share,
       c.transfer_delay_ms, c.retransfer_delay_ms,
       c.retransfer_delay_ms - c.retransfer_setting_ms as over_setting_ms,
       c.share >= r.whole_share as is_covered,
       (c.retransfer_delay_ms - c.retransfer_setting_ms) * interval '1 ms' > r.return_tolerance as is_late,
       f.fact = 'return' and case when f.is_open then now() - f.at else f.running_ms * interval '1 ms' end > r.running_after
         as is_left_running
from outage.device_fact f
cross join outage.benefit_rule r
join fleet.device d on d.device_id = f.device_id
left join programme.premise p on p.premise_id = f.premise_id
left join fleet.assignment a on a.device_id = f.device_id and tstzrange(a.assigned_from, a.assigned_to) @> f.at
left join programme.application q on q.application_id = a.application_id
left join programme.programme g on g.programme_id = q.programme_id
left join programme.generator_list l on l.active
left join programme.generator_name n on n.generator_list_id = l.generator_list_id and n.kind <> 'model'
  and n.key = regexp_replace(lower(q.generator_make || q.generator_model), '[^[:alnum:]]+', '', 'g')
left join programme.generator_model m on m.generator_model_id = n.generator_model_id
left join outage.carried c on f.fact = 'outage' and c.device_id = f.device_id and c.lost_seq = f.seq
where f.fact <> 'outage' or c.outage_id is not null and c.uncounted is null;
comment on view outage.benefit_fact is 'The facts of backup power with what they are grouped by.';
grant select on outage.benefit_fact to bptm_http;
