-- Interruptions as features and rows of exports; in full for staff, else without the home and with a
-- coarse place. `spot` is for the index alone: where it lies exactly is not told to those who may not
-- know. Inlined, so that conditions reach the indices; hence no pinned search path.
create or replace function outage.outage_feature(in_full boolean)
returns table (id bigint, place geometry, spot geometry, from_at timestamptz, to_at timestamptz,
               device text, premise_id bigint, circuit_id text, city text, state text, started_at text,
               ended_at text, end_basis text, start_clock text, minutes double precision,
               minutes_on_generator double precision, transferred_at text, returned_at text,
               transfer_delay_ms bigint, retransfer_delay_ms bigint, retransfer_setting_ms bigint,
               failed_transfers integer, missing_records bigint, counts boolean, derived_at text)
language sql stable parallel safe
begin atomic
  select o.outage_id, case when in_full then p.exact else p.coarse end, p.exact, o.started_at, o.ended_at,
         case when in_full then d.serial end, case when in_full then o.premise_id end, nullif(o.circuit_id, ''),
         p.city, case when o.end_basis is null then 'open' else 'closed' end, access.rfc3339(o.started_at),
         access.rfc3339(o.ended_at), o.end_basis,
         (array['none', 'estimated', 'synchronised'])[o.start_quality + 1],
         round(extract(epoch from o.ended_at - o.started_at) / 60, 2)::double precision,
         round(o.on_generator_ms / 60000.0, 2)::double precision, access.rfc3339(o.transferred_at),
         access.rfc3339(o.returned_at), o.transfer_delay_ms, o.retransfer_delay_ms, o.retransfer_setting_ms,
         o.failed_transfers, o.missing, o.uncounted is null, access.rfc3339(o.derived_at)
  from outage.outage o
  left join fleet.device d on d.device_id = o.device_id
  left join outage.place p on p.premise_id = o.premise_id;
end;
comment on function outage.outage_feature(boolean) is 'Interruptions as features, in full or coarse.';
grant execute on function outage.outage_feature(boolean) to bptm_http;
