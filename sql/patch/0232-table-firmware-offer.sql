-- The version that a device was offered last, and what it said of it. Only what is offered is sent.
create table fleet.firmware_offer (
  device_id bigint primary key,
  hardware text not null,
  version integer not null,
  counter bigint not null,
  offered_at timestamptz not null,
  state smallint check (state between 0 and 2),
  first_chunk integer,
  asked_at timestamptz
) with (fillfactor = 70);
comment on column fleet.firmware_offer.counter is 'of the command that carries the offer';
comment on column fleet.firmware_offer.state is '0 loading, 1 staged, 2 failed; null: it has not asked yet';
comment on column fleet.firmware_offer.first_chunk is 'the chunk that it asked for last';
