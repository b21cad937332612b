-- Outage events for people who study them: homes that lost the utility together. Of fewer homes than
-- outage.disclosure names only the circuit is told; coordinates are rounded.
create or replace view analytics.outage_event as
select e.event_id, e.kind, e.parent_id, case when t.told then e.level end as level,
       case when t.told then e.element end as element, e.circuit_id, e.started_at, e.ended_at,
       e.restored_at, round(extract(epoch from e.ended_at - e.started_at) * 1000)::bigint as duration_ms,
       case when t.told then e.customers end as customers,
       case when t.told then e.served end as served, e.confidence, e.momentary, e.version,
       e.revised_at,
       case when t.told then round(st_x(e.centre)::numeric, d.decimals) end as longitude,
       case when t.told then round(st_y(e.centre)::numeric, d.decimals) end as latitude
from outage.event e
cross join outage.disclosure d
cross join lateral (select outage.told(false, e.customers, d) as told) t;
comment on view analytics.outage_event is 'One row per outage event: homes that lost the utility together.';
comment on column analytics.outage_event.kind is
  'outage: homes that went dark together; nested: of these, homes still dark when most were back; group: circuits of a substation together.';
comment on column analytics.outage_event.parent_id is 'Of a nested one its outage; of an outage its group.';
comment on column analytics.outage_event.level is
  'Nearest network element above all homes: premise, transformer, segment, circuit, substation; null for few homes.';
comment on column analytics.outage_event.element is 'Id of that element; null for few homes.';
comment on column analytics.outage_event.circuit_id is 'Empty when not known, or more than one.';
comment on column analytics.outage_event.started_at is 'When the first home lost the utility.';
comment on column analytics.outage_event.ended_at is 'When the last home had it back; null while one is dark.';
comment on column analytics.outage_event.restored_at is 'When most homes had it back.';
comment on column analytics.outage_event.duration_ms is 'From the first loss to the last return.';
comment on column analytics.outage_event.customers is 'Homes that went dark; null for few homes.';
comment on column analytics.outage_event.served is 'Homes with a device on the element; null for few homes.';
comment on column analytics.outage_event.confidence is 'That the whole element was out, 0 to 1.';
comment on column analytics.outage_event.momentary is 'No home was dark for longer than five minutes.';
comment on column analytics.outage_event.version is 'How often it was revised; late records make a new version.';
comment on column analytics.outage_event.longitude is 'Of the middle of its homes, rounded; null for few homes.';
comment on column analytics.outage_event.latitude is 'Of the middle of its homes, rounded; null for few homes.';
comment on column analytics.outage_event.event_id is 'Stable over revisions.';
comment on column analytics.outage_event.revised_at is 'When this version was made.';
grant select on analytics.outage_event to bptm_analyst, bptm_http;
