-- What others say that may be about events of ours, each with a score of the parts that are known: place (how
-- near), time (how much in common, how near the starts), circuit (the same or not). Something still going on
-- goes on until now. A part that is not known counts neither for nor against.
--   feed          outages of a utility's feed, within reach and in time
--   psps, epss    what the utility did to the circuit of the event
--   meter_events  the utility's meters at the homes of the event: place is the share of homes whose meter
--                 says so, time the mean of these
create or replace function outage.match_candidates(in_event_ids bigint[])
returns table (event_id bigint, source text, key text, score real, parts jsonb)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with mine as materialized (
    select e.event_id, e.circuit_id, e.centre, r.reach_km, r.start_within,
           tstzrange(e.started_at, greatest(coalesce(e.ended_at, now()), e.started_at), '[]') as spell
    from outage.event e
    cross join outage.match_rule r
    where e.event_id = any (in_event_ids) and e.kind = 'outage'
  ), fed as (
    select m.event_id, 'feed' as source, f.source || ' ' || f.number as key,
           jsonb_build_object('score', round(greatest(0, 1 - d.km / m.reach_km)::numeric, 3), 'km', round(d.km::numeric, 2)) as place,
           outage.match_time(m.spell, tstzrange(f.started_at, f.ended_at, '[]'), m.start_within) as time,
           case when f.circuit_id <> '' and m.circuit_id <> '' then
             jsonb_build_object('score', (f.circuit_id = m.circuit_id)::integer, 'circuit_id', f.circuit_id) end as circuit
    from mine m
    join outage.feed_outage f on f.doubt is null
      and f.geom && st_expand(m.centre, m.reach_km / (111.0 * greatest(cos(radians(st_y(m.centre))), 0.1)))
      and f.started_at <= upper(m.spell) + m.start_within and f.ended_at >= lower(m.spell) - m.start_within
    cross join lateral (select st_distancesphere(f.geom, m.centre) / 1000 as km) d
    where d.km <= m.reach_km
  ), done as (
    select m.event_id, u.kind as source, u.utility_event_id::text as key, null::jsonb as place,
           outage.match_time(m.spell, tstzrange(u.out_at, greatest(coalesce(u.restored_at, now()), u.out_at), '[]'), m.start_within) as time,
           jsonb_build_object('score', 1, 'circuit_id', u.circuit_id) as circuit
    from mine m
    join outage.utility_event u on u.circuit_id = m.circuit_id
      and u.out_at <= upper(m.spell) + m.start_within and coalesce(u.restored_at, now()) >= lower(m.spell) - m.start_within
  ), said as (
    select h.event_id, 'meter_events' as source, 'meter_events' as key,
           jsonb_build_object('score', round(count(t.time)::numeric / count(*), 3), 'homes', count(*), 'meters', count(t.time)) as place,
           jsonb_build_object('score', round(coalesce(avg((t.time ->> 'score')::numeric), 0), 3)) as time, null::jsonb as circuit
    from (select distinct m.event_id, o.premise_id, m.spell, m.start_within
          from mine m join outage.event_member x on x.event_id = m.event_id join outage.outage o on o.outage_id = x.outage_id) h
    left join lateral (
      select outage.match_time(h.spell, tstzrange(n.started_at, greatest(coalesce(n.ended_at, now()), n.started_at), '[]'), h.start_within) as time
      from outage.meter_outage n
      where n.premise_id = h.premise_id and n.started_at <= upper(h.spell) + h.start_within
        and coalesce(n.ended_at, now()) >= lower(h.spell) - h.start_within
      order by abs(extract(epoch from n.started_at - lower(h.spell))) limit 1) t on true
    group by h.event_id
    having count(t.time) > 0
  ), scored as (
    select c.event_id, c.source, c.key,
           ((coalesce(r.place_weight * (c.place ->> 'score')::real, 0) + coalesce(r.time_weight * (c.time ->> 'score')::real, 0)
             + coalesce(r.circuit_weight * (c.circuit ->> 'score')::real, 0))
            / (case when c.place is null then 0 else r.place_weight end + r.time_weight
               + case when c.circuit is null then 0 else r.circuit_weight end))::real as score,
           jsonb_strip_nulls(jsonb_build_object('place', c.place, 'time', c.time, 'circuit', c.circuit)) as parts
    from (select * from fed union all select * from done union all select * from said) c
    cross join outage.match_rule r
  )
  select s.event_id, s.source, s.key, s.score, s.parts
  from (select x.*, row_number() over (partition by x.event_id, x.source order by x.score desc, x.key) as place
        from scored x) s
  cross join outage.match_rule r
  where s.score >= r.propose_from and s.place <= r.most
$$;
comment on function outage.match_candidates(bigint[]) is 'What others say that may be about events of ours, with scores.';
grant execute on function outage.match_candidates(bigint[]) to bptm_job;
