/* The outbox of commands: one statement an operation. */
#include "store/command_outbox.h"

#include <stdio.h>

#include "base/limits.h"
#include "store/binary.h"
#include "store/device_read.h"

enum { ARRAY_MAX = 1 << 20 };

#define WHEN(number, NAME, name, ...) " when " #number " then '" name "'"

/* -- for operators --------------------------------------------------------------------------- */

static const char put_sql[] =
    "insert into fleet.command (device_id, counter, code, arguments, argument, requested_at,"
    " requested_by, expires_at)"
    " select d.device_id, greatest(coalesce(o.last, 0) + 1,"
    "  (extract(epoch from statement_timestamp()) * 1000)::bigint), $2::smallint, $3::jsonb,"
    "  $4::bytea, statement_timestamp(), $5::text,"
    "  statement_timestamp() + $6::bigint * interval '1 second'"
    " from fleet.device d cross join lateral (select max(c.counter) as last,"
    "  count(*) filter (where c.closed_seq is null and c.expires_at > statement_timestamp()) as "
    "open"
    "  from fleet.command c where c.device_id = $1::bigint) o"
    " where d.device_id = $1::bigint and d.state = 'registered' and o.open < $7::bigint"
    " returning counter";

enum error_code command_outbox_put(struct db *db, const struct command_new *c, int64_t *ret_counter)
{
    const struct db_param params[] = {
        db_int(c->device_id),        db_int(c->code),
        db_text(c->arguments),       db_bytes(c->argument.at, c->argument.len),
        db_text(c->requested_by),    db_int(c->expires_in_s),
        db_int(LIMIT_COMMANDS_OPEN),
    };
    const struct document_query q = {put_sql, params, sizeof(params) / sizeof(params[0])};
    enum error_code ec = document_id(db, &q, ret_counter);

    if (ec == EC_CONFLICT)
        return EC_DATABASE_RETRY;
    return ec == EC_NOT_FOUND ? EC_STATE_REFUSED : ec;
}

/* What became of it is what its device's journal says; until then it is open, or too late. */
/* clang-format off */
#define COMMAND(number, NAME, name) " when " #number " then '" name "'"
#define COMMAND_JSON_BEGIN                                                                         \
    "select json_build_object('counter', c.counter, 'command', (case c.code"
#define COMMAND_JSON_MIDDLE                                                                        \
    " else c.code::text end), 'arguments', c.arguments, 'state', case"                             \
    " when c.closed_seq is not null and c.cause is null then 'done'"                               \
    " when c.closed_seq is not null then 'refused' when c.expires_at <= now() then 'expired'"      \
    " when c.sent_at is not null then 'sent' else 'queued' end, 'cause', (case c.cause"
#define COMMAND_JSON_END                                                                           \
    " else c.cause::text end), 'record_seq', c.closed_seq,"                                        \
    " 'requested_at', access.rfc3339(c.requested_at), 'requested_by', c.requested_by,"             \
    " 'expires_at', access.rfc3339(c.expires_at), 'sent_at', access.rfc3339(c.sent_at),"           \
    " 'sends', c.sends, 'closed_at', access.rfc3339(c.closed_at))::text, c.counter"                \
    " from fleet.command c where c.device_id = $1::bigint"                                         \
    " and ($2::bigint is null or c.counter = $2) and ($3::bigint is null or c.counter < $3)"       \
    " order by c.counter desc limit $4"

static const char read_sql[] =
    COMMAND_JSON_BEGIN
#include "command.def"
    COMMAND_JSON_MIDDLE
#define RECORD_CAUSE WHEN
#include "record.def"
#undef RECORD_CAUSE
    COMMAND_JSON_END;
#undef COMMAND
/* clang-format on */

enum error_code command_outbox_get(struct db *db, const char *serial, int64_t counter, char **ret)
{
    int64_t id = 0;
    enum error_code ec = device_read_id(db, serial, &id);
    const struct db_param params[] = {db_int(id), db_int(counter), db_null(), db_int(1)};
    const struct document_query q = {read_sql, params, 4};

    return ec == EC_OK ? document_get(db, &q, ret) : ec;
}

enum error_code command_outbox_list(struct db *db, const char *serial,
                                    const struct document_page *page, struct document_list *ret)
{
    int64_t id = 0;
    enum error_code ec = device_read_id(db, serial, &id);
    const struct db_param params[] = {db_int(id), db_null(), db_text(page->after),
                                      db_int(page->limit + 1)};
    const struct document_query q = {read_sql, params, 4};

    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

/* -- for the journal part -------------------------------------------------------------------- */

/* One at a time and in order, since a device refuses a counter below one that it has seen. The
 * first repeat follows after LIMIT_COMMAND_REPEAT_MS, each later one after twice as long; a new
 * connection of the device is worth another try at once. */
static const char due_sql[] =
    "select c.device_id, d.serial, d.bucket, c.counter,"
    " (extract(epoch from c.expires_at) * 1000)::bigint, c.code, c.argument"
    " from fleet.command c join fleet.device d on d.device_id = c.device_id"
    " left join fleet.device_link l on l.device_id = c.device_id"
    " where c.closed_seq is null and c.expires_at > to_timestamp($1::bigint / 1000.0)"
    " and d.state = 'registered' and coalesce(l.online, true) and " DEVICE_READ_PROVEN
    " and (c.sent_at is null or c.sent_at < l.received_at or c.sent_at < to_timestamp($1::bigint"
    "  / 1000.0) - $2::bigint * interval '1 millisecond' * power(2, least(c.sends - 1, 8)))"
    " and not exists (select from fleet.command o where o.device_id = c.device_id"
    "  and o.counter < c.counter and o.closed_seq is null"
    "  and o.expires_at > to_timestamp($1::bigint / 1000.0))"
    " order by c.sent_at nulls first limit $3::bigint";

static int read_due(const struct db_result *r, size_t row, struct command_due *ret)
{
    long len = db_get_bytes(r, row, 6, ret->argument, sizeof(ret->argument));

    ret->device_id = db_get_int(r, row, 0);
    snprintf(ret->serial, sizeof(ret->serial), "%s", db_get_text(r, row, 1));
    ret->bucket = (uint16_t)db_get_int(r, row, 2);
    ret->command = (struct command){
        .counter = (uint64_t)db_get_int(r, row, 3),
        .expires_ms = (uint64_t)db_get_int(r, row, 4),
        .code = (uint32_t)db_get_int(r, row, 5),
        .argument = {ret->argument, len > 0 ? (size_t)len : 0},
    };
    return len >= 0;
}

enum error_code command_outbox_due(struct db *db, int64_t now_ms, struct command_due *ret,
                                   size_t most, size_t *ret_n)
{
    const struct db_param params[] = {db_int(now_ms), db_int(LIMIT_COMMAND_REPEAT_MS),
                                      db_int((int64_t)most)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, due_sql, params, 3, &r);

    if (ec == EC_OK) {
        *ret_n = 0;
        for (size_t i = 0; i < db_rows(r); i++)
            *ret_n += (size_t)read_due(r, i, &ret[*ret_n]);
    }
    db_result_free(r);
    return ec;
}

/* Run a statement whose first parameters are columns of bigint. */
static enum error_code run_columns(struct db *db, const char *sql, struct bytes *columns, size_t n,
                                   const int64_t *last)
{
    struct db_param params[4];
    enum error_code ec = EC_OK;

    for (size_t c = 0; c < n; c++) {
        ec = ec == EC_OK ? bytes_check(&columns[c]) : ec;
        params[c] = binary_param(&columns[c]);
    }
    if (last != NULL)
        params[n] = db_int(*last);
    if (ec == EC_OK)
        ec = db_run(db, sql, params, n + (last != NULL), NULL);
    for (size_t c = 0; c < n; c++)
        bytes_done(&columns[c]);
    return ec;
}

static void begin_columns(struct bytes *columns, size_t n, size_t rows)
{
    for (size_t c = 0; c < n; c++) {
        bytes_init(&columns[c], ARRAY_MAX);
        binary_array(&columns[c], BINARY_INT8, rows);
    }
}

enum error_code command_outbox_sent(struct db *db, const struct command_due *list, size_t n,
                                    int64_t now_ms)
{
    struct bytes columns[2];

    if (n == 0)
        return EC_OK;
    begin_columns(columns, 2, n);
    for (size_t i = 0; i < n; i++) {
        binary_int8(&columns[0], list[i].device_id);
        binary_int8(&columns[1], (int64_t)list[i].command.counter);
    }
    return run_columns(db,
                       "update fleet.command c set sends = c.sends + 1,"
                       " sent_at = to_timestamp($3::bigint / 1000.0)"
                       " from unnest($1::bigint[], $2::bigint[]) u (device_id, counter)"
                       " where c.device_id = u.device_id and c.counter = u.counter",
                       columns, 2, &now_ms);
}

/* A repeat that the device refuses as replayed comes after the record of what it did, so the
 * lowest sequence tells. */
static const char close_sql[] =
    "update fleet.command c set closed_at = x.received_at, closed_seq = x.seq, cause = x.cause"
    " from (select distinct on (r.device_id, r.extra ->> 'counter') r.device_id, r.seq,"
    "  r.received_at, r.cause, (r.extra ->> 'counter')::bigint as counter"
    "  from unnest($1::bigint[], $2::bigint[], $3::bigint[]) b (device_id, from_seq, to_seq)"
    "  join fleet.journal_record r on r.device_id = b.device_id"
    "  and r.seq between b.from_seq and b.to_seq"
    "  where r.kind in (17, 18) and r.extra ->> 'counter' is not null"
    "  order by r.device_id, r.extra ->> 'counter', r.seq) x"
    " where c.device_id = x.device_id and c.counter = x.counter"
    " and (c.closed_seq is null or c.closed_seq > x.seq)";

enum error_code command_outbox_close(struct db *db, const struct command_outcome *list, size_t n)
{
    struct bytes columns[3];

    if (n == 0)
        return EC_OK;
    begin_columns(columns, 3, n);
    for (size_t i = 0; i < n; i++) {
        binary_int8(&columns[0], list[i].device_id);
        binary_int8(&columns[1], list[i].from_seq);
        binary_int8(&columns[2], list[i].to_seq);
    }
    return run_columns(db, close_sql, columns, 3, NULL);
}
