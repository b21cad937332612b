-- The timers: read the device side, write what is derived from it, trim what is old.
revoke all on all tables in schema fleet, programme, outage, access, analytics from bptm_job;
grant usage on schema fleet, outage, access to bptm_job;
grant select on fleet.assignment, fleet.journal_head, fleet.journal_record, fleet.device_boot,
  fleet.device_status, fleet.device_link to bptm_job;
grant select, insert, update on fleet.lease to bptm_job;
grant select, insert, update, delete on outage.outage, outage.derivation to bptm_job;
grant select, insert, delete on outage.device_fact to bptm_job;
grant select on outage.utility_event, outage.match_rule to bptm_job;
grant select, insert, update, delete on outage.event_link to bptm_job;
grant select, insert, delete on outage.match_due to bptm_job;
grant select on outage.source, outage.feed_outage, outage.derivation_rule, outage.drill to bptm_job;
grant select, insert, update, delete on outage.event, outage.event_member, outage.event_due to bptm_job;
grant usage on sequence outage.event_event_id_seq to bptm_job; -- an id is known before its row
grant select, insert on outage.event_version to bptm_job;
grant select, insert, delete on outage.event_draft to bptm_job;
grant select on fleet.journal_gap, fleet.journal_fork, outage.alarm_rule, outage.alarm_fault to bptm_job;
grant select, insert, update on outage.alarm to bptm_job;
grant select, insert on outage.alarm_event to bptm_job;
-- sending what subscribers are told, and signing it; of a device only its serial
grant select (device_id, serial) on fleet.device to bptm_job;
grant select, update (enabled, disabled_because, failing_since, dead_in_row, claim, claimed_until) on outage.webhook to bptm_job;
grant select, delete on outage.webhook_secret to bptm_job;
grant select, insert, update, delete on outage.webhook_message to bptm_job;
grant select on outage.webhook_wait to bptm_job;
grant select, insert, update on fleet.counter to bptm_job;
grant select, insert, update on outage.blind to bptm_job;
grant select, insert, delete on outage.index_day, outage.index_month, outage.index_due to bptm_job;
grant select, insert, update, delete on outage.served_span to bptm_job;
-- where a premise is, and nothing else of it
grant usage on schema programme to bptm_job;
grant select (premise_id, city, geom) on programme.premise to bptm_job;
grant select on programme.premise_circuit, programme.premise_transformer, programme.circuit,
  programme.transformer to bptm_job;
grant select (created_at), delete on access.idempotency to bptm_job;
grant select, insert, update on fleet.part_health to bptm_job;
grant select on outage.retention to bptm_job; -- what is older than records that were dropped stays as it is
-- counting what the field says of generators; of an application only which one it names
grant select on programme.generator_list, programme.generator_model, programme.generator_name to bptm_job;
grant select (application_id, generator_make, generator_model) on programme.application to bptm_job;
grant select, insert, update, delete on programme.generator_field, programme.generator_answer to bptm_job;
-- sealing the audit: what is sealed has to be read, nothing of it can be changed
grant select on access.audit to bptm_job;
grant select, insert on access.audit_seal to bptm_job;
grant select, update on access.audit_horizon to bptm_job;
