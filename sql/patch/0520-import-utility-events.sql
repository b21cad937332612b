-- A regulator's roll-ups of shutoffs and fast trips come in like other bulk imports; their times are of a zone.
alter table programme.import
  drop constraint import_kind_check,
  add constraint import_kind_check
    check (kind in ('premises', 'accounts', 'circuits', 'links', 'generators', 'psps', 'epss')),
  add column time_zone text,
  add constraint import_time_zone check ((kind in ('psps', 'epss')) = (time_zone is not null) and time_zone <> '');
comment on column programme.import.time_zone is 'Of times in the file without an offset.';
