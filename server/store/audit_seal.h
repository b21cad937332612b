/* The audit as a chain of hashes: rows are sealed after they were written, and verified from the
 * first seal on. */
#ifndef BPTM_AUDIT_SEAL_H
#define BPTM_AUDIT_SEAL_H

#include "store/db.h"

enum { AUDIT_SEAL_HEX_MAX = 65 };

/** Seal at most `most` rows that no open transaction can come before
 *  (sql/routine/access.audit_seal_next.sql). For the timed jobs.
 *  @param ret_rows  how many; equal to `most` when more may be waiting */
enum error_code audit_seal_next(struct db *db, uint32_t most, uint64_t *ret_rows) MUST_CHECK;

/** What a verification is given, and what it has found. */
struct audit_seal_check {
    void (*told)(const char *fault, void *context); /* text is borrowed for the call */
    void *context;
    int64_t seals, rows, faults;
    int64_t newest; /* 0: there is no seal */
    char newest_hash[AUDIT_SEAL_HEX_MAX];
    int64_t waiting; /* rows not sealed yet */
    char waiting_since[32];
};

/** Verify every seal and every sealed row, page by page. For the owner of the schema.
 *  @return EC_OK, also when there are faults; a database error */
enum error_code audit_seal_verify(struct db *db, struct audit_seal_check *check) MUST_CHECK;

/** The hash of a seal as it is stored, in hexadecimal. EC_NOT_FOUND: no such seal. */
enum error_code audit_seal_hash(struct db *db, int64_t number,
                                char ret[AUDIT_SEAL_HEX_MAX]) MUST_CHECK;

#endif
