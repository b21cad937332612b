-- Good rows of an import of premises beside what is stored: before is null when it is not there.
-- An empty circuit keeps the stored one.
create or replace function programme.import_rows_premises(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, object_key text, target_id bigint, before jsonb, after jsonb)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select g.row_no, g.v[1], p.premise_id,
    case when p.premise_id is not null then jsonb_build_object(
      'address', p.address, 'city', p.city, 'postal_code', p.postal_code, 'longitude', st_x(p.geom), 'latitude', st_y(p.geom),
      'meter_number', p.meter_number, 'meter_form', p.meter_form, 'service_amps', p.service_amps,
      'service_voltage', p.service_voltage, 'circuit_id', l.circuit_id) end,
    jsonb_build_object(
      'address', g.v[2], 'city', g.v[3], 'postal_code', g.v[4], 'longitude', g.v[5]::double precision, 'latitude', g.v[6]::double precision,
      'meter_number', g.v[7], 'meter_form', g.v[8], 'service_amps', g.v[9]::integer,
      'service_voltage', lower(g.v[10]), 'circuit_id', coalesce(g.v[11], l.circuit_id),
      'circuit_from', case when g.v[11] <> coalesce(l.circuit_id, '') then coalesce(g.v[12]::date, current_date) end)
  from programme.import_value(in_import_id, in_from, in_to) g
  left join programme.premise p on p.code = g.v[1]
  left join programme.premise_circuit l on l.premise_id = p.premise_id and daterange(l.valid_from, l.valid_to) @> current_date
$$;
comment on function programme.import_rows_premises(bigint, integer, integer) is 'Premises of an import beside those stored.';
grant execute on function programme.import_rows_premises(bigint, integer, integer) to bptm_import;
