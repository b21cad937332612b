/* The route table: what exists over REST, who may call it, how much it reads. */
#include "base/limits.h"
#include "http/api.h"
#include "http/route.h"
#include "http/sign_in.h"
#include "store/device_read.h"

#define E     ROLE_ENROLMENT
#define I     ROLE_INSTALLER
#define I_OWN (I | ROLE_OWN(I)) /* the jobs of its crew */
#define A     ROLE_ANALYST
#define O     ROLE_OPERATOR
#define X     ROLE_ADMIN

#define PAGE                                                                                       \
    {                                                                                              \
        "limit", PARAM_INT, 1, PAGE_MAX                                                            \
    }
#define CURSOR(shape)                                                                              \
    {                                                                                              \
        "cursor", PARAM_CURSOR, .key = shape                                                       \
    }
#define ID                                                                                         \
    {                                                                                              \
        "id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX                                                   \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL                                                                                       \
    }

static const struct param by_id[] = {ID, END};
static const struct param by_uuid[] = {{"id", PARAM_UUID}, END};
static const struct param by_serial[] = {{"serial", PARAM_SERIAL}, END};
static const struct param page_int[] = {CURSOR(CURSOR_INT), PAGE, END};
static const struct param page_text[] = {CURSOR(CURSOR_TEXT), PAGE, END};
static const struct param circuits[] = {
    {"metered", PARAM_WORD, .choices = "true"}, CURSOR(CURSOR_TEXT), PAGE, END};
static const struct param page_pair[] = {CURSOR(CURSOR_PAIR), PAGE, END};
static const struct param rulesets[] = {{"code", PARAM_TEXT, 2, 40}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param premises[] = {{"q", PARAM_TEXT, 1, 100}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param applications[] = {
    {"state", PARAM_WORD,
     .choices =
         "draft submitted in_review needs_information ineligible eligible waitlisted approved"
         " scheduled installable rejected_on_site installed closed withdrawn removed"},
    {"programme", PARAM_TEXT, 2, 40},
    {"assignee", PARAM_TEXT, 1, 80},
    {"premise_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
    {"overdue", PARAM_WORD, .choices = "true"},
    {"q", PARAM_TEXT, 1, 100},
    CURSOR(CURSOR_INT),
    PAGE,
    END};
static const struct param queue[] = {
    {"state", PARAM_WORD,
     .choices = "draft submitted in_review needs_information eligible waitlisted approved"
                " scheduled installable"},
    {"programme", PARAM_TEXT, 2, 40},
    {"assignee", PARAM_TEXT, 1, 80},
    {"unassigned", PARAM_WORD, .choices = "true"},
    {"overdue", PARAM_WORD, .choices = "true"},
    {"q", PARAM_TEXT, 1, 100},
    CURSOR(CURSOR_PAIR),
    PAGE,
    END};
static const struct param surroundings[] = {ID, {"radius_m", PARAM_INT, 200, 20000}, END};
static const struct param by_code[] = {{"code", PARAM_TEXT, 2, 40}, END};
static const struct param links[] = {ID, CURSOR(CURSOR_TEXT), PAGE, END};
static const struct param customers[] = {{"q", PARAM_TEXT, 1, 100}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param accounts[] = {{"premise_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
                                        {"customer_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
                                        {"number", PARAM_TEXT, 1, 40},
                                        CURSOR(CURSOR_INT),
                                        PAGE,
                                        END};
static const struct param events[] = {ID, CURSOR(CURSOR_INT), PAGE, END};
static const struct param appointments[] = {
    {"status", PARAM_WORD, .choices = "planned done missed cancelled"},
    {"from", PARAM_TIME},
    {"to", PARAM_TIME},
    CURSOR(CURSOR_PAIR),
    PAGE,
    END};
static const struct param decisions[] = {ID, CURSOR(CURSOR_INT), PAGE, END};
static const struct param generators[] = {
    {"q", PARAM_TEXT, 1, 120, .required = 1}, {"limit", PARAM_INT, 1, 50}, END};
static const struct param compatibility[] = {
    {"make", PARAM_TEXT, 1, 60},
    {"model", PARAM_TEXT, 1, 60},
    {"q", PARAM_TEXT, 1, 120},
    {"receptacle", PARAM_TEXT, 2, 20},
    {"volts", PARAM_WORD, .choices = "120 240 120/240"},
    {"amps", PARAM_INT, 1, 400},
    {"breaker", PARAM_INT, 0, 400},
    {"watts", PARAM_INT, 1, 100000},
    {"neutral", PARAM_WORD, .choices = "floating bonded switchable unknown"},
    {"gfci", PARAM_WORD, .choices = "yes no"},
    {"co_shutoff", PARAM_WORD, .choices = "yes no"},
    {"carb", PARAM_WORD, .choices = "yes no"},
    {"source_type", PARAM_WORD, .choices = "engine inverter battery vehicle"},
    {"fuel", PARAM_TEXT, 2, 20},
    {"altitude_ft", PARAM_INT, 0, 20000},
    {"altitude_m", PARAM_INT, 0, 6000},
    {"cord_conductors", PARAM_INT, 2, 5},
    {"cord_awg", PARAM_INT, 2, 18},
    END};
static const struct param sessions[] = {{"of", PARAM_TEXT, 1, 511}, CURSOR(CURSOR_PAIR), PAGE, END};
static const struct param sessions_of[] = {{"of", PARAM_TEXT, 1, 511, .required = 1}, END};
static const struct param sign_in[] = {{"next", PARAM_TEXT, 1, SIGN_IN_NEXT_MAX - 1}, END};
/* What RFC 6749, RFC 9207 and the standards beside them, and providers, answer a browser with. */
static const struct param sign_in_end[] = {{"code", PARAM_TEXT, 1, 1500},
                                           {"state", PARAM_TEXT, 1, 128},
                                           {"iss", PARAM_TEXT, 1, 255},
                                           {"error", PARAM_TEXT, 1, 120},
                                           {"error_description", PARAM_TEXT, 1, 500},
                                           {"error_uri", PARAM_TEXT, 1, 500},
                                           {"session_state", PARAM_TEXT, 1, 255},
                                           {"scope", PARAM_TEXT, 1, 500},
                                           END};
static const struct param affected[] = {ID, CURSOR(CURSOR_INT), PAGE, END};
static const struct param by_version[] = {{"version", PARAM_INT, 1, INT32_MAX}, END};
static const struct param devices[] = {{"state", PARAM_WORD, .choices = "registered retired"},
                                       {"q", PARAM_TEXT, 1, 24},
                                       {"online", PARAM_WORD, .choices = "true false"},
                                       CURSOR(CURSOR_TEXT),
                                       PAGE,
                                       END};
static const struct param records[] = {{"serial", PARAM_SERIAL},
                                       {"after", PARAM_INT, 0, REQUEST_ID_VALUE_MAX},
                                       {"kind", PARAM_WORD, .choices = device_read_kinds},
                                       CURSOR(CURSOR_INT),
                                       PAGE,
                                       END};
static const struct param custody[] = {
    {"holder", PARAM_TEXT, 1, 80},
    {"state", PARAM_WORD, .choices = "maker warehouse crew premise returned lost stolen scrapped"},
    CURSOR(CURSOR_TEXT),
    PAGE,
    END};
static const struct param commands[] = {{"serial", PARAM_SERIAL}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param command[] = {
    {"serial", PARAM_SERIAL}, {"counter", PARAM_INT, 1, REQUEST_ID_VALUE_MAX}, END};
static const struct param outages[] = {{"premise_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
                                       {"device", PARAM_SERIAL},
                                       {"from", PARAM_TIME},
                                       {"to", PARAM_TIME},
                                       {"state", PARAM_WORD, .choices = "open closed"},
                                       {"bbox", PARAM_BBOX},
                                       {"event_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
                                       CURSOR(CURSOR_PAIR),
                                       PAGE,
                                       END};
static const struct param outage_export[] = {{"premise_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
                                             {"device", PARAM_SERIAL},
                                             {"from", PARAM_TIME},
                                             {"to", PARAM_TIME},
                                             {"state", PARAM_WORD, .choices = "open closed"},
                                             {"bbox", PARAM_BBOX},
                                             {"event_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
                                             END};
#define EVENT_FILTER                                                                               \
    {"from", PARAM_TIME}, {"to", PARAM_TIME}, {"bbox", PARAM_BBOX},                                \
        {"circuit_id", PARAM_TEXT, 1, 32}, {"kind", PARAM_WORD, .choices = "outage nested group"}, \
        {"level", PARAM_WORD, .choices = "premise transformer segment circuit substation"},        \
    {                                                                                              \
        "state", PARAM_WORD, .choices = "open closed"                                              \
    }
static const struct param outage_events[] = {EVENT_FILTER, CURSOR(CURSOR_PAIR), PAGE, END};
static const struct param event_export[] = {EVENT_FILTER, END};
static const struct param silent[] = {
    {"cause", PARAM_WORD, .choices = "dark area unit"}, CURSOR(CURSOR_TEXT), PAGE, END};
static const struct param alarms[] = {
    {"state", PARAM_WORD, .choices = "raised acknowledged cleared"},
    {"kind", PARAM_WORD,
     .choices = "backfeed welded_contact transfer_failed device_silent journal_fork"
                " records_unaccounted"},
    {"severity", PARAM_WORD, .choices = "critical major minor"},
    {"device", PARAM_SERIAL},
    CURSOR(CURSOR_INT),
    PAGE,
    END};
#define PERIOD                                                                                     \
    {"source", PARAM_TEXT, 2, 40, .required = 1}, {"from", PARAM_DATE, .required = 1},             \
    {                                                                                              \
        "to", PARAM_DATE, .required = 1                                                            \
    }
#define BASIS                                                                                      \
    {"basis_from", PARAM_DATE},                                                                    \
    {                                                                                              \
        "basis_to", PARAM_DATE                                                                     \
    }
#define MAJOR                                                                                      \
    {                                                                                              \
        "major_event_days", PARAM_WORD, .choices = "with without only"                             \
    }
static const struct param webhook_messages[] = {
    ID, {"state", PARAM_WORD, .choices = "waiting delivered dead"}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param indices[] = {PERIOD,
                                       {"by", PARAM_WORDS, .choices = "month area circuit cause"},
                                       {"area", PARAM_TEXT, 1, 100},
                                       {"circuit_id", PARAM_TEXT, 1, 32},
                                       {"cause", PARAM_TEXT, 1, 40},
                                       MAJOR,
                                       BASIS,
                                       END};
static const struct param customer_indices[] = {PERIOD,
                                                {"n", PARAM_INT, 1, 1000},
                                                {"counting", PARAM_WORD, .choices = "from above"},
                                                {"hours", PARAM_INT, 1, 1000},
                                                {"area", PARAM_TEXT, 1, 100},
                                                {"circuit_id", PARAM_TEXT, 1, 32},
                                                MAJOR,
                                                BASIS,
                                                END};
static const struct param major_event_days[] = {PERIOD, BASIS, END};
static const struct param benefit[] = {
    {"from", PARAM_DATE, .required = 1},
    {"to", PARAM_DATE, .required = 1},
    {"by", PARAM_WORDS, .choices = "month area circuit programme generator model firmware"},
    {"area", PARAM_TEXT, 1, 100},
    {"circuit_id", PARAM_TEXT, 1, 32},
    {"programme", PARAM_TEXT, 2, 40},
    {"generator", PARAM_TEXT, 1, 121},
    {"model", PARAM_TEXT, 1, 64},
    {"firmware", PARAM_TEXT, 1, 64},
    END};
static const struct param matches[] = {
    {"status", PARAM_WORD, .choices = "proposed confirmed refused"},
    {"source", PARAM_WORD, .choices = "feed psps epss meter_events"},
    {"event_id", PARAM_INT, 1, REQUEST_ID_VALUE_MAX},
    CURSOR(CURSOR_INT),
    PAGE,
    END};
static const struct param quarantine[] = {
    {"reason", PARAM_TEXT, 1, 60}, {"serial", PARAM_SERIAL}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param import_errors[] = {ID, CURSOR(CURSOR_PAIR), PAGE, END};
static const struct param import_changes[] = {
    ID, {"action", PARAM_WORD, .choices = "create update remove"}, CURSOR(CURSOR_INT), PAGE, END};
static const struct param preview_changes[] = {ID,
                                               {"direction", PARAM_WORD, .choices = "in out other"},
                                               {"hardware", PARAM_WORD, .choices = "true"},
                                               CURSOR(CURSOR_INT),
                                               PAGE,
                                               END};
static const struct param audit[] = {{"object", PARAM_TEXT, 1, 80}, CURSOR(CURSOR_INT), PAGE, END};

static const struct param collection[] = {{"collection", PARAM_TEXT, 1, 40}, END};
/* A larger limit than is given is no mistake (OGC 17-069r4, 7.15.2). */
static const struct param items[] = {{"bbox", PARAM_BBOX},
                                     {"datetime", PARAM_PERIOD},
                                     {"limit", PARAM_INT, 1, INT32_MAX},
                                     CURSOR(CURSOR_INT),
                                     END};

enum { SMALL = 4096, MEDIUM = 16384, LARGE = 65536 };

static const struct route routes[] = {
    {METHOD_GET, "/livez", ROLE_OPEN, 0, NEED_NOTHING, api_health_live, NULL},
    {METHOD_GET, "/readyz", ROLE_OPEN, 0, NEED_IF_THERE, api_health_ready, NULL},
    {METHOD_GET, "/openapi.json", ROLE_OPEN, 0, NEED_NOTHING, api_health_openapi, NULL},
    {METHOD_GET, "/metrics", O, 0, NEED_DATABASE, api_metrics_get, NULL},

    {METHOD_POST, "/v1/session", ROLE_OPEN, SMALL, NEED_DATABASE, api_session_create, NULL, 1},
    {METHOD_GET, "/v1/session", ROLE_ANY, 0, NEED_DATABASE, api_session_get, NULL},
    {METHOD_DELETE, "/v1/session", ROLE_ANY, 0, NEED_DATABASE, api_session_end, NULL},
    {METHOD_GET, "/v1/sign-in", ROLE_OPEN, 0, NEED_NOTHING, api_sign_in_ways, NULL},
    {METHOD_GET, "/sign-in/oidc", ROLE_OPEN, 0, NEED_NOTHING, api_sign_in_begin, sign_in},
    {METHOD_GET, "/sign-in/oidc/callback", ROLE_OPEN, 0, NEED_DATABASE, api_sign_in_end,
     sign_in_end, 1},
    {METHOD_POST, "/sign-in/oidc/logout", ROLE_OPEN, LIMIT_OIDC_TOKEN + SMALL, NEED_DATABASE,
     api_sign_out_told, NULL, 1, .is_form = 1},
    {METHOD_GET, "/sign-in/oidc/end", ROLE_OPEN, 0, NEED_NOTHING, api_sign_out_go, NULL},
    {METHOD_GET, "/v1/me", ROLE_ANY, 0, NEED_DATABASE, api_token_me, NULL},
    {METHOD_GET, "/v1/me/sessions", ROLE_ANY, 0, NEED_DATABASE, api_sessions_own, page_pair},
    {METHOD_DELETE, "/v1/me/sessions", ROLE_ANY, 0, NEED_DATABASE, api_sessions_end_others, NULL},
    {METHOD_DELETE, "/v1/me/sessions/{id}", ROLE_ANY, 0, NEED_DATABASE, api_sessions_end_own,
     by_uuid},
    {METHOD_GET, "/v1/sessions", O, 0, NEED_DATABASE, api_sessions_list, sessions},
    {METHOD_DELETE, "/v1/sessions", O, 0, NEED_DATABASE, api_sessions_end_of, sessions_of},
    {METHOD_DELETE, "/v1/sessions/{id}", O, 0, NEED_DATABASE, api_sessions_end, by_uuid},
    {METHOD_GET, "/v1/tokens", X, 0, NEED_DATABASE, api_token_list, page_pair},
    {METHOD_POST, "/v1/tokens", X, SMALL, NEED_DATABASE, api_token_create, NULL, 1},
    {METHOD_DELETE, "/v1/tokens/{id}", X, 0, NEED_DATABASE, api_token_revoke, by_uuid},

    {METHOD_GET, "/v1/programmes", E | I | A | O, 0, NEED_DATABASE, api_programme_list, page_text},
    {METHOD_POST, "/v1/programmes", O, SMALL, NEED_DATABASE, api_programme_create, NULL},
    {METHOD_GET, "/v1/programmes/{code}", E | I | A | O, 0, NEED_DATABASE, api_programme_get,
     by_code},
    {METHOD_PATCH, "/v1/programmes/{code}", O, SMALL, NEED_DATABASE, api_programme_patch, by_code},
    {METHOD_POST, "/v1/programmes/{code}/years", O, SMALL, NEED_DATABASE, api_programme_year_create,
     by_code},
    {METHOD_GET, "/v1/programmes/{code}/years", E | A | O, 0, NEED_DATABASE,
     api_programme_year_list, rulesets},
    {METHOD_GET, "/v1/programme-years/{id}", E | A | O, 0, NEED_DATABASE, api_programme_year_get,
     by_id},
    {METHOD_PATCH, "/v1/programme-years/{id}", O, SMALL, NEED_DATABASE, api_programme_year_patch,
     by_id},
    {METHOD_GET, "/v1/programmes/{code}/rulesets", E | A | O, 0, NEED_DATABASE,
     api_programme_rulesets, rulesets},
    {METHOD_POST, "/v1/programmes/{code}/rulesets", O, MEDIUM, NEED_DATABASE, api_draft_ruleset,
     by_code},
    {METHOD_POST, "/v1/circuit-lists", O, LIMIT_CIRCUIT_LIST_BYTES, NEED_DATABASE,
     api_draft_circuit_list, NULL},
    {METHOD_GET, "/v1/circuit-lists", E | A | O, 0, NEED_DATABASE, api_draft_circuit_lists,
     page_int},
    {METHOD_GET, "/v1/zone-layers", E | A | O, 0, NEED_DATABASE, api_programme_layers, page_int},
    {METHOD_POST, "/v1/previews", E | O, SMALL, NEED_DATABASE, api_preview_create, NULL},
    {METHOD_GET, "/v1/previews", E | O, 0, NEED_DATABASE, api_preview_list, page_int},
    {METHOD_GET, "/v1/previews/{id}", E | O, 0, NEED_DATABASE, api_preview_get, by_id},
    {METHOD_GET, "/v1/previews/{id}/changes", E | O, 0, NEED_DATABASE, api_preview_changes,
     preview_changes},
    {METHOD_POST, "/v1/previews/{id}/cancel", E | O, 0, NEED_DATABASE, api_preview_cancel, by_id},
    {METHOD_POST, "/v1/previews/{id}/publications", E | O, 0, NEED_DATABASE, api_preview_publish,
     by_id},
    {METHOD_GET, "/v1/circuits", E | A | O, 0, NEED_DATABASE, api_programme_circuits, circuits},

    {METHOD_POST, "/v1/premises", E, MEDIUM, NEED_DATABASE, api_premise_create, NULL},
    {METHOD_GET, "/v1/premises", E | I_OWN, 0, NEED_DATABASE, api_premise_list, premises,
     .own = OWNERSHIP_LIST},
    {METHOD_GET, "/v1/premises/{id}", E | I_OWN | O, 0, NEED_DATABASE, api_premise_get, by_id,
     .own = OWNERSHIP_PREMISE},
    {METHOD_PATCH, "/v1/premises/{id}", E, MEDIUM, NEED_DATABASE, api_premise_patch, by_id},
    {METHOD_POST, "/v1/premises/{id}/links", E, SMALL, NEED_DATABASE, api_premise_link, by_id},
    {METHOD_GET, "/v1/premises/{id}/links", E | O, 0, NEED_DATABASE, api_premise_links, links},
    {METHOD_GET, "/v1/premises/{id}/surroundings", E, 0, NEED_DATABASE, api_queue_surroundings,
     surroundings},
    {METHOD_POST, "/v1/customers", E, MEDIUM, NEED_DATABASE, api_customer_create, NULL,
     .is_personal = 1},
    {METHOD_GET, "/v1/customers/{id}", E, 0, NEED_DATABASE, api_customer_get, by_id,
     .is_personal = 1},
    {METHOD_POST, "/v1/customers/{id}/erasures", X, SMALL, NEED_DATABASE, api_customer_erase, by_id,
     .is_personal = 1},
    {METHOD_GET, "/v1/customers/{id}/export", E, 0, NEED_DATABASE, api_customer_export, by_id,
     .is_personal = 1},
    {METHOD_GET, "/v1/customers", E, 0, NEED_DATABASE, api_customer_list, customers,
     .is_personal = 1},
    {METHOD_PATCH, "/v1/customers/{id}", E, MEDIUM, NEED_DATABASE, api_customer_patch, by_id,
     .is_personal = 1},
    {METHOD_POST, "/v1/accounts", E, SMALL, NEED_DATABASE, api_account_create, NULL},
    {METHOD_GET, "/v1/accounts/{id}", E, 0, NEED_DATABASE, api_account_get, by_id},
    {METHOD_GET, "/v1/accounts", E, 0, NEED_DATABASE, api_account_list, accounts},
    {METHOD_PATCH, "/v1/accounts/{id}", E, SMALL, NEED_DATABASE, api_account_patch, by_id},
    {METHOD_POST, "/v1/accounts/{id}/move-out", E, SMALL, NEED_DATABASE, api_account_move_out,
     by_id},
    {METHOD_POST, "/v1/accounts/{id}/move-in", E, SMALL, NEED_DATABASE, api_account_move_in, by_id},

    {METHOD_POST, "/v1/imports", E | O, MEDIUM, NEED_DATABASE, api_import_create, NULL},
    {METHOD_GET, "/v1/imports", E | O, 0, NEED_DATABASE, api_import_list, page_int},
    {METHOD_GET, "/v1/imports/{id}", E | O, 0, NEED_DATABASE, api_import_get, by_id},
    {METHOD_PUT, "/v1/imports/{id}/file", E | O, LIMIT_IMPORT_BYTES, NEED_DATABASE, api_import_file,
     by_id, .stream = &api_import_stream},
    {METHOD_POST, "/v1/imports/{id}/commit", E | O, 0, NEED_DATABASE, api_import_commit, by_id},
    {METHOD_POST, "/v1/imports/{id}/cancel", E | O, 0, NEED_DATABASE, api_import_cancel, by_id},
    {METHOD_GET, "/v1/imports/{id}/errors", E | O, 0, NEED_DATABASE, api_import_errors,
     import_errors, .is_personal = 1},
    {METHOD_GET, "/v1/imports/{id}/changes", E | O, 0, NEED_DATABASE, api_import_changes,
     import_changes, .is_personal = 1},
    {METHOD_GET, "/v1/imports/{id}/rejects", E | O, 0, NEED_DATABASE, api_import_rejects, by_id},

    {METHOD_GET, "/v1/queue", E, 0, NEED_DATABASE, api_queue_list, queue, .is_personal = 1},
    {METHOD_GET, "/v1/queue-states", E, 0, NEED_DATABASE, api_queue_states, NULL},
    {METHOD_GET, "/v1/applications/{id}/audit", E | O, 0, NEED_DATABASE, api_queue_audit, events},
    {METHOD_POST, "/v1/applications", E, MEDIUM, NEED_DATABASE, api_application_create, NULL},
    {METHOD_GET, "/v1/applications", E | I_OWN, 0, NEED_DATABASE, api_application_list,
     applications, .own = OWNERSHIP_LIST, .is_personal = 1},
    {METHOD_GET, "/v1/applications/{id}", E | I_OWN, 0, NEED_DATABASE, api_application_get, by_id,
     .own = OWNERSHIP_APPLICATION},
    {METHOD_PATCH, "/v1/applications/{id}", E, SMALL, NEED_DATABASE, api_application_patch, by_id},
    {METHOD_POST, "/v1/applications/{id}/merges", E, SMALL, NEED_DATABASE, api_application_merge,
     by_id},
    {METHOD_POST, "/v1/applications/{id}/notes", E, LARGE, NEED_DATABASE, api_note_create, by_id,
     .is_personal = 1},
    {METHOD_GET, "/v1/applications/{id}/notes", E, 0, NEED_DATABASE, api_note_list, events,
     .is_personal = 1},
    {METHOD_POST, "/v1/applications/{id}/attestations", E, SMALL, NEED_DATABASE,
     api_attestation_create, by_id},
    {METHOD_GET, "/v1/applications/{id}/attestations", E, 0, NEED_DATABASE, api_attestation_list,
     events},
    {METHOD_POST, "/v1/applications/{id}/documents", E | I_OWN, SMALL, NEED_DATABASE,
     api_document_create, by_id, .own = OWNERSHIP_APPLICATION, .is_personal = 1},
    {METHOD_GET, "/v1/applications/{id}/documents", E | I_OWN, 0, NEED_DATABASE, api_document_list,
     events, .own = OWNERSHIP_APPLICATION, .is_personal = 1},
    {METHOD_GET, "/v1/documents/{id}", E | I_OWN, 0, NEED_DATABASE, api_document_get, by_id,
     .own = OWNERSHIP_DOCUMENT, .is_personal = 1},
    {METHOD_PATCH, "/v1/documents/{id}", E, SMALL, NEED_DATABASE, api_document_patch, by_id,
     .is_personal = 1},
    {METHOD_POST, "/v1/applications/{id}/appointments", E | I_OWN, SMALL, NEED_DATABASE,
     api_appointment_create, by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/applications/{id}/appointments", E | I_OWN, 0, NEED_DATABASE,
     api_appointment_list, events, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/appointments", E | I_OWN, 0, NEED_DATABASE, api_appointment_all, appointments,
     .own = OWNERSHIP_LIST},
    {METHOD_GET, "/v1/appointments/{id}", E | I_OWN, 0, NEED_DATABASE, api_appointment_get, by_id,
     .own = OWNERSHIP_APPOINTMENT},
    {METHOD_PATCH, "/v1/appointments/{id}", E | I_OWN, SMALL, NEED_DATABASE, api_appointment_patch,
     by_id, .own = OWNERSHIP_APPOINTMENT},
    {METHOD_POST, "/v1/applications/{id}/visits", E | I_OWN, SMALL, NEED_DATABASE, api_visit_create,
     by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/applications/{id}/visits", E | I_OWN, 0, NEED_DATABASE, api_visit_list,
     events, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/applications/{id}/meter-check", E | I_OWN | O, 0, NEED_DATABASE,
     api_commissioning_check, by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_POST, "/v1/applications/{id}/commissionings", I_OWN | O, SMALL, NEED_DATABASE,
     api_commissioning_create, by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/applications/{id}/commissionings", E | I_OWN | O, 0, NEED_DATABASE,
     api_commissioning_list, events, .own = OWNERSHIP_APPLICATION},
    {METHOD_POST, "/v1/applications/{id}/overrides", E, SMALL, NEED_DATABASE, api_override_create,
     by_id},
    {METHOD_GET, "/v1/applications/{id}/overrides", E, 0, NEED_DATABASE, api_override_list, events},
    {METHOD_POST, "/v1/applications/{id}/removals", I_OWN | O, SMALL, NEED_DATABASE,
     api_removal_create, by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/applications/{id}/removals", E | I_OWN | O, 0, NEED_DATABASE,
     api_removal_list, events, .own = OWNERSHIP_APPLICATION},
    {METHOD_POST, "/v1/applications/{id}/swaps", I_OWN | O, SMALL, NEED_DATABASE, api_swap_create,
     by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_POST, "/v1/applications/{id}/transitions", E | I_OWN | O, SMALL, NEED_DATABASE,
     api_transition_create, by_id, .own = OWNERSHIP_APPLICATION},
    {METHOD_GET, "/v1/applications/{id}/transitions", E, 0, NEED_DATABASE, api_transition_list,
     events},
    {METHOD_POST, "/v1/applications/{id}/decisions", E, 0, NEED_DATABASE, api_application_decide,
     by_id},
    {METHOD_GET, "/v1/applications/{id}/decisions", E | A, 0, NEED_DATABASE,
     api_application_decisions, decisions},
    {METHOD_GET, "/v1/decisions/{id}", E | A, 0, NEED_DATABASE, api_application_decision, by_id},

    {METHOD_GET, "/v1/generators", E | I | A | O, 0, NEED_DATABASE, api_generator_search,
     generators},
    {METHOD_GET, "/v1/compatibility", E | I, 0, NEED_DATABASE, api_generator_verdict, compatibility,
     .along = api_generator_along},
    {METHOD_GET, "/v1/generators/{id}/affected", E | O, 0, NEED_DATABASE, api_generator_affected,
     affected},
    {METHOD_GET, "/v1/generator-lists", E | O, 0, NEED_DATABASE, api_generator_lists, page_int},
    {METHOD_GET, "/v1/generator-lists/current/offline", E | I | A | O, 0, NEED_DATABASE,
     api_generator_offline, NULL},
    {METHOD_GET, "/v1/generator-list-keys", E | I | A | O, 0, NEED_DATABASE,
     api_generator_offline_keys, NULL},
    {METHOD_GET, "/v1/generator-lists/{version}", E | O, 0, NEED_DATABASE, api_generator_list_get,
     by_version},
    {METHOD_DELETE, "/v1/generator-lists/{version}", E | O, 0, NEED_DATABASE,
     api_generator_list_discard, by_version},
    {METHOD_GET, "/v1/generator-lists/{version}/difference", E | O, 0, NEED_DATABASE,
     api_generator_list_difference, by_version},

    {METHOD_POST, "/v1/devices", O, SMALL, NEED_DATABASE, api_device_create, NULL},
    {METHOD_GET, "/v1/devices", I_OWN | O, 0, NEED_DATABASE, api_device_list, devices,
     .own = OWNERSHIP_LIST},
    {METHOD_GET, "/v1/devices/{serial}", I_OWN | O, 0, NEED_DATABASE, api_device_get, by_serial,
     .own = OWNERSHIP_DEVICE},
    {METHOD_GET, "/v1/devices/{serial}/records", O, 0, NEED_DATABASE, api_device_records, records},
    {METHOD_GET, "/v1/devices/{serial}/journal", O, 0, NEED_DATABASE, api_device_journal,
     by_serial},
    {METHOD_POST, "/v1/devices/{serial}/assignments", I_OWN | O, SMALL, NEED_DATABASE,
     api_device_assign, by_serial, .own = OWNERSHIP_DEVICE},
    {METHOD_POST, "/v1/devices/{serial}/keys", O, SMALL, NEED_DATABASE, api_device_key_create,
     by_serial},
    {METHOD_GET, "/v1/devices/{serial}/custody", E | I_OWN | O, 0, NEED_DATABASE, api_custody_get,
     by_serial, .own = OWNERSHIP_DEVICE},
    {METHOD_POST, "/v1/devices/{serial}/custody", E | I_OWN | O, SMALL, NEED_DATABASE,
     api_custody_create, by_serial, .own = OWNERSHIP_DEVICE},
    {METHOD_GET, "/v1/custody", E | I_OWN | O, 0, NEED_DATABASE, api_custody_list, custody,
     .own = OWNERSHIP_LIST},
    {METHOD_POST, "/v1/devices/{serial}/commands", I_OWN | O, SMALL, NEED_DATABASE,
     api_command_create, by_serial, .own = OWNERSHIP_DEVICE},
    {METHOD_GET, "/v1/devices/{serial}/commands", O, 0, NEED_DATABASE, api_command_list, commands},
    {METHOD_GET, "/v1/devices/{serial}/commands/{counter}", I_OWN | O, 0, NEED_DATABASE,
     api_command_get, command, .own = OWNERSHIP_DEVICE},

    {METHOD_GET, "/v1/outages", A | O, 0, NEED_DATABASE, api_outage_list, outages},
    {METHOD_GET, "/v1/outages/{id}", A | O, 0, NEED_DATABASE, api_outage_get, by_id},

    {METHOD_GET, "/v1/outage-events", A | O, 0, NEED_DATABASE, api_event_list, outage_events},
    {METHOD_GET, "/v1/outage-events/{id}", A | O, 0, NEED_DATABASE, api_event_get, by_id},
    {METHOD_GET, "/v1/outages.csv", A | O, 0, NEED_DATABASE, api_export_get, outage_export},
    {METHOD_GET, "/v1/outages.geojson", A | O, 0, NEED_DATABASE, api_export_get, outage_export},
    {METHOD_GET, "/v1/outages.fgb", A | O, 0, NEED_DATABASE, api_export_get, outage_export},
    {METHOD_GET, "/v1/outage-events.csv", A | O, 0, NEED_DATABASE, api_export_get, event_export},
    {METHOD_GET, "/v1/outage-events.geojson", A | O, 0, NEED_DATABASE, api_export_get,
     event_export},
    {METHOD_GET, "/v1/outage-events.fgb", A | O, 0, NEED_DATABASE, api_export_get, event_export},
    {METHOD_GET, "/v1/odin-outages", A | O, 0, NEED_DATABASE, api_export_get, event_export},
    {METHOD_GET, "/v1/still-dark", O, 0, NEED_DATABASE, api_event_still_dark, page_pair},
    {METHOD_GET, "/v1/silent-devices", O, 0, NEED_DATABASE, api_event_silent, silent},
    {METHOD_POST, "/v1/drills", O, SMALL, NEED_DATABASE, api_event_drill, NULL},
    {METHOD_GET, "/v1/drills", A | O, 0, NEED_DATABASE, api_event_drills, page_int},
    {METHOD_GET, "/v1/drills/{id}", A | O, 0, NEED_DATABASE, api_event_drill_get, by_id},
    {METHOD_GET, "/v1/alarms", O, 0, NEED_DATABASE, api_alarm_list, alarms},
    {METHOD_GET, "/v1/alarms/{id}", O, 0, NEED_DATABASE, api_alarm_get, by_id},
    {METHOD_POST, "/v1/alarms/{id}/acknowledgements", O, SMALL, NEED_DATABASE,
     api_alarm_acknowledge, by_id},
    {METHOD_POST, "/v1/alarms/{id}/clearances", O, SMALL, NEED_DATABASE, api_alarm_clear, by_id},
    {METHOD_POST, "/v1/webhooks", O, SMALL, NEED_DATABASE, api_webhook_create, NULL, 1},
    {METHOD_GET, "/v1/webhooks", O, 0, NEED_DATABASE, api_webhook_list, page_int},
    {METHOD_GET, "/v1/webhooks/{id}", O, 0, NEED_DATABASE, api_webhook_get, by_id},
    {METHOD_PATCH, "/v1/webhooks/{id}", O, SMALL, NEED_DATABASE, api_webhook_patch, by_id},
    {METHOD_DELETE, "/v1/webhooks/{id}", O, 0, NEED_DATABASE, api_webhook_delete, by_id},
    {METHOD_POST, "/v1/webhooks/{id}/secrets", O, SMALL, NEED_DATABASE, api_webhook_rotate, by_id,
     1},
    {METHOD_POST, "/v1/webhooks/{id}/pings", O, 0, NEED_DATABASE, api_webhook_ping, by_id},
    {METHOD_POST, "/v1/webhooks/{id}/redeliveries", O, 0, NEED_DATABASE, api_webhook_again, by_id},
    {METHOD_GET, "/v1/webhooks/{id}/messages", O, 0, NEED_DATABASE, api_webhook_messages,
     webhook_messages},
    {METHOD_GET, "/v1/webhook-messages/{id}", O, 0, NEED_DATABASE, api_webhook_message_get, by_id},
    {METHOD_POST, "/v1/webhook-messages/{id}/redeliveries", O, 0, NEED_DATABASE,
     api_webhook_message_again, by_id},
    {METHOD_GET, "/v1/outage-sources", A | O, 0, NEED_DATABASE, api_index_sources, page_text},
    {METHOD_GET, "/v1/indices", A | O, 0, NEED_DATABASE, api_index_list, indices},
    {METHOD_GET, "/v1/customer-indices", A | O, 0, NEED_DATABASE, api_index_customers,
     customer_indices},
    {METHOD_GET, "/v1/major-event-days", A | O, 0, NEED_DATABASE, api_index_major,
     major_event_days},
    {METHOD_GET, "/v1/outage-links", O, 0, NEED_DATABASE, api_match_list, matches},
    {METHOD_GET, "/v1/outage-links/{id}", O, 0, NEED_DATABASE, api_match_get, by_id},
    {METHOD_PATCH, "/v1/outage-links/{id}", O, SMALL, NEED_DATABASE, api_match_patch, by_id},
    {METHOD_GET, "/v1/backup-benefit", A | O, 0, NEED_DATABASE, api_index_benefit, benefit},

    {METHOD_GET, "/", ROLE_OPEN, 0, NEED_NOTHING, api_feature_landing, NULL},
    {METHOD_GET, "/conformance", ROLE_OPEN, 0, NEED_NOTHING, api_feature_conformance, NULL},
    {METHOD_GET, "/collections", E | I | A | O, 0, NEED_DATABASE, api_feature_collections, NULL},
    {METHOD_GET, "/collections/{collection}", E | I | A | O, 0, NEED_DATABASE,
     api_feature_collection, collection},
    {METHOD_GET, "/collections/outages/items", A | O, 0, NEED_DATABASE, api_feature_items, items},
    {METHOD_GET, "/collections/outages/items/{id}", A | O, 0, NEED_DATABASE, api_feature_item,
     by_id},
    {METHOD_GET, "/collections/outage-events/items", A | O, 0, NEED_DATABASE, api_feature_items,
     items},
    {METHOD_GET, "/collections/outage-events/items/{id}", A | O, 0, NEED_DATABASE, api_feature_item,
     by_id},
    {METHOD_GET, "/collections/zones/items", E | I | A | O, 0, NEED_DATABASE, api_feature_items,
     items},
    {METHOD_GET, "/collections/zones/items/{id}", E | I | A | O, 0, NEED_DATABASE, api_feature_item,
     by_id},
    {METHOD_GET, "/collections/devices/items", A | O, 0, NEED_DATABASE, api_feature_items, items},
    {METHOD_GET, "/collections/devices/items/{id}", A | O, 0, NEED_DATABASE, api_feature_item,
     by_id},
    {METHOD_GET, "/collections/premises/items", E | I | O, 0, NEED_DATABASE, api_feature_items,
     items},
    {METHOD_GET, "/collections/premises/items/{id}", E | I | O, 0, NEED_DATABASE, api_feature_item,
     by_id},

    {METHOD_GET, "/v1/quarantine", O, 0, NEED_DATABASE, api_fleet_quarantine, quarantine},
    {METHOD_GET, "/v1/loss-ledger", A | O, 0, NEED_DATABASE, api_fleet_loss, NULL},
    {METHOD_GET, "/v1/audit", O, 0, NEED_DATABASE, api_audit_list, audit},
};

const struct route *route_table(size_t *ret_count)
{
    *ret_count = sizeof routes / sizeof *routes;
    return routes;
}
