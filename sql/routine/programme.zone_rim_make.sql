-- Cut the boundaries of a layer into the pieces of programme.zone_rim. Pieces of 100
-- edges share their ends. Metres a degree of WGS 84 at the middle of each piece; a long edge is divided first, so that they hold over the whole piece.
create or replace function programme.zone_rim_make(in_zone_layer_id bigint)
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  insert into programme.zone_rim (zone_layer_id, box, x0, y0, mx, my, local)
  select in_zone_layer_id, st_envelope(st_expand(p.line, 1e-9)), c.x0, c.y0, m.mx, m.my,
         st_setsrid(st_affine(p.line, m.mx, 0, 0, m.my, -c.x0 * m.mx, -c.y0 * m.my), 0)
  from programme.zone z
  cross join lateral (
    select st_makeline(d.geom order by d.path[n.n]) as line
    from st_dumppoints(st_segmentize(st_boundary(z.geom), 0.002)) d
    cross join lateral (select cardinality(d.path)) n(n)
    cross join lateral (values ((d.path[n.n] - 1) / 100), (case when d.path[n.n] % 100 = 1 then (d.path[n.n] - 1) / 100 - 1 end)) piece(no)
    where piece.no >= 0
    group by d.path[1:n.n - 1], piece.no
    having count(*) > 1
  ) p
  cross join lateral (select (st_xmin(p.line) + st_xmax(p.line)) / 2, (st_ymin(p.line) + st_ymax(p.line)) / 2) c(x0, y0)
  cross join lateral (
    select 111412.84 * cosd(c.y0) - 93.5 * cosd(3 * c.y0) + 0.118 * cosd(5 * c.y0),
           111132.92 - 559.82 * cosd(2 * c.y0) + 1.175 * cosd(4 * c.y0)
  ) m(mx, my)
  where z.zone_layer_id = in_zone_layer_id
$$;
comment on function programme.zone_rim_make(bigint) is 'Cut the boundaries of a layer into short pieces.';
