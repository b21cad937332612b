-- A rule of an application decided by hand, with reason and expiry; the newest of a rule counts.
create table programme.application_override (
  application_override_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  code text not null check (length(code) between 1 and 40),     -- of the rule
  result text not null check (result in ('pass', 'fail')),
  reason text not null check (length(reason) between 1 and 500),
  token_id uuid,
  role text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at > created_at)
);
create index application_override_application on programme.application_override (application_id, code);
