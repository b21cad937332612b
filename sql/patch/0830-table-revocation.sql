-- Which entries of the ledger have ended a device's credentials at the broker: a row once its certificates are revoked and its
-- connection has ended. Only added to, by who has the authority.
create table programme.revocation (
  device_id bigint not null,
  nth integer not null,
  done_at timestamptz not null default now(),
  primary key (device_id, nth),
  foreign key (device_id, nth) references programme.custody
);
comment on table programme.revocation is 'Entries of the ledger whose device is cut off from the broker.';
