/* Applications to a programme. Their decisions are in store/decision.h. */
#ifndef BPTM_APPLICATION_H
#define BPTM_APPLICATION_H

#include "store/person.h"
#include "store/resource.h"
#include "store/transition.h"

/** A request to enrol a premise. Texts are borrowed. */
struct application_new {
    const char *programme; /* code */
    struct optional_int premise_id, account_id;
    const char *generator_make, *generator_model;
    struct optional_bool owner_or_permission, access_agreed, survey_agreed;
    struct optional_bool medical_needs_not_compromised, medical_needs_met_in_shutoff;
    struct optional_bool prior_rebate; /* absent: no */
    const char *terms_version;         /* of the attestations; NULL: not known */
    struct optional_bool draft;        /* absent: no; for the one who stores it to act on */
};

/**
 * Store an application as a draft, and its audit row. Call inside db_transact().
 * @return EC_OK; EC_NOT_FOUND when there is no such programme; EC_CONFLICT when the premise has a
 *         live application to it; EC_FIELDS_INVALID when premise or account is not known; or a
 *         database error
 */
enum error_code application_create(struct db *db, const struct audit_by *by,
                                   const struct application_new *application,
                                   int64_t *ret_id) MUST_CHECK;

/**
 * The application with its newest decision, and what may be done with it by whom.
 * @param role  of the one who asks
 * @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error
 */
enum error_code application_get(struct db *db, int64_t id, const char *role, char **ret) MUST_CHECK;

/** @return EC_OK; EC_NOT_FOUND; a database error */
enum error_code application_exists(struct db *db, int64_t id) MUST_CHECK;

enum { APPLICATION_STATE_MAX = 32 };

/** The state of an application, its row locked. @return EC_OK; EC_NOT_FOUND; a database error */
enum error_code application_state(struct db *db, int64_t id,
                                  char ret[APPLICATION_STATE_MAX]) MUST_CHECK;

/** Generator make and model, prior rebate and assignee; the facts only until it is decided on. */
extern const struct resource application_resource;

/**
 * Close `merged_id` in favour of `kept_id`, with a log. Call inside db_transact().
 * @param ret  which rules refused, as for transition_run()
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED with `ret` filled; or a database error
 */
enum error_code application_merge(struct db *db, const struct audit_by *by, int64_t kept_id,
                                  int64_t merged_id, const char *reason,
                                  struct transition_refusals *ret) MUST_CHECK;

/** The customer of record when it was made. @return EC_NOT_FOUND when there is no such application
 */
enum error_code application_customer(struct db *db, int64_t id, int64_t *ret) MUST_CHECK;

/** States passed through, oldest first; the key is an event id. @return EC_NOT_FOUND without it */
enum error_code application_events(struct db *db, int64_t id, const struct document_page *page,
                                   struct document_list *ret) MUST_CHECK;

/** What a list is narrowed to; NULL and 0: all. Texts are borrowed. */
struct application_filter {
    const char *state, *programme, *assignee;
    int64_t premise_id;
    int is_overdue;   /* only those that are in their state for too long */
    const char *text; /* part of address, meter, account or application number, or as for
                         customer_list() */
    const struct person_keys *keys;
    const char *crew; /* only its jobs */
    int with_names;   /* the caller may see personal data, and search in it */
};

/** List by id, each with the outcome of its newest decision. */
enum error_code application_list(struct db *db, const struct application_filter *filter,
                                 const struct document_page *page,
                                 struct document_list *ret) MUST_CHECK;

#endif
