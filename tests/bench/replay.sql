-- The homes, journals and figures of tests/bench/replay.mjs, as functions of schema replay. Everything random
-- comes from one seed. The feed is outage.feed_outage as `bptmctl import feed` took it.
create schema replay;
create table replay.fed (number text primary key, area text, place int, circuit_id text, geom geometry, started_at timestamptz, ended_at timestamptz, homes int);
create table replay.home (n int primary key, premise_id bigint, circuit_id text, number text, has_clock boolean, has_generator boolean);
create table replay.record (device_id bigint, seq bigint, kind int, at timestamptz, delay_ms bigint, cause int, fate text, primary key (device_id, seq));

-- Outages with their circuits: those of a region, from west to east, `in_each` to a circuit. A start that cannot be
-- is the time when the outage was first seen.
create function replay.lay_out(in_source text, in_customers int, in_most int, in_each int) returns void language sql as $$
  insert into programme.circuit (circuit_id, name, substation)
  select distinct format('%s-%s', dense_rank() over (order by f.area), f.tile), format('%s %s', coalesce(nullif(f.area, ''), 'Nowhere'), f.tile), null
  from (select f.area, 1 + (row_number() over (partition by f.area order by st_x(f.geom), f.number) - 1) / in_each as tile from outage.feed_outage f where f.source = in_source) f;
  insert into replay.fed (number, area, circuit_id, geom, started_at, ended_at, homes)
  select f.number, f.area, format('%s-%s', dense_rank() over (order by f.area), 1 + (row_number() over (partition by f.area order by st_x(f.geom), f.number) - 1) / in_each), f.geom,
         case when f.started_at between f.first_seen_at - interval '14 days' and f.first_seen_at then f.started_at else f.first_seen_at end,
         f.ended_at, greatest(1, least(in_most, round(f.customers::numeric / in_customers)))
  from outage.feed_outage f where f.source = in_source;
$$;

-- Homes at the points of their outages, some 200 m around; two more on each circuit that stay lit.
create function replay.settle() returns void language sql as $$
  with home as (
    insert into replay.home
    select row_number() over (order by x.number nulls last, x.circuit_id, x.k), null, x.circuit_id, x.number, random() < 0.95, random() < 0.2
    from (select f.circuit_id, f.number, k from replay.fed f cross join lateral generate_series(1, f.homes) k
          union all
          select c.circuit_id, null, k from (select distinct circuit_id from replay.fed) c cross join generate_series(1, 2) k) x
    returning n, circuit_id, number
  )
  insert into programme.premise (code, address, city, postal_code, geom)
  select 'RP-' || h.n, 'Road ' || h.n, coalesce(nullif(f.area, ''), 'Nowhere'), '00000', st_translate(f.geom, (random() - 0.5) * 0.004, (random() - 0.5) * 0.004)
  from home h
  join lateral (select f.area, f.geom from replay.fed f where f.circuit_id = h.circuit_id and (h.number is null or f.number = h.number) limit 1) f on true;
  update replay.home h set premise_id = p.premise_id from programme.premise p where p.code = 'RP-' || h.n;
  insert into programme.premise_circuit (premise_id, circuit_id, valid_from) select premise_id, circuit_id, '2015-01-01' from replay.home;
  insert into programme.transformer (transformer_id) select distinct format('%s/%s', circuit_id, coalesce(number, 'lit')) from replay.home where length(format('%s/%s', circuit_id, coalesce(number, 'lit'))) <= 32;
  insert into programme.premise_transformer (premise_id, transformer_id, valid_from)
  select premise_id, t.transformer_id, '2015-01-01' from replay.home h join programme.transformer t on t.transformer_id = format('%s/%s', h.circuit_id, coalesce(h.number, 'lit'));
  insert into fleet.assignment (device_id, premise_id, assigned_from) select n, premise_id, '2015-01-01Z' from replay.home;
$$;

-- What each device writes: a loss within a minute and a half after the outage's start, a return within the last tenth of
-- an hour before its end, a generator at every fifth home, flickers of some seconds at homes that stay lit.
create function replay.write(in_withheld float, in_late float) returns void language sql as $$
  insert into replay.record (device_id, seq, kind, at, delay_ms, cause)
  select x.n, row_number() over (partition by x.n order by x.at, x.kind), x.kind, x.at, x.delay_ms, x.cause
  from (
    select h.n, v.kind, v.at, v.delay_ms, v.cause
    from (select h.*, f.started_at + random() * interval '90 s' as lost_at, greatest(f.started_at + interval '2 min', f.ended_at - random() * interval '6 min') as back_at,
                 random() * interval '20 min' + interval '1 min' as start_in
          from replay.home h join replay.fed f on f.number = h.number) h
    cross join lateral (values (1, h.lost_at - interval '3 days', null::bigint, 1, true), (2, h.lost_at, null, null, true),
                               (4, h.lost_at + h.start_in, null, null, h.has_generator and h.lost_at + h.start_in < h.back_at),
                               (6, h.lost_at + h.start_in + interval '10 s', (extract(epoch from h.start_in) * 1000 + 10000)::bigint, null, h.has_generator and h.lost_at + h.start_in + interval '10 s' < h.back_at),
                               (3, h.back_at, null, null, true),
                               (7, h.back_at + interval '20 s', 20000, 10, h.has_generator and h.lost_at + h.start_in + interval '10 s' < h.back_at)) v(kind, at, delay_ms, cause, is_so)
    where v.is_so
    union all
    select h.n, v.kind, v.at, null, v.cause
    from (select h.*, d.from_at + random() * (d.to_at - d.from_at) as at, 1 + random() * 40 as s
          from replay.home h cross join (select min(started_at) as from_at, max(ended_at) as to_at from replay.fed) d where h.number is null) h
    cross join lateral (values (1, h.at - interval '3 days', 1), (2, h.at, null), (3, h.at + h.s * interval '1 s', null)) v(kind, at, cause)
  ) x;
  update replay.record r set fate = case when w.x < in_withheld then 'withheld' when w.x < in_withheld + in_late then 'late' else 'in time' end
  from (select device_id, seq, random() as x from replay.record) w where w.device_id = r.device_id and w.seq = r.seq;
$$;

-- Records as the ingest stores them; those of a device without a clock have only the time of receipt.
create function replay.arrive(in_fate text) returns bigint language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, since_ms, delay_ms, setting_ms, hash)
  select r.device_id, r.seq, r.at, r.at + case when in_fate = 'late' then random() * interval '2 days' else random() * interval '30 s' end,
         case when h.has_clock then r.at end, (extract(epoch from r.at - b.at) * 1000)::bigint, 1, r.kind, case when h.has_clock then 2 else 0 end, r.cause, 0, r.delay_ms,
         case when r.kind = 7 then 20000 end, ''
  from replay.record r join replay.home h on h.n = r.device_id
  join (select device_id, min(at) as at from replay.record group by 1) b on b.device_id = r.device_id
  where r.fate = in_fate;
  insert into fleet.journal_head (device_id, head_hash, stored, claimed_seq, updated_at)
  select r.device_id, sha256(''), count(*), max(r.seq), max(r.received_at) from fleet.journal_record r where r.device_id in (select n from replay.home) group by 1
  on conflict (device_id) do update set (stored, claimed_seq, updated_at) = (excluded.stored, excluded.claimed_seq, excluded.updated_at);
  select count(*) from fleet.journal_record;
$$;

-- Derived against fed. Place: the middle of the event within `in_km` of the outage's point. Time: starts within `in_apart`
-- of each other, and at least half of all their time in common; what is open lasts until most homes
-- were back, else until all is over.
create function replay.score(in_km float, in_apart interval) returns json language sql stable as $$
  with over as (
    select max(ended_at) as at from replay.fed
  ), event as materialized (
    select e.event_id, e.centre, e.customers, tstzrange(e.started_at, greatest(coalesce(e.ended_at, e.restored_at, o.at), e.started_at), '[]') as spell, e.ended_at is null as is_open
    from outage.event e cross join over o where e.kind = 'outage'
  ), fed as materialized (
    select f.number, f.geom, tstzrange(f.started_at, greatest(f.ended_at, f.started_at), '[]') as spell from replay.fed f
  ), pair as materialized (
    select e.event_id, f.number, t.share, d.km
    from event e
    join fed f on f.spell && e.spell and f.geom && st_expand(e.centre, in_km / 75.0)
    cross join lateral (select st_distancesphere(f.geom, e.centre) / 1000 as km) d
    cross join lateral (select extract(epoch from upper(f.spell * e.spell) - lower(f.spell * e.spell))
                               / greatest(1, extract(epoch from upper(f.spell + e.spell) - lower(f.spell + e.spell))) as share) t
    where d.km <= in_km and t.share >= 0.5 and abs(extract(epoch from lower(f.spell) - lower(e.spell))) <= extract(epoch from in_apart)
  ), best as (
    select p.*, row_number() over (partition by p.event_id order by p.share desc, p.km, p.number) as of_event,
           row_number() over (partition by p.number order by p.share desc, p.km, p.event_id) as of_fed
    from pair p
  ), dark as (
    -- minutes of homes: what was, what is derived, and what of this was
    select sum(extract(epoch from upper(w.spell) - lower(w.spell))) as was,
           sum((select sum(extract(epoch from least(coalesce(d.ended_at, o.at), o.at) - d.started_at)) from outage.outage d where d.device_id = w.n and d.end_basis is distinct from 'unknown')) as derived,
           sum((select sum(extract(epoch from upper(x.r) - lower(x.r))) from (select tstzrange(d.started_at, greatest(least(coalesce(d.ended_at, o.at), o.at), d.started_at), '[]') * w.spell as r
                from outage.outage d where d.device_id = w.n and d.end_basis is distinct from 'unknown') x where not isempty(x.r))) as common
    from (select h.n, tstzrange(min(r.at) filter (where r.kind = 2), max(r.at) filter (where r.kind = 3), '[]') as spell
          from replay.home h join replay.record r on r.device_id = h.n where h.number is not null group by h.n) w
    cross join over o
  )
  select json_build_object(
    'fed', (select count(*) from fed), 'derived', (select count(*) from event), 'open', (select count(*) from event where is_open),
    'precision', round((select count(distinct event_id) from pair)::numeric / nullif((select count(*) from event), 0), 4),
    'recall', round((select count(distinct number) from pair)::numeric / (select count(*) from fed), 4),
    'one_to_one', (select count(*) from best where of_event = 1 and of_fed = 1),
    'homes_precision', round((d.common / nullif(d.derived, 0))::numeric, 4), 'homes_recall', round((d.common / d.was)::numeric, 4))
  from dark d;
$$;
