-- Answers kept for 24 h, so that a repeated POST gets the first answer.
create table access.idempotency (
  token_id uuid not null references access.token,
  key text not null check (length(key) between 1 and 80),
  request_hash bytea not null,            -- SHA-256 of method, path and body
  status smallint,                        -- null while the first one runs
  location text,
  body text,
  created_at timestamptz not null default now(),
  primary key (token_id, key)
);
create index idempotency_age on access.idempotency (created_at);
