/* The newest receipt issued to each device in each epoch. */
#include "store/receipt_issued.h"

#include "store/binary.h"

enum { ARRAY_MAX = 4 << 20, COLUMNS = 6 };

static const char put_sql[] =
    "insert into fleet.receipt as r (device_id, epoch, through_seq, head_hash, issued_at, message)"
    " select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[],"
    " $5::timestamptz[], $6::bytea[])"
    " on conflict (device_id, epoch) do update set through_seq = excluded.through_seq,"
    " head_hash = excluded.head_hash, issued_at = excluded.issued_at, message = excluded.message"
    " where r.through_seq <= excluded.through_seq";

enum error_code receipt_issued_put(struct db *db, const struct receipt_issued *const *list,
                                   size_t n)
{
    static const enum binary_type types[COLUMNS] = {BINARY_INT8,  BINARY_INT8, BINARY_INT8,
                                                    BINARY_BYTEA, BINARY_TIME, BINARY_BYTEA};
    struct bytes columns[COLUMNS];
    struct db_param params[COLUMNS];
    enum error_code ec = EC_OK;

    if (n == 0)
        return EC_OK;
    for (size_t c = 0; c < COLUMNS; c++) {
        bytes_init(&columns[c], ARRAY_MAX);
        binary_array(&columns[c], types[c], n);
    }
    for (size_t i = 0; i < n; i++) {
        binary_int8(&columns[0], list[i]->device_id);
        binary_int8(&columns[1], (int64_t)list[i]->epoch);
        binary_int8(&columns[2], (int64_t)list[i]->through_seq);
        binary_bytes(&columns[3], list[i]->head_hash, WIRE_HASH_LEN);
        binary_time(&columns[4], list[i]->issued_ms);
        binary_bytes(&columns[5], list[i]->message, list[i]->message_len);
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        ec = ec == EC_OK ? bytes_check(&columns[c]) : ec;
        params[c] = binary_param(&columns[c]);
    }
    if (ec == EC_OK)
        ec = db_run(db, put_sql, params, COLUMNS, NULL);
    for (size_t c = 0; c < COLUMNS; c++)
        bytes_done(&columns[c]);
    return ec;
}
