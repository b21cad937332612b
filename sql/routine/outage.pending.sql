-- Devices whose journal moved since their outages were derived, longest waiting first.
create or replace function outage.pending(in_limit integer)
returns table (device_id bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select h.device_id
  from fleet.journal_head h
  left join outage.derivation d on d.device_id = h.device_id
  where h.stored <> coalesce(d.stored, 0)
  order by h.updated_at, h.device_id
  limit in_limit
$$;
comment on function outage.pending(integer) is
  'Devices whose journal moved since their outages were derived, longest waiting first.';
grant execute on function outage.pending(integer) to bptm_job, bptm_http;
