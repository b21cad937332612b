-- The bulk import: writes what its kinds of files are about, and reads what they refer to.
revoke all on all tables in schema programme, person, access from bptm_import;
grant usage on schema programme, person, access to bptm_import;
grant select, update on programme.import to bptm_import;
grant select, insert, update on programme.import_progress to bptm_import;
grant select, insert, delete on person.import_row to bptm_import; -- a spreadsheet becomes rows
grant select, delete on programme.import_file to bptm_import;
grant select, insert, delete on person.import_error, person.import_change to bptm_import;
grant select, insert, update on programme.premise, programme.premise_circuit, programme.account, programme.circuit,
  person.customer to bptm_import;
grant select, insert on person.person_key to bptm_import;
grant select on person.master_key, person.index_key to bptm_import;
grant insert on access.audit to bptm_import;
-- places of circuits on lists become drafts of these
grant select, insert on programme.circuit_list to bptm_import;
grant select, insert, update (valid_to) on programme.circuit_list_entry to bptm_import;
-- a customer who moves out ends what is under way, and the places that become free are given out
grant usage on schema fleet to bptm_import;
grant select, update (state, state_since, state_reason, programme_year_id, version, eligible_at) on programme.application
  to bptm_import;
grant select, update (reserved) on programme.programme_year to bptm_import;
grant insert on programme.application_event to bptm_import;
grant select on programme.programme, programme.decision, programme.appointment, programme.field_visit, programme.removal,
  fleet.assignment to bptm_import;
-- a list of generators becomes a draft
grant select, insert on programme.generator_list, programme.generator_model, programme.generator_name to bptm_import;
-- an index of premises rests on it
grant execute on function programme.address_key(text, text) to bptm_import;
-- what a utility did to its circuits, and which events are to be matched with it again
grant usage on schema outage to bptm_import;
grant select on outage.utility_name, outage.circuit_alias, outage.event, outage.match_rule to bptm_import;
grant select, insert, update on outage.utility_event to bptm_import;
grant insert on outage.match_due to bptm_import;
grant insert on programme.circuit_outage to bptm_import;
-- previews: every premise judged by what is in force and by drafts
grant select, update (state, note, started_at, ended_at, counts) on programme.preview to bptm_import;
grant select, insert on programme.preview_change to bptm_import;
grant select on programme.ruleset, programme.zone_layer, programme.zone, programme.zone_rim, programme.circuit_outage,
  programme.application_override to bptm_import;
