-- Every name by which a circuit of ours is known, and how many circuits it may mean: its id, its name, its
-- aliases.
create or replace function outage.circuit_known()
returns table (circuit_key text, circuit_id text, circuits bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.circuit_key, min(k.circuit_id), count(distinct k.circuit_id)
  from (select outage.circuit_key(c.circuit_id) as circuit_key, c.circuit_id from programme.circuit c
        union all
        select outage.circuit_key(c.name), c.circuit_id from programme.circuit c
        union all
        select a.circuit_key, a.circuit_id from outage.circuit_alias a) k
  where k.circuit_key <> ''
  group by k.circuit_key
$$;
comment on function outage.circuit_known() is 'Every name by which a circuit of ours is known.';
grant execute on function outage.circuit_known() to bptm_import;
