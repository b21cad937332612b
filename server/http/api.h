/* The handlers of the route table: each is a request_handler (http/request.h). */
#ifndef BPTM_API_H
#define BPTM_API_H

#include "http/request.h"

/** Declare a handler; its contract is request_handler, its resource is in api/openapi.json. */
#define API_HANDLER(name) enum error_code name(const struct request *r, struct reply *ret)

API_HANDLER(api_health_live);
API_HANDLER(api_health_ready);
API_HANDLER(api_health_openapi);
API_HANDLER(api_metrics_get);
API_HANDLER(api_session_create);
API_HANDLER(api_session_get);
API_HANDLER(api_session_end);
API_HANDLER(api_token_me);
API_HANDLER(api_token_list);
API_HANDLER(api_token_create);
API_HANDLER(api_token_revoke);
API_HANDLER(api_programme_create);
API_HANDLER(api_programme_get);
API_HANDLER(api_programme_patch);
API_HANDLER(api_programme_year_create);
API_HANDLER(api_programme_year_list);
API_HANDLER(api_programme_year_get);
API_HANDLER(api_programme_year_patch);
API_HANDLER(api_programme_list);
API_HANDLER(api_programme_rulesets);
API_HANDLER(api_programme_layers);
API_HANDLER(api_programme_circuits);
API_HANDLER(api_premise_create);
API_HANDLER(api_premise_list);
API_HANDLER(api_premise_get);
API_HANDLER(api_premise_patch);
API_HANDLER(api_premise_link);
API_HANDLER(api_premise_links);
API_HANDLER(api_customer_create);
API_HANDLER(api_customer_get);
API_HANDLER(api_customer_list);
API_HANDLER(api_customer_patch);
API_HANDLER(api_account_create);
API_HANDLER(api_account_get);
API_HANDLER(api_account_list);
API_HANDLER(api_account_patch);
API_HANDLER(api_account_move_out);
API_HANDLER(api_account_move_in);
API_HANDLER(api_application_create);
API_HANDLER(api_application_list);
API_HANDLER(api_application_get);
API_HANDLER(api_application_patch);
API_HANDLER(api_application_merge);
API_HANDLER(api_note_create);
API_HANDLER(api_note_list);
API_HANDLER(api_attestation_create);
API_HANDLER(api_attestation_list);
API_HANDLER(api_document_create);
API_HANDLER(api_document_list);
API_HANDLER(api_document_get);
API_HANDLER(api_document_patch);
API_HANDLER(api_appointment_create);
API_HANDLER(api_appointment_list);
API_HANDLER(api_appointment_get);
API_HANDLER(api_appointment_patch);
API_HANDLER(api_visit_create);
API_HANDLER(api_visit_list);
API_HANDLER(api_removal_create);
API_HANDLER(api_removal_list);
API_HANDLER(api_transition_create);
API_HANDLER(api_transition_list);
API_HANDLER(api_application_decide);
API_HANDLER(api_application_decisions);
API_HANDLER(api_application_decision);
API_HANDLER(api_queue_list);
API_HANDLER(api_queue_states);
API_HANDLER(api_queue_audit);
API_HANDLER(api_queue_surroundings);
API_HANDLER(api_generator_search);
API_HANDLER(api_generator_verdict);
API_HANDLER(api_generator_affected);
API_HANDLER(api_generator_lists);
API_HANDLER(api_generator_list_get);
API_HANDLER(api_generator_list_difference);
API_HANDLER(api_generator_list_publish);
API_HANDLER(api_generator_list_discard);
API_HANDLER(api_generator_offline);
API_HANDLER(api_generator_offline_keys);
API_HANDLER(api_device_create);
API_HANDLER(api_device_list);
API_HANDLER(api_device_get);
API_HANDLER(api_device_records);
API_HANDLER(api_device_journal);
API_HANDLER(api_device_assign);
API_HANDLER(api_command_create);
API_HANDLER(api_command_list);
API_HANDLER(api_command_get);
API_HANDLER(api_outage_list);
API_HANDLER(api_outage_get);
API_HANDLER(api_event_list);
API_HANDLER(api_event_get);
API_HANDLER(api_event_still_dark);
API_HANDLER(api_event_silent);
API_HANDLER(api_event_drill);
API_HANDLER(api_event_drill_get);
API_HANDLER(api_event_drills);
API_HANDLER(api_alarm_list);
API_HANDLER(api_alarm_get);
API_HANDLER(api_alarm_acknowledge);
API_HANDLER(api_alarm_clear);
API_HANDLER(api_benefit_get);
API_HANDLER(api_export_get);
API_HANDLER(api_feature_landing);
API_HANDLER(api_feature_conformance);
API_HANDLER(api_feature_collections);
API_HANDLER(api_feature_collection);
API_HANDLER(api_feature_items);
API_HANDLER(api_feature_item);
API_HANDLER(api_index_sources);
API_HANDLER(api_index_list);
API_HANDLER(api_index_customers);
API_HANDLER(api_index_major);
API_HANDLER(api_fleet_quarantine);
API_HANDLER(api_fleet_loss);
API_HANDLER(api_import_create);
API_HANDLER(api_import_list);
API_HANDLER(api_import_get);
API_HANDLER(api_import_file);
API_HANDLER(api_import_commit);
API_HANDLER(api_import_cancel);
API_HANDLER(api_import_errors);
API_HANDLER(api_import_changes);
API_HANDLER(api_import_rejects);
API_HANDLER(api_audit_list);

/** The body of api_import_file: CSV. */
extern const struct body_stream api_import_stream;

#endif
