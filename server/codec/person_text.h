/* Sealed values in JSON that PostgreSQL has built (sql/routine/person.sealed.sql): each is an
 * object {"sealed":"ID.FIELD.HEX"}, which no text of anybody can look like, for a quote in a text
 * is escaped. Opened they are JSON texts. */
#ifndef BPTM_PERSON_TEXT_H
#define BPTM_PERSON_TEXT_H

#include "base/bytes.h"
#include "codec/person_seal.h"

/** The data key of a person. */
struct person_known {
    int64_t person_id;
    uint8_t key[PERSON_KEY_LEN];
};

/** What a text has of persons. */
struct person_text {
    int64_t *people; /* malloc'd: each once, ascending */
    size_t count;
    unsigned fields; /* bit n: enum person_field n of somebody */
};

/** Look for sealed values. @return EC_OK; EC_INTERNAL when one is not as it should be; EC_NO_MEMORY
 */
enum error_code person_text_scan(const char *text, struct person_text *ret) MUST_CHECK;
void person_text_done(struct person_text *t);

/** How an opened value is written: as one JSON value, not longer than three times its hex. */
struct person_text_put {
    void (*put)(struct bytes *to, const char *plain, size_t len, void *context);
    void *context;
};

/** As a JSON string. */
extern const struct person_text_put person_text_plain;

/**
 * Open them all. Who is not among those known has no key any more: null.
 * @param known  n of them, ascending by person
 * @param ret    malloc'd
 * @return EC_OK; EC_INTERNAL when one does not open under its person's key; EC_NO_MEMORY
 */
enum error_code person_text_open(const char *text, const struct person_known *known, size_t n,
                                 const struct person_text_put *put, char **ret) MUST_CHECK;

#endif
