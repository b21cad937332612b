-- The outbox: a message to one subscriber, from the transaction in which its cause was written until it is
-- delivered or given up. Messages of a subscriber go out in the order of their numbers, one at a time.
create table outage.webhook_message (
  message_id bigint generated always as identity primary key,
  webhook_id bigint not null references outage.webhook on delete cascade,
  id uuid not null default gen_random_uuid(),  -- webhook-id, the same at every try
  type text not null,
  payload text not null,                -- the body, byte for byte as it is signed
  queued_at timestamptz not null default now(),
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  tries integer not null default 0,     -- since it was queued, or queued again
  due_at timestamptz not null default now(),
  ended_at timestamptz,
  status integer,                       -- of the last answer; null: none came
  error text,                           -- why the last try failed
  check ((ended_at is null) = (state = 'waiting'))
);
create index webhook_message_waiting on outage.webhook_message (webhook_id, message_id) where state = 'waiting';
create index webhook_message_of on outage.webhook_message (webhook_id, state, message_id);
create index webhook_message_ended on outage.webhook_message (ended_at) where state <> 'waiting';
