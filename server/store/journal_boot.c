/* Starts of devices: where records without a clock belong, and the time anchors. */
#include "store/binary.h"
#include "store/journal_write.h"

enum { ARRAY_MAX = 4 << 20, COLUMNS = 4 };

static const char select_sql[] =
    "select u.n, (extract(epoch from b.part_ts) * 1000)::bigint,"
    " (extract(epoch from b.anchor_at) * 1000)::bigint"
    " from unnest($1::bigint[], $2::bigint[]) with ordinality u (device_id, boot, n)"
    " join fleet.device_boot b on b.device_id = u.device_id and b.boot = u.boot";

static const char upsert_sql[] =
    "insert into fleet.device_boot (device_id, boot, part_ts, anchor_at)"
    " select * from unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])"
    " on conflict (device_id, boot) do update"
    " set anchor_at = coalesce(device_boot.anchor_at, excluded.anchor_at)";

/* The columns as arrays, of the boots whose `chosen` is set, or of all without it. */
static enum error_code put_columns(const struct journal_boot *boots, size_t n,
                                   const uint8_t *chosen, size_t count, struct bytes *columns)
{
    static const enum binary_type types[COLUMNS] = {BINARY_INT8, BINARY_INT8, BINARY_TIME,
                                                    BINARY_TIME};
    enum error_code ec = EC_OK;

    for (size_t c = 0; c < COLUMNS; c++)
        binary_array(&columns[c], types[c], count);
    for (size_t i = 0; i < n; i++) {
        if (chosen != NULL && !chosen[i])
            continue;
        binary_int8(&columns[0], boots[i].device_id);
        binary_int8(&columns[1], boots[i].boot);
        binary_time(&columns[2], boots[i].part_ms);
        binary_time(&columns[3], boots[i].anchor_ms);
    }
    for (size_t c = 0; c < COLUMNS && ec == EC_OK; c++)
        ec = bytes_check(&columns[c]);
    return ec;
}

/* What is stored wins; the answer says which starts are still to be written. */
static size_t take_stored(const struct db_result *r, struct journal_boot *boots, uint8_t *to_write)
{
    size_t written = 0;

    for (size_t row = 0; row < db_rows(r); row++) {
        size_t i = (size_t)db_get_int(r, row, 0) - 1;
        int has_anchor = db_get_text(r, row, 2) != NULL;

        boots[i].part_ms = db_get_int(r, row, 1);
        if (has_anchor)
            boots[i].anchor_ms = db_get_int(r, row, 2);
        if (has_anchor || boots[i].anchor_ms == BINARY_NO_TIME) {
            to_write[i] = 0;
            written++;
        }
    }
    return written;
}

static enum error_code write_some(struct db *db, struct journal_boot *boots, size_t n,
                                  struct bytes *columns, uint8_t *to_write)
{
    struct db_param params[COLUMNS];
    struct db_result *r = NULL;
    size_t left = n;
    enum error_code ec = put_columns(boots, n, NULL, n, columns);

    if (ec != EC_OK)
        return ec;
    for (size_t c = 0; c < COLUMNS; c++)
        params[c] = binary_param(&columns[c]);
    ec = db_run(db, select_sql, params, 2, &r);
    if (ec == EC_OK)
        left -= take_stored(r, boots, to_write);
    db_result_free(r);
    if (ec == EC_OK && left > 0)
        ec = put_columns(boots, n, to_write, left, columns);
    if (ec != EC_OK || left == 0)
        return ec;
    for (size_t c = 0; c < COLUMNS; c++)
        params[c] = binary_param(&columns[c]);
    return db_run(db, upsert_sql, params, COLUMNS, NULL);
}

enum error_code journal_write_boots(struct db *db, struct journal_boot *boots, size_t n)
{
    struct bytes columns[COLUMNS], flags;
    uint8_t *to_write;
    enum error_code ec = EC_NO_MEMORY;

    if (n == 0)
        return EC_OK;
    bytes_init(&flags, n);
    for (size_t c = 0; c < COLUMNS; c++)
        bytes_init(&columns[c], ARRAY_MAX);
    to_write = bytes_extend(&flags, n);
    if (to_write != NULL) {
        for (size_t i = 0; i < n; i++)
            to_write[i] = 1;
        ec = write_some(db, boots, n, columns, to_write);
    }
    for (size_t c = 0; c < COLUMNS; c++)
        bytes_done(&columns[c]);
    bytes_done(&flags);
    return ec;
}
