/* Premises: where a meter is, and which circuit feeds it. */
#ifndef BPTM_PREMISE_H
#define BPTM_PREMISE_H

#include "store/resource.h"

/** A premise as staff enter it. Texts are borrowed; NULL where the API allows it. */
struct premise_new {
    const char *code, *address, *city, *postal_code;
    struct optional_real longitude, latitude; /* degrees, WGS 84 */
    const char *meter_number, *meter_form;
    struct optional_int service_amps;
    const char *service_voltage;
    const char *circuit_id;
};

/**
 * Store a premise, its circuit from today on, and the audit row. Call inside db_transact().
 * @return EC_OK; EC_CONFLICT when the code or the meter is another premise's; EC_FIELDS_INVALID
 *         when the circuit is not known; or a database error
 */
enum error_code premise_create(struct db *db, const struct audit_by *by,
                               const struct premise_new *premise, int64_t *ret_id) MUST_CHECK;

/** @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error */
enum error_code premise_get(struct db *db, int64_t id, char **ret) MUST_CHECK;

/** @return EC_OK; EC_NOT_FOUND; a database error */
enum error_code premise_exists(struct db *db, int64_t id) MUST_CHECK;

/** Address, place, meter and service of a premise. */
extern const struct resource premise_resource;

/** Which circuit or transformer feeds a premise from a day on. Texts are borrowed. */
struct premise_link {
    int is_transformer;
    const char *to;   /* circuit or transformer id */
    const char *from; /* YYYY-MM-DD */
};

/**
 * Store a link; the one before ends on that day. Writes the audit row; call inside db_transact().
 * @return EC_OK; EC_NOT_FOUND; EC_CONFLICT when a link begins on that day or later;
 *         EC_FIELDS_INVALID when the circuit is not known; or a database error
 */
enum error_code premise_link(struct db *db, const struct audit_by *by, int64_t id,
                             const struct premise_link *link) MUST_CHECK;

/** Circuits and transformers of a premise, past and present; the key is "<kind> <day>". */
enum error_code premise_links(struct db *db, int64_t id, const struct document_page *page,
                              struct document_list *ret) MUST_CHECK;

/**
 * List by id. `text` (NULL: all) is looked for in code, address, city, postal code and meter;
 * `crew` (NULL: all) narrows to the premises of its jobs.
 */
enum error_code premise_list(struct db *db, const char *text, const char *crew,
                             const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

#endif
