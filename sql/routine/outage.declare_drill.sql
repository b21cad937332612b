-- Declare a drill; outages that are already derived in its time are derived anew. Gives the drill_id.
create or replace function outage.declare_drill(in_name text, in_circuit_id text, in_starts_at timestamptz,
                                                in_ends_at timestamptz)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update outage.derivation d set stored = -1
  where d.device_id in (select o.device_id from outage.outage o
                        where o.started_at >= in_starts_at and o.started_at < in_ends_at
                          and (in_circuit_id is null or o.circuit_id = in_circuit_id));
  insert into outage.drill (name, circuit_id, starts_at, ends_at)
  values (in_name, in_circuit_id, in_starts_at, in_ends_at)
  returning drill_id
$$;
comment on function outage.declare_drill(text, text, timestamptz, timestamptz) is
  'Declare a drill: what goes dark in it makes no event and is in no index.';
grant execute on function outage.declare_drill(text, text, timestamptz, timestamptz) to bptm_http;
