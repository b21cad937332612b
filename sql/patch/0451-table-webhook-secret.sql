-- What messages to a subscriber are signed with: the newest, and those before it for as long as they go on
-- beside it. The part that signs reads them; REST writes them and never reads them.
create table outage.webhook_secret (
  secret_id bigint generated always as identity primary key,
  webhook_id bigint not null references outage.webhook on delete cascade,
  secret bytea not null check (length(secret) between 24 and 64),
  created_at timestamptz not null default now(),
  expires_at timestamptz                -- null: the newest
);
create unique index webhook_secret_newest on outage.webhook_secret (webhook_id) where expires_at is null;
create index webhook_secret_of on outage.webhook_secret (webhook_id);
