-- How each running part of the server is, written every second by the part itself: what /readyz of
-- another process needs to know. A row that is old says that its part is gone or stuck.
create table fleet.part_health (
  part text primary key check (part in ('mqtt', 'job')),
  holder text not null,
  at timestamptz not null,
  detail jsonb not null
) with (fillfactor = 70);
insert into fleet.table_class (relname, class, dist_col) values ('part_health', 'L', null);
