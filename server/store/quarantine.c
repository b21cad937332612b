/* Messages that cannot be believed: kept for a look, bounded per device and in all. */
#include "store/quarantine.h"

#include "base/limits.h"

static enum error_code run_count(struct db *db, const char *sql, const struct db_param *params,
                                 size_t n, uint64_t *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, n, &r);

    if (ec == EC_OK)
        *ret = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code quarantine_put(struct db *db, const struct quarantine_message *m,
                               uint32_t per_device, uint64_t *ret_dropped)
{
    const struct db_param row[] = {
        db_int(m->bucket),      db_text(m->serial),       db_text(m->topic),
        db_text(m->reason),     db_int((int64_t)m->size), db_bytes(m->payload, m->payload_len),
        db_int(m->received_ms),
    };
    const struct db_param place[] = {db_int(m->bucket), db_text(m->serial), db_int(per_device)};
    enum error_code ec =
        db_run(db,
               "insert into fleet.quarantine"
               " (bucket, serial, topic, reason, size, payload, received_at)"
               " values ($1, $2, $3, $4, $5, $6, to_timestamp($7::bigint / 1000.0))",
               row, sizeof(row) / sizeof(row[0]), NULL);

    if (ec != EC_OK)
        return ec;
    return run_count(db,
                     "with gone as (delete from fleet.quarantine where bucket = $1::smallint"
                     "  and quarantine_id in (select quarantine_id from fleet.quarantine"
                     "   where bucket = $1::smallint and serial is not distinct from $2::text"
                     "   order by quarantine_id desc offset $3::bigint) returning 1)"
                     " select count(*) from gone",
                     place, 3, ret_dropped);
}

enum error_code quarantine_trim(struct db *db, uint32_t total, uint64_t *ret_dropped)
{
    const struct db_param params[] = {db_int(total)};

    return run_count(db,
                     "with gone as (delete from fleet.quarantine q using"
                     "  (select bucket, quarantine_id from fleet.quarantine"
                     "   order by received_at desc, quarantine_id desc offset $1::bigint) o"
                     "  where q.bucket = o.bucket and q.quarantine_id = o.quarantine_id"
                     "  returning 1)"
                     " select count(*) from gone",
                     params, 1, ret_dropped);
}

static const char take_sql[] =
    "with known as (select q.bucket, q.quarantine_id from fleet.quarantine q"
    "  join fleet.device_serial s on s.serial = q.serial"
    "  join fleet.device d on d.device_id = s.device_id and d.state = 'registered'"
    "  where q.reason = $2 order by q.quarantine_id limit $1::bigint),"
    " taken as (delete from fleet.quarantine q using known k"
    "  where q.bucket = k.bucket and q.quarantine_id = k.quarantine_id returning q.*)"
    " select serial, bucket, topic, reason, size, payload,"
    " (extract(epoch from received_at) * 1000)::bigint from taken order by quarantine_id";

static void visit_row(const struct db_result *r, size_t row, quarantine_visit visit, void *context)
{
    uint8_t payload[LIMIT_QUARANTINE_PAYLOAD];
    long len = db_get_bytes(r, row, 5, payload, sizeof(payload));
    const struct quarantine_message m = {
        .serial = db_get_text(r, row, 0),
        .bucket = (int)db_get_int(r, row, 1),
        .topic = db_get_text(r, row, 2),
        .reason = db_get_text(r, row, 3),
        .size = (size_t)db_get_int(r, row, 4),
        .payload = payload,
        .payload_len = len > 0 ? (size_t)len : 0,
        .received_ms = db_get_int(r, row, 6),
    };

    visit(context, &m);
}

enum error_code quarantine_take(struct db *db, uint32_t most, quarantine_visit visit, void *context)
{
    const struct db_param params[] = {db_int(most), db_text(error_slug(EC_DEVICE_UNKNOWN))};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, take_sql, params, 2, &r);

    for (size_t row = 0; ec == EC_OK && row < db_rows(r); row++)
        visit_row(r, row, visit, context);
    db_result_free(r);
    return ec;
}
