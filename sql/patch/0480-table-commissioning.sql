-- A meter put to work: what its own journal had shown, and been given receipts for, when the crew left.
create table programme.commissioning (
  commissioning_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  device_id bigint not null,
  done_at timestamptz not null,
  lamps_seen_at timestamptz not null,  -- when the crew saw all lights of the self-test
  self_test_seq bigint not null,
  transfer_seq bigint not null,
  return_seq bigint not null,
  token_id uuid,
  role text not null,
  constraint commissioning_lamps check (lamps_seen_at <= done_at)
);
create index commissioning_application on programme.commissioning (application_id, commissioning_id);
