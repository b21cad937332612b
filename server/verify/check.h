/* Checks an evidence bundle from its first byte to its last. */
#ifndef BPTM_CHECK_H
#define BPTM_CHECK_H

#include "codec/evidence.h"
#include "verify/ledger.h"

enum { CHECK_PINS_MAX = 16 };

/** Keys that the caller trusts; without any, those that the bundle names are believed. */
struct check_pins {
    size_t device_count;
    uint8_t device[CHECK_PINS_MAX][WIRE_KEY_LEN];
    size_t fleet_count;
    uint8_t fleet[CHECK_PINS_MAX][WIRE_KEY_LEN];
};

/** What is in a good bundle. */
struct check_report {
    char device[WIRE_DEVICE_MAX + 1];
    int64_t exported_at_ms;
    size_t batches;
    size_t records;    /* different ones */
    size_t duplicates; /* records that an earlier batch held already */
    uint64_t first_seq, last_seq;
    uint64_t claimed_seq; /* highest that the device says it wrote */
    size_t receipts;
    uint64_t receipted_through; /* highest; 0 without receipts */
    size_t gap_count;           /* at most LIMIT_RANGES */
    struct range gaps[LIMIT_RANGES];
    uint8_t gap_declared[LIMIT_RANGES]; /* 1: overwritten, says the device */
};

/** Where a bad bundle is bad. */
struct check_failure {
    size_t offset;    /* of the first byte of the smallest part that is known to be bad */
    size_t item;      /* 0 the header, then the items in order */
    const char *what; /* the part: static text */
};

/**
 * @param pins         borrowed
 * @param ret          set on success only
 * @param ret_failure  set on failure only
 * @return EC_OK; the EC_WIRE_, EC_COSE_, EC_DEVICE_ or EC_JOURNAL_ error of the first bad part;
 *         EC_NO_MEMORY
 *
 * Source: api/evidence.md, "What is checked".
 */
enum error_code check_bundle(struct span bundle, const struct check_pins *pins,
                             struct check_report *ret,
                             struct check_failure *ret_failure) MUST_CHECK;

#endif
