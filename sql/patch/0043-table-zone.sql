-- One area of a layer; never simplified.
create table programme.zone (
  zone_id bigint generated always as identity primary key,
  zone_layer_id bigint not null references programme.zone_layer,
  name text not null,
  tier integer,
  geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom))
);
create index zone_geom on programme.zone using gist (geom);
create index zone_by_layer on programme.zone (zone_layer_id);
