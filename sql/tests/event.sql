-- outage.derive_events: homes that go dark together are one event, at the nearest element above them all.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(38);

-- Two circuits of a substation, three transformers of four homes on the first (two behind one recloser),
-- one of four on the second. Homes 1..16; their devices 7001..7016.
insert into programme.circuit (circuit_id, name, substation) values ('E1', 'One', 'North'), ('E2', 'Two', 'North'), ('E3', 'Three', null);
insert into programme.transformer (transformer_id, segment_id) values ('ET1', 'ES1'), ('ET2', 'ES1'), ('ET3', 'ES2'), ('ET4', 'ES3');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-EV' || to_char(n, 'FM00'), 'Road ' || n, 'Town', '12345', st_setsrid(st_point(-121 + n * 0.001, 39), 4326)
from generate_series(1, 17) n;
create temporary table home as
select premise_id, right(code, 2)::integer as n from programme.premise where code like 'T-EV__';
insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
select premise_id, case when n <= 12 then 'E1' else 'E2' end, '2020-01-01' from home where n <= 16;
insert into programme.premise_transformer (premise_id, transformer_id, valid_from)
select premise_id, 'ET' || (n + 3) / 4, '2020-01-01' from home where n <= 16;
delete from fleet.assignment; delete from outage.outage; delete from outage.event_due; delete from outage.event;
delete from outage.event_version;
insert into fleet.assignment (device_id, premise_id, assigned_from) select 7000 + n, premise_id, '2026-01-01Z' from home;

-- Records that say that home n was dark, in seconds after noon of 1 March; no end: still dark.
create function pg_temp.dark(in_n integer, in_from integer, in_to integer) returns void language sql as $$
  with s as (select coalesce(max(seq), 0) as seq from fleet.journal_record where device_id = 7000 + in_n)
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
  select 7000 + in_n, s.seq + v.n, '2026-03-01Z', timestamptz '2026-03-01 12:00Z' + v.at * interval '1 s',
         timestamptz '2026-03-01 12:00Z' + v.at * interval '1 s', v.at * 1000, 1, v.kind, 2, 0, '\x00'
  from s cross join (values (1, 2, in_from), (2, 3, in_to)) v(n, kind, at) where v.at is not null
$$;
create function pg_temp.heard(in_n integer) returns void language sql as $$
  insert into fleet.journal_head (device_id, head_hash, stored, updated_at)
  values (7000 + in_n, sha256(''), (select count(*) from fleet.journal_record where device_id = 7000 + in_n), now())
  on conflict (device_id) do update set stored = excluded.stored
$$;
create function pg_temp.derive() returns void language plpgsql as $$
begin
  perform outage.derive(array(select 7000 + n from home));
  while outage.derive_events(100) > 0 loop null; end loop;
end $$;
create function pg_temp.told(in_kind text default 'outage') returns text language sql as $$
  select string_agg(format('%s %s %s-%s %s/%s', e.level, e.element,
           extract(epoch from e.started_at - '2026-03-01 12:00Z')::integer,
           coalesce(extract(epoch from e.ended_at - '2026-03-01 12:00Z')::integer::text, ''), e.dark, e.customers),
         ', ' order by e.started_at, e.level, e.element)
  from outage.event e where e.kind = in_kind
$$;
create function pg_temp.fresh() returns void language sql as $$
  delete from fleet.journal_record where device_id between 7001 and 7017;
  delete from fleet.journal_head where device_id between 7001 and 7017;
  delete from outage.outage where device_id between 7001 and 7017;
  delete from outage.event; delete from outage.event_version; delete from outage.event_due
$$;

-- the nearest element above
select pg_temp.dark(1, 0, 600); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-600 0/1', 'one of four homes is its transformer');
select is((select round(confidence::numeric, 3) from outage.event), 0.200, 'with little confidence: one witness, three silent');
select pg_temp.dark(2, 30, 600); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-600 0/2', 'two homes of one transformer');
select pg_temp.dark(5, 60, 600); select pg_temp.derive();
select is(pg_temp.told(), 'segment ES1 0-600 0/3', 'and one of another behind the same recloser');
select pg_temp.dark(9, 90, 600); select pg_temp.derive();
select is(pg_temp.told(), 'circuit E1 0-600 0/4', 'and one behind another recloser');
select is((select count(*) from outage.event), 1::bigint, 'it is one event all along');
select is((select array_agg(array_to_string(reasons, '; ') order by version) from outage.event_version),
  array['first', 'late records; more homes', 'late records; more homes; another element; more is known of the other homes',
        'late records; more homes; another element; more is known of the other homes'], 'every version says why it is another one');

-- shares are what they are written as
select pg_temp.fresh();
select pg_temp.dark(n, 0, 600 + n) from generate_series(1, 5) n; select pg_temp.derive();
select is((select restored_at from outage.event where kind = 'outage'), timestamptz '2026-03-01 12:10:04Z', 'four of five homes back are 0.8 of them');
insert into programme.premise_transformer (premise_id, transformer_id, valid_from) select premise_id, 'ET1', '2020-01-01' from home where n = 17;
insert into programme.premise_circuit (premise_id, circuit_id, valid_from) select premise_id, 'E1', '2020-01-01' from home where n = 17;
select pg_temp.fresh();
select pg_temp.dark(1, 0, 600); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-600 0/1', 'and one of five is 0.2 of its transformer');
delete from programme.premise_transformer where premise_id = (select premise_id from home where n = 17);
delete from programme.premise_circuit where premise_id = (select premise_id from home where n = 17);

-- windows
select pg_temp.fresh();
select pg_temp.dark(1, 0, 600), pg_temp.dark(2, 180, 600), pg_temp.dark(3, 361, 600); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-600 0/2, transformer ET1 361-600 0/1', 'within three minutes, and a second later');
select pg_temp.fresh();
select pg_temp.dark(1, 0, 30), pg_temp.dark(2, 0, 59), pg_temp.dark(3, 0, 60); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-60 0/1', 'what is over within the debounce time makes no event');
select pg_temp.fresh();
select pg_temp.dark(1, 0, 100), pg_temp.dark(1, 400, 500); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-500 0/1', 'dark again within five minutes: the same chain');
select pg_temp.fresh();
select pg_temp.dark(1, 0, 100), pg_temp.dark(1, 401, 500); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0-100 0/1, transformer ET1 401-500 0/1', 'a second later it is another');
select is((select bool_and(momentary) from outage.event), true, 'momentary: nobody was dark for longer than five minutes');

-- a home without a known circuit
select pg_temp.fresh();
select pg_temp.dark(17, 0, 600); select pg_temp.derive();
select is(pg_temp.told(), format('premise %s 0-600 0/1', (select premise_id from home where n = 17)), 'nothing above a home that is on no circuit');

-- open, and late news
select pg_temp.fresh();
select pg_temp.dark(1, 0, 600), pg_temp.dark(2, 0, null); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0- 1/2', 'open while one is dark');
select pg_temp.fresh();
select pg_temp.dark(1, 0, 600); select pg_temp.derive();
select pg_temp.dark(2, 10, null); select pg_temp.derive();
select is(pg_temp.told(), 'transformer ET1 0- 1/2', 'late records open it again');
select ok((select reasons @> '{late records,re-opened,more homes}' from outage.event_version order by version desc limit 1), 'and the version says so');

-- nested: the circuit is back, one transformer stays dark
select pg_temp.fresh();
select pg_temp.dark(n, 0, 1200) from home where n <= 10;
select pg_temp.dark(11, 0, null), pg_temp.dark(12, 0, null); select pg_temp.derive();
select is(pg_temp.told(), 'circuit E1 0- 2/12', 'a circuit with two homes still dark');
select is((select extract(epoch from restored_at - '2026-03-01 12:00Z') from outage.event where kind = 'outage'), 1200::numeric, 'most were back after 20 minutes');
select is(pg_temp.told('nested'), 'transformer ET3 0- 2/2', 'the two are a nested outage of their transformer');
select pg_temp.dark(11, 3700, null);
update fleet.journal_record set kind = 3 where device_id = 7011 and kind = 2 and mono_ms = 3700000;
select pg_temp.derive();
select is(pg_temp.told('nested'), 'transformer ET3 0- 1/2', 'one came back after an hour: it was nested all the same');
select pg_temp.fresh();
select pg_temp.dark(n, 0, 1200) from home where n <= 11;
select pg_temp.dark(12, 0, 2000); select pg_temp.derive();
select is(pg_temp.told('nested'), null, 'a few minutes later than most is not nested');

-- circuits of a substation together
select pg_temp.fresh();
select pg_temp.dark(n, 0, 900) from home where n in (1, 5, 9);
select pg_temp.dark(n, 120, 900) from home where n in (13, 14); select pg_temp.derive();
select is(pg_temp.told('group'), null, 'a circuit and a transformer are no group');
select pg_temp.fresh();
insert into programme.transformer values ('ET5', null);
update programme.premise_transformer set transformer_id = 'ET5' where premise_id = (select premise_id from home where n = 16);
select pg_temp.dark(n, 0, 900) from home where n in (1, 5, 9);
select pg_temp.dark(n, 120, 900) from home where n in (13, 16); select pg_temp.derive();
select is(pg_temp.told('group'), 'substation North 0-900 0/5', 'two circuits are');
select is((select count(distinct parent_id) from outage.event where kind = 'outage'), 1::bigint, 'and say to which group they belong');

-- what does not count
select pg_temp.fresh();
insert into fleet.journal_record (device_id, seq, part_ts, received_at, mono_ms, boot, kind, quality, hash)
values (7001, 1, '2026-03-01Z', '2026-03-01Z', 0, 1, 12, 0, '');
select pg_temp.dark(1, 0, 600);
insert into outage.drill (name, circuit_id, starts_at, ends_at) values ('Drill', 'E2', '2026-03-01 11:00Z', '2026-03-01 13:00Z');
select pg_temp.dark(13, 0, 600), pg_temp.dark(5, 0, 600);
update fleet.assignment set assigned_from = '2026-03-01 11:50Z' where device_id = 7009;
select pg_temp.dark(9, 0, 600);
select pg_temp.derive();
select results_eq('select device_id, uncounted from outage.outage where device_id between 7001 and 7017 order by 1',
  $$values (7001::bigint, 'field_work'), (7005, null), (7009, 'exchange'), (7013, 'drill')$$, 'field work, an exchange and a drill are recognised');
select is(pg_temp.told(), 'transformer ET2 0-600 0/1', 'and make no event');
insert into fleet.journal_record (device_id, seq, part_ts, received_at, mono_ms, boot, kind, quality, hash)
select 7001, max(seq) + 1, '2026-03-01Z', '2026-03-01Z', 700000, 1, 13, 0, '' from fleet.journal_record where device_id = 7001;
select pg_temp.dark(1, 2000, 2600); select pg_temp.derive();
select is((select uncounted from outage.outage where device_id = 7001 order by lost_seq desc limit 1), null, 'after the end of field work it counts again');
delete from outage.drill; update fleet.assignment set assigned_from = '2026-01-01Z' where device_id = 7009;

-- the other homes of the element
select pg_temp.fresh();
select pg_temp.dark(n, 0, 600) from home where n <= 4; select pg_temp.heard(n) from home where n <= 4;
select pg_temp.derive();
select is((select round(confidence::numeric, 3) from outage.event), 0.938, 'four of four');
select pg_temp.fresh();
select pg_temp.dark(n, 0, 600) from home where n <= 2; select pg_temp.heard(n) from home where n <= 4;
select pg_temp.derive();
select results_eq('select served, lit, round(confidence::numeric, 3) from outage.event', 'values (4, 2, 0.375)', 'two of four, the others had power');

-- withdrawn
select pg_temp.fresh();
select pg_temp.dark(1, 0, 600); select pg_temp.derive();
delete from fleet.journal_record where device_id = 7001; select pg_temp.derive();
select is_empty('select * from outage.event', 'an event that its records no longer tell is gone');
select results_eq('select version, state is null from outage.event_version order by 1', 'values (1, false), (2, true)', 'its versions stay, the last says so');

-- whatever the order and the pieces, the events are the same in the end
select pg_temp.fresh();
create temporary table storm as
select row_number() over () as k, n, at, at + 400 + (n * 37) % 300 as until
from home cross join (values (0), (900), (901), (5000)) v(at) where n <= 16 and (n + v.at) % 3 <> 0;
create function pg_temp.play(in_order text, in_piece integer) returns text language plpgsql as $$
declare l_told text; l_n integer := 0; l record;
begin
  perform pg_temp.fresh();
  for l in execute format('select d.device_id, d.seq, d.kind, d.at from (
      select 7000 + n as device_id, row_number() over (partition by n order by at, kind) as seq, kind, at
      from (select n, 2 as kind, at from storm union all select n, 3, until from storm) e) d order by %s', in_order) loop
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
    values (l.device_id, l.seq, '2026-03-01Z', timestamptz '2026-03-02Z', timestamptz '2026-03-01 12:00Z' + l.at * interval '1 s',
            l.at * 1000, 1, l.kind, 2, 0, '\x00');
    l_n := l_n + 1;
    if l_n % in_piece = 0 then perform pg_temp.derive(); end if;
  end loop;
  perform pg_temp.derive();
  select string_agg(format('%s %s %s %s %s %s %s %s', e.kind, e.level, e.element, e.started_at, e.ended_at, e.restored_at, e.customers, e.dark),
                    E'\n' order by e.kind, e.started_at, e.element) into l_told from outage.event e;
  return l_told;
end $$;
create temporary table told as select pg_temp.play('d.at, d.device_id', 1000) as text;
select isnt((select text from told), null, 'a storm of ' || (select count(*) from storm) || ' interruptions');
select is(pg_temp.play('md5((d.device_id * 1000 + d.seq)::text)', 7), (select text from told), 'shuffled, in pieces of 7');
select is(pg_temp.play('d.at desc, d.device_id', 13), (select text from told), 'backwards, in pieces of 13');

-- a storm is derived circuit by circuit
select pg_temp.fresh();
select pg_temp.dark(n, n * 10, 600 + n) from generate_series(1, 12) n;
select outage.derive(array[7000 + n]::bigint[]) from generate_series(1, 12) n;
select is((select string_agg(format('%s %s', circuit_id, to_at - from_at), ', ') from outage.event_due), 'E1 00:10:12',
          'what is due on a circuit is one row an hour, up to the last end');
select outage.derive_events(1);
select is((select format('%s of %s, version %s', customers, (select count(*) from outage.event_due), version) from outage.event),
          '12 of 0, version 1', 'and one derivation makes it one event');

select * from finish();
rollback;
