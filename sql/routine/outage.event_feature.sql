-- Outage events as features; not in full, an event of few homes is told by its circuit alone. Inlined,
-- so that conditions reach the indices; hence no pinned search path.
create or replace function outage.event_feature(in_full boolean)
returns table (id bigint, place geometry, spot geometry, from_at timestamptz, to_at timestamptz,
               kind text, parent_id bigint, level text, element text, circuit_id text, state text,
               started_at text, ended_at text, restored_at text, minutes double precision,
               customers integer, dark integer, served integer, lit integer,
               confidence double precision, momentary boolean, version integer, revised_at text)
language sql stable parallel safe
begin atomic
  select e.event_id,
         case when in_full then e.centre
              when t.told
              then st_setsrid(st_point(round(st_x(e.centre)::numeric, w.decimals)::double precision,
                                       round(st_y(e.centre)::numeric, w.decimals)::double precision), 4326) end,
         e.centre, e.started_at, e.ended_at, e.kind, e.parent_id,
         case when t.told then e.level end,
         case when t.told then e.element end, nullif(e.circuit_id, ''),
         case when e.ended_at is null then 'open' else 'closed' end, access.rfc3339(e.started_at),
         access.rfc3339(e.ended_at), access.rfc3339(e.restored_at),
         round(extract(epoch from e.ended_at - e.started_at) / 60, 2)::double precision,
         case when t.told then e.customers end,
         case when t.told then e.dark end,
         case when t.told then e.served end,
         case when t.told then e.lit end,
         round(e.confidence::numeric, 3)::double precision, e.momentary, e.version, access.rfc3339(e.revised_at)
  from outage.event e
  cross join outage.disclosure w
  cross join lateral (select outage.told(in_full, e.customers, w) as told) t;
end;
comment on function outage.event_feature(boolean) is 'Outage events as features, in full or coarse.';
grant execute on function outage.event_feature(boolean) to bptm_http;
