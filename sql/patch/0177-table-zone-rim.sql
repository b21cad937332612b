-- Boundaries of the zones in short pieces, in metres around a point of their own, so that the distance
-- of a premise is one cheap step: (x0, y0) in degrees, mx and my in metres a degree there.
create table programme.zone_rim (
  zone_rim_id bigint generated always as identity primary key,
  zone_layer_id bigint not null references programme.zone_layer,
  box geometry(Polygon, 4326) not null,
  x0 double precision not null,
  y0 double precision not null,
  mx double precision not null,
  my double precision not null,
  local geometry not null
);
