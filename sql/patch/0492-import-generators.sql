-- Lists of generators come in like other bulk imports; a commit makes a draft of a list.
alter table programme.import
  drop constraint import_kind_check,
  add constraint import_kind_check check (kind in ('premises', 'accounts', 'circuits', 'links', 'generators')),
  add column list_version integer;
comment on column programme.import.list_version is 'Of the draft that the commit made.';
alter table person.import_change
  drop constraint import_change_action_check,
  add constraint import_change_action_check check (action in ('create', 'update', 'remove'));
