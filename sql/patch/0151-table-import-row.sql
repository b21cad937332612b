-- Rows of an import as they came, with all their columns; among the persons, since accounts name
-- them. The header is row 1 and not here.
create table person.import_row (
  import_id bigint not null references programme.import,
  row_no integer not null,
  cells text[] not null,
  primary key (import_id, row_no)
);
comment on table person.import_row is 'Staged rows of bulk imports, until some days after the end.';
