-- Boundaries of the layers from before they were kept.
insert into programme.zone_rim (zone_layer_id, box, x0, y0, mx, my, local)
select z.zone_layer_id, st_envelope(st_expand(p.line, 1e-9)), c.x0, c.y0, m.mx, m.my,
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
) m(mx, my);
create index zone_rim_box on programme.zone_rim using gist (box);
create index zone_rim_layer on programme.zone_rim (zone_layer_id);
