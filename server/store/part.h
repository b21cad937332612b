/* What belongs to an application: notes, attestations, documents, appointments, visits, removals,
 * commissionings, overrides. */
#ifndef BPTM_PART_H
#define BPTM_PART_H

#include "store/person.h"
#include "store/resource.h"

/**
 * One kind of them, in SQL. `insert` has the application as $1, the token as $2, its role as $3,
 * the request as $4 and then the fields in the order of the API, and gives the id. `list` is as
 * document_list() wants it. Its row's `update` and `current` are NULL for what is only ever added.
 */
struct part {
    struct resource row;
    const char *insert, *list;
};

extern const struct part part_note, part_attestation, part_document, part_appointment, part_visit,
    part_removal, part_commissioning, part_override;

/**
 * Add one and write its audit row. Call inside db_transact().
 * @param fields  n of them, at most RESOURCE_FIELDS_MAX
 * @return EC_OK; EC_NOT_FOUND when there is no such application; EC_STATE_REFUSED when `insert`
 *         finds nothing to do; or a database error
 */
enum error_code part_create(struct db *db, const struct audit_by *by, const struct part *part,
                            int64_t application_id, const struct db_param *fields, size_t n,
                            int64_t *ret_id) MUST_CHECK;

/** What may be changed of a document, in plain, the row locked. @return as document_get();
 *  EC_STATE_REFUSED when its customer was erased */
enum error_code part_document_current(struct db *db, const struct person_keys *keys, int64_t id,
                                      char **ret) MUST_CHECK;

/** The application of a document. @return EC_NOT_FOUND when there is none */
enum error_code part_document_application(struct db *db, int64_t id, int64_t *ret) MUST_CHECK;

/** What the journal of the application's meter says of its commissioning. @return EC_NOT_FOUND */
enum error_code part_meter_check(struct db *db, int64_t application_id, char **ret) MUST_CHECK;

/** Appointments of all applications. Members that are NULL do not narrow it. */
struct part_appointment_filter {
    const char *status, *from, *to;
    const char *crew; /* only its jobs */
};

/** By start, then id. */
enum error_code part_appointments(struct db *db, const struct part_appointment_filter *filter,
                                  const struct document_page *page,
                                  struct document_list *ret) MUST_CHECK;

/** Those of an application, oldest first. @return EC_NOT_FOUND when there is no such application */
enum error_code part_list(struct db *db, const struct part *part, int64_t application_id,
                          const struct document_page *page, struct document_list *ret) MUST_CHECK;

#endif
