-- How sure it is that a whole network element was out: the share of its homes that were dark, homes of
-- which nothing is known counting half, less for few witnesses (one says 1/2, two 3/4, ...).
create or replace function outage.event_confidence(in_dark integer, in_served integer, in_lit integer)
returns real
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select (in_dark / (in_dark + in_lit + greatest(in_served - in_dark - in_lit, 0) / 2.0)
          * (1 - 0.5 ^ least(in_dark, 20)))::real
$$;
comment on function outage.event_confidence(integer, integer, integer) is
  'How sure it is that a whole network element was out: 0 to 1.';
grant execute on function outage.event_confidence(integer, integer, integer) to bptm_job;
