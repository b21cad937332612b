-- Events matched with what others say: scores, proposals, decisions; and what meters say.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(24);

-- Four homes on circuit M1 in one place, two with a meter number, and an event of all of them for an hour.
delete from outage.event; delete from outage.match_due; delete from outage.outage; delete from outage.feed_outage; delete from outage.utility_event;
insert into outage.source (code, name, kind, time_zone, customers_served) values ('t-feed', 'Feed', 'feed', 'UTC', 1000);
insert into programme.circuit (circuit_id, name) values ('M1', 'One'), ('M2', 'Two');
insert into programme.premise (code, address, city, postal_code, geom, meter_number)
select 'T-MA' || n, 'Road ' || n, 'Town', '12345', 'SRID=4326;POINT(-121 39)', case when n < 3 then 'MT' || n end from generate_series(1, 4) n;
create temporary table home as select premise_id, right(code, 1)::integer as n from programme.premise where code like 'T-MA_';
insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, circuit_id, derived_at)
select 9700 + n, 1, premise_id, '2026-03-01 12:00Z', '2026-03-01 12:00Z', '2026-03-01 13:00Z', 'restored', 2, 'M1', now() from home;
insert into outage.event (kind, level, element, circuit_id, started_at, ended_at, restored_at, customers, dark, served, lit, confidence, momentary, revised_at, centre)
values ('outage', 'circuit', 'M1', 'M1', '2026-03-01 12:00Z', '2026-03-01 13:00Z', '2026-03-01 13:00Z', 4, 0, 4, 0, 0.9, false, now(), 'SRID=4326;POINT(-121 39)');
insert into outage.event_member select e.event_id, o.outage_id from outage.event e cross join outage.outage o where o.device_id between 9701 and 9704;

-- two spells
create function pg_temp.t(in_a text, in_b text) returns text language sql as $$
  select format('%s %s %s', t ->> 'score', t ->> 'overlap', t ->> 'start_minutes')
  from outage.match_time(in_a::tstzrange, in_b::tstzrange, interval '6 hours') t
$$;
select is(pg_temp.t('[2026-03-01 12:00Z,2026-03-01 13:00Z]', '[2026-03-01 12:00Z,2026-03-01 13:00Z]'), '1.000 1.000 0.0', 'the same time');
select is(pg_temp.t('[2026-03-01 12:00Z,2026-03-01 13:00Z]', '[2026-03-01 12:30Z,2026-03-01 13:30Z]'), '0.625 0.333 30.0', 'half an hour in common of one and a half, half an hour of six apart');
select is(pg_temp.t('[2026-03-01 12:00Z,2026-03-01 13:00Z]', '[2026-03-01 15:00Z,2026-03-01 16:00Z]'), '0.250 0.000 180.0', 'nothing in common, but near');
select is(pg_temp.t('[2026-03-01 12:00Z,2026-03-01 12:00Z]', '[2026-03-01 12:00Z,2026-03-01 12:00Z]'), '1.000 1.000 0.0', 'two moments');

-- a feed
create function pg_temp.feed(in_number text, in_lon numeric, in_from text, in_to text, in_circuit text default '', in_doubt text default null) returns void language sql as $$
  insert into outage.feed_outage (source, number, started_at, first_seen_at, ended_at, customers, geom, circuit_id, doubt)
  values ('t-feed', in_number, in_from::timestamptz, in_from::timestamptz, in_to::timestamptz, 4, st_setsrid(st_point(in_lon, 39), 4326), in_circuit, in_doubt)
$$;
create function pg_temp.links(in_source text default 'feed') returns text language sql as $$
  select string_agg(format('%s %s %s', regexp_replace(key, '^t-feed ', ''), round(score::numeric, 3), status), ', ' order by score desc, key) from outage.event_link where source = in_source
$$;
select pg_temp.feed('same', -121, '2026-03-01 12:00Z', '2026-03-01 13:00Z'), pg_temp.feed('near', -121.02, '2026-03-01 12:30Z', '2026-03-01 13:30Z'),
       pg_temp.feed('far', -121.2, '2026-03-01 12:00Z', '2026-03-01 13:00Z'), pg_temp.feed('late', -121, '2026-03-02 12:00Z', '2026-03-02 13:00Z'),
       pg_temp.feed('doubt', -121, '2026-03-01 12:00Z', '2026-03-01 13:00Z', in_doubt => 'no_customers'),
       pg_temp.feed('other', -121, '2026-03-01 12:00Z', '2026-03-01 13:00Z', 'M2'), pg_temp.feed('circuit', -121, '2026-03-01 12:30Z', '2026-03-01 13:30Z', 'M1');
select is(outage.match_events(10), 1, 'one event to match');
-- near: 1.728 km of 5 away: place 0.654; time 0.625; their mean
select is(pg_temp.links(), 'same 1.000 proposed, circuit 0.850 proposed, other 0.800 proposed, near 0.640 proposed', 'what is near in place and time, best first');
select results_eq($$select parts from outage.event_link where key = 't-feed near'$$,
  $$values ('{"place": {"score": 0.654, "km": 1.73}, "time": {"score": 0.625, "overlap": 0.333, "start_minutes": 30.0}}'::jsonb)$$, 'the parts of a score are kept');
select is((select parts -> 'circuit' from outage.event_link where key = 't-feed other'), '{"score": 0, "circuit_id": "M2"}'::jsonb, 'another circuit counts against it');
select is(outage.match_events(10), 0, 'matched once');

-- decisions stay, proposals follow
update outage.event_link set status = 'confirmed', decided_at = now() where key = 't-feed same';
update outage.event_link set status = 'refused', decided_at = now() where key = 't-feed other';
delete from outage.feed_outage where number in ('near', 'other');
select outage.match_again('2026-03-01Z', '2026-03-02Z');
select is(outage.match_events(10), 1, 'again after an import');
select is(pg_temp.links(), 'same 1.000 confirmed, circuit 0.850 proposed, other 0.800 refused', 'what was decided stays, a proposal without a reason goes');
update outage.event set version = version + 1;
select is(outage.match_events(10), 1, 'again when the event is another version');
update outage.match_rule set propose_from = 0.9;
update outage.event set version = version + 1;
select outage.match_events(10);
select is(pg_temp.links(), 'same 1.000 confirmed, other 0.800 refused', 'the rule is data');
update outage.match_rule set propose_from = 0.5, most = 1;
update outage.event set version = version + 1;
select pg_temp.feed('near', -121.02, '2026-03-01 12:30Z', '2026-03-01 13:30Z');
select outage.match_events(10);
select is(pg_temp.links(), 'same 1.000 confirmed, other 0.800 refused', 'and so is how many are proposed');
update outage.match_rule set most = 5;

-- what the utility did
insert into outage.utility_event (kind, utility, event, circuit_text, circuit_key, circuit_id, out_at, restored_at) values
  ('psps', 'U', 'E', 'One', 'one', 'M1', '2026-03-01 11:30Z', '2026-03-01 13:30Z'), ('psps', 'U', 'E', 'Two', 'two', 'M2', '2026-03-01 12:00Z', '2026-03-01 13:00Z'),
  ('epss', 'U', 'E', 'One', 'one', 'M1', '2026-03-01 12:00Z', null);
update outage.event set version = version + 1;
select outage.match_events(10);
-- time: half of the time in common 0.5, starts 30 minutes of six hours apart 0.917: 0.708; with the circuit
select is((select round(score::numeric, 3) from outage.event_link where source = 'psps'), 0.805, 'a shutoff of its circuit');
select is((select count(*) from outage.event_link where source = 'psps'), 1::bigint, 'and of no other');

-- what meters say
create temporary table meter_row (number bigint, code text, meter text, meter_name text, usage_point text, usage_point_name text, at timestamptz);
create function pg_temp.meter(in_code text, in_at text, in_meter text, in_name text default '', in_point text default '') returns void language sql as $$
  insert into meter_row values (1, in_code, in_meter, in_name, in_point, '', in_at::timestamptz)
$$;
select pg_temp.meter('3.26.0.47', '2026-03-01 12:00Z', 'MT1'), pg_temp.meter('3.26.136.47', '2026-03-01 12:01Z', 'MT1'), pg_temp.meter('3.26.0.216', '2026-03-01 13:00Z', 'MT1'),
       pg_temp.meter('3.26.0.47', '2026-03-01 12:00Z', '', 'MT2'), pg_temp.meter('3.26.136.216', '2026-03-01 13:00Z', '', '', 'T-MA2'),
       pg_temp.meter('3.26.0.47', '2026-03-01 12:00Z', 'stranger'), pg_temp.meter('3.7.1.2', '2026-03-01 12:00Z', 'MT1');
select results_eq('select * from outage.take_meter_events()', 'values (5::bigint, 1::bigint, 1::bigint)', 'meters of our homes, by number, name or service point');
select results_eq($$select n, started_at, ended_at from outage.meter_outage join home using (premise_id) order by 1$$,
  $$values (1, timestamptz '2026-03-01 12:00Z', timestamptz '2026-03-01 13:00Z'), (2, '2026-03-01 12:00Z', '2026-03-01 13:00Z')$$, 'a second power down is the same interruption');
select results_eq('select * from outage.take_meter_events()', 'values (0::bigint, 1::bigint, 1::bigint)', 'the same again changes nothing');
select is(outage.match_events(10), 1, 'what meters say is matched');
select is((select parts -> 'place' from outage.event_link where source = 'meter_events'), '{"score": 0.5, "homes": 4, "meters": 2}'::jsonb, 'two of four homes say so');
select is((select round(score::numeric, 3) from outage.event_link where source = 'meter_events'), 0.750, 'at the very time');
insert into outage.meter_event_code values ('3.7.1.2', 'power_up');
select results_eq('select unmapped from outage.take_meter_events()', 'values (0::bigint)', 'the codes are data');

-- an event that is gone
delete from outage.event; insert into outage.event (kind, level, element, circuit_id, started_at, customers, dark, served, lit, confidence, momentary, revised_at) values ('outage', 'circuit', 'M2', 'M2', '2026-04-01Z', 1, 1, 1, 0, 0.1, false, now());
select outage.match_events(10);
select is((select string_agg(distinct status, ' ' order by status) from outage.event_link), 'confirmed refused', 'its proposals go with it, decisions stay');

select * from finish();
rollback;
