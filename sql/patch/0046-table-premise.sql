-- A service location with its meter socket.
create table programme.premise (
  premise_id bigint generated always as identity primary key,
  code text not null unique check (length(code) between 1 and 40),  -- the utility's service point id
  address text not null check (length(address) between 1 and 200),
  city text not null check (length(city) between 1 and 100),
  postal_code text not null check (length(postal_code) between 1 and 12),
  geom geometry(Point, 4326) not null,
  meter_number text unique check (length(meter_number) between 1 and 40),
  meter_form text check (length(meter_form) between 1 and 8),       -- '2S'; null is unknown
  service_amps integer check (service_amps between 1 and 4000),
  service_voltage text check (service_voltage in ('120/240', '120/208', '277/480', '120')),
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create index premise_geom on programme.premise using gist (geom);
