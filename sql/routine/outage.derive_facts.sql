-- Make the facts of backup power anew for at most `in_limit` devices whose outages were derived since; gives
-- how many there were.
create or replace function outage.derive_facts(in_limit integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_ids bigint[] := array(select d.device_id from outage.derivation d
                          where d.facts_stored is distinct from d.stored
                          order by d.derived_at, d.device_id limit in_limit);
begin
  if cardinality(l_ids) = 0 then
    return 0;
  end if;
  delete from outage.device_fact f where f.device_id = any (l_ids);
  insert into outage.device_fact (device_id, seq, fact, at, premise_id, circuit_id, firmware, cause, running_ms, is_open)
  select f.* from outage.device_facts(l_ids) f;
  update outage.derivation d set facts_stored = d.stored where d.device_id = any (l_ids);
  return cardinality(l_ids);
end
$$;
comment on function outage.derive_facts(integer) is
  'Make the facts of backup power anew for devices whose outages were derived since.';
grant execute on function outage.derive_facts(integer) to bptm_job;
