-- Interruptions as IEEE 1366 counts them, of either kind of source, that began in a period.
--   sustained  longer than the source's limit (5 minutes)
--   momentary  the first operation of a momentary event; operations that follow each other within the
--              limit are one event
--   within     an operation inside another event: none of its own, also when the event ends sustained
--   unended    its end is not known (yet): it has no minutes
-- A premise is interrupted once, however many devices say so: overlapping outages of a premise are
-- one interruption, of which the last to end tells the end. Rows of a feed with a doubt are left out.
create or replace function outage.interruption(in_source text, in_from timestamptz, in_to timestamptz)
returns table (premise_id bigint, number text, area text, circuit_id text, cause text,
               started_at timestamptz, ended_at timestamptz, customers integer,
               minutes double precision, kind text)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with source as (
    select * from outage.source s where s.code = in_source
  ), seen as (
    -- what began before the period can reach into it, and what follows it belongs to its last event
    select o.premise_id, o.circuit_id, o.started_at, o.ended_at, s.momentary
    from source s
    join outage.outage o on o.started_at >= in_from - s.longest and o.started_at < in_to + s.longest
    where s.kind = 'meters' and o.premise_id is not null and o.uncounted is null
  ), numbered as (
    select s.*, count(*) filter (where s.is_new) over (partition by s.premise_id order by s.started_at, s.ended_at)
             as n
    from (select seen.*,
                 coalesce(seen.started_at > max(coalesce(seen.ended_at, seen.started_at)) over earlier, true)
                   as is_new
          from seen
          window earlier as (partition by seen.premise_id order by seen.started_at, seen.ended_at
                             rows between unbounded preceding and 1 preceding)) s
  ), whole as (
    select w.premise_id, min(w.circuit_id) as circuit_id, min(w.started_at) as started_at, w.momentary,
           case when bool_and(w.ended_at is not null) then max(w.ended_at) end as ended_at
    from numbered w
    group by w.premise_id, w.n, w.momentary
  ), chained as (
    select c.*, count(*) filter (where c.is_first) over (partition by c.premise_id order by c.started_at) as chain
    from (select w.*, coalesce(w.started_at - lag(w.ended_at) over (partition by w.premise_id
                                                                   order by w.started_at) > w.momentary, true)
                   as is_first
          from whole w) c
  ), judged as (
    select c.*, c.ended_at - c.started_at <= c.momentary as is_short,
           bool_and(coalesce(c.ended_at - c.started_at <= c.momentary, false))
             over (partition by c.premise_id, c.chain) as is_momentary_event
    from chained c
  )
  select j.premise_id, null::text, coalesce(p.city, ''), j.circuit_id, 'unknown',
         j.started_at, j.ended_at, 1, extract(epoch from j.ended_at - j.started_at)::double precision / 60,
         case when j.ended_at is null then 'unended'
              when not j.is_short then 'sustained'
              when j.is_momentary_event and j.is_first then 'momentary'
              else 'within' end
  from judged j
  join programme.premise p on p.premise_id = j.premise_id
  where j.started_at >= in_from and j.started_at < in_to
  union all
  select null, f.number, f.area, f.circuit_id, f.cause, f.started_at, f.ended_at, f.customers,
         extract(epoch from f.ended_at - f.started_at)::double precision / 60,
         case when f.ended_at - f.started_at > s.momentary then 'sustained' else 'momentary' end
  from source s
  join outage.feed_outage f on f.source = s.code and f.started_at >= in_from and f.started_at < in_to
  where s.kind = 'feed' and f.doubt is null
$$;
comment on function outage.interruption(text, timestamptz, timestamptz) is
  'Interruptions as IEEE 1366 counts them, that began in a period.';
grant execute on function outage.interruption(text, timestamptz, timestamptz) to bptm_http, bptm_job;
