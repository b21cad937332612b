-- What operators have told devices: an outbox. The journal part signs and sends what is open, again
-- until the device's own journal says what became of it (closed_*) or it has expired. The counter is
-- the time of the request in milliseconds, or one more than the last: a restored backup never uses
-- one again.
create table fleet.command (
  device_id bigint not null,
  counter bigint not null check (counter > 0),
  code smallint not null check (code between 1 and 255),
  arguments jsonb not null,
  argument bytea not null,
  requested_at timestamptz not null,
  requested_by text not null,
  expires_at timestamptz not null,
  sent_at timestamptz,
  sends integer not null default 0,
  closed_at timestamptz,
  closed_seq bigint,
  cause integer,
  primary key (device_id, counter)
);
create index command_open on fleet.command (expires_at) where closed_seq is null;
comment on column fleet.command.arguments is 'as asked for over REST';
comment on column fleet.command.argument is 'the same as encoded for the device; empty: none';
comment on column fleet.command.closed_seq is 'of the record command_done or command_refused';
comment on column fleet.command.cause is 'of a refusal, as api/wire/record.def numbers it; null when done';
