-- A device, once registered; its history stays with it for ever.
create table fleet.device (
  device_id bigint primary key,
  serial text not null,
  model text not null references fleet.device_model,
  hardware_revision text not null check (length(hardware_revision) between 1 and 32),
  bucket smallint not null check (bucket between 0 and 1023),
  state text not null default 'registered' check (state in ('registered', 'retired')),
  registered_at timestamptz not null
);
create index device_by_model on fleet.device (model);
