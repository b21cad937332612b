-- Count again what homes lived through with their generators: outages of devices that are assigned to
-- a premise whose application names a generator, by the firmware of the device. Applications that were
-- withdrawn or refused before a device came have no outages, so that none is left out. A name that the
-- active list knows counts for its model. Gives the keys whose counts changed.
drop function if exists programme.generator_field_refresh();
create function programme.generator_field_refresh()
returns text[]
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with named as materialized (
    select n.make, n.model, programme.generator_key(coalesce(
             (select m.make || m.model
              from programme.generator_list l
              cross join lateral programme.generator_meant(l.generator_list_id, n.make, n.model) t
              join programme.generator_model m using (generator_model_id)
              where l.active), n.make || n.model)) as key
    from (select distinct a.generator_make, a.generator_model
          from fleet.assignment i join programme.application a using (application_id)) n(make, model)
  ), counted as materialized (
    select n.key,
           coalesce(s.firmware, '') as firmware, count(distinct o.device_id)::integer as devices,
           count(*)::integer as outages, count(o.transferred_at)::integer as transfers,
           sum(o.failed_transfers)::integer as failed,
           (count(*) filter (where o.failed_transfers > 0 and o.transferred_at is null))::integer as aborted
    from outage.outage o
    join fleet.assignment i on i.device_id = o.device_id
      and tstzrange(i.assigned_from, i.assigned_to) @> o.started_at
    join programme.application a on a.application_id = i.application_id
    join named n on n.make = a.generator_make and n.model = a.generator_model
    left join fleet.device_status s on s.device_id = o.device_id
    group by 1, 2
  ), gone as (
    delete from programme.generator_field f
    where not exists (select from counted c where c.key = f.key and c.firmware = f.firmware)
    returning f.key
  ), kept as (
    insert into programme.generator_field as f (key, firmware, devices, outages, transfers, failed, aborted)
    select c.key, c.firmware, c.devices, c.outages, c.transfers, c.failed, c.aborted from counted c
    on conflict (key, firmware) do update
    set (devices, outages, transfers, failed, aborted)
      = (excluded.devices, excluded.outages, excluded.transfers, excluded.failed, excluded.aborted)
    where (f.devices, f.outages, f.transfers, f.failed, f.aborted)
      is distinct from (excluded.devices, excluded.outages, excluded.transfers, excluded.failed, excluded.aborted)
    returning f.key
  )
  select coalesce(array_agg(distinct c.key), '{}')
  from (select g.key from gone g union all select k.key from kept k) c
$$;
comment on function programme.generator_field_refresh() is
  'Count again what homes lived through with their generators; gives the keys that changed.';
grant execute on function programme.generator_field_refresh() to bptm_job;

-- What the field says of a generator, by make and model: null while no home with it had an outage.
create or replace function programme.generator_field_result(in_make text, in_model text)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object('devices', sum(f.devices), 'outages', sum(f.outages), 'transfers', sum(f.transfers),
           'failed_transfers', sum(f.failed), 'aborted_transfers', sum(f.aborted),
           'by_firmware', json_agg(json_build_object('firmware', f.firmware, 'devices', f.devices,
             'outages', f.outages, 'transfers', f.transfers, 'failed_transfers', f.failed,
             'aborted_transfers', f.aborted) order by f.firmware))
  from programme.generator_field f
  where f.key = programme.generator_key(in_make || in_model)
  having count(*) > 0
$$;
comment on function programme.generator_field_result(text, text) is 'What the field says of a generator.';
grant execute on function programme.generator_field_result(text, text) to bptm_http, bptm_job;
