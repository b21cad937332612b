-- Areas of the map layers in force. They are public maps, so they are told as they are.
create or replace view analytics.zone as
select z.zone_id, l.code as layer, l.version as layer_version, z.name as zone, z.tier, l.source,
       round((st_area(z.geom::geography) / 1e6)::numeric, 1) as area_km2
from programme.zone z
join programme.zone_layer l on l.zone_layer_id = z.zone_layer_id and l.active;
comment on view analytics.zone is 'Areas of the map layers that are in force.';
comment on column analytics.zone.zone_id is 'Number of the area, as in /collections/zones.';
comment on column analytics.zone.layer is 'Code of the layer.';
comment on column analytics.zone.layer_version is 'Its version in force.';
comment on column analytics.zone.zone is 'Name of the area.';
comment on column analytics.zone.tier is 'Tier of a fire-threat district; null elsewhere.';
comment on column analytics.zone.source is 'Where the layer came from.';
comment on column analytics.zone.area_km2 is 'Area on the ellipsoid.';
grant select on analytics.zone to bptm_analyst;
