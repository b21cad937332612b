-- Write planned premises: new ones, changed fields, and the circuit from its day on.
create or replace function programme.import_apply_premises(in_import_id bigint, in_from integer, in_to integer)
returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into programme.premise (code, address, city, postal_code, geom, meter_number, meter_form, service_amps, service_voltage)
  select c.object_key, c.after ->> 'address', c.after ->> 'city', c.after ->> 'postal_code',
         st_setsrid(st_makepoint((c.after ->> 'longitude')::double precision, (c.after ->> 'latitude')::double precision), 4326),
         c.after ->> 'meter_number', c.after ->> 'meter_form', (c.after ->> 'service_amps')::integer, c.after ->> 'service_voltage'
  from person.import_change c
  where c.import_id = in_import_id and c.row_no between in_from and in_to and c.action = 'create'
  order by c.row_no;

  update programme.premise p
  set address = coalesce(c.after ->> 'address', p.address), city = coalesce(c.after ->> 'city', p.city),
      postal_code = coalesce(c.after ->> 'postal_code', p.postal_code),
      geom = st_setsrid(st_makepoint(coalesce((c.after ->> 'longitude')::double precision, st_x(p.geom)),
                                     coalesce((c.after ->> 'latitude')::double precision, st_y(p.geom))), 4326),
      meter_number = case when c.after ? 'meter_number' then c.after ->> 'meter_number' else p.meter_number end,
      meter_form = case when c.after ? 'meter_form' then c.after ->> 'meter_form' else p.meter_form end,
      service_amps = case when c.after ? 'service_amps' then (c.after ->> 'service_amps')::integer else p.service_amps end,
      service_voltage = case when c.after ? 'service_voltage' then c.after ->> 'service_voltage' else p.service_voltage end,
      version = p.version + 1
  from person.import_change c
  where c.import_id = in_import_id and c.row_no between in_from and in_to and c.action = 'update' and p.premise_id = c.target_id;

  perform programme.import_link(array_agg(p.premise_id), array_agg(c.after ->> 'circuit_id'), array_agg((c.after ->> 'circuit_from')::date),
                                array_agg(null::date))
  from person.import_change c join programme.premise p on p.code = c.object_key
  where c.import_id = in_import_id and c.row_no between in_from and in_to and c.after ? 'circuit_from';

  insert into access.audit (token_id, role, action, object_id, before, after, request_id, reason)
  select i.commit_token_id, i.commit_role, 'premise.import', p.premise_id,
         c.before - array['address', 'city', 'postal_code', 'longitude', 'latitude'],
         c.after - array['address', 'city', 'postal_code', 'longitude', 'latitude'], 'import-' || i.import_id, i.why
  from programme.import i join person.import_change c using (import_id) join programme.premise p on p.code = c.object_key
  where i.import_id = in_import_id and c.row_no between in_from and in_to
  order by c.row_no;
end
$$;
comment on function programme.import_apply_premises(bigint, integer, integer) is 'Write planned premises of an import.';
grant execute on function programme.import_apply_premises(bigint, integer, integer) to bptm_import;
