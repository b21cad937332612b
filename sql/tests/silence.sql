-- "Utility gone" told from "communication gone", by our own health record.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(13);

delete from outage.blind; delete from outage.event; delete from outage.outage; delete from fleet.assignment; delete from fleet.part_health;
insert into programme.circuit (circuit_id, name) values ('S1', 'One'), ('S2', 'Two');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-SI' || n, 'Road ' || n, 'Town', '12345', st_setsrid(st_point(-121, 39), 4326) from generate_series(1, 8) n;
create temporary table home as select premise_id, right(code, 1)::integer as n from programme.premise where code like 'T-SI_';
insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
select premise_id, case when n <= 4 then 'S1' else 'S2' end, '2020-01-01' from home;
insert into fleet.assignment (device_id, premise_id, assigned_from) select 6000 + n, premise_id, '2026-01-01Z' from home;
create function pg_temp.heard(in_n integer, in_at text) returns void language sql as $$
  insert into fleet.device_link (device_id, session, online, received_at) values (6000 + in_n, 1, true, timestamptz '2026-03-01Z' + in_at::interval)
  on conflict (device_id) do update set received_at = excluded.received_at
$$;
create function pg_temp.silent(in_at text) returns text language sql as $$
  select string_agg((device_id - 6000) || ' ' || cause, ', ' order by device_id) from outage.silent(timestamptz '2026-03-01Z' + in_at::interval)
$$;

select pg_temp.heard(n, '12:00') from home;
select is(pg_temp.silent('12:15'), null, 'a quarter of an hour is not silence');
select pg_temp.heard(n, '12:14') from home where n > 1;
select is(pg_temp.silent('12:15:01'), '1 unit', 'a second more is: one unit');
select pg_temp.heard(n, '12:30') from home where n > 3;
select is(pg_temp.silent('12:30'), '1 area, 2 area, 3 area', 'three of four on a circuit: the area');
insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, start_quality, circuit_id, derived_at)
select 6001, 1, premise_id, '2026-03-01 12:00Z', '2026-03-01 12:00Z', 2, 'S1', now() from home where n = 1;
select is(pg_temp.silent('12:30'), '1 dark, 2 area, 3 area', 'one said that the utility was lost before it fell silent');
insert into outage.event (kind, level, element, circuit_id, started_at, customers, dark, served, lit, confidence, momentary, revised_at)
values ('outage', 'circuit', 'S1', 'S1', '2026-03-01 12:00Z', 3, 3, 4, 0, 0.8, false, now());
select is(pg_temp.silent('12:30'), '1 dark, 2 dark, 3 dark', 'an open event of the circuit explains its silence');
delete from outage.event; delete from outage.outage;

-- our own health
insert into fleet.part_health (part, holder, at, detail) values ('job', 'a', '2026-03-01 13:00Z', '{}'), ('mqtt', 'a', '2026-03-01 13:00Z', '{"broker": true}');
select outage.watch('2026-03-01 13:00:10Z');
select is_empty('select * from outage.blind', 'ten seconds are nothing');
select outage.watch('2026-03-01 14:00Z');
select results_eq('select part, from_at, to_at from outage.blind order by 1', $$values ('job', '2026-03-01 13:00Z'::timestamptz, '2026-03-01 14:00Z'::timestamptz),
  ('mqtt', '2026-03-01 13:00Z', '2026-03-01 14:00Z')$$, 'an hour without us is in the record');
select pg_temp.heard(n, '13:00') from home;
select is(pg_temp.silent('14:05'), null, 'after our own restart nobody is silent at once');
select is(pg_temp.silent('14:15:01'), '1 area, 2 area, 3 area, 4 area, 5 area, 6 area, 7 area, 8 area', 'but a quarter of an hour later');
update fleet.part_health set at = '2026-03-01 15:00Z', detail = case part when 'mqtt' then '{"broker": false}' else '{}' end::jsonb;
select outage.watch('2026-03-01 15:00:05Z');
select outage.watch('2026-03-01 15:00:10Z');
update fleet.part_health set at = '2026-03-01 15:00:12Z';
select outage.watch('2026-03-01 15:00:15Z');
select results_eq($$select from_at, to_at from outage.blind where part = 'broker'$$, $$values ('2026-03-01 15:00Z'::timestamptz, '2026-03-01 15:00:15Z'::timestamptz)$$,
  'a broker that is away is one row, as long as it is away');
update fleet.part_health set at = '2026-03-01 16:00Z', detail = '{"broker": true}';
select outage.watch('2026-03-01 16:00:05Z');
select is((select count(*) from outage.blind), 3::bigint, 'well again: nothing more');
update fleet.part_health set detail = '{"broker": false}' where part = 'mqtt';
select outage.watch('2026-03-01 16:00:10Z');
select is((select count(*) from outage.blind where part = 'broker'), 2::bigint, 'away again: another row');

select outage.declare_drill('Drill', 'S1', '2026-03-01 11:00Z', '2026-03-01 13:00Z');
select is((select circuit_id from outage.drill where name = 'Drill'), 'S1', 'a drill is declared');

select * from finish();
rollback;
