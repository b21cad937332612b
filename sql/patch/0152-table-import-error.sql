-- What is wrong with a row of an import, and what to do about it.
create table person.import_error (
  import_id bigint not null references programme.import,
  row_no integer not null,
  n smallint not null,                  -- place of the field; 0: the row itself
  column_name text,                     -- as the file's header has it
  field text,
  value text,                           -- shortened
  hint text not null,
  primary key (import_id, row_no, n)
);
comment on table person.import_error is 'Errors of bulk imports by row and field.';
