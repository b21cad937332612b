/* Checks a signed list of generators. */
#ifndef BPTM_LIST_H
#define BPTM_LIST_H

#include "codec/offline_list.h"
#include "verify/check.h"

enum { LIST_PINS_MAX = 16 };

/** Keys that the caller trusts; a list names its key, but does not carry it. */
struct list_pins {
    size_t count;
    uint8_t key[LIST_PINS_MAX][WIRE_KEY_LEN];
    int64_t max_age_s; /* since it was signed; 0: any */
    int64_t now_ms;
};

/** 1 when the bytes begin as a signed list does, which no evidence bundle can. */
int list_is_one(struct span file);

/**
 * @param ret          set on EC_OK and EC_TOO_OLD
 * @param ret_failure  set on failure
 * @return EC_OK; EC_TOO_OLD; EC_LIST_KEY_UNKNOWN when no pinned key has its kid; an EC_WIRE_ or
 *         EC_COSE_ error; EC_NO_MEMORY
 *
 * Source: api/generators.md, "Checking it".
 */
enum error_code list_check(struct span file, const struct list_pins *pins,
                           struct offline_list_report *ret,
                           struct check_failure *ret_failure) MUST_CHECK;

#endif
