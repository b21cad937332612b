/* The audit as a chain of hashes: rows are sealed after they were written, and verified from the
 * first seal on. */
#include "store/audit_seal.h"

#include <stdio.h>

#include "base/limits.h"

enum error_code audit_seal_next(struct db *db, uint32_t most, uint64_t *ret_rows)
{
    const struct db_param params[] = {db_int(most)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, "select access.audit_seal_next($1::integer)", params, 1, &r);

    if (ec == EC_OK)
        *ret_rows = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

/* The last number of the next page, its seals and rows; 0 seals: the end. */
static enum error_code measure(struct db *db, int64_t after, int64_t ret[3])
{
    const struct db_param params[] = {db_int(after), db_int(LIMIT_AUDIT_SEALS)};
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "select max(s.number), count(*), sum(cardinality(s.ids)) from (select number, ids"
               " from access.audit_seal where number > $1 order by number limit $2) s",
               params, 2, &r);

    for (size_t i = 0; ec == EC_OK && i < 3; i++)
        ret[i] = db_get_int(r, 0, i);
    db_result_free(r);
    return ec;
}

static enum error_code verify_page(struct db *db, int64_t after, int64_t seals,
                                   struct audit_seal_check *check)
{
    const struct db_param params[] = {db_int(after), db_int(seals)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db, "select v.fault from access.audit_verify_page($1, $2::integer) v", params, 2, &r);

    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        check->faults++;
        check->told(db_get_text(r, i, 0), check->context);
    }
    db_result_free(r);
    return ec;
}

static enum error_code count_waiting(struct db *db, struct audit_seal_check *check)
{
    const struct db_param params[] = {db_int(check->newest)};
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "select count(*), coalesce(access.rfc3339(min(a.at)), '') from access.audit a"
               " where a.audit_id > coalesce((select s.ids[cardinality(s.ids)]"
               " from access.audit_seal s where s.number = $1), 0)",
               params, 1, &r);

    if (ec == EC_OK) {
        check->waiting = db_get_int(r, 0, 0);
        snprintf(check->waiting_since, sizeof check->waiting_since, "%s", db_get_text(r, 0, 1));
    }
    db_result_free(r);
    return ec;
}

enum error_code audit_seal_verify(struct db *db, struct audit_seal_check *check)
{
    int64_t page[3] = {0, 0, 0};
    enum error_code ec = measure(db, check->newest, page);

    while (ec == EC_OK && page[1] > 0) {
        ec = verify_page(db, check->newest, page[1], check);
        check->newest = page[0];
        check->seals += page[1];
        check->rows += page[2];
        if (ec == EC_OK)
            ec = measure(db, check->newest, page);
    }
    if (ec == EC_OK && check->newest > 0)
        ec = audit_seal_hash(db, check->newest, check->newest_hash);
    return ec == EC_OK ? count_waiting(db, check) : ec;
}

enum error_code audit_seal_hash(struct db *db, int64_t number, char ret[AUDIT_SEAL_HEX_MAX])
{
    const struct db_param params[] = {db_int(number)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db, "select encode(hash, 'hex') from access.audit_seal where number = $1", params, 1, &r);

    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK)
        snprintf(ret, AUDIT_SEAL_HEX_MAX, "%s", db_get_text(r, 0, 0));
    db_result_free(r);
    return ec;
}
