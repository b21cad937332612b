/* Writing what was decided of batches: records, messages, holes, forks, heads. */
#include "store/journal_write.h"

#include <sodium.h>
#include <string.h>

#include "store/binary.h"
#include "store/journal_ranges.h"

enum { COPY_MAX = 64 << 20, ARRAY_MAX = 32 << 20, BATCH_COLUMNS = 6, COLUMNS_MAX = 10 };

static const char batch_copy[] =
    "copy fleet.journal_batch (device_id, first_seq, last_seq, part_ts, prev_hash,"
    " message) from stdin (format binary)";

static uint64_t last_seq(const struct journal_batch *b)
{
    return b->arrival.first_seq + b->arrival.count - 1;
}

/* -- records and messages -------------------------------------------------------------------- */

/* The rows of a run lie one after the other, so a run is one piece. */
static void put_fresh(struct bytes *out, const struct journal_decided *d)
{
    for (size_t i = 0; i < d->change->fresh_count; i++) {
        const struct range *run = &d->change->fresh[i];
        const struct journal_row *first = &d->batch->rows[run->from - d->batch->arrival.first_seq];
        const struct journal_row *last = &d->batch->rows[run->to - d->batch->arrival.first_seq];

        bytes_put(out, d->batch->row_bytes.at + first->at, last->at + last->len - first->at);
    }
}

static void put_message(struct bytes *out, const struct journal_decided *d)
{
    const struct journal_batch *b = d->batch;

    bytes_put_u16(out, BATCH_COLUMNS);
    binary_int8(out, b->device_id);
    binary_int8(out, (int64_t)b->arrival.first_seq);
    binary_int8(out, (int64_t)last_seq(b));
    binary_time(out, b->rows[0].part_ms);
    binary_bytes(out, b->arrival.prev_hash, WIRE_HASH_LEN);
    binary_bytes(out, b->message, b->message_len);
}

static enum error_code copy(struct db *db, const char *sql, const struct bytes *rows)
{
    enum error_code ec = bytes_check(rows);

    if (ec == EC_OK)
        ec = db_copy_begin(db, sql);
    if (ec == EC_OK)
        ec = db_copy_put(db, rows->at, rows->len);
    return ec == EC_OK ? db_copy_end(db) : ec;
}

static enum error_code write_gaps(struct db *db, const struct journal_decided *list, size_t n,
                                  size_t gaps)
{
    struct bytes at[4];
    struct db_param params[4];
    enum error_code ec = EC_OK;

    if (gaps == 0)
        return EC_OK;
    for (size_t i = 0; i < 4; i++) {
        bytes_init(&at[i], ARRAY_MAX);
        binary_array(&at[i], i < 3 ? BINARY_INT8 : BINARY_TIME, gaps);
    }
    for (size_t i = 0; i < n; i++) {
        if (list[i].change->verdict != JOURNAL_NEW || list[i].change->gap.from == 0)
            continue;
        binary_int8(&at[0], list[i].batch->device_id);
        binary_int8(&at[1], (int64_t)list[i].change->gap.from);
        binary_int8(&at[2], (int64_t)list[i].change->gap.to);
        binary_time(&at[3], list[i].batch->received_ms);
    }
    for (size_t i = 0; i < 4; i++) {
        ec = ec == EC_OK ? bytes_check(&at[i]) : ec;
        params[i] = binary_param(&at[i]);
    }
    if (ec == EC_OK)
        ec = db_run(db,
                    "insert into fleet.journal_gap (device_id, from_seq, to_seq, detected_at)"
                    " select * from unnest($1::bigint[], $2::bigint[], $3::bigint[],"
                    " $4::timestamptz[]) on conflict do nothing",
                    params, 4, NULL);
    for (size_t i = 0; i < 4; i++)
        bytes_done(&at[i]);
    return ec;
}

enum error_code journal_write_new(struct db *db, const struct journal_decided *list, size_t n)
{
    struct bytes rows;
    size_t fresh = 0, gaps = 0;
    enum error_code ec = EC_OK;

    bytes_init(&rows, COPY_MAX);
    for (size_t i = 0; i < n; i++)
        if (list[i].change->verdict == JOURNAL_NEW) {
            put_fresh(&rows, &list[i]);
            gaps += list[i].change->gap.from != 0;
            fresh++;
        }
    if (fresh == 0)
        goto done;
    ec = copy(db, journal_row_copy, &rows);
    if (ec != EC_OK)
        goto done;
    bytes_clear(&rows);
    for (size_t i = 0; i < n; i++)
        if (list[i].change->verdict == JOURNAL_NEW)
            put_message(&rows, &list[i]);
    ec = copy(db, batch_copy, &rows);
    if (ec == EC_OK)
        ec = write_gaps(db, list, n, gaps);
done:
    bytes_done(&rows);
    return ec;
}

/* -- forks ----------------------------------------------------------------------------------- */

static const char fork_sql[] =
    "insert into fleet.journal_fork (device_id, message_hash, first_seq, last_seq, fork_seq,"
    " stored_hash, claimed_hash, message, received_at)"
    " select $1::bigint, $2::bytea, $3::bigint, $4::bigint, coalesce(d.seq, $5::bigint),"
    "  coalesce(d.stored, $6::bytea), coalesce(d.claimed, $7::bytea), $8::bytea,"
    "  to_timestamp($9::bigint / 1000.0)"
    " from (select count(*) as kept from fleet.journal_fork where device_id = $1::bigint) f"
    " left join lateral ("
    "  select r.seq, r.hash as stored, ($10::bytea[])[r.seq - $3::bigint + 1] as claimed"
    "  from fleet.journal_record r"
    "  where r.device_id = $1::bigint and r.seq between $3::bigint and $4::bigint"
    "  and r.hash <> ($10::bytea[])[r.seq - $3::bigint + 1]"
    "  order by r.seq limit 1) d on true"
    " where f.kept < $11::bigint on conflict do nothing";

enum error_code journal_write_fork(struct db *db, const struct journal_decided *fork)
{
    const struct journal_batch *b = fork->batch;
    uint8_t message_hash[crypto_hash_sha256_BYTES];
    struct bytes hashes;
    enum error_code ec;

    bytes_init(&hashes, ARRAY_MAX);
    binary_array(&hashes, BINARY_BYTEA, b->arrival.count);
    for (size_t i = 0; i < b->arrival.count; i++)
        binary_bytes(&hashes, b->arrival.hashes[i], WIRE_HASH_LEN);
    crypto_hash_sha256(message_hash, b->message, b->message_len);
    ec = bytes_check(&hashes);
    if (ec == EC_OK) {
        const struct db_param params[] = {
            db_int(b->device_id),
            db_bytes(message_hash, sizeof(message_hash)),
            db_int((int64_t)b->arrival.first_seq),
            db_int((int64_t)last_seq(b)),
            db_int((int64_t)fork->change->fork_seq),
            db_bytes(fork->change->fork_stored, WIRE_HASH_LEN),
            db_bytes(fork->change->fork_claimed, WIRE_HASH_LEN),
            db_bytes(b->message, b->message_len),
            db_int(b->received_ms),
            binary_param(&hashes),
            db_int(LIMIT_FORKS_PER_DEVICE),
        };

        ec = db_run(db, fork_sql, params, sizeof(params) / sizeof(params[0]), NULL);
    }
    bytes_done(&hashes);
    return ec;
}

/* -- heads ----------------------------------------------------------------------------------- */

static void put_ranges(struct bytes *b, const struct ranges *s)
{
    char text[JOURNAL_RANGES_TEXT];

    binary_bytes(b, text, journal_ranges_print(s, text));
}

/* The columns of heads as arrays, in the order of the statement's parameters. */
static enum error_code head_columns(const int64_t *ids, const struct journal_head *const *heads,
                                    size_t n, struct bytes *columns)
{
    static const enum binary_type types[] = {BINARY_INT8, BINARY_TEXT,  BINARY_TEXT,
                                             BINARY_INT8, BINARY_BYTEA, BINARY_INT8,
                                             BINARY_INT8, BINARY_INT8,  BINARY_INT8};
    enum error_code ec = EC_OK;

    for (size_t c = 0; c < sizeof(types) / sizeof(types[0]); c++)
        binary_array(&columns[c], types[c], n);
    for (size_t i = 0; i < n; i++) {
        const struct journal_head *h = heads[i];

        binary_int8(&columns[0], ids[i]);
        put_ranges(&columns[1], &h->seen);
        put_ranges(&columns[2], &h->overwritten);
        binary_int8(&columns[3], (int64_t)h->seq);
        binary_bytes(&columns[4], h->hash, WIRE_HASH_LEN);
        binary_int8(&columns[5], (int64_t)h->claimed_seq);
        binary_int8(&columns[6], (int64_t)h->stored);
        binary_int8(&columns[7], (int64_t)h->duplicates);
        binary_int8(&columns[8], (int64_t)h->forks);
    }
    for (size_t c = 0; c < sizeof(types) / sizeof(types[0]) && ec == EC_OK; c++)
        ec = bytes_check(&columns[c]);
    return ec;
}

static const char head_sql[] =
    "update fleet.journal_head h set seen = u.seen::int8multirange,"
    " overwritten = u.overwritten::int8multirange, head_seq = u.seq, head_hash = u.hash,"
    " claimed_seq = u.claimed, stored = u.stored, duplicates = u.duplicates, forks = u.forks,"
    " updated_at = to_timestamp($10::bigint / 1000.0)"
    " from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::bigint[],"
    " $7::bigint[], $8::bigint[], $9::bigint[])"
    " u (device_id, seen, overwritten, seq, hash, claimed, stored, duplicates, forks)"
    " where h.device_id = u.device_id";

static const char closed_sql[] =
    "update fleet.journal_gap g set closed_at = to_timestamp($4::bigint / 1000.0),"
    " closed_by = case when u.overwritten::int8multirange && int8range(g.from_seq, g.to_seq, '[]')"
    "  then 'overwritten' else 'resend' end"
    " from unnest($1::bigint[], $2::text[], $3::text[]) u (device_id, seen, overwritten)"
    " where g.device_id = u.device_id and g.closed_at is null"
    " and int8range(g.from_seq, g.to_seq, '[]')"
    "  <@ (u.seen::int8multirange + u.overwritten::int8multirange)";

/* Both statements begin with the same columns. */
static enum error_code run_heads(struct db *db, const char *sql, size_t used, const int64_t *ids,
                                 const struct journal_head *const *heads, size_t n, int64_t now_ms)
{
    struct bytes columns[COLUMNS_MAX];
    struct db_param params[COLUMNS_MAX];
    enum error_code ec;

    if (n == 0)
        return EC_OK;
    for (size_t c = 0; c < COLUMNS_MAX; c++)
        bytes_init(&columns[c], ARRAY_MAX);
    ec = head_columns(ids, heads, n, columns);
    for (size_t c = 0; c < used; c++)
        params[c] = binary_param(&columns[c]);
    params[used] = db_int(now_ms);
    if (ec == EC_OK)
        ec = db_run(db, sql, params, used + 1, NULL);
    for (size_t c = 0; c < COLUMNS_MAX; c++)
        bytes_done(&columns[c]);
    return ec;
}

enum error_code journal_write_heads(struct db *db, const int64_t *device_ids,
                                    const struct journal_head *const *heads, size_t n,
                                    int64_t now_ms)
{
    return run_heads(db, head_sql, 9, device_ids, heads, n, now_ms);
}

enum error_code journal_write_closed(struct db *db, const int64_t *device_ids,
                                     const struct journal_head *const *heads, size_t n,
                                     int64_t now_ms)
{
    return run_heads(db, closed_sql, 3, device_ids, heads, n, now_ms);
}
