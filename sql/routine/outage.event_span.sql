-- Widen a period to whole sessions of a circuit: back and on over starts of chains as long as each follows
-- the one before within the window. Changing an interruption inside changes no event outside.
create or replace function outage.event_span(in_circuit_id text, in_from timestamptz, in_to timestamptz)
returns tstzrange
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select tstzrange(
    (select s.at
     from (select c.at, lead(c.at) over (order by c.at desc) as before
           from (select in_from as at
                 union all
                 select o.chain_at from outage.outage o where o.circuit_id = in_circuit_id and o.chain_at < in_from) c
           order by c.at desc) s
     where coalesce(s.at - s.before > r.window_, true)
     order by s.at desc limit 1),
    (select s.at
     from (select c.at, lead(c.at) over (order by c.at) as after
           from (select in_to as at
                 union all
                 select o.chain_at from outage.outage o where o.circuit_id = in_circuit_id and o.chain_at > in_to) c
           order by c.at) s
     where coalesce(s.after - s.at > r.window_, true)
     order by s.at limit 1), '[]')
  from outage.derivation_rule r
$$;
comment on function outage.event_span(text, timestamptz, timestamptz) is
  'Widen a period to whole sessions of a circuit.';
grant execute on function outage.event_span(text, timestamptz, timestamptz) to bptm_job;
