-- What the versions that a decision names say of its place, beside what it kept: zones, boundaries and
-- designations, found anew from its coordinates, circuit and day. On its own, not by programme.judged.
create or replace function programme.audit_facts(in_facts jsonb, in_zone_layer_ids bigint[], in_circuit_list_ids bigint[],
  in_on date)
returns table (item text, stored jsonb, recomputed jsonb)
language sql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
  with place as materialized (
    select st_setsrid(st_point((in_facts ->> 'longitude')::float8, (in_facts ->> 'latitude')::float8), 4326) as geom
  ), layer as materialized (
    select l.* from programme.zone_layer l where l.zone_layer_id = any (in_zone_layer_ids)
  )
  select 'zones', in_facts -> 'zones', coalesce((
    select jsonb_agg(jsonb_build_object('layer', l.code, 'version', l.version, 'zone', z.name, 'tier', z.tier)
                     order by l.code, z.tier, z.name, z.zone_id)
    from place p join programme.zone z on st_covers(z.geom, p.geom) join layer l using (zone_layer_id)), '[]')
  union all
  select 'boundaries', in_facts -> 'rims', coalesce((
    select jsonb_agg(jsonb_build_object('layer', n.code, 'distance_m', n.m, 'tolerance_m', n.tolerance_m) order by n.code)
    from (
      select l.code, l.tolerance_m, l.reach_m,
             min(round(st_distance(r.local, st_point((st_x(p.geom) - r.x0) * r.mx, (st_y(p.geom) - r.y0) * r.my))::numeric, 1)) as m
      from place p cross join layer l
      join programme.zone_rim r on r.zone_layer_id = l.zone_layer_id
        and r.box && st_expand(p.geom, l.reach_m::float8 / (111000 * greatest(0.01, cosd(st_y(p.geom)))), l.reach_m::float8 / 110500)
      group by l.code, l.tolerance_m, l.reach_m
    ) n
    where n.m <= n.reach_m), '[]')
  union all
  select 'designations', in_facts -> 'designations', coalesce((
    select jsonb_agg(jsonb_build_object('designation', l.designation, 'since', e.valid_from) order by l.designation)
    from programme.circuit_list l join programme.circuit_list_entry e using (circuit_list_id)
    where l.circuit_list_id = any (in_circuit_list_ids) and e.circuit_id = in_facts ->> 'circuit'
      and in_on >= e.valid_from and (in_on < e.valid_to or e.valid_to is null)), '[]')
$$;
comment on function programme.audit_facts(jsonb, bigint[], bigint[], date) is
  'What the versions that a decision names say of its place, beside what it kept.';
