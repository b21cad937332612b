-- The log of duplicates: which application was closed in favour of which, on what grounds.
create table programme.application_merge (
  merged_id bigint primary key references programme.application,
  kept_id bigint not null references programme.application check (kept_id <> merged_id),
  matched text[] not null check (cardinality(matched) > 0),  -- address, account, meter
  reason text not null check (length(reason) between 1 and 500),
  at timestamptz not null default now(),
  token_id uuid,
  role text not null
);
create index application_merge_kept on programme.application_merge (kept_id);
