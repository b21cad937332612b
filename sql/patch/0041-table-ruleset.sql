-- A published version of a programme's eligibility rules: dated, never changed.
-- rules: array of {"code", "kind", parameters...}; see sql/routine/programme.eligibility.sql
create table programme.ruleset (
  ruleset_id bigint generated always as identity primary key,
  programme_id bigint not null references programme.programme,
  version integer not null check (version > 0),
  title text not null,
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  rules jsonb not null check (jsonb_typeof(rules) = 'array'),
  published_at timestamptz not null default now(),
  unique (programme_id, version),
  exclude using gist (programme_id with =, daterange(valid_from, valid_to) with &&)
);
