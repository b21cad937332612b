-- Public keys of a device over time; the first one starts its chain.
create table fleet.device_key (
  device_id bigint not null,
  kid bytea not null check (length(kid) = 8),
  public_key bytea not null check (length(public_key) = 32),
  valid_from timestamptz not null,
  valid_to timestamptz check (valid_to > valid_from),
  primary key (device_id, kid)
);
