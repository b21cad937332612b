-- Alarms: what raises them, what clears them, and what a person's word is worth.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(25);

delete from fleet.assignment; delete from outage.outage; delete from outage.event; delete from outage.blind;
insert into programme.circuit (circuit_id, name) values ('AL1', 'One');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-AL' || n, 'Road ' || n, 'Town', '12345', st_setsrid(st_point(-121, 39), 4326) from generate_series(1, 4) n;
insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
select premise_id, 'AL1', '2020-01-01' from programme.premise where code like 'T-AL_';
insert into fleet.assignment (device_id, premise_id, assigned_from)
select 8800 + right(code, 1)::integer, premise_id, '2026-01-01Z' from programme.premise where code like 'T-AL_';

create function pg_temp.noon(in_s integer) returns timestamptz language sql as
  $$ select timestamptz '2026-03-01 12:00Z' + in_s * interval '1 s' $$;
-- a record of a device, so many seconds after noon
create function pg_temp.says(in_n integer, in_seq integer, in_kind integer, in_cause integer, in_s integer, in_setting_ms bigint default null)
returns void language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, setting_ms, hash)
  values (8800 + in_n, in_seq, '2026-03-01Z', pg_temp.noon(in_s), pg_temp.noon(in_s), in_s * 1000, 1, in_kind, 2, in_cause, in_setting_ms, '');
  insert into outage.derivation (device_id, stored, derived_at) values (8800 + in_n, in_seq, pg_temp.noon(in_s))
  on conflict (device_id) do update set stored = excluded.stored
$$;
create function pg_temp.watch(in_s integer) returns integer language sql as
  $$ select outage.watch_journals(100, pg_temp.noon(in_s)) $$;
create function pg_temp.open(in_n integer) returns text language sql as $$
  select coalesce(string_agg(kind || ' ' || subject, ', ' order by kind), '') from outage.alarm
  where device_id = 8800 + in_n and cleared_at is null
$$;

-- 1..6 faults
select pg_temp.says(1, 1, 10, 24, 0);
select is(pg_temp.watch(1), 1, 'one device has news');
select is(pg_temp.open(1), 'backfeed 1', 'a latched backfeed is an alarm');
select is(pg_temp.watch(2), 0, 'nobody has any now');
select is((select (premise_id is not null, since = pg_temp.noon(0), raised_at = pg_temp.noon(1), detail)::text from outage.alarm where device_id = 8801),
          '(t,t,t,"{""seq"": 1, ""cause"": 24, ""times"": 1}")', 'with its place, its times and what it rests on');
select pg_temp.says(1, 2, 10, 23, 10);
select pg_temp.says(1, 3, 10, 25, 11);
select pg_temp.watch(12);
select is(pg_temp.open(1), 'backfeed 1, welded_contact 2', 'a weld is another; an imbalance is none');
select pg_temp.says(1, 4, 11, 24, 20);
select pg_temp.watch(21);
select is(pg_temp.open(1), 'welded_contact 2', 'a cleared fault clears its own alarm');
select results_eq($$ select event, by from outage.alarm_event e join outage.alarm a using (alarm_id) where a.device_id = 8801 and a.kind = 'backfeed' order by number $$,
                  $$ values ('raised', null::text), ('cleared', null) $$, 'its history says so');

-- failed transfers
select pg_temp.says(2, 1, 8, 21, 0);
select pg_temp.watch(1);
select pg_temp.says(2, 2, 8, 21, 60);
select pg_temp.watch(61);
select is(pg_temp.open(2), 'transfer_failed 2', 'a second failure is the same alarm');
select is((select detail ->> 'times' from outage.alarm where device_id = 8802), '2', 'and counted');
select is((select count(*) from outage.alarm_event join outage.alarm using (alarm_id) where device_id = 8802), 2::bigint, 'raised, changed');
select isnt(outage.alarm_answer((select alarm_id from outage.alarm where device_id = 8802), 'acknowledged', 'me', 'seen'), null, 'acknowledged');
select is(outage.alarm_answer((select alarm_id from outage.alarm where device_id = 8802), 'acknowledged', 'you', null), null, 'once');
select isnt(outage.alarm_answer((select alarm_id from outage.alarm where device_id = 8802), 'cleared', 'me', 'repaired'), null, 'cleared by hand');
update outage.derivation set alarms_stored = null where device_id = 8802;
select pg_temp.watch(70);
select is(pg_temp.open(2), '', 'what a person cleared is not raised again');
select pg_temp.says(2, 3, 8, 21, 80);
select pg_temp.watch(81);
select is(pg_temp.open(2), 'transfer_failed 3', 'unless something new happens');
select pg_temp.says(2, 4, 6, null, 90);
select pg_temp.watch(91);
select is(pg_temp.open(2), '', 'a transfer that comes about clears it');

-- field work: a failed transfer is the crew's, a backfeed is everybody's
select pg_temp.says(3, 1, 12, null, 0, 3600000);
select pg_temp.says(3, 2, 8, 21, 10);
select pg_temp.says(3, 3, 10, 24, 20);
select pg_temp.watch(30);
select is(pg_temp.open(3), 'backfeed 3', 'in field work only what is dangerous');
update outage.derivation set alarms_stored = null where device_id = 8803;
select pg_temp.watch(3601);
select is(pg_temp.open(3), 'backfeed 3, transfer_failed 2', 'field work ends when its time is over');

-- the fleet: silence, forks, gaps
insert into fleet.device_link (device_id, session, online, received_at) select 8800 + n, 1, true, pg_temp.noon(case n when 4 then 0 else 7000 end) from generate_series(1, 4) n;
select outage.watch_fleet(pg_temp.noon(7200));
select is(pg_temp.open(4), 'device_silent 2026-03-01T12:00:00.000Z', 'silent alone is an alarm');
update fleet.device_link set received_at = pg_temp.noon(7250) where device_id = 8804;
select outage.watch_fleet(pg_temp.noon(7260));
select is(pg_temp.open(4), '', 'heard again clears it');
select outage.watch_fleet(pg_temp.noon(20000));
select is((select count(*) from outage.alarm where kind = 'device_silent' and cleared_at is null), 0::bigint, 'when all are silent it is not their alarm');
insert into outage.blind (part, from_at, to_at) values ('mqtt', pg_temp.noon(7300), pg_temp.noon(20010));
update fleet.device_link set received_at = pg_temp.noon(20005) where device_id < 8804;
select outage.watch_fleet(pg_temp.noon(20020));
select is(pg_temp.open(4), '', 'nor after we were blind ourselves');

insert into fleet.journal_gap (device_id, from_seq, to_seq, detected_at) values (8804, 5, 9, pg_temp.noon(20000));
select outage.watch_fleet(pg_temp.noon(20030));
select is(pg_temp.open(4), '', 'a gap has ten minutes to close');
insert into fleet.journal_fork (device_id, message_hash, first_seq, last_seq, fork_seq, stored_hash, claimed_hash, message, received_at)
values (8804, sha256('x'), 1, 3, 2, '', '', '', pg_temp.noon(20000));
update fleet.device_link set received_at = pg_temp.noon(21000);
select outage.watch_fleet(pg_temp.noon(21000));
select is(pg_temp.open(4), 'journal_fork 2026-03-01T17:33:20.000Z, records_unaccounted 9', 'then it is an alarm, as a fork is at once');
update fleet.journal_gap set closed_at = now(), closed_by = 'resend' where device_id = 8804;
select outage.watch_fleet(pg_temp.noon(21100));
select is(pg_temp.open(4), 'journal_fork 2026-03-01T17:33:20.000Z', 'a closed gap clears it; a fork stays');

select * from finish();
rollback;
