-- Widen a period to whole sessions of a circuit: from a start of a chain that follows none within the
-- window, to one that none follows. Changing an interruption inside changes no event outside.
create or replace function outage.event_span(in_circuit_id text, in_from timestamptz, in_to timestamptz)
returns tstzrange
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select tstzrange(
    coalesce((select s.chain_at
              from (select o.chain_at, lead(o.chain_at) over (order by o.chain_at desc) as before
                    from outage.outage o
                    where o.circuit_id = in_circuit_id and o.chain_at <= in_from
                    order by o.chain_at desc) s
              where coalesce(s.chain_at - s.before > r.window_, true)
              order by s.chain_at desc limit 1), in_from),
    coalesce((select s.chain_at
              from (select o.chain_at, lead(o.chain_at) over (order by o.chain_at) as after
                    from outage.outage o
                    where o.circuit_id = in_circuit_id and o.chain_at >= in_to
                    order by o.chain_at) s
              where coalesce(s.after - s.chain_at > r.window_, true)
              order by s.chain_at limit 1), in_to), '[]')
  from outage.derivation_rule r
$$;
comment on function outage.event_span(text, timestamptz, timestamptz) is
  'Widen a period to whole sessions of a circuit.';
grant execute on function outage.event_span(text, timestamptz, timestamptz) to bptm_job;

