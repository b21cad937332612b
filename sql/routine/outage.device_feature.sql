-- Devices as features, where they are installed now; in full for staff, else without serial number and
-- home, and with a coarse place. Inlined, so that conditions reach the indices; hence no pinned search
-- path.
create or replace function outage.device_feature(in_full boolean)
returns table (id bigint, place geometry, spot geometry, from_at timestamptz, to_at timestamptz,
               serial text, premise_id bigint, model text, hardware_revision text, state text,
               circuit_id text, city text, installed_at text, online boolean, status_at text,
               firmware text, mode text, faults bigint)
language sql stable parallel safe
begin atomic
  select d.device_id, case when in_full then p.exact else p.coarse end, p.exact, null::timestamptz, null::timestamptz,
         case when in_full then d.serial end, case when in_full then a.premise_id end, d.model,
         d.hardware_revision, d.state, c.circuit_id, p.city, access.rfc3339(a.assigned_from), l.online,
         access.rfc3339(s.received_at), s.firmware,
         case s.mode when 0 then 'normal' when 1 then 'field_work' end, s.faults
  from fleet.device d
  left join fleet.assignment a on a.device_id = d.device_id
    and tstzrange(a.assigned_from, a.assigned_to) @> now()
  left join outage.place p on p.premise_id = a.premise_id
  left join programme.premise_circuit c on c.premise_id = a.premise_id
    and daterange(c.valid_from, c.valid_to) @> (now() at time zone 'UTC')::date
  left join fleet.device_link l on l.device_id = d.device_id
  left join fleet.device_status s on s.device_id = d.device_id;
end;
comment on function outage.device_feature(boolean) is 'Devices as features, in full or coarse.';
grant execute on function outage.device_feature(boolean) to bptm_http;
