-- Premises as features: addresses and exact places, so for staff alone. Inlined, so that conditions
-- reach the indices; hence no pinned search path.
create or replace function programme.premise_feature(in_full boolean)
returns table (id bigint, place geometry, spot geometry, from_at timestamptz, to_at timestamptz,
               code text, address text, city text, postal_code text, meter_number text,
               meter_form text, service_amps integer, service_voltage text, circuit_id text,
               transformer_id text, device text)
language sql stable parallel safe
begin atomic
  select p.premise_id, p.geom, p.geom, null::timestamptz, null::timestamptz, p.code, p.address, p.city,
         p.postal_code, p.meter_number, p.meter_form, p.service_amps, p.service_voltage, c.circuit_id,
         t.transformer_id, (select min(d.serial) from fleet.assignment a
                            join fleet.device d on d.device_id = a.device_id
                            where a.premise_id = p.premise_id
                              and tstzrange(a.assigned_from, a.assigned_to) @> now())
  from programme.premise p
  left join programme.premise_circuit c on c.premise_id = p.premise_id
    and daterange(c.valid_from, c.valid_to) @> (now() at time zone 'UTC')::date
  left join programme.premise_transformer t on t.premise_id = p.premise_id
    and daterange(t.valid_from, t.valid_to) @> (now() at time zone 'UTC')::date
  where in_full;
end;
comment on function programme.premise_feature(boolean) is 'Premises as features; none unless in full.';
grant execute on function programme.premise_feature(boolean) to bptm_http;
