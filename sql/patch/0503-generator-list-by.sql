-- Who imported or published a list may be named as "oidc:sub@iss".
alter table programme.generator_list drop constraint generator_list_imported_by_check,
  add constraint generator_list_imported_by_check check (length(imported_by) between 1 and 520),
  drop constraint generator_list_published_by_check,
  add constraint generator_list_published_by_check check (length(published_by) between 1 and 520);
comment on column programme.generator_list.imported_by is
  '"token:<id>" or "oidc:<sub@iss>" of the person who imported it, or "local:<login name>" of an operator at the machine.';
