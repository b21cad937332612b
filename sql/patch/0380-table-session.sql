-- Sessions of the web pages: a cookie in place of a token. Its secret is never stored, only its SHA-256.
create table access.session (
  session_id uuid primary key default gen_random_uuid(),
  hash bytea not null unique check (length(hash) = 32),
  source text not null check (source in ('token', 'oidc')),
  subject text not null check (length(subject) between 1 and 200), -- who, as the source names it
  roles text[] not null check (cardinality(roles) between 1 and 5
    and roles <@ array['enrolment', 'installer', 'analyst', 'operator', 'admin']),
  token_id uuid references access.token,  -- ends the session when it is revoked or expires
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  constraint session_token check ((source = 'token') = (token_id is not null))
);
create index session_subject on access.session (source, subject, created_at);
create index session_age on access.session (expires_at);
