-- Interruptions as IEEE 1366 counts them, of either kind of source, that began in a period.
--   sustained  longer than the source's limit (5 minutes)
--   momentary  the first operation of a momentary event; operations that follow each other within the
--              limit are one event
--   within     an operation inside another event: none of its own, also when the event ends sustained
--   unended    its end is not known (yet): it has no minutes
-- A premise is interrupted once, however many devices say so: overlapping outages of a premise are
-- one interruption, of which the last to end tells the end. Rows of a feed with a doubt are left out.
-- Nearly all outages have none near them, and are told at once; those near each other are put together.
-- `in_longest`: how far what began before can reach into the period (outage.source.longest).
-- Inlined, so that conditions and sums are planned with it; hence no pinned search path.
drop function if exists outage.interruption(text, timestamptz, timestamptz);
create or replace function outage.interruption(in_source text, in_from timestamptz, in_to timestamptz, in_longest interval)
returns table (premise_id bigint, number text, area text, circuit_id text, cause text,
               started_at timestamptz, ended_at timestamptz, customers integer,
               minutes double precision, kind text)
language sql stable
begin atomic
  with seen as (
    -- what began before the period can reach into it, and what follows it belongs to its last event
    select o.premise_id, o.circuit_id, o.started_at, o.ended_at, s.momentary,
           o.started_at >= in_from and o.started_at < in_to as is_asked,
           max(coalesce(o.ended_at, o.started_at)) over earlier as reach, lead(o.started_at) over w as next_at
    from outage.outage o
    join outage.source s on s.code = in_source and s.kind = 'meters'
    where o.premise_id is not null and o.uncounted is null
      and o.started_at >= in_from - in_longest and o.started_at < in_to + in_longest
    window w as (partition by o.premise_id order by o.started_at, o.ended_at),
           earlier as (w rows between unbounded preceding and 1 preceding)
  ), beside as materialized (
    select s.*, coalesce(s.started_at > s.reach, true) as is_new,
           s.started_at <= s.reach + s.momentary
             or s.next_at <= greatest(s.reach, coalesce(s.ended_at, s.started_at)) + s.momentary as is_near
    from seen s
  ), numbered as (
    select b.*, count(*) filter (where b.is_new) over (partition by b.premise_id order by b.started_at, b.ended_at) as n
    from beside b
    where b.is_near
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
    select c.premise_id, c.circuit_id, c.started_at, c.ended_at, c.ended_at - c.started_at <= c.momentary as is_short,
           c.started_at >= in_from and c.started_at < in_to as is_asked,
           c.is_first and bool_and(coalesce(c.ended_at - c.started_at <= c.momentary, false))
                            over (partition by c.premise_id, c.chain) as is_momentary
    from chained c
    union all
    select b.premise_id, b.circuit_id, b.started_at, b.ended_at, b.ended_at - b.started_at <= b.momentary, true, true
    from beside b
    where b.is_asked and b.is_near is not true
  )
  select j.premise_id, null::text, coalesce(p.city, ''), j.circuit_id, 'unknown',
         j.started_at, j.ended_at, 1, extract(epoch from j.ended_at - j.started_at)::double precision / 60,
         case when j.ended_at is null then 'unended'
              when not j.is_short then 'sustained'
              when j.is_momentary then 'momentary'
              else 'within' end
  from judged j
  join programme.premise p on p.premise_id = j.premise_id
  where j.is_asked
  union all
  select null, f.number, f.area, f.circuit_id, f.cause, f.started_at, f.ended_at, f.customers,
         extract(epoch from f.ended_at - f.started_at)::double precision / 60,
         case when f.ended_at - f.started_at > s.momentary then 'sustained' else 'momentary' end
  from outage.source s
  join outage.feed_outage f on f.source = s.code and f.started_at >= in_from and f.started_at < in_to
  where s.code = in_source and s.kind = 'feed' and f.doubt is null;
end;
comment on function outage.interruption(text, timestamptz, timestamptz, interval) is
  'Interruptions as IEEE 1366 counts them, that began in a period.';
grant execute on function outage.interruption(text, timestamptz, timestamptz, interval) to bptm_http, bptm_job;
