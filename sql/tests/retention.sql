-- Retention: what is old goes, what is held stays, and what was derived from it is not touched.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(21);

-- partitions of long ago: a journal's month, a year of interruptions, two devices at two premises
create table fleet.journal_record_y2013m05 partition of fleet.journal_record for values from ('2013-05-01Z') to ('2013-06-01Z');
create table outage.outage_y2013 partition of outage.outage for values from ('2013-01-01Z') to ('2014-01-01Z');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-RT' || n, 'Road', 'Town', '1', st_setsrid(st_point(-121, 39), 4326) from generate_series(1, 2) n;
insert into fleet.assignment (device_id, premise_id, assigned_from, assigned_to)
select 96000 + right(code, 1)::integer, premise_id, '2013-01-01Z', '2013-12-01Z' from programme.premise where code like 'T-RT_';
insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
select 96001, k, '2013-05-05Z', t, t, extract(epoch from t - timestamptz '2013-05-05Z') * 1000, 1, k + 1, 2, 0, ''
from generate_series(1, 2) k, lateral (select timestamptz '2013-05-05 10:00Z' + k * interval '1 hour') x(t);
insert into fleet.journal_head (device_id, head_hash, head_seq, claimed_seq, stored, seen, updated_at)
values (96001, sha256(''), 2, 2, 2, '{[1,3)}', now());
select outage.derive('{96001}');
select results_eq('select started_at, ended_at, tableoid::regclass::text from outage.outage where device_id = 96001',
  $$values (timestamptz '2013-05-05 11:00Z', timestamptz '2013-05-05 12:00Z', 'outage.outage_y2013')$$, 'an interruption lies in the year of its start');
insert into outage.event (kind, level, element, circuit_id, started_at, ended_at, customers, dark, served, lit, confidence, momentary, revised_at)
values ('outage', 'premise', 'x', '', '2013-05-05 11:00Z', '2013-05-05 12:00Z', 1, 0, 1, 0, 1, false, now());
insert into outage.event_member select currval('outage.event_event_id_seq'), outage_id from outage.outage where device_id = 96001;
insert into outage.event_version values (currval('outage.event_event_id_seq'), 1, now(), '{first}', '{}');

create function pg_temp.held(in_part text) returns text language sql as $$
  select held from outage.retention_plan('2026-01-01Z') where part = in_part
$$;
create function pg_temp.planned() returns text language sql as $$
  select string_agg(part, ' ' order by part) from outage.retention_plan('2026-01-01Z') where part like '%2013%'
$$;
select is(pg_temp.planned(), 'fleet.journal_record_y2013m05 outage.outage_y2013', 'both are older than they are kept');
update outage.retention set keep = '13 years' where class = 'journal';
select is(pg_temp.planned(), 'outage.outage_y2013', 'kept longer, it is not planned');
update outage.retention set keep = '7 years' where class = 'journal';
select throws_ok($$update outage.retention set keep = '1 day'$$, '23514', null, 'nothing goes within 90 days');

-- each kind of hold, on what has rows of it and on nothing else
insert into outage.hold (kind, device_id, reason) values ('device', 96002, 'other');
select is(pg_temp.held('fleet.journal_record_y2013m05'), null, 'a hold on another device is none');
insert into outage.hold (kind, device_id, reason) values ('device', 96001, 'claim');
select matches(pg_temp.held('fleet.journal_record_y2013m05'), '^hold \d+ on device 96001: claim$', 'a device');
select matches(pg_temp.held('outage.outage_y2013'), 'device 96001', 'and its interruptions');
delete from outage.hold;
insert into outage.hold (kind, premise_id, reason) select 'premise', premise_id, 'suit' from programme.premise where code = 'T-RT1';
select matches(pg_temp.held('fleet.journal_record_y2013m05') || pg_temp.held('outage.outage_y2013'), 'premise \d+: suit.*premise \d+: suit', 'a premise, by who was in its collar');
update outage.hold set premise_id = (select premise_id from programme.premise where code = 'T-RT2');
select is(pg_temp.held('outage.outage_y2013'), null, 'not of its neighbour');
delete from outage.hold;
insert into outage.hold (kind, event_id, reason) values ('event', currval('outage.event_event_id_seq'), 'inquiry');
select matches(pg_temp.held('fleet.journal_record_y2013m05') || pg_temp.held('outage.outage_y2013'), 'inquiry.*inquiry', 'an event, by its homes');
delete from outage.hold;
insert into outage.hold (kind, from_at, to_at, reason) values ('period', '2013-05-31Z', '2013-06-02Z', 'audit');
select is(outage.retain('journal', 'fleet.journal_record_y2013m05', '2013-06-01Z') like 'held: hold % on period 2013-05-31 to 2013-06-02: audit', true,
  'a period; the refusal says which hold');
update outage.hold set lifted_at = now();

-- the journal goes first; what was derived from it stays
select is(outage.retain('journal', 'fleet.journal_record_y2013m05', '2013-06-01Z'), '2 rows dropped', 'lifted, it is dropped');
select is(to_regclass('fleet.journal_record_y2013m05'), null, 'as a whole');
select outage.derive('{96001}');
select is((select count(*) from outage.outage where device_id = 96001), 1::bigint, 'the outage is not undone for want of its records');
-- then the interruptions with their events
select is(outage.retain('interruptions', 'outage.outage_y2013', '2014-01-01Z'), '1 rows dropped', 'the year is dropped');
select is((select count(*) from outage.event where event_id = currval('outage.event_event_id_seq'))
  + (select count(*) from outage.event_version where event_id = currval('outage.event_event_id_seq')), 0::bigint, 'with its events and their versions');
select is(outage.retain('interruptions', 'outage.outage_y2013', '2014-01-01Z'), 'nothing to do', 'once');

-- records of a time for which there never was a partition
insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
select 96003, k, v.at, v.at, v.at, 0, 1, 1, 2, 0, '' from (values (1, timestamptz '1999-05-05Z'), (2, '1999-05-06Z'), (3, '2199-01-01Z')) v(k, at);
create function pg_temp.stray() returns text language sql as $$
  select outage.retain(p.class, p.part, p.to_at) from outage.retention_plan(now()) p where p.part = 'fleet.journal_record_default'
$$;
insert into outage.hold (kind, device_id, reason) values ('device', 96003, 'claim');
select matches(pg_temp.stray(), '^held: hold \d+ on device 96003: claim$', 'what has no partition is held like what has one');
update outage.hold set lifted_at = now();
select is(pg_temp.stray(), '2 rows dropped', 'lifted, it is dropped');
select is((select array_agg(seq) from fleet.journal_record_default where device_id = 96003), array[3::bigint], 'the old, and no others');
select is(pg_temp.stray(), null, 'once');

select * from finish();
rollback;
