/* The signed list of generators that works without a network (api/generators.md): its content, JSON
 * to CBOR, and CBOR checked. */
#ifndef BPTM_OFFLINE_LIST_H
#define BPTM_OFFLINE_LIST_H

#include "cbor.h"
#include "wire.h"

#define OFFLINE_LIST_FORMAT "bptm-generators/1"

enum {
    OFFLINE_LIST_BYTES_MAX = 8 << 20,  /* a whole signed file */
    OFFLINE_LIST_JSON_MAX = 64 << 20,  /* what a file is made from */
    OFFLINE_LIST_ITEMS_MAX = 20000,    /* models, and findings */
    OFFLINE_LIST_MEMBER_ITEMS_MAX = 32 /* of an array inside a model */
};

/** What a member of a map holds. */
enum offline_kind {
    OFFLINE_TEXT,  /* min..max bytes */
    OFFLINE_TEXTS, /* array of such */
    OFFLINE_INT,   /* min..max */
    OFFLINE_INTS,  /* array of such */
    OFFLINE_WORD,  /* in CBOR the place in `words`, from 0 */
    OFFLINE_DATE,  /* "YYYY-MM-DD" */
    OFFLINE_MAPS,  /* array of maps with `members` */
};

/** One member of a map; its CBOR key is its place in the table, from 1. */
struct offline_member {
    const char *name; /* in JSON; NULL ends a table */
    enum offline_kind kind;
    int optional;
    int64_t min, max;
    const char *const *words; /* ends with NULL */
    const struct offline_member *members;
};

/** The one description of the file, which writer and reader follow. */
extern const struct offline_member offline_list_members[];

/** What a good list says of itself. */
struct offline_list_report {
    uint64_t version;
    int64_t published_ms, signed_ms; /* since 1970, UTC */
    char source[256];
    size_t models, findings;
};

/** external_aad of the signature. */
struct span offline_list_aad(void);

/**
 * Make the payload from the document that PostgreSQL builds.
 * @param ret  malloc'd
 * @return EC_OK; EC_FIELDS_INVALID when the document is not of that form or above a limit;
 *         EC_NO_MEMORY
 */
enum error_code offline_list_encode(const char *json, uint8_t **ret, size_t *ret_len) MUST_CHECK;

/**
 * Check a payload from its first byte to its last: every member as the table says, every finding
 * that a model names is there.
 * @param ret_at  on failure: where the bad item starts
 * @return EC_OK; an EC_WIRE_ error
 */
enum error_code offline_list_check(struct span payload, struct offline_list_report *ret,
                                   const uint8_t **ret_at) MUST_CHECK;

#endif
