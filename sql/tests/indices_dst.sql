-- Indices over the nights in which the clocks change, against figures computed by hand: on 1 November 2026
-- the day has 25 hours (07:00Z to 08:00Z of the next) and 01:00 to 02:00 comes twice; on 8 March it has 23.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(20);

update outage.source set time_zone = 'America/Los_Angeles' where code = 'meters';
delete from fleet.assignment; delete from outage.outage;
insert into programme.circuit (circuit_id, name) values ('DS1', 'One'), ('DS2', 'Two');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-DS' || n, 'Road ' || n, 'Town', '12345', st_setsrid(st_point(-121, 39), 4326) from generate_series(1, 5) n;
create temporary table home as select premise_id, right(code, 1)::integer as n from programme.premise where code like 'T-DS_';
insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
select premise_id, case when n < 5 then 'DS1' else 'DS2' end, '2020-01-01' from home;
-- four homes all the time; the fifth has its meter half an hour after the midnight that ends the long day
insert into fleet.assignment (device_id, premise_id, assigned_from)
select 8820 + n, premise_id, case when n < 5 then timestamptz '2026-01-01Z' else '2026-11-02 08:30Z' end from home;

create function pg_temp.dark(in_n integer, in_from timestamptz, in_to timestamptz) returns void language sql as $$
  insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, circuit_id, derived_at)
  select 8820 + in_n, (select coalesce(max(lost_seq), 0) + 1 from outage.outage o where o.device_id = 8820 + in_n),
         h.premise_id, in_from, in_from, in_to, 'restored', 2, 'DS1', now()
  from home h where h.n = in_n
$$;
create function pg_temp.kinds(in_day date) returns text language sql as $$
  select string_agg(h.n || ' ' || i.kind || ' ' || round(i.minutes::numeric, 2), ', ' order by h.n, i.started_at)
  from outage.interruption('meters', in_day::timestamp at time zone 'America/Los_Angeles',
                           (in_day + 1)::timestamp at time zone 'America/Los_Angeles', '14 days') i
  join home h using (premise_id)
$$;
create function pg_temp.told(in_from date, in_to date) returns text language sql as $$
  select format('%s days, N %s, CI %s, SAIDI %s, SAIFI %s, CAIDI %s, MAIFI %s, ASAI %s', days, round(customers_served::numeric, 4),
                customer_interruptions, round(saidi::numeric, 4), round(saifi::numeric, 4), round(caidi::numeric, 4),
                round(maifi_e::numeric, 4), round(asai::numeric, 6))
  from outage.indices('meters', in_from, in_to, in_circuit => 'DS1')
$$;

-- 1..5 autumn: what was dark when, by instants
select pg_temp.dark(1, '2026-11-01 08:30Z', '2026-11-01 09:30Z');   -- 01:30 PDT to 01:30 PST
select pg_temp.dark(2, '2026-11-01 07:30Z', '2026-11-01 10:00Z');   -- 00:30 PDT to 02:00 PST
select pg_temp.dark(3, '2026-11-01 06:50Z', '2026-11-01 08:50Z');   -- from ten to midnight on 31 October
select pg_temp.dark(4, '2026-11-01 08:58Z', '2026-11-01 08:59Z');   -- 01:58 PDT, and three minutes later
select pg_temp.dark(4, '2026-11-01 09:01Z', '2026-11-01 09:02Z');   -- 01:01 PST
select pg_temp.dark(4, '2026-11-01 09:58Z', '2026-11-01 09:59Z');   -- 01:58 PST, an hour after 01:58 PDT
select pg_temp.dark(4, '2026-11-02 07:30Z', '2026-11-02 08:30Z');   -- 23:30, in the 25th hour
select is(pg_temp.kinds('2026-10-31'), '3 sustained 120.00', 'begun before midnight: the day before, whole');
select is(pg_temp.kinds('2026-11-01'),
          '1 sustained 60.00, 2 sustained 150.00, 4 momentary 1.00, 4 within 1.00, 4 momentary 1.00, 4 sustained 60.00',
          'the hour that comes twice is dark twice; the same time an hour later is another event; the 25th hour is of the day');
select is(pg_temp.kinds('2026-11-02'), null, 'nothing is left for the day after');
select outage.count_served();
select results_eq($$ select circuit_id, from_day, customers from outage.served_span order by 1 $$,
                  $$ values ('DS1', '2025-12-31'::date, 4), ('DS2', '2026-11-02', 1) $$, 'a meter of 00:30 is of the new day');
select is((select round(customers_served::numeric, 6) from outage.indices('meters', '2026-11-01', '2026-12-01', in_circuit => 'DS2')),
          round(29 / 30.0, 6), 'November has 30 days, of which it has 29');

-- 6..12 the rollup and the indices
select outage.roll_up('meters', '2026-10-01', '2026-12-01');
create temporary table once as select * from outage.index_day where source = 'meters';
select results_eq($$ select day, customer_interruptions, customer_minutes, momentary_events from once order by day $$,
                  $$ values ('2026-10-31'::date, 1::bigint, 120::double precision, 0::bigint), ('2026-11-01', 3, 270, 2) $$, 'days and minutes');
set local time zone 'America/Los_Angeles';
select outage.roll_up('meters', d::date, d::date + 1) from generate_series('2026-10-31', '2026-11-02', interval '1 day') d;
select set_eq($$ select * from outage.index_day where source = 'meters' $$, 'select * from once', 'day by day, in a session of that zone, the same');
set local time zone 'UTC';
-- 270 / 4; 3 / 4; 270 / 3; 2 / 4; 1 - 270 / (4 x 1500)
select is(pg_temp.told('2026-11-01', '2026-11-02'), '1 days, N 4.0000, CI 3, SAIDI 67.5000, SAIFI 0.7500, CAIDI 90.0000, MAIFI 0.5000, ASAI 0.955000',
          'the long day has 1,500 minutes');
-- 120 / 4; 1 / 4; 120; 0; 1 - 120 / (4 x 1440)
select is(pg_temp.told('2026-10-31', '2026-11-01'), '1 days, N 4.0000, CI 1, SAIDI 30.0000, SAIFI 0.2500, CAIDI 120.0000, MAIFI 0.0000, ASAI 0.979167',
          'the day before 1,440');
-- 390 / 4; 1; 390 / 4; 2 / 4; 1 - 390 / (4 x 2940)
select is(pg_temp.told('2026-10-31', '2026-11-02'), '2 days, N 4.0000, CI 4, SAIDI 97.5000, SAIFI 1.0000, CAIDI 97.5000, MAIFI 0.5000, ASAI 0.966837',
          'both together');
-- 270 / 4; ...; 1 - 270 / (4 x (30 x 1440 + 60))
select is((select string_agg(month || ' ' || days || ' ' || round(asai::numeric, 8), ', ' order by month)
           from outage.indices('meters', '2026-10-01', '2026-12-01', '{month}', in_circuit => 'DS1')),
          '2026-10-01 31 ' || round(1 - 120 / (4 * 31 * 1440.0), 8) || ', 2026-11-01 30 ' || round(1 - 270 / (4 * 43260.0), 8), 'by month');
select is((select string_agg(saidi::text || ' ' || round(asai::numeric, 6), ',') from outage.indices('meters', '2026-11-01', '2026-11-02', in_major => 'only')),
          null, 'no day that counts, no index');

-- 13..15 each customer
select results_eq($$ select customers_interrupted, customer_interruptions, customers_s from outage.customer_indices('meters', '2026-11-01', '2026-11-02', in_hours => 2.5) $$,
                  $$ values (3::bigint, 3::bigint, 1::bigint) $$, 'two and a half hours, of which the clock shows one and a half');
select is((select customers_s from outage.customer_indices('meters', '2026-11-01', '2026-11-02', in_hours => 1)), 3::bigint,
          'an hour, of which the clock shows none');
select results_eq($$ select day, saidi from outage.daily_saidi('meters', '2026-10-31', '2026-11-03') order by day $$,
                  $$ values ('2026-10-31'::date, 30::double precision), ('2026-11-01', 67.5) $$, 'SAIDI of each day, as T_MED takes it');

-- 16..18 spring: 01:30 PST to 03:30 PDT is an hour, and 24 hours after 00:30 it is 01:30 of the next day
select pg_temp.dark(1, '2026-03-08 09:30Z', '2026-03-08 10:30Z');
select pg_temp.dark(2, '2026-03-09 06:45Z', '2026-03-09 07:15Z');   -- 23:45 to 00:15
select pg_temp.dark(3, '2026-03-09 07:30Z', '2026-03-09 07:40Z');   -- 00:30 of the next day, 23.5 hours after it began
select outage.roll_up('meters', '2026-03-01', '2026-04-01');
select is(pg_temp.kinds('2026-03-08'), '1 sustained 60.00, 2 sustained 30.00', 'what began on it');
select is(pg_temp.kinds('2026-03-09'), '3 sustained 10.00', 'and what after it');
-- 90 / 4; 2 / 4; 45; 0; 1 - 90 / (4 x 1380)
select is(pg_temp.told('2026-03-08', '2026-03-09'), '1 days, N 4.0000, CI 2, SAIDI 22.5000, SAIFI 0.5000, CAIDI 45.0000, MAIFI 0.0000, ASAI 0.983696',
          'the short day has 1,380 minutes');

-- 19..20 a year has as many hours in a zone that changes its clocks as in one that does not
select is((select round(asai::numeric, 9) from outage.indices('meters', '2026-01-01', '2027-01-01', in_circuit => 'DS1')),
          (select round((1 - cmi / (n * 525600))::numeric, 9)
           from (select sum(customer_minutes) as cmi from outage.index_day where source = 'meters') x,
                (select 4 as n) y),
          'a year has 525,600 minutes');
update outage.source set time_zone = 'UTC' where code = 'meters';
select outage.count_served();
select outage.roll_up('meters', '2026-10-31', '2026-11-03');
select is((select round(asai::numeric, 6) from outage.indices('meters', '2026-11-01', '2026-11-02', in_circuit => 'DS1')),
          (select round((1 - customer_minutes / (4 * 1440))::numeric, 6) from outage.index_day where source = 'meters' and day = '2026-11-01'),
          'in UTC every day has 1,440');

select * from finish();
rollback;
