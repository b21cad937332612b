/* Reading what a batch is judged by: heads (locked), valid keys, stored hashes. */
#include "store/journal_load.h"

#include <string.h>

#include "store/binary.h"
#include "store/journal_ranges.h"

enum { ARRAY_MAX = 16 << 20 };

static enum error_code read_head(const struct db_result *r, size_t row, struct journal_head *ret)
{
    enum error_code ec;

    ret->seq = (uint64_t)db_get_int(r, row, 1);
    if (db_get_bytes(r, row, 2, ret->hash, WIRE_HASH_LEN) != WIRE_HASH_LEN)
        return EC_INTERNAL;
    ec = journal_ranges_parse(db_get_text(r, row, 3), &ret->seen);
    if (ec == EC_OK)
        ec = journal_ranges_parse(db_get_text(r, row, 4), &ret->overwritten);
    ret->claimed_seq = (uint64_t)db_get_int(r, row, 5);
    ret->stored = (uint64_t)db_get_int(r, row, 6);
    ret->duplicates = (uint64_t)db_get_int(r, row, 7);
    ret->forks = (uint64_t)db_get_int(r, row, 8);
    return ec;
}

static void put_ids(struct bytes *b, const int64_t *ids, size_t n)
{
    binary_array(b, BINARY_INT8, n);
    for (size_t i = 0; i < n; i++)
        binary_int8(b, ids[i]);
}

enum error_code journal_load_heads(struct db *db, const int64_t *device_ids, size_t n,
                                   struct journal_head *ret, uint8_t *ret_found)
{
    struct db_result *r = NULL;
    struct db_param param;
    struct bytes ids;
    enum error_code ec;

    bytes_init(&ids, ARRAY_MAX);
    put_ids(&ids, device_ids, n);
    ec = bytes_check(&ids);
    if (ec != EC_OK)
        goto done;
    param = binary_param(&ids);
    ec = db_run(db,
                "select device_id, head_seq, head_hash, seen, overwritten, claimed_seq, stored,"
                " duplicates, forks from fleet.journal_head"
                " where device_id = any ($1::bigint[]) order by device_id for update",
                &param, 1, &r);
    if (ec != EC_OK)
        goto done;
    memset(ret_found, 0, n);
    for (size_t row = 0, i = 0; row < db_rows(r) && ec == EC_OK; row++) {
        while (i < n && device_ids[i] != db_get_int(r, row, 0))
            i++;
        if (i == n)
            break;
        ec = read_head(r, row, &ret[i]);
        ret_found[i] = 1;
    }
done:
    db_result_free(r);
    bytes_done(&ids);
    return ec;
}

enum error_code journal_load_signers(struct db *db, const struct journal_signer *signers, size_t n,
                                     uint8_t *ret_valid)
{
    struct db_result *r = NULL;
    struct db_param params[2];
    struct bytes ids, kids;
    enum error_code ec;

    bytes_init(&ids, ARRAY_MAX);
    bytes_init(&kids, ARRAY_MAX);
    binary_array(&ids, BINARY_INT8, n);
    binary_array(&kids, BINARY_BYTEA, n);
    for (size_t i = 0; i < n; i++) {
        binary_int8(&ids, signers[i].device_id);
        binary_bytes(&kids, signers[i].kid, WIRE_KID_LEN);
    }
    ec = ids.failed || kids.failed ? EC_NO_MEMORY : EC_OK;
    if (ec != EC_OK)
        goto done;
    params[0] = binary_param(&ids);
    params[1] = binary_param(&kids);
    ec = db_run(db,
                "select u.n from unnest($1::bigint[], $2::bytea[])"
                " with ordinality u (device_id, kid, n)"
                " where (select true from fleet.device d"
                "  join fleet.device_key k on k.device_id = d.device_id"
                "  where d.device_id = u.device_id and k.kid = u.kid and d.state = 'registered'"
                "  and k.valid_from <= now() and (k.valid_to is null or k.valid_to > now())"
                "  limit 1) is null",
                params, 2, &r);
    if (ec != EC_OK)
        goto done;
    memset(ret_valid, 1, n);
    for (size_t row = 0; row < db_rows(r); row++)
        ret_valid[db_get_int(r, row, 0) - 1] = 0;
done:
    db_result_free(r);
    bytes_done(&ids);
    bytes_done(&kids);
    return ec;
}

static const char hash_sql[] = "select u.n, f.hash from unnest($1::bigint[], $2::bigint[])"
                               " with ordinality u (device_id, seq, n)"
                               " cross join lateral (select r.hash from fleet.journal_record r"
                               "  where r.device_id = u.device_id and r.seq = u.seq limit 1) f";

static const char prev_sql[] =
    "select u.n, f.prev_hash from unnest($1::bigint[], $2::bigint[])"
    " with ordinality u (device_id, seq, n)"
    " cross join lateral (select b.prev_hash from fleet.journal_batch b"
    "  where b.device_id = u.device_id and b.first_seq = u.seq limit 1) f";

/* Both statements number the facts of both kinds; each answers those of its own kind. */
static enum error_code load_kind(struct db *db, struct journal_fact *facts, size_t n, int is_prev)
{
    struct db_result *r = NULL;
    struct db_param params[2];
    struct bytes ids, seqs;
    enum error_code ec;

    bytes_init(&ids, ARRAY_MAX);
    bytes_init(&seqs, ARRAY_MAX);
    binary_array(&ids, BINARY_INT8, n);
    binary_array(&seqs, BINARY_INT8, n);
    for (size_t i = 0; i < n; i++) {
        binary_int8(&ids, facts[i].is_prev == is_prev ? facts[i].device_id : 0);
        binary_int8(&seqs, (int64_t)facts[i].seq);
    }
    ec = ids.failed || seqs.failed ? EC_NO_MEMORY : EC_OK;
    if (ec != EC_OK)
        goto done;
    params[0] = binary_param(&ids);
    params[1] = binary_param(&seqs);
    ec = db_run(db, is_prev ? prev_sql : hash_sql, params, 2, &r);
    for (size_t row = 0; ec == EC_OK && row < db_rows(r); row++) {
        struct journal_fact *f = &facts[db_get_int(r, row, 0) - 1];

        f->is_found = db_get_bytes(r, row, 1, f->hash, WIRE_HASH_LEN) == WIRE_HASH_LEN;
    }
done:
    db_result_free(r);
    bytes_done(&ids);
    bytes_done(&seqs);
    return ec;
}

enum error_code journal_load_facts(struct db *db, struct journal_fact *facts, size_t n)
{
    size_t prevs = 0;
    enum error_code ec = EC_OK;

    for (size_t i = 0; i < n; i++) {
        facts[i].is_found = 0;
        prevs += facts[i].is_prev != 0;
    }
    if (prevs < n)
        ec = load_kind(db, facts, n, 0);
    if (ec == EC_OK && prevs > 0)
        ec = load_kind(db, facts, n, 1);
    return ec;
}

enum error_code journal_load_epoch(struct db *db, uint64_t *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, "select max(epoch) from fleet.receipt_epoch", NULL, 0, &r);

    if (ec == EC_OK)
        *ret = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}
