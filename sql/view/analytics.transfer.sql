-- Every transfer and failed transfer that a device reported.
create or replace view analytics.transfer as
select r.device_id, r.seq, r.part_ts, coalesce(r.device_at, r.received_at) as at, r.device_at,
       r.received_at, r.quality,
       case r.kind when 6 then 'to_generator' when 7 then 'to_utility' else 'failed' end as direction,
       r.cause, r.delay_ms, r.setting_ms, r.l1_dv, r.l2_dv, r.freq_chz
from fleet.journal_record r
where r.kind in (6, 7, 8);
comment on view analytics.transfer is
  'One row per transfer_to_generator, transfer_to_utility or transfer_failed record.';
comment on column analytics.transfer.part_ts is 'Partition time: bound it to read few partitions.';
comment on column analytics.transfer.at is 'The device''s time, else the time of receipt.';
comment on column analytics.transfer.quality is 'Clock of the device: 0 none, 1 estimated, 2 synchronised.';
comment on column analytics.transfer.cause is 'Number of api/wire/record.def.';
comment on column analytics.transfer.delay_ms is
  'Since the loss of the utility (to_generator) or its return (to_utility).';
comment on column analytics.transfer.setting_ms is 'What that delay was set to.';
comment on column analytics.transfer.l1_dv is 'Leg 1, tenths of a volt.';
comment on column analytics.transfer.l2_dv is 'Leg 2, tenths of a volt.';
comment on column analytics.transfer.freq_chz is 'Hundredths of a hertz.';
comment on column analytics.transfer.device_id is 'The device, by a number that stands nowhere else outside.';
comment on column analytics.transfer.seq is 'Number of the record in its journal.';
comment on column analytics.transfer.device_at is 'Time of the device, null when it had none.';
comment on column analytics.transfer.received_at is 'When it came.';
comment on column analytics.transfer.direction is 'to_generator, to_utility or failed.';
grant select on analytics.transfer to bptm_analyst;
