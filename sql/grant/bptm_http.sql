-- The REST part: reads everything it shows, writes what staff decide, never the journal itself.
revoke all on all tables in schema fleet, programme, person, outage, access, analytics from bptm_http;
grant usage on schema fleet, programme, person, outage, access, analytics to bptm_http;

grant select on fleet.device_model, fleet.device_serial, fleet.device, fleet.device_key,
  fleet.assignment, fleet.journal_head, fleet.journal_record,
  fleet.journal_gap, fleet.journal_fork, fleet.device_boot, fleet.receipt,
  fleet.device_status, fleet.device_link, fleet.quarantine, fleet.counter,
  fleet.part_health to bptm_http;
grant select, insert on fleet.command to bptm_http; -- the journal part sends and closes them
-- registering and assigning a device (server/store/device.c); the head is written once, empty
grant insert on fleet.device_serial, fleet.device, fleet.device_key, fleet.assignment,
  fleet.journal_head to bptm_http;
grant update (assigned_to) on fleet.assignment to bptm_http;
grant update (valid_to) on fleet.device_key to bptm_http; -- an old key ends when a new one has begun
grant update (state) on fleet.device to bptm_http; -- what is scrapped is retired

grant select on programme.ruleset, programme.zone_layer, programme.zone,
  programme.circuit, programme.generator_field to bptm_http;
grant select, insert, update on programme.premise, programme.premise_circuit,
  programme.premise_transformer, programme.account, programme.application, programme.programme_year,
  programme.document, programme.appointment, programme.programme to bptm_http;
grant select, insert, update, delete on programme.state_deadline to bptm_http;
grant select, insert on programme.transformer, programme.account_past, programme.application_event,
  programme.attestation, programme.field_visit, programme.removal, programme.application_merge,
  programme.commissioning, programme.custody,
  programme.decision, programme.decision_rule to bptm_http;
-- bulk imports: made, fed and read here, worked on by bptm_import
grant select, insert, update on programme.import to bptm_http;
grant select on programme.import_progress, programme.revocation to bptm_http;
grant select, delete on person.import_error, person.import_change to bptm_http; -- of who is erased
grant select, insert, delete on person.import_row to bptm_http;
grant select (import_id), insert, delete, select (piece) on programme.import_file to bptm_http;
grant select, insert, update on person.customer to bptm_http;
grant select, insert, delete on person.person_key to bptm_http;
grant select on person.master_key, person.index_key to bptm_http;
-- how many are left in plain after an upgrade, not what they are
grant select (customer_id) on person.unsealed to bptm_http;
grant select (application_note_id) on person.unsealed_note to bptm_http;
grant select (document_id) on person.unsealed_document to bptm_http;
grant select, insert on person.application_note to bptm_http;

grant select on outage.event, outage.event_member, outage.event_version, outage.drill, outage.blind,
  outage.derivation_rule, outage.disclosure to bptm_http;
grant insert on outage.drill to bptm_http;
grant select on outage.alarm_rule, outage.alarm to bptm_http;
grant update (acknowledged_at, acknowledged_by, cleared_at, cleared_by) on outage.alarm to bptm_http;
grant select, insert on outage.alarm_event to bptm_http;
-- subscribers and what is sent to them; their secrets are written here and never read
grant select, insert, update, delete on outage.webhook to bptm_http;
grant insert, select (secret_id, webhook_id, created_at, expires_at), update (expires_at) on outage.webhook_secret to bptm_http;
grant select, insert, update (state, tries, due_at, ended_at, error) on outage.webhook_message to bptm_http;
grant update (stored) on outage.derivation to bptm_http;
grant select on outage.outage, outage.derivation, outage.source, outage.feed_outage,
  outage.index_day, outage.index_month, outage.served_span, outage.utility_event, outage.event_link to bptm_http;
grant update (status, reason, decided_at) on outage.event_link to bptm_http;

grant select, insert on access.token, access.audit to bptm_http;
grant select (number, ids) on access.audit_seal to bptm_http; -- how far the audit is sealed, for metrics
grant select, insert, update (ended_at), delete on access.session to bptm_http;
grant update (revoked_at) on access.token to bptm_http;
grant select, insert, update, delete on access.idempotency to bptm_http;

-- what eligibility decides on and keeps
grant select on programme.zone_rim, programme.circuit_list_entry, programme.circuit_outage to bptm_http;
grant select, insert on programme.application_override to bptm_http;
-- previews, and what publishing one puts in force
grant select, insert, update on programme.preview to bptm_http; -- made by bptm_import
grant select on programme.preview_change to bptm_http;
-- drafts, and what previews put in force
grant insert on programme.ruleset, programme.circuit_list_entry to bptm_http;
grant update on programme.ruleset, programme.zone_layer to bptm_http;
grant select, insert, update on programme.circuit_list to bptm_http;
-- importing and publishing lists of generators (server/store/import_generators.c, generator_list.c)
grant select, insert on programme.generator_list, programme.generator_model,
  programme.generator_name to bptm_http;
grant update (active, state, published_by, published_at) on programme.generator_list to bptm_http;
grant select, insert, update, delete on programme.generator_answer to bptm_http;
grant select on programme.generator_offline to bptm_http; -- who holds its key writes it
-- the table of interruptions was made anew by patch 0350: all that reads it is applied again
