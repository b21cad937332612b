/* The latest signed snapshot of each device, and what the broker says of its connection. */
#include "store/device_status.h"

#include <stdlib.h>
#include <string.h>

#include "store/binary.h"

enum { ARRAY_MAX = 4 << 20, COLUMNS_MAX = 28 };

/* Where a column's number comes from, and of how many bytes it is there. */
struct column {
    enum binary_type type;
    size_t offset, size;
};

#define NUMBER(type, field)                                                                        \
    {                                                                                              \
        type, offsetof(struct device_status, field), sizeof(((struct device_status *)0)->field)    \
    }

/* Numbers of a status, in the order of the statement. */
static const struct column status_columns[] = {
    NUMBER(BINARY_INT8, device_id),
    NUMBER(BINARY_INT8, status.boot),
    NUMBER(BINARY_INT8, status.mono_ms),
    NUMBER(BINARY_INT2, status.quality),
    NUMBER(BINARY_INT2, status.state),
    NUMBER(BINARY_INT2, status.leds[STATUS_LED_UTILITY]),
    NUMBER(BINARY_INT2, status.leds[STATUS_LED_GENERATOR]),
    NUMBER(BINARY_INT2, status.leds[STATUS_LED_LOAD]),
    NUMBER(BINARY_INT2, status.leds[STATUS_LED_FAULT]),
    NUMBER(BINARY_INT2, status.contactors),
    NUMBER(BINARY_INT8, status.utility.l1_dv),
    NUMBER(BINARY_INT8, status.utility.l2_dv),
    NUMBER(BINARY_INT8, status.utility.freq_chz),
    NUMBER(BINARY_INT8, status.generator.l1_dv),
    NUMBER(BINARY_INT8, status.generator.l2_dv),
    NUMBER(BINARY_INT8, status.generator.freq_chz),
    NUMBER(BINARY_INT8, status.load_da),
    NUMBER(BINARY_INT2, status.mode),
    NUMBER(BINARY_INT8, status.written_through),
    NUMBER(BINARY_INT8, status.receipted_through),
    NUMBER(BINARY_INT2, status.fill_permille),
    NUMBER(BINARY_INT2, status.reset_cause),
    NUMBER(BINARY_INT8, status.faults),
    NUMBER(BINARY_INT8, status.epoch),
};

enum {
    NUMBERS = sizeof(status_columns) / sizeof(status_columns[0]),
    RECEIVED = NUMBERS,
    DEVICE_AT,
    FIRMWARE,
    STATUS_COLUMNS
};

static const char status_sql[] =
    "insert into fleet.device_status as s (device_id, boot, mono_ms, quality, state, led_utility,"
    " led_generator, led_load, led_fault, contactors, utility_l1_dv, utility_l2_dv,"
    " utility_freq_chz, generator_l1_dv, generator_l2_dv, generator_freq_chz, load_da, mode,"
    " written_through, receipted_through, fill_permille, reset_cause, faults, epoch, received_at,"
    " device_at, firmware)"
    " select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::smallint[],"
    " $5::smallint[], $6::smallint[], $7::smallint[], $8::smallint[], $9::smallint[],"
    " $10::smallint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],"
    " $16::bigint[], $17::bigint[], $18::smallint[], $19::bigint[], $20::bigint[],"
    " $21::smallint[], $22::smallint[], $23::bigint[], $24::bigint[], $25::timestamptz[],"
    " $26::timestamptz[], $27::text[])"
    " on conflict (device_id) do update set boot = excluded.boot, mono_ms = excluded.mono_ms,"
    " quality = excluded.quality, state = excluded.state, led_utility = excluded.led_utility,"
    " led_generator = excluded.led_generator, led_load = excluded.led_load,"
    " led_fault = excluded.led_fault, contactors = excluded.contactors,"
    " utility_l1_dv = excluded.utility_l1_dv, utility_l2_dv = excluded.utility_l2_dv,"
    " utility_freq_chz = excluded.utility_freq_chz, generator_l1_dv = excluded.generator_l1_dv,"
    " generator_l2_dv = excluded.generator_l2_dv,"
    " generator_freq_chz = excluded.generator_freq_chz, load_da = excluded.load_da,"
    " mode = excluded.mode, written_through = excluded.written_through,"
    " receipted_through = excluded.receipted_through, fill_permille = excluded.fill_permille,"
    " reset_cause = excluded.reset_cause, faults = excluded.faults, epoch = excluded.epoch,"
    " received_at = excluded.received_at, device_at = excluded.device_at,"
    " firmware = excluded.firmware"
    " where (s.boot, s.mono_ms) < (excluded.boot, excluded.mono_ms)";

static const char link_sql[] =
    "insert into fleet.device_link as l (device_id, session, online, received_at)"
    " select * from unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::timestamptz[])"
    " on conflict (device_id) do update set session = excluded.session, online = excluded.online,"
    " received_at = excluded.received_at"
    " where (l.session, l.received_at) <= (excluded.session, excluded.received_at)";

static int64_t number_at(const struct column *c, const struct device_status *s)
{
    const char *at = (const char *)s + c->offset;
    uint64_t wide;
    uint32_t narrow;

    if (c->size == sizeof(wide)) {
        memcpy(&wide, at, sizeof(wide));
        return (int64_t)wide;
    }
    if (c->size == 1)
        return *(const uint8_t *)at;
    memcpy(&narrow, at, sizeof(narrow));
    return narrow;
}

static int64_t device_time(const struct status *s)
{
    static const int64_t year_10000_ms = 253402300800000;

    return s->quality > 0 && s->utc_ms < year_10000_ms ? s->utc_ms : BINARY_NO_TIME;
}

static void put_status(const struct device_status *s, struct bytes *columns)
{
    for (size_t c = 0; c < NUMBERS; c++)
        if (status_columns[c].type == BINARY_INT2)
            binary_int2(&columns[c], (int16_t)number_at(&status_columns[c], s));
        else
            binary_int8(&columns[c], number_at(&status_columns[c], s));
    binary_time(&columns[RECEIVED], s->received_ms);
    binary_time(&columns[DEVICE_AT], device_time(&s->status));
    binary_bytes(&columns[FIRMWARE], s->status.firmware, strlen(s->status.firmware));
}

static enum error_code run_columns(struct db *db, const char *sql, struct bytes *columns, size_t n)
{
    struct db_param params[COLUMNS_MAX];
    enum error_code ec = EC_OK;

    for (size_t c = 0; c < n && ec == EC_OK; c++) {
        ec = bytes_check(&columns[c]);
        params[c] = binary_param(&columns[c]);
    }
    if (ec == EC_OK)
        ec = db_run(db, sql, params, n, NULL);
    for (size_t c = 0; c < n; c++)
        bytes_done(&columns[c]);
    return ec;
}

static int by_device_then_age(const void *a, const void *b)
{
    const struct device_status *x = *(const struct device_status *const *)a;
    const struct device_status *y = *(const struct device_status *const *)b;

    if (x->device_id != y->device_id)
        return x->device_id < y->device_id ? -1 : 1;
    if (x->status.boot != y->status.boot)
        return x->status.boot < y->status.boot ? -1 : 1;
    return (x->status.mono_ms > y->status.mono_ms) - (x->status.mono_ms < y->status.mono_ms);
}

/* One statement may not touch a row twice: of each device the newest one is kept. */
static size_t keep_newest(const struct device_status **list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof(*list), by_device_then_age);
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || list[i + 1]->device_id != list[i]->device_id)
            list[kept++] = list[i];
    return kept;
}

enum error_code device_status_put(struct db *db, const struct device_status *const *list, size_t n)
{
    struct bytes columns[STATUS_COLUMNS];
    const struct device_status **newest;

    if (n == 0)
        return EC_OK;
    newest = malloc(n * sizeof(*newest));
    if (newest == NULL)
        return EC_NO_MEMORY;
    memcpy(newest, list, n * sizeof(*newest));
    n = keep_newest(newest, n);
    for (size_t c = 0; c < STATUS_COLUMNS; c++) {
        bytes_init(&columns[c], ARRAY_MAX);
        binary_array(&columns[c],
                     c < NUMBERS     ? status_columns[c].type
                     : c == FIRMWARE ? BINARY_TEXT
                                     : BINARY_TIME,
                     n);
    }
    for (size_t i = 0; i < n; i++)
        put_status(newest[i], columns);
    free(newest);
    return run_columns(db, status_sql, columns, STATUS_COLUMNS);
}

static int is_older(const struct device_link *a, const struct device_link *b)
{
    if (a->link.session != b->link.session)
        return a->link.session < b->link.session;
    return a->received_ms <= b->received_ms;
}

/* Of equal ones the last stays. */
static int is_newest(const struct device_link *const *list, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (k != i && list[k]->device_id == list[i]->device_id &&
            (k > i ? is_older(list[i], list[k]) : !is_older(list[k], list[i])))
            return 0;
    return 1;
}

enum error_code device_link_put(struct db *db, const struct device_link *const *list, size_t n)
{
    static const enum binary_type types[] = {BINARY_INT8, BINARY_INT8, BINARY_BOOL, BINARY_TIME};
    struct bytes columns[4];
    size_t kept = 0;

    if (n == 0)
        return EC_OK;
    for (size_t i = 0; i < n; i++)
        kept += is_newest(list, n, i);
    for (size_t c = 0; c < 4; c++) {
        bytes_init(&columns[c], ARRAY_MAX);
        binary_array(&columns[c], types[c], kept);
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_newest(list, n, i))
            continue;
        binary_int8(&columns[0], list[i]->device_id);
        binary_int8(&columns[1], (int64_t)list[i]->link.session);
        binary_bool(&columns[2], list[i]->link.online);
        binary_time(&columns[3], list[i]->received_ms);
    }
    return run_columns(db, link_sql, columns, 4);
}
