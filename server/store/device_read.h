/* Reading devices: what they are, where, in which state, and what their journals hold. */
#ifndef BPTM_DEVICE_READ_H
#define BPTM_DEVICE_READ_H

#include "store/document.h"

/** @return EC_OK with the device's id; EC_NOT_FOUND; a database error */
enum error_code device_read_id(struct db *db, const char *serial, int64_t *ret) MUST_CHECK;

/** SQL: has device `d` shown that it has its key, by a message that verified? */
#define DEVICE_READ_PROVEN                                                                         \
    "(exists (select from fleet.device_status z where z.device_id = d.device_id)"                  \
    " or exists (select from fleet.journal_head z where z.device_id = d.device_id"                 \
    " and z.claimed_seq > 0))"

/** What a list is narrowed to; NULL: all. Texts are borrowed. */
struct device_read_which {
    const char *state;
    const char *part;   /* of the serial, in any case */
    const char *online; /* "true", "false": as the broker said last */
    const char *crew;   /* what is in stock, or with a job of this crew */
};

/** List by serial. */
enum error_code device_read_list(struct db *db, const struct device_read_which *which,
                                 const struct document_page *page,
                                 struct document_list *ret) MUST_CHECK;

/** Identity, model, key, assignment, last status, link, journal. Malloc'd JSON. */
enum error_code device_read_get(struct db *db, const char *serial, char **ret) MUST_CHECK;

/** Gaps, forks, boots and receipts: the newest 200 of each. Malloc'd JSON. */
enum error_code device_read_journal(struct db *db, const char *serial, char **ret) MUST_CHECK;

/** Which records of a device. */
struct device_read_filter {
    const char *serial;
    int64_t after_seq; /* 0: from the first */
    const char *kind;  /* name of api/wire/record.def; NULL: all */
};

/** Records by sequence. @return EC_NOT_FOUND without such a device */
enum error_code device_read_records(struct db *db, const struct device_read_filter *filter,
                                    const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

/** Names of the record kinds, separated by spaces: what a filter may ask for. */
extern const char device_read_kinds[];

#endif
