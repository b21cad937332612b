-- Every stay of a device at a home with what the benefit is grouped by: the circuit is the one that feeds
-- the home now, or fed it last; the firmware the one that the device said last.
create or replace view outage.benefit_home as
select a.device_id, a.premise_id, a.assigned_from, a.assigned_to, coalesce(p.city, '') as area,
       coalesce(l.circuit_id, '') as circuit_id, coalesce(g.code, '') as programme,
       coalesce(m.make || ' ' || m.model, case when q.application_id is null then '' else 'not on the list' end) as generator,
       d.model, coalesce(s.firmware, '') as firmware
from fleet.assignment a
join fleet.device d on d.device_id = a.device_id
left join fleet.device_status s on s.device_id = a.device_id
left join programme.premise p on p.premise_id = a.premise_id
left join (select distinct on (premise_id) premise_id, circuit_id from programme.premise_circuit
           order by premise_id, valid_from desc) l on l.premise_id = a.premise_id
left join programme.application q on q.application_id = a.application_id
left join programme.programme g on g.programme_id = q.programme_id
left join programme.generator_list v on v.active
left join programme.generator_name n on n.generator_list_id = v.generator_list_id and n.kind <> 'model'
  and n.key = regexp_replace(lower(q.generator_make || q.generator_model), '[^[:alnum:]]+', '', 'g')
left join programme.generator_model m on m.generator_model_id = n.generator_model_id;
comment on view outage.benefit_home is 'Every stay of a device at a home with what the benefit is grouped by.';
grant select on outage.benefit_home to bptm_http;
