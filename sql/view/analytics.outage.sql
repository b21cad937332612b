-- Outages for people who study them: no person, no address, no serial number; of the place the middle
-- of a cell that enough homes share (outage.place).
create or replace view analytics.outage as
select o.outage_id, o.device_id, o.started_at, o.ended_at, o.end_basis, o.start_quality,
       round(extract(epoch from o.ended_at - o.started_at) * 1000)::bigint as duration_ms,
       o.on_generator_ms, o.transferred_at, o.returned_at, o.transfer_delay_ms, o.retransfer_delay_ms,
       o.retransfer_setting_ms, o.failed_transfers, o.missing,
       pc.circuit_id, p.city, round(st_x(p.coarse)::numeric, 4) as longitude,
       round(st_y(p.coarse)::numeric, 4) as latitude
from outage.outage o
left join outage.place p on p.premise_id = o.premise_id
left join programme.premise_circuit pc on pc.premise_id = o.premise_id
  and daterange(pc.valid_from, pc.valid_to) @> (o.started_at at time zone 'UTC')::date;
comment on view analytics.outage is
  'One row per interruption of the utility at a premise, derived from its device''s journal.';
comment on column analytics.outage.outage_id is 'Stable while its records say the same.';
comment on column analytics.outage.device_id is 'The device, by a number that stands nowhere else outside.';
comment on column analytics.outage.circuit_id is 'The circuit that fed the home when it began.';
comment on column analytics.outage.city is 'City of the home.';
comment on column analytics.outage.started_at is 'When the utility was lost.';
comment on column analytics.outage.ended_at is 'When the utility returned; null while open or when not known.';
comment on column analytics.outage.end_basis is
  'restored: a record says so; boot: the device came up later with the utility present; unknown: records are missing; null: open.';
comment on column analytics.outage.start_quality is
  'Clock at the start: 0 none (time of receipt), 1 estimated, 2 synchronised.';
comment on column analytics.outage.duration_ms is 'Length of the interruption.';
comment on column analytics.outage.on_generator_ms is 'Time on the generator, the return delay included.';
comment on column analytics.outage.transferred_at is 'First transfer to the generator.';
comment on column analytics.outage.returned_at is 'Last transfer to the utility; may be after ended_at.';
comment on column analytics.outage.transfer_delay_ms is 'Loss to generator contactor closed, as measured by the device.';
comment on column analytics.outage.retransfer_delay_ms is 'Return of the utility to utility contactor closed.';
comment on column analytics.outage.retransfer_setting_ms is 'What the return delay was set to.';
comment on column analytics.outage.failed_transfers is 'Transfers that the device could not prove.';
comment on column analytics.outage.missing is 'Records of this outage that are not stored: 0 for a complete one.';
comment on column analytics.outage.longitude is 'Middle of a cell that enough homes share (outage.disclosure); else null.';
comment on column analytics.outage.latitude is 'Middle of a cell that enough homes share (outage.disclosure); else null.';
grant select on analytics.outage to bptm_analyst;
