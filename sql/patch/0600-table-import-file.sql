-- The file of an import that is a spreadsheet, as it came, until the part job has made rows of it. Spreadsheets of
-- persons are not taken.
create table programme.import_file (
  import_id bigint not null references programme.import,
  piece integer not null check (piece >= 0),
  bytes bytea not null,
  primary key (import_id, piece)
);
comment on table programme.import_file is 'Spreadsheets that wait to be read, in pieces.';
