-- Access tokens: the secret itself is never stored, only its SHA-256.
create table access.token (
  token_id uuid primary key default gen_random_uuid(),
  role text not null check (role in ('enrolment', 'installer', 'analyst', 'operator', 'admin')),
  label text not null check (length(label) between 1 and 120),
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
