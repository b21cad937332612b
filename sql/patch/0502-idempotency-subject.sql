-- Repeated requests of those who have no token of ours: the key is theirs by "sub@iss".
alter table access.idempotency drop constraint idempotency_pkey,
  alter column token_id drop not null,
  add column subject text,
  add constraint idempotency_token unique (token_id, key),
  add constraint idempotency_subject unique (subject, key),
  add constraint idempotency_owner check (num_nonnulls(token_id, subject) = 1);
