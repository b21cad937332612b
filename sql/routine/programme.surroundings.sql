-- A place and the zones around it as a map needs them: each cut to a square around the place, with no
-- vertex moved. For looking at, never for deciding.
create or replace function programme.surroundings(in_premise_id bigint, in_radius_m integer)
returns jsonb
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select jsonb_build_object(
    'premise_id', p.premise_id, 'longitude', st_x(p.geom), 'latitude', st_y(p.geom),
    'bbox', jsonb_build_array(st_xmin(b.box), st_ymin(b.box), st_xmax(b.box), st_ymax(b.box)),
    'zones', coalesce((
      select jsonb_agg(jsonb_build_object('layer', l.code, 'version', l.version, 'name', z.name, 'tier', z.tier,
               'geometry', st_asgeojson(c.geom, 6)::jsonb) order by l.code, z.tier nulls first, z.zone_id)
      from programme.zone z
      join programme.zone_layer l using (zone_layer_id)
      cross join lateral (select st_multi(st_collectionextract(st_clipbybox2d(z.geom, b.box), 3)) as geom) c
      where l.active and z.geom && b.box and not st_isempty(c.geom)), '[]'))
  from programme.premise p
  cross join lateral (
    select in_radius_m / 111132.0 as dy, in_radius_m / (111320.0 * greatest(cosd(st_y(p.geom)), 0.01)) as dx
  ) d
  cross join lateral (
    select st_makeenvelope(st_x(p.geom) - d.dx, st_y(p.geom) - d.dy, st_x(p.geom) + d.dx, st_y(p.geom) + d.dy, 4326) as box
  ) b
  where p.premise_id = in_premise_id
$$;
comment on function programme.surroundings(bigint, integer) is 'A place and the zones around it, to draw.';
grant execute on function programme.surroundings(bigint, integer) to bptm_http;
