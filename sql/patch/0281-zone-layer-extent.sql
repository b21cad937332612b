-- What a layer was checked against when it was imported.
alter table programme.zone_layer
  add column extent geometry(Polygon, 4326),
  add column stated_km2 double precision check (stated_km2 > 0);
comment on column programme.zone_layer.extent is
  'Where the utility is: no area of the layer lies outside; the next version takes it over. Null: not said.';
