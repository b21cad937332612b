-- Judge the alarms of at most `in_limit` devices whose outages were derived since; gives how many there were.
create or replace function outage.watch_journals(in_limit integer, in_now timestamptz)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_ids bigint[] := array(select d.device_id from outage.derivation d
                          where d.alarms_stored is distinct from d.stored
                          order by d.derived_at, d.device_id limit in_limit);
begin
  if cardinality(l_ids) > 0 then
    perform outage.apply_alarms(array['backfeed', 'welded_contact', 'transfer_failed'], l_ids,
                                array(select j from outage.alarms_of_journal(l_ids, in_now) j), in_now);
    update outage.derivation d set alarms_stored = d.stored where d.device_id = any (l_ids);
  end if;
  return cardinality(l_ids);
end
$$;
comment on function outage.watch_journals(integer, timestamptz) is
  'Judge the alarms of devices whose outages were derived since.';
grant execute on function outage.watch_journals(integer, timestamptz) to bptm_job;
