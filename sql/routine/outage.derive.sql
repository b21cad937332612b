-- Recompute the outages of devices: rows are inserted, changed or deleted so that they are what
-- outage.derived says; an outage keeps its id. One statement, so records and head are of one moment;
-- records that come meanwhile leave the device pending. The days touched wait for their
-- rollup (outage.index_due). Reads distributed tables, as reports may.
create or replace function outage.derive(in_device_ids bigint[])
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with derived as materialized (
    select * from outage.derived(in_device_ids)
  ), before as (
    select o.device_id, o.lost_seq, o.started_at from outage.outage o where o.device_id = any (in_device_ids)
  ), gone as (
    delete from outage.outage o
    where o.device_id = any (in_device_ids)
      and not exists (select from derived d
                      where d.device_id = o.device_id and d.lost_seq = o.lost_seq)
    returning o.device_id, o.lost_seq, o.started_at
  ), kept as (
    insert into outage.outage as o
      (device_id, lost_seq, premise_id, started_at, ended_at, end_basis, start_quality,
       on_generator_ms, transferred_at, returned_at, transfer_delay_ms, retransfer_delay_ms,
       retransfer_setting_ms, failed_transfers, missing, derived_at)
    select d.*, now() from derived d order by d.device_id, d.lost_seq
    on conflict (device_id, lost_seq) do update
    set (premise_id, started_at, ended_at, end_basis, start_quality, on_generator_ms, transferred_at,
         returned_at, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms, failed_transfers,
         missing, derived_at)
      = (excluded.premise_id, excluded.started_at, excluded.ended_at, excluded.end_basis,
         excluded.start_quality, excluded.on_generator_ms, excluded.transferred_at,
         excluded.returned_at, excluded.transfer_delay_ms, excluded.retransfer_delay_ms,
         excluded.retransfer_setting_ms, excluded.failed_transfers, excluded.missing,
         excluded.derived_at)
    where (o.premise_id, o.started_at, o.ended_at, o.end_basis, o.start_quality, o.on_generator_ms,
           o.transferred_at, o.returned_at, o.transfer_delay_ms, o.retransfer_delay_ms,
           o.retransfer_setting_ms, o.failed_transfers, o.missing)
      is distinct from
          (excluded.premise_id, excluded.started_at, excluded.ended_at, excluded.end_basis,
           excluded.start_quality, excluded.on_generator_ms, excluded.transferred_at,
           excluded.returned_at, excluded.transfer_delay_ms, excluded.retransfer_delay_ms,
           excluded.retransfer_setting_ms, excluded.failed_transfers, excluded.missing)
    returning o.device_id, o.lost_seq, o.started_at
  ), changed as (
    select device_id, lost_seq, started_at from gone
    union all
    select device_id, lost_seq, started_at from kept
    union all
    select b.device_id, b.lost_seq, b.started_at from before b join kept using (device_id, lost_seq)
  ), due as (
    -- an event may reach over midnight, so the days beside it are made anew as well
    insert into outage.index_due (source, day)
    select distinct s.code, (c.started_at at time zone s.time_zone)::date + n
    from changed c
    join outage.source s on s.kind = 'meters'
    cross join generate_series(-1, 1) n
    on conflict do nothing
    returning 1
  ), marked as (
    insert into outage.derivation (device_id, stored, derived_at)
    select h.device_id, h.stored, now() from fleet.journal_head h
    where h.device_id = any (in_device_ids)
    on conflict (device_id) do update set stored = excluded.stored, derived_at = excluded.derived_at
    returning 1
  )
  select (select count(*) from gone) + (select count(*) from kept)
$$;
comment on function outage.derive(bigint[]) is
  'Recompute the outages of devices; gives the number of rows that changed.';
grant execute on function outage.derive(bigint[]) to bptm_job;
