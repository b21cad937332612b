-- The derivation is pure in its inputs: the same records, in any order and in any batches, late ones and
-- withheld ones included, give the same outages and the same events. Random homes with random journals,
-- as devices write them, go through outage.pending, derive and derive_events as the jobs call them, once
-- as a whole and then shuffled and split. `tests/run sql --seed N --rounds N` for one seed, or for more.
\if :{?seed}
\else
select floor(random() * 1000000)::integer as seed \gset
\endif
\if :{?rounds}
\else
\set rounds 2
\endif
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(4 * :rounds + 1);
select format('#| property of the derivation: --seed %s --rounds %s', :seed, :rounds);
select setseed(:seed / 1000000.0);

-- The network: homes on three circuits of a substation, two on none, a transformer that
-- is switched over at midnight; devices 9501..9524, of which 9524 follows 9523 at its home.
delete from fleet.assignment; delete from outage.outage; delete from outage.event; delete from outage.event_version;
delete from outage.event_due; delete from outage.derivation; delete from fleet.journal_head;
insert into programme.circuit (circuit_id, name, substation) values ('R1', 'One', 'Rest'), ('R2', 'Two', 'Rest'), ('R3', 'Three', 'Rest');
insert into programme.transformer (transformer_id, segment_id)
select 'RT' || n, case when n <= 2 then 'RS1' when n <= 3 then 'RS2' end from generate_series(1, 6) n;
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-PR' || to_char(n, 'FM00'), 'Road ' || n, 'Town', '12345', st_setsrid(st_point(-121 + n * 0.001, 39 + n % 7 * 0.002), 4326)
from generate_series(1, 23) n;
create temporary table home as
select premise_id, right(code, 2)::integer as n from programme.premise where code like 'T-PR__';
insert into programme.premise_circuit (premise_id, circuit_id, valid_from, valid_to)
select premise_id, case when n <= 12 then 'R1' when n <= 18 then 'R2' else 'R3' end, date '2020-01-01',
       case when n between 10 and 12 then date '2026-03-02' end from home where n <= 21
union all
select premise_id, 'R2', '2026-03-02', null from home where n between 10 and 12;
insert into programme.premise_transformer (premise_id, transformer_id, valid_from)
select premise_id, 'RT' || (n + 2) / 3, '2020-01-01' from home where n <= 18;
insert into fleet.assignment (device_id, premise_id, assigned_from, assigned_to)
select 9500 + n, premise_id, timestamptz '2026-01-01Z', case when n = 23 then timestamptz '2026-03-01 22:00Z' end from home
union all
select 9524, premise_id, '2026-03-01 22:00Z', null from home where n = 23;
insert into outage.drill (name, circuit_id, starts_at, ends_at) values ('Drill', 'R2', '2026-03-01 20:30Z', '2026-03-01 20:40Z');

-- -- journals ---------------------------------------------------------------------------------------
create temporary table story (
  device_id bigint, seq bigint, boot bigint, mono_ms bigint, kind integer, since_ms bigint, delay_ms bigint, quality smallint,
  device_at timestamptz, received_at timestamptz, primary key (device_id, seq)
);
create temporary table storm (circuit_id text, at_s integer, length_s integer);

create function pg_temp.chance(in_share double precision) returns boolean language sql volatile as $$ select random() < in_share $$;
create function pg_temp.pick(in_from integer, in_to integer) returns integer language sql volatile as $$
  select in_from + floor(random() * (in_to - in_from + 1))::integer
$$;

-- One device, from an evening into the night. Its crystal runs 100 ppm fast; a start may have no clock, or
-- get one late, as after a long outage.
create function pg_temp.write_journal(in_device bigint, in_circuit text) returns void language plpgsql as $$
declare
  l_spell record;
  l_seq bigint := 0;
  l_boot bigint := 0;
  l_boot_s integer := 0;
  l_synced_s integer := 0;
  l_s integer := 0;
  l_kind integer;
  l_steps integer[];
begin
  for l_spell in
    select greatest(0, at_s + pg_temp.pick(-30, 200)) as from_s, greatest(1, (length_s * (0.3 + 0.9 * random()))::integer) as long_s
    from storm where circuit_id = in_circuit and pg_temp.chance(0.75)
    union all
    select pg_temp.pick(0, 28000), case when pg_temp.chance(0.5) then pg_temp.pick(1, 90) else pg_temp.pick(100, 3000) end
    from generate_series(1, pg_temp.pick(0, 2))
    order by 1
  loop
    continue when l_seq > 0 and l_spell.from_s <= l_s;
    -- boot in front of the first, and now and then of another
    l_steps := case when l_seq = 0 or pg_temp.chance(0.15) then '{1}' else '{}' end::integer[];
    l_steps := l_steps || case when pg_temp.chance(0.1) then array[12, 2] else array[2] end;
    if pg_temp.chance(0.4) then -- a generator, a start in the dark, a transfer that fails, an overload
      l_steps := l_steps || case when pg_temp.chance(0.2) then array[1, 2] else '{}' end || 4
                 || case when pg_temp.chance(0.2) then array[8] else '{}' end || 6
                 || case when pg_temp.chance(0.2) then array[9] else '{}' end;
    end if;
    l_steps := l_steps || case when pg_temp.chance(0.92) then array[3] else '{}' end;
    if 6 = any (l_steps) and pg_temp.chance(0.9) then
      l_steps := l_steps || 7;
    end if;
    l_steps := l_steps || case when 12 = any (l_steps) then array[13] else '{}' end;
    l_s := l_spell.from_s;
    foreach l_kind in array l_steps loop
      if l_kind = 1 then
        l_boot := l_boot + 1;
        l_boot_s := l_s;
        l_synced_s := l_s + case when pg_temp.chance(0.6) then 0 when pg_temp.chance(0.5) then 400 else 1000000 end;
      end if;
      l_seq := l_seq + 1;
      insert into story
      select in_device, l_seq, l_boot, round((l_s - l_boot_s) * 1000.1)::bigint, l_kind, case when l_kind in (2, 3) then pg_temp.pick(0, 9000) end,
             case when l_kind in (6, 7) then pg_temp.pick(5000, 60000) end, q.quality,
             case when q.quality > 0 then timestamptz '2026-03-01 18:00Z' + l_s * interval '1 s' end,
             timestamptz '2026-03-01 18:00Z' + (l_s + pg_temp.pick(0, 40000)) * interval '1 s'
      from (select case when l_s >= l_synced_s then 2 when pg_temp.chance(0.3) then 1 else 0 end::smallint as quality) q;
      l_s := l_s + case l_kind when 1 then pg_temp.pick(0, 40) when 3 then pg_temp.pick(1, 60)
                     else greatest(1, l_spell.long_s / cardinality(l_steps)) end;
    end loop;
  end loop;
end $$;

create function pg_temp.write_story() returns void language plpgsql as $$
begin
  delete from story; delete from storm;
  insert into storm
  select c.id, pg_temp.pick(0, 25000), pg_temp.pick(40, 4000)
  from (values ('R1'), ('R1'), ('R2'), ('R2'), ('R3')) c(id) where pg_temp.chance(0.9);
  -- the whole substation, at once
  insert into storm select c.id, s.at_s, 1500 from (values ('R1'), ('R2')) c(id) cross join (select pg_temp.pick(0, 25000) as at_s) s;
  perform pg_temp.write_journal(9500 + n, case when n <= 12 then 'R1' when n <= 18 then 'R2' when n <= 21 then 'R3' end)
  from generate_series(1, 24) n;
  -- what never comes
  delete from story where pg_temp.chance(0.1);
end $$;

-- -- playing it ---------------------------------------------------------------------------------------
-- What the ingest does with records: the rows, the starts with their first anchor, the heads.
create function pg_temp.store(in_ids bigint[], in_seqs bigint[]) returns void language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, delay_ms, setting_ms, hash)
  select s.device_id, s.seq, '2026-03-01Z', s.received_at, s.device_at, s.mono_ms, s.boot, s.kind, s.quality, s.since_ms, s.delay_ms, 20000, '\x00'
  from unnest(in_ids, in_seqs) u(device_id, seq) join story s using (device_id, seq);
  insert into fleet.device_boot (device_id, boot, part_ts, anchor_at)
  select s.device_id, s.boot, '2026-03-01Z', min(s.device_at - s.mono_ms * interval '1 ms') filter (where s.quality = 2)
  from unnest(in_ids, in_seqs) u(device_id, seq) join story s using (device_id, seq) group by 1, 2
  on conflict (device_id, boot) do update set anchor_at = coalesce(device_boot.anchor_at, excluded.anchor_at);
  insert into fleet.journal_head (device_id, head_hash, stored, updated_at)
  select s.device_id, sha256(''), count(*), max(s.received_at)
  from unnest(in_ids, in_seqs) u(device_id, seq) join story s using (device_id, seq) group by 1
  on conflict (device_id) do update
  set stored = journal_head.stored + excluded.stored, updated_at = greatest(journal_head.updated_at, excluded.updated_at)
$$;
-- As the jobs do, with limits of their own.
create function pg_temp.derive(in_devices integer, in_places integer) returns boolean language plpgsql as $$
declare
  l_ids bigint[] := array(select device_id from outage.pending(in_devices));
  l_rest integer;
begin
  perform outage.derive(l_ids);
  select outage.derive_events(in_places) into l_rest;
  return cardinality(l_ids) > 0 or l_rest > 0;
end $$;
create function pg_temp.settle() returns void language plpgsql as $$
begin
  while pg_temp.derive(1000, 1000) loop null; end loop;
end $$;
create function pg_temp.fresh() returns void language sql as $$
  delete from fleet.journal_record where device_id between 9501 and 9524;
  delete from fleet.journal_head where device_id between 9501 and 9524;
  delete from fleet.device_boot where device_id between 9501 and 9524;
  delete from outage.outage; delete from outage.derivation; delete from outage.event; delete from outage.event_version; delete from outage.event_due
$$;
create function pg_temp.outages() returns text language sql as $$
  select string_agg((to_jsonb(o) - 'outage_id' - 'derived_at')::text, E'\n' order by o.device_id, o.lost_seq) from outage.outage o
$$;
create function pg_temp.name_of(in_id bigint) returns text language sql as $$
  select format('%s %s %s', e.kind, e.element, e.started_at) from outage.event e where e.event_id = in_id
$$;
-- Events by what they say; identities, versions and times of derivation are the history's.
create function pg_temp.events() returns text language sql as $$
  select string_agg(t.line, E'\n' order by t.line collate "C")
  from (select (to_jsonb(e) - 'event_id' - 'parent_id' - 'version' - 'revised_at' - 'centre')::text || ' in ' || coalesce(pg_temp.name_of(e.parent_id), '-')
               || ' at ' || st_astext(e.centre, 6) || ' of ' || (select string_agg(o.device_id || '.' || o.lost_seq, ' ' order by o.device_id, o.lost_seq)
                                                 from outage.event_member m join outage.outage o using (outage_id) where m.event_id = e.event_id) as line
        from outage.event e) t
$$;
create function pg_temp.play_whole() returns void language plpgsql as $$
begin
  perform pg_temp.fresh();
  perform pg_temp.store(array_agg(device_id), array_agg(seq)) from story;
  perform pg_temp.settle();
end $$;
-- Some devices' records come late, all others in an order that is none; the jobs run when they like.
create function pg_temp.play_shuffled() returns void language plpgsql as $$
declare
  l_ids bigint[];
  l_seqs bigint[];
  l_at integer := 1;
  l_next integer;
begin
  perform pg_temp.fresh();
  select array_agg(device_id order by is_late, place), array_agg(seq order by is_late, place) into l_ids, l_seqs
  from (select s.device_id, s.seq, d.is_late or pg_temp.chance(0.1) as is_late, random() as place
        from story s join (select 9500 + n as device_id, pg_temp.chance(0.2) as is_late from generate_series(1, 24) n) d using (device_id)) x;
  while l_at <= cardinality(l_ids) loop
    l_next := l_at + case when pg_temp.chance(0.3) then pg_temp.pick(0, 2) else pg_temp.pick(3, 60) end;
    perform pg_temp.store(l_ids[l_at:l_next], l_seqs[l_at:l_next]);
    l_at := l_next + 1;
    if pg_temp.chance(0.8) then
      perform pg_temp.derive(pg_temp.pick(1, 24), pg_temp.pick(0, 4));
    end if;
  end loop;
  perform pg_temp.settle();
end $$;

-- Lines of one text that the other has not, so that a failure tells what differs.
create function pg_temp.other(in_a text, in_b text) returns text language sql as $$
  select string_agg(x.line, E'\n') from (
    (select '- ' || l as line from regexp_split_to_table(coalesce(in_a, ''), E'\n') l except all select '- ' || l from regexp_split_to_table(coalesce(in_b, ''), E'\n') l)
    union all
    (select '+ ' || l from regexp_split_to_table(coalesce(in_b, ''), E'\n') l except all select '+ ' || l from regexp_split_to_table(coalesce(in_a, ''), E'\n') l)) x
$$;
create temporary table told (outages text, events text);

create function pg_temp.round(in_n integer) returns setof text language plpgsql as $$
begin
  perform pg_temp.write_story();
  perform pg_temp.play_whole();
  delete from told;
  insert into told values (pg_temp.outages(), pg_temp.events());
  perform pg_temp.play_shuffled();
  return next is(pg_temp.other((select outages from told), pg_temp.outages()), null,
    format('round %s: %s records, %s outages', in_n, (select count(*) from story), (select count(*) from outage.outage)));
  return next is(pg_temp.other((select events from told), pg_temp.events()), null,
    format('round %s: %s events', in_n, (select string_agg(n || ' ' || kind, ', ' order by kind) from (select kind, count(*) as n from outage.event group by 1) e)));
  return next is_empty($i$ select e.event_id from outage.event e left join outage.event_version v using (event_id, version)
    cross join lateral (select outage.event_state(e, array(select m.outage_id from outage.event_member m where m.event_id = e.event_id order by 1)) as state) s
    where v.state - '{lit,confidence}'::text[] is distinct from s.state - '{lit,confidence}'::text[]
       or abs((v.state ->> 'confidence')::real - e.confidence) >= 0.05 $i$,
    'what stands is the newest version, with a confidence as good as its');
  -- again: nothing to do
  delete from told;
  insert into told select count(*)::text, null from outage.event_version;
  update outage.derivation set stored = -1;
  insert into outage.event_due select circuit_id, min(chain_at), max(chain_at) from outage.outage group by 1;
  perform pg_temp.settle();
  return next is((select count(*)::text from outage.event_version), (select outages from told), 'the same once more makes no version');
end $$;

select t from generate_series(1, :rounds) n cross join lateral pg_temp.round(n) t;
select ok(not exists (select from outage.event_due), 'nothing is left due');
select * from finish();
rollback;
