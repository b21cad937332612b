-- A version of a map layer (fire threat districts, the utility's own fire risk area).
create table programme.zone_layer (
  zone_layer_id bigint generated always as identity primary key,
  code text not null check (code ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  version integer not null check (version > 0),
  source text not null,
  active boolean not null default false,
  imported_at timestamptz not null default now(),
  unique (code, version)
);
create unique index zone_layer_active on programme.zone_layer (code) where active;
