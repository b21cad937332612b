-- Indices against small cases computed by hand.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(38);

-- Four homes: three on circuit 001 in Town from 1 March, one on 002 in Ville from 11 March.
update outage.source set time_zone = 'America/Los_Angeles' where code = 'meters';
insert into programme.circuit (circuit_id, name) values ('001', 'One'), ('002', 'Two');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-IX' || n, 'Road ' || n, case when n < 4 then 'Town' else 'Ville' end, '12345',
       st_setsrid(st_point(-121, 39), 4326)
from generate_series(1, 4) n;
create temporary table home as
select premise_id, right(code, 1)::integer as n from programme.premise where code like 'T-IX_';
insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
select premise_id, case when n < 4 then '001' else '002' end, '2020-01-01' from home;
delete from fleet.assignment;
delete from outage.outage;
insert into fleet.assignment (device_id, premise_id, assigned_from)
select 8800 + n, premise_id, case when n < 4 then timestamptz '2026-03-01 08:00Z' else '2026-03-11 07:00Z' end
from home;

-- An outage of home n, in local time; no end is an open one.
create function pg_temp.dark(in_n integer, in_from text, in_to text, in_device bigint default null)
returns void language sql as $$
  insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, circuit_id, derived_at)
  select coalesce(in_device, 8800 + in_n),
         (select coalesce(max(lost_seq), 0) + 1 from outage.outage o where o.device_id = coalesce(in_device, 8800 + in_n)),
         h.premise_id, in_from::timestamp at time zone 'America/Los_Angeles', in_from::timestamp at time zone 'America/Los_Angeles',
         in_to::timestamp at time zone 'America/Los_Angeles', case when in_to is not null then 'restored' end, 2, case when in_n < 4 then '001' else '002' end, now()
  from home h where h.n = in_n
$$;
create function pg_temp.kinds(in_from date) returns text language sql as $$
  select string_agg(h.n || ' ' || i.kind || coalesce(' ' || round(i.minutes::numeric, 2), ''), ', ' order by h.n, i.started_at)
  from outage.interruption('meters', in_from::timestamp at time zone 'America/Los_Angeles',
                           (in_from + 1)::timestamp at time zone 'America/Los_Angeles', '14 days') i
  join home h using (premise_id)
$$;

-- N_T
select results_eq($$select area, circuit_id, from_day, to_day, customers from outage.served('meters') order by 2$$,
  $$values ('Town', '001', '2026-03-01'::date, 'infinity'::date, 3), ('Ville', '002', '2026-03-11', 'infinity', 1)$$,
  'three homes from 1 March on, one from the 11th');
select is(outage.count_served(), 2::bigint, 'as much is stored');
select is(outage.count_served(), 0::bigint, 'and nothing without a reason');
-- a device out for two days and an early one are counted for the past, and back
update fleet.assignment set assigned_to = '2026-03-20 07:00Z' where device_id = 8801;
insert into fleet.assignment (device_id, premise_id, assigned_from) select 8801, premise_id, '2026-03-22 07:00Z' from home where n = 1;
update fleet.assignment set assigned_from = '2026-02-01 08:00Z' where device_id = 8804;
select is(outage.count_served(), 5::bigint, 'one span is cut in three, one begins on another day');
select results_eq('select circuit_id, from_day, to_day, customers from outage.served_span order by 1, 2',
  $$values ('001', '2026-03-01'::date, '2026-03-20'::date, 3), ('001', '2026-03-20', '2026-03-22', 2), ('001', '2026-03-22', 'infinity', 3),
           ('002', '2026-02-01', 'infinity', 1)$$, 'from one day until it is another number');
delete from fleet.assignment where device_id = 8801 and assigned_from > '2026-03-21Z';
update fleet.assignment set assigned_to = null where device_id = 8801;
update fleet.assignment set assigned_from = '2026-03-11 07:00Z' where device_id = 8804;
select is(outage.count_served(), 5::bigint, 'and joined again');

-- step restoration: three homes lose the grid together and get it back after 10, 30 and 60 minutes
select pg_temp.dark(n, '2026-03-02 10:00', t) from (values (1, '2026-03-02 10:10'), (2, '2026-03-02 10:30'), (3, '2026-03-02 11:00')) v(n, t);
select is(pg_temp.kinds('2026-03-02'), '1 sustained 10.00, 2 sustained 30.00, 3 sustained 60.00', 'steps');

-- momentary: 5:00 is momentary, 5:01 is not
select pg_temp.dark(1, '2026-03-03 01:00', '2026-03-03 01:05');
select pg_temp.dark(2, '2026-03-03 01:00', '2026-03-03 01:05:01');
select is(pg_temp.kinds('2026-03-03'), '1 momentary 5.00, 2 sustained 5.02', 'five minutes are momentary, a second more is not');

-- reclosing: three operations, each within 5 minutes of the one before, are one momentary event
select pg_temp.dark(1, '2026-03-04 02:00:00', '2026-03-04 02:00:10');
select pg_temp.dark(1, '2026-03-04 02:00:40', '2026-03-04 02:00:50');
select pg_temp.dark(1, '2026-03-04 02:05:50', '2026-03-04 02:06:00');
select pg_temp.dark(1, '2026-03-04 02:11:01', '2026-03-04 02:11:10');
select is(pg_temp.kinds('2026-03-04'), '1 momentary 0.17, 1 within 0.17, 1 within 0.17, 1 momentary 0.15',
  'operations that follow within five minutes are one event, a later one its own');

-- momentary inside sustained: reclosing that ends in lock-out is no momentary event
select pg_temp.dark(1, '2026-03-05 02:00', '2026-03-05 02:01');
select pg_temp.dark(1, '2026-03-05 02:02', '2026-03-05 03:02');
select pg_temp.dark(1, '2026-03-05 03:04', '2026-03-05 03:05');
select is(pg_temp.kinds('2026-03-05'), '1 within 1.00, 1 sustained 60.00, 1 within 1.00', 'none beside the sustained one');

-- over midnight: booked whole on the day it began
select pg_temp.dark(2, '2026-03-06 23:50', '2026-03-07 01:50');
select is(pg_temp.kinds('2026-03-06'), '2 sustained 120.00', 'whole on its first day');
select is(pg_temp.kinds('2026-03-07'), null, 'nothing on its second');

-- an operation just before midnight and one just after are one event, whichever day is asked for
select pg_temp.dark(3, '2026-03-06 23:58', '2026-03-06 23:59');
select pg_temp.dark(3, '2026-03-07 00:01', '2026-03-07 00:02');
select is(pg_temp.kinds('2026-03-06'), '2 sustained 120.00, 3 momentary 1.00', 'the first operation is the event');
select is(pg_temp.kinds('2026-03-07'), '3 within 1.00', 'the second is within it, also when only its day is asked for');

-- DST: on 8 March 02:00 becomes 03:00, so 01:30 to 03:30 is one hour
select pg_temp.dark(2, '2026-03-08 01:30', '2026-03-08 03:30');
select is(pg_temp.kinds('2026-03-08'), '2 sustained 60.00', 'an hour that the clocks skip is not dark');

-- two devices at one home (an exchange) and a nested outage: one interruption, to the last end
select pg_temp.dark(1, '2026-03-09 10:00', '2026-03-09 11:00');
select pg_temp.dark(1, '2026-03-09 10:30', '2026-03-09 12:00', 8899);
select pg_temp.dark(1, '2026-03-09 10:40', '2026-03-09 10:50', 8899);
select is(pg_temp.kinds('2026-03-09'), '1 sustained 120.00', 'parent and child count once');

-- open, and an end that is not known
select pg_temp.dark(3, '2026-03-10 10:00', null);
select is(pg_temp.kinds('2026-03-10'), '3 unended', 'without an end no minutes');

-- the rollup says the same, however often and in whatever pieces it is made
select outage.roll_up('meters', '2026-03-01', '2026-04-01');
create temporary table once as select * from outage.index_day where source = 'meters';
select outage.roll_up('meters', d::date, d::date + 1) from generate_series('2026-03-01', '2026-03-31', interval '1 day') d;
select set_eq('select * from outage.index_day where source = ''meters''', 'select * from once', 'day by day is the same as at once');
select results_eq('select circuit_id, sum(customer_minutes), sum(momentary_events) from outage.index_month where source = ''meters'' and month = ''2026-03-01'' group by 1',
  'select circuit_id, sum(customer_minutes), sum(momentary_events) from once group by 1', 'and its month is their sum');
select results_eq($$select sum(customer_interruptions), sum(momentary_events) from (select * from outage.indices('meters', '2026-02-10', '2026-03-06')
    union all select * from outage.indices('meters', '2026-03-06', '2026-03-07') union all select * from outage.indices('meters', '2026-03-07', '2026-04-20')) p$$,
  $$select customer_interruptions::numeric, momentary_events::numeric from outage.indices('meters', '2026-02-10', '2026-04-20')$$, 'a period is its parts, whole months or not');
select is((select sum(customer_minutes) from once)::numeric(9, 2), (100 + 5.0166667 + 60 + 120 + 60 + 120)::numeric(9, 2), 'all minutes are there');

-- SAIFI: 8 customer interruptions; N_T = (93 + 21) / 31
select results_eq($$select days, round(customers_served::numeric, 4), customer_interruptions, momentary_events, unended,
    round(saidi::numeric, 4), round(saifi::numeric, 4), round(caidi::numeric, 4), round(maifi_e::numeric, 4)
  from outage.indices('meters', '2026-03-01', '2026-04-01')$$,
  $$values (31, 3.6774, 8::bigint, 4::bigint, 1::bigint, 126.4519, 2.1754, 58.1271, 1.0877)$$, 'SAIDI, SAIFI, CAIDI, MAIFI_E of March');
select is((select round(asai::numeric, 7) from outage.indices('meters', '2026-03-01', '2026-04-01')),
  round(1 - 465.0166667 / (114 / 31.0 * (31 * 1440 - 60)), 7), 'ASAI; the clocks took an hour of March');
select results_eq($$select circuit_id, customer_interruptions, round(saifi::numeric, 4), round(saidi::numeric, 4)
  from outage.indices('meters', '2026-03-01', '2026-04-01', '{circuit}')$$,
  $$values ('001', 8::bigint, 2.6667, 155.0056), ('002', 0, 0.0000, 0.0000)$$, 'a circuit without interruptions is a row of zeros');
select results_eq($$select month, circuit_id, customer_interruptions, customers_served
  from outage.indices('meters', '2026-02-01', '2026-04-01', '{month,circuit}') where circuit_id = '001'$$,
  $$values ('2026-03-01'::date, '001', 8::bigint, 3::double precision)$$, 'by circuit and month');
select results_eq($$select customers_served, customer_interruptions, saidi, caidi from outage.indices('meters', '2026-01-01', '2026-02-01')$$,
  $$values (0::double precision, 0::bigint, null::double precision, null::double precision)$$, 'zero customers: no index, and no division by zero');

-- each customer: home 1 has 3 sustained, home 2 has 4, home 3 has 1
select results_eq($$select customers_interrupted, customer_interruptions, customers_n, round(caifi::numeric, 4)
  from outage.customer_indices('meters', '2026-03-01', '2026-04-01', in_n => 3)$$,
  $$values (3::bigint, 8::bigint, 2::bigint, 2.6667)$$, 'CAIFI, and who had three or more');
select is((select customers_n from outage.customer_indices('meters', '2026-03-01', '2026-04-01', in_n => 3, in_above => true)),
  1::bigint, 'more than three');
select is((select customers_s from outage.customer_indices('meters', '2026-03-01', '2026-04-01', in_hours => 2)), 2::bigint,
  'two hours or longer');
select is((select round(cemi::numeric, 4) from outage.customer_indices('meters', '2026-03-01', '2026-04-01', in_n => 3)),
  round(2 / (114 / 31.0), 4), 'CEMI_3');

-- a feed, and T_MED by hand: SAIDI of e^0, e^1, e^2 minutes on three days: alpha 1, beta 1, T_MED e^3.5
insert into outage.source (code, name, kind, time_zone, customers_served) values ('t-feed', 'Feed', 'feed', 'UTC', 1000);
insert into outage.feed_outage (source, number, started_at, first_seen_at, ended_at, customers, doubt)
select 't-feed', n::text, t, t, t + exp(n) * 100 * interval '1 minute', 10, null
from (select n, timestamptz '2026-01-01 06:00Z' + n * interval '1 day' as t from generate_series(0, 2) n) v
union all select 't-feed', 'big', '2026-02-01 06:00Z', '2026-02-01 06:00Z', '2026-02-01 12:00Z', 900, null
union all select 't-feed', 'bad', '2026-01-01 06:00Z', '2026-01-01 06:00Z', '2026-01-01 09:00Z', 0, 'no_customers';
select outage.roll_up('t-feed', '2026-01-01', '2026-03-01');
select results_eq($$select days, interruptions, round(alpha::numeric, 6), round(beta::numeric, 6), round(t_med::numeric, 6)
  from outage.major_event_threshold('t-feed', '2026-01-01', '2026-02-01')$$,
  $$values (3::bigint, 3::bigint, 1.000000, 1.000000, round(exp(3.5), 6))$$, 'alpha, beta and T_MED by hand');
select results_eq($$select day from outage.major_event_days('t-feed', '2026-02-01', '2026-03-01', '2026-01-01')$$,
  $$values ('2026-02-01'::date)$$, 'a day above T_MED of the days before it');
select is_empty($$select * from outage.major_event_days('t-feed', '2026-01-01', '2026-01-03', '2025-01-01')$$, 'no basis, no major event day');
select results_eq($$select in_major, i.days, i.customer_interruptions
  from unnest(array['with', 'without', 'only']) in_major,
    lateral outage.indices('t-feed', '2026-02-01', '2026-03-01', in_major => in_major, in_basis_from => '2026-01-01') i$$,
  $$values ('with', 28, 900::bigint), ('without', 27, 0), ('only', 1, 900)$$, 'with, without and only the major event days');
select is((select round(saidi::numeric, 6) from outage.indices('t-feed', '2026-01-01', '2026-02-01')), round((1 + exp(1) + exp(2))::numeric, 6),
  'a feed divides by its own N_T');
select is((select count(*) from outage.interruption('t-feed', '2026-01-01', '2026-02-01', '14 days')), 3::bigint, 'a doubtful row does not count');
select is((select max(cemi) from outage.customer_indices('t-feed', '2026-01-01', '2026-02-01')), null, 'a feed does not know each customer');

-- days that wait for their rollup
insert into outage.index_due values ('meters', '2026-03-02'), ('meters', '2026-05-01');
select outage.roll_up('meters', '2026-03-01', '2026-04-01');
select is((select array_agg(day) from outage.index_due), array['2026-05-01'::date], 'a rollup takes its days off the list');

select * from finish();
rollback;
