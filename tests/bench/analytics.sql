-- The world of tests/bench/analytics.mjs as functions of schema bench: homes on circuits, three years of journals, storms.
-- Home n is on circuit (n - 1) / 100, ten homes to a transformer, ten circuits to a substation, and has device 5000000 + n.
create schema bench;
create table bench.home (n int primary key, premise_id bigint);

create function bench.homes(in_count int) returns void language sql as $$
  insert into programme.circuit (circuit_id, name, substation)
  select 'B' || lpad(c::text, 4, '0'), 'Bench ' || c, 'Bench ' || c / 10 from generate_series(0, (in_count - 1) / 100) c;
  insert into programme.transformer (transformer_id, segment_id)
  select 'BT' || t, 'BS' || t / 5 from generate_series(0, (in_count - 1) / 10) t;
  insert into programme.premise (code, address, city, postal_code, geom)
  select 'BA-' || n, n || ' Road', 'Town ' || (n - 1) / 100 % 50, '1', st_setsrid(st_point(-122 + hashint4(n) % 200000 * 0.00001, 39 + hashint4(n + 7) % 200000 * 0.00001), 4326)
  from generate_series(1, in_count) n;
  insert into bench.home select substr(code, 4)::int, premise_id from programme.premise where code like 'BA-%';
  insert into programme.premise_circuit select premise_id, 'B' || lpad(((n - 1) / 100)::text, 4, '0'), '2019-01-01' from bench.home;
  insert into programme.premise_transformer select premise_id, 'BT' || (n - 1) / 10, '2019-01-01' from bench.home;
  insert into fleet.device select 5000000 + n, 'BENCH-' || n, (select min(model) from fleet.device_model), 'A', 0, 'registered', '2023-01-01Z' from bench.home;
  insert into fleet.assignment (device_id, premise_id, assigned_from) select 5000000 + n, premise_id, '2023-01-01Z' from bench.home;
  insert into fleet.device_boot (device_id, boot, part_ts, anchor_at) select 5000000 + n, 1, '2023-01-01Z', '2023-01-01Z' from bench.home;
$$;

-- The partitions that would have been made while time passed.
create function bench.partitions() returns void language plpgsql as $$
declare
  l record;
begin
  for l in
    select p.parent, format('%s_%s', p.parent, to_char(m.at, p.name)) as name, m.at, m.at + p.step as till
    from (values ('fleet.journal_record', '"y"YYYY"m"MM', interval '1 month'), ('outage.outage', '"y"YYYY', '1 year')) p(parent, name, step)
    cross join lateral generate_series(timestamptz '2023-01-01Z', '2026-02-01Z', p.step) m(at)
  loop
    if to_regclass(l.name) is null then
      execute format('create table %s (like %s including all excluding identity)', l.name, l.parent);
      execute format('alter table %s attach partition %s for values from (%L) to (%L)', l.parent, l.name, l.at, l.till);
      execute format('alter table %s owner to bptm_owner', l.name);
    end if;
  end loop;
end $$;

-- What devices have told: loss, transfer, return of the utility, transfer back; every sixth loss is momentary.
create function bench.years(in_count int, in_each int) returns void language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, since_ms, delay_ms, setting_ms, hash)
  select 5000000 + n, 4 * k + v.i, date_trunc('month', v.at), v.at + interval '2 s', v.at, extract(epoch from v.at - timestamptz '2023-01-01Z') * 1000, 1,
         v.kind, 2, v.cause, v.since_ms, v.delay_ms, v.setting_ms, sha256('')
  from generate_series(1, in_count) n
  cross join generate_series(0, in_each - 1) k
  cross join lateral (select timestamptz '2023-01-01Z' + ((k + (hashint8(n::bigint * 1000 + k) & 65535) / 80000.0) * 1095 / in_each) * interval '1 day' as lost,
                             case when k % 6 = 5 then interval '2 minutes' else (306 + hashint8(k * 31 + n) % 300) * interval '1 minute' end as dark) x
  cross join lateral (values (1, 2, x.lost, null::int, 0, null::bigint, null::bigint), (2, 6, x.lost + interval '40 s', 9, null, 40000, null),
                             (3, 3, x.lost + x.dark, null, 0, null, null), (4, 7, x.lost + x.dark + interval '20 s', 10, null, 20000, 20000)) v(i, kind, at, cause, since_ms, delay_ms, setting_ms);
  insert into fleet.journal_head (device_id, head_hash, head_seq, claimed_seq, stored, seen, updated_at)
  select 5000000 + n, sha256(''), 4 * in_each, 4 * in_each, 4 * in_each, int8multirange(int8range(1, 4 * in_each + 1)), '2026-01-01Z' from generate_series(1, in_count) n;
$$;

-- The interruptions of these, and nothing that waits for anything.
create procedure bench.derive() language plpgsql as $$
declare
  l_ids bigint[];
begin
  loop
    l_ids := array(select device_id from outage.pending(1000));
    exit when l_ids = '{}';
    perform outage.derive(l_ids);
    commit;
  end loop;
  truncate outage.event_due, outage.index_due;
  update outage.derivation set facts_stored = stored, alarms_stored = stored;
end $$;

-- A storm over whole circuits, half of their homes: dark within ten minutes, back within ten.
create function bench.storm(in_count int, in_at timestamptz) returns void language sql as $$
  with record as (
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
    select h.device_id, h.head_seq + v.i, date_trunc('month', v.at), v.at + interval '2 s', v.at, extract(epoch from v.at - timestamptz '2023-01-01Z') * 1000, 1,
           v.i + 1, 2, 0, sha256('')
    from fleet.journal_head h
    cross join lateral (values (1, in_at + (hashint8(h.device_id) & 65535) % 300 * interval '1 second'),
                               (2, in_at + interval '5 minutes' + (hashint8(h.device_id + 1) & 65535) % 300 * interval '1 second')) v(i, at)
    where h.device_id > 5000000 and h.device_id <= 5000000 + 2 * in_count and h.device_id % 100 >= 50
    returning device_id, seq, received_at
  )
  update fleet.journal_head h
  set head_seq = r.seq, claimed_seq = r.seq, stored = r.seq, seen = int8multirange(int8range(1, r.seq + 1)), updated_at = r.received_at
  from (select device_id, max(seq) as seq, max(received_at) as received_at from record group by device_id) r
  where h.device_id = r.device_id;
$$;

-- Of the homes of a storm: how many are told as outages, how many of these are long enough for an event, how many in one.
create function bench.told(in_at timestamptz, out outages bigint, out long bigint, out in_events bigint) language sql as $$
  select count(*), count(*) filter (where o.ended_at - o.started_at >= r.debounce),
         count(*) filter (where exists (select from outage.event_member m join outage.event e using (event_id)
                                        where m.outage_id = o.outage_id and e.kind = 'outage'))
  from outage.outage o cross join outage.derivation_rule r where o.started_at >= in_at and o.started_at < in_at + interval '1 hour'
$$;
