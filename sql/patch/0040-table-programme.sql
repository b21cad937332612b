-- A programme that premises can enrol in.
create table programme.programme (
  programme_id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  name text not null check (length(name) between 1 and 120),
  kind text not null check (kind in ('free', 'paid')),
  created_at timestamptz not null default now()
);
