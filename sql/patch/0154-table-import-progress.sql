-- How far the work on an import is; apart from it, so that a commit does not wait for who counts.
create table programme.import_progress (
  import_id bigint primary key references programme.import,
  phase text not null,                  -- cells, rows, difference, commit
  done integer not null,
  total integer not null,
  at timestamptz not null default now()
);
comment on table programme.import_progress is 'Phase and rows done of a running import.';
