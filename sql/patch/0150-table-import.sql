-- A file of premises, accounts, circuits or links on its way in: uploaded, checked, committed.
create table programme.import (
  import_id bigint generated always as identity primary key,
  kind text not null check (kind in ('premises', 'accounts', 'circuits', 'links')),
  state text not null default 'created' check (state in
    ('created', 'uploading', 'uploaded', 'checking', 'checked', 'committing', 'committed', 'failed', 'cancelled')),
  file_name text not null check (length(file_name) between 1 and 200),
  why text not null check (length(why) between 1 and 200),
  mapping jsonb not null default '{}' check (jsonb_typeof(mapping) = 'object'),  -- column of the file -> field
  separator text not null default 'auto' check (separator in ('auto', 'comma', 'semicolon', 'tab', 'pipe')),
  empty_cells text not null default 'keep' check (empty_cells in ('keep', 'clear')),
  skip_errors boolean not null default false,     -- commit the good rows of a file that has bad ones
  attempt integer not null default 0,             -- of the upload; a later one takes over
  header text[],
  places integer[],                               -- column of each field of the kind; null: not in the file
  sha256 bytea check (length(sha256) = 32),
  bytes bigint,
  rows integer,
  errors integer,
  rejected integer,                               -- rows with errors
  creates integer,
  updates integer,
  unchanged integer,
  note text,                                      -- why it failed, or must be looked at again
  token_id uuid,                                  -- who made it; null: an operator at the machine
  role text not null,
  commit_token_id uuid,
  commit_role text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);
create index import_work on programme.import (state, import_id) where state in ('uploaded', 'checking', 'committing');
comment on table programme.import is 'Bulk imports: file, mapping, state, counts.';
