-- The journal part: the device side only; never premises, people, programmes or tokens.
revoke all on all tables in schema fleet from bptm_mqtt;
grant usage on schema fleet to bptm_mqtt;
grant select on fleet.device_serial, fleet.device, fleet.device_key, fleet.receipt_epoch to bptm_mqtt;
grant select, update on fleet.journal_head, fleet.command to bptm_mqtt;
grant select, insert on fleet.journal_record, fleet.journal_batch, fleet.journal_fork to bptm_mqtt;
grant select, insert, update on fleet.journal_gap, fleet.device_boot, fleet.receipt,
  fleet.device_status, fleet.device_link, fleet.counter, fleet.lease to bptm_mqtt;
grant select, insert, delete on fleet.quarantine to bptm_mqtt;
grant select, insert, update on fleet.part_health to bptm_mqtt;
-- firmware: cuts chunks out of images, and notes how far a device is
grant select on fleet.firmware_image, fleet.firmware_offer to bptm_mqtt;
grant update (state, first_chunk, asked_at) on fleet.firmware_offer to bptm_mqtt;
