-- The timers: read the device side, write what is derived from it, trim what is old.
revoke all on all tables in schema fleet, outage, access from bptm_job;
grant usage on schema fleet, outage, access to bptm_job;
grant select on fleet.device, fleet.assignment, fleet.journal_head, fleet.journal_record,
  fleet.journal_gap, fleet.device_boot, fleet.device_status, fleet.receipt to bptm_job;
grant select, insert, update on fleet.lease to bptm_job;
grant select, insert, update, delete on outage.outage, outage.derivation to bptm_job;
grant select (created_at), delete on access.idempotency to bptm_job;
grant select, insert, update on fleet.part_health to bptm_job;
