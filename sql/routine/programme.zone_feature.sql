-- Areas of the layers that are in force, as features: the same for everybody, never simplified.
-- Inlined, so that conditions reach the indices; hence no pinned search path.
create or replace function programme.zone_feature(in_full boolean)
returns table (id bigint, place geometry, spot geometry, from_at timestamptz, to_at timestamptz,
               layer text, layer_version integer, name text, tier integer, source text)
language sql stable parallel safe
begin atomic
  select z.zone_id, z.geom, z.geom, null::timestamptz, null::timestamptz, l.code, l.version, z.name, z.tier, l.source
  from programme.zone z
  join programme.zone_layer l on l.zone_layer_id = z.zone_layer_id and l.active;
end;
comment on function programme.zone_feature(boolean) is 'Areas of the layers in force, as features.';
grant execute on function programme.zone_feature(boolean) to bptm_http;
