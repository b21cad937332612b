-- What raises an alarm: one row a kind, changed by the operator of the database.
create table outage.alarm_rule (
  kind text primary key,
  severity text not null check (severity in ('critical', 'major', 'minor')),
  after interval not null default '0',  -- so long it must have lasted
  in_field_work boolean not null,       -- raised while a crew works on the device, too
  means text not null
);
insert into outage.alarm_rule values
  ('backfeed', 'critical', '0', true, 'The utility side follows the generator: the generator feeds the grid.'),
  ('welded_contact', 'critical', '0', true, 'A contact does not open when it is told to.'),
  ('transfer_failed', 'major', '0', false, 'A transfer was tried and did not come about, and none has since.'),
  ('device_silent', 'minor', '0', false, 'Nothing is heard from this device while its neighbours are heard.'),
  ('journal_fork', 'critical', '0', true, 'A batch contradicts what is stored of the same journal.'),
  ('records_unaccounted', 'major', '10 minutes', true, 'Records are missing between others, and the device has not sent them.');
-- Which causes of a latched fault (api/wire/record.def) are which kind.
create table outage.alarm_fault (
  cause integer primary key,
  kind text not null references outage.alarm_rule
);
insert into outage.alarm_fault values (20, 'welded_contact'), (22, 'welded_contact'), (23, 'welded_contact'), (24, 'backfeed');
