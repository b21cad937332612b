-- Outage events as ODIN's public outages have them (docs/analyst.md): one document each, current and
-- past. Not in full, an event of few homes has no counts, no community and no place but its circuit.
-- Inlined, so that conditions reach the indices; hence no pinned search path.
create or replace function outage.odin_outage(in_full boolean)
returns table (id bigint, place geometry, spot geometry, from_at timestamptz, to_at timestamptz,
               kind text, level text, circuit_id text, state text, pub_outage json)
language sql stable parallel safe
begin atomic
  select f.id, f.place, f.spot, f.from_at, f.to_at, f.kind, f.level, f.circuit_id, f.state,
         json_build_object(
           -- the same for the same event, in the form of a UUID (RFC 9562, version 8)
           'mRID', overlay(overlay(md5('bptm-outage-event:' || f.id)::uuid::text placing '8' from 15 for 1) placing '8' from 20 for 1),
           'statusKind', case when f.to_at is not null then 'restored'
                              when f.restored_at is not null then 'partiallyRestored'
                              else 'active' end,
           'causeKind', 'unknown',
           'reportedStartTime', f.started_at,
           'actualPeriod', json_build_object('start', f.started_at, 'end', f.ended_at),
           'estimatedPeriod', null,
           'EstimatedRestorationTime', null,
           'metersAffected', f.dark,
           'originalMetersAffected', f.customers,
           'originalCustomersServed', f.served,
           'customersRestored', f.customers - f.dark,
           'communityDescriptor',
             case when in_full or f.customers is not null
                  then (select mode() within group (order by p.city)
                        from outage.event_member m
                        join outage.outage o on o.outage_id = m.outage_id
                        join programme.premise p on p.premise_id = o.premise_id
                        where m.event_id = f.id) end,
           'OutageArea', json_build_object(
             'areaKind', f.level, 'element', f.element, 'circuit', f.circuit_id,
             'metersServed', f.served,
             'location', st_asgeojson(f.place)::json))
  from outage.event_feature(in_full) f
  where f.kind <> 'group';
end;
comment on function outage.odin_outage(boolean) is 'Outage events as ODIN has them, in full or coarse.';
grant execute on function outage.odin_outage(boolean) to bptm_http;
