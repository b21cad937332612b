-- Roll-ups of shutoffs and fast trips, with the dirt that they have.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(26);

-- what is in a cell
select results_eq($$select t, outage.read_time(t, 'America/Los_Angeles') at time zone 'UTC' from unnest(array[
    '2019-10-26 20:19', '10/26/2019 20:19', ' 10/26/19  8:19 PM', '10/26/2019, 08:19:05 pm', '2019-10-26T20:19:05Z', '2019-10-26 20:19:05-07:00',
    '43764.8465', '43764', '1/1/2020 0:00']) with ordinality u(t, n) order by n$$,
  $$values ('2019-10-26 20:19', timestamp '2019-10-27 03:19'), ('10/26/2019 20:19', '2019-10-27 03:19'), (' 10/26/19  8:19 PM', '2019-10-27 03:19'),
    ('10/26/2019, 08:19:05 pm', '2019-10-27 03:19:05'), ('2019-10-26T20:19:05Z', '2019-10-26 20:19:05'), ('2019-10-26 20:19:05-07:00', '2019-10-27 03:19:05'),
    ('43764.8465', '2019-10-27 03:18:58'), ('43764', '2019-10-26 07:00'), ('1/1/2020 0:00', '2020-01-01 08:00')$$, 'times');
select is((select count(*) from unnest(array['', 'N/A', '2019-10-26', '26/10/2019 20:19', '2019-02-30 10:00', '10/26/2019 25:00', 'soon', '20:19', '10/26/2019 20:19; drop']) t
           where outage.read_time(t, 'America/Los_Angeles') is not null), 0::bigint, 'and what is none');
select is((select string_agg(coalesce(extract(epoch from outage.read_duration(t))::integer::text, '-'), ' ' order by n) from unnest(array[
    '51.4', '2,880', '36:15', '36:15:30', '2 days 3 hrs 10 min', '1d 4h', '1 day, 2:03:04', '90 minutes', '2 Days and 1 Hour', '0']) with ordinality u(t, n)),
  '185040 10368000 130500 130530 184200 100800 93784 5400 176400 0', 'durations');
select is((select count(*) from unnest(array['', 'N/A', 'long', '1 fortnight', '-3', '1:2:3:4', '99999999', '1 day; 2']) t where outage.read_duration(t) is not null), 0::bigint, 'and what is none');
select is((select string_agg(coalesce(array_to_string(outage.read_tiers(t), '+'), '?'), ' ' order by n) from unnest(array[
    'Tier 2, Tier 3', '2/3', 'Tier 2 & 3', 'Zone 1; Tier 3', 'Tier 3', '3, 2, 3', 'Tiers 2 and 3', 'HFTD Tier 2', 'Non-HFTD', 'N/A', '', 'Tier 4', 'north', 'Partial Tier 2/Non-HFTD']) with ordinality u(t, n)),
  'tier2+tier3 tier2+tier3 tier2+tier3 tier3+zone1 tier3 tier2+tier3 tier2+tier3 tier2    ? ? tier2', 'tiers, several in a cell');
select is((select string_agg(coalesce(outage.read_count(t)::text, '-'), ' ' order by n) from unnest(array['1,234', '17.0', '', '-', 'N/A', '1.5', 'x', '-4']) with ordinality u(t, n)),
  '1234 17 - - - - - -', 'numbers of customers');
select is(outage.circuit_key('ALHAMBRA-1105*'), outage.circuit_key('Alhambra 1105'), 'circuits by letters and digits');
select is(outage.circuit_key('012345678'), '12345678', 'leading zeros that feeds drop');

-- a file
insert into programme.circuit (circuit_id, name) values ('042101105', 'ALHAMBRA 1105'), ('042101106', 'BANGOR 1101'), ('042101107', 'CLARK 0001'), ('042101108', 'CLARK-0001');
insert into programme.circuit_list (designation, version, source, state, active) values ('epss', 900, 'test', 'published', true);
insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
select l.circuit_list_id, v.* from programme.circuit_list l cross join (values ('042101106', date '2021-07-28', null::date)) v(circuit_id, first, last)
where l.designation = 'epss' and l.active;
insert into outage.circuit_alias values (outage.circuit_key('TL 626 - CIRCUIT 238'), '042101107');
create temporary table event_row (line integer, utility text, event text, circuit text, out_date text, out_time text, restored_date text, restored_time text,
  duration text, customers text, residential text, commercial text, medical text, other text, tiers text, cause text, place text);
create function pg_temp.row(in_line integer, in_utility text, in_circuit text, in_out text, in_restored text, in_duration text default '', in_customers text default '10',
                            in_residential text default '', in_commercial text default '', in_tiers text default '', in_event text default '') returns void language sql as $$
  insert into event_row values (in_line, in_utility, in_event, in_circuit, in_out, '', in_restored, '', in_duration, in_customers, in_residential, in_commercial, '2', '', in_tiers, '', 'Butte')
$$;
create function pg_temp.take(in_kind text, in_all boolean, in_keep boolean) returns text language sql as $$
  select format('%s rows, %s errors, %s kept, %s unmatched', rows, errors, kept, unmatched) from outage.take_utility_events(in_kind, 'America/Los_Angeles', in_all, in_keep)
$$;
create function pg_temp.told() returns text language sql as $$
  select string_agg(format('%s %s %s.%s %s %s', v.utility, v.event, coalesce(v.circuit_id, v.circuit_text), v.part, v.customers, array_to_string(v.doubts, '+')), '; ' order by v.circuit_key, v.part) from outage.utility_event v
$$;
select pg_temp.row(2, 'PG&E', 'ALHAMBRA-1105*', '10/26/2019 20:19', '10/28/2019 20:44', '48:25', '1,851', '1,700', '151', 'Tier 2, Tier 3'),
       pg_temp.row(3, 'PGE', 'Bangor 1101', '2019-10-26 20:19', 'permanently de-energized');
select is(pg_temp.take('psps', true, false), '2 rows, 0 errors, 0 kept, 0 unmatched', 'a dry run');
select is_empty('select * from outage.utility_event', 'keeps nothing');
select is(pg_temp.take('psps', true, true), '2 rows, 0 errors, 2 kept, 0 unmatched', 'then in earnest');
select is(pg_temp.told(), 'PG&E 2019-10-26 042101105.1 1851 ; PG&E 2019-10-26 042101106.1 10 not_restored', 'two spellings are one utility; circuits by their names');
select results_eq($$select out_at, restored_at, tiers, residential, medical_baseline from outage.utility_event where circuit_id = '042101105'$$,
  $$values (timestamptz '2019-10-27 03:19Z', timestamptz '2019-10-29 03:44Z', '{tier2,tier3}'::text[], 1700, 2)$$, 'times in their zone, tiers, classes');
select is(pg_temp.take('psps', true, true), '2 rows, 0 errors, 0 kept, 0 unmatched', 'the same again changes nothing');
select results_eq($$select circuit_id, cause from programme.circuit_outage where circuit_id like '0421011%' order by 1$$, $$values ('042101105', 'psps'), ('042101106', 'psps')$$, 'area rules count them');
update event_row set customers = '11' where line = 3;
select is(pg_temp.take('psps', true, true), '2 rows, 0 errors, 1 kept, 0 unmatched', 'what is corrected is taken over');

-- dirt
delete from event_row; delete from outage.utility_event;
select pg_temp.row(2, 'PG&E', 'ALHAMBRA 1105', '10/26/2019 20:19', '', '2 days 1 hr', '30', '20', '5'),
       pg_temp.row(3, 'PG&E', 'ALHAMBRA 1105', '10/26/2019 20:19', '10/27/2019 20:19', '12', '7'),
       pg_temp.row(4, 'PG&E', 'CLARK 1', '10/26/2019 20:19', ''),
       pg_temp.row(5, 'PG&E', 'CLARK 0001', '10/26/2019 20:19', '10/27/2019 20:19', in_tiers => 'Tier 9'),
       pg_temp.row(6, 'PG&E', 'TL 626-CIRCUIT 238', '10/26/2019 20:19', '10/27/2019 20:19');
select is(pg_temp.take('psps', true, true), '5 rows, 0 errors, 5 kept, 2 unmatched', 'what does not agree is kept');
select is(pg_temp.told(), 'PG&E 2019-10-26 042101105.1 7 duration_differs; PG&E 2019-10-26 042101105.2 30 customers_differ; '
  'PG&E 2019-10-26 CLARK 0001.1 10 tiers_unknown+circuit_ambiguous; PG&E 2019-10-26 CLARK 1.1 10 no_restoration+circuit_unknown; PG&E 2019-10-26 042101107.1 10 ', 'and says so; parts of a circuit; an alias');
select is((select restored_at - out_at from outage.utility_event where part = 2), interval '49 hours', 'a duration stands for a restoration that is missing');

-- errors
delete from event_row; delete from outage.utility_event;
select pg_temp.row(2, 'PG&E', 'ALHAMBRA 1105', '10/26/2019 20:19', '10/27/2019 20:19'), pg_temp.row(3, 'Nobody Power', '', 'yesterday', '10/27/2019 20:19'),
       pg_temp.row(4, 'SCE', 'X', '10/26/2019 20:19', '10/25/2019 20:19', 'abc 1', '-7'), pg_temp.row(5, 'SDG&E', 'Y', '10/26/2019 20:19', '10/27/2019');
select is(pg_temp.take('psps', true, true), '4 rows, 7 errors, 0 kept, 0 unmatched', 'one wrong cell refuses all');
select is((select string_agg(format('%s %s: %s', line, field, reason), '; ' order by line, field) from event_error),
  '3 circuit: must be a circuit; 3 out: is not a time; 3 utility: is not known: see outage.utility_name; 4 customers: is not a number of customers; '
  '4 duration: is not a duration; 4 restored: is before the circuit was out; 5 restored: is not a time', 'each is told with its row');
select is(pg_temp.take('psps', false, true), '4 rows, 7 errors, 1 kept, 0 unmatched', 'or leaves out its row');

-- fast trips
delete from event_row; delete from outage.utility_event;
select pg_temp.row(2, 'PG&E', '42101105', '6/1/2022 12:00', '6/1/2022 15:00', in_event => 'E-1'), pg_temp.row(3, 'PG&E', '042101106', '6/1/2022 12:00', '6/1/2022 15:00');
select is(pg_temp.take('epss', true, true), '2 rows, 0 errors, 2 kept, 0 unmatched', 'fast trips, by circuit numbers without their zero');
select is(pg_temp.told(), 'PG&E E-1 042101105.1 10 not_designated; PG&E 2022-06-01 042101106.1 10 ', 'on a circuit that was not designated: a doubt');
select is((select count(*) from outage.utility_event where kind = 'psps'), 0::bigint, 'of their own kind');
select is((select count(*) from programme.circuit_outage where cause = 'epss' and circuit_id like '0421011%'), 2::bigint, 'and counted so');

select * from finish();
rollback;
