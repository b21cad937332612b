/* Personal data in the database: sealed when written, opened when read. */
#include "store/person.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "codec/cell_seal.h"
#include "codec/person_blind.h"
#include "codec/person_text.h"
#include "store/binary.h"

enum { ARRAY_MAX = 16 << 20, SEALED_FIELDS = PERSON_PHONE + 1 };

enum error_code person_load(const char *path, struct person_keys *ret)
{
    char text[PERSON_KEYS_TEXT_MAX] = "";
    enum error_code ec = EC_OK;
    if (path[0] == '\0') {
        *ret = (struct person_keys){0};
        return EC_OK;
    }
    ec = config_secret(path, sizeof text, text);
    if (ec == EC_OK)
        ec = person_keys_read(text, ret);
    sodium_memzero(text, sizeof text);
    return ec;
}

/* -- keys -------------------------------------------------------------------------------------- */

/* The file at hand does not have what the database uses. */
static enum error_code lacking(int64_t version)
{
    log_event(LOG_LEVEL_ERROR, "person-key-missing", "version", log_value("%" PRId64, version),
              NULL);
    return EC_UNAVAILABLE;
}

/* Open one key of a result; the version is in `column`, the box after it. */
static enum error_code open_key(const struct person_keys *keys, const struct db_result *r,
                                size_t row, size_t column, int64_t id, uint8_t ret[PERSON_KEY_LEN])
{
    uint8_t box[PERSON_WRAPPED_LEN];
    int64_t version = db_get_int(r, row, column);
    enum error_code ec = EC_INTERNAL;
    if (db_get_bytes(r, row, column + 1, box, sizeof box) == PERSON_WRAPPED_LEN)
        ec = person_key_open(keys, version, id, box, ret);
    if (ec == EC_NOT_FOUND)
        return lacking(version);
    if (ec != EC_OK)
        log_event(LOG_LEVEL_ERROR, "person-unreadable", "person", log_value("%" PRId64, id), NULL);
    return ec;
}

/* The newest version of a table of versions, under the lock, which keeps it until the transaction
   ends. `missing` is the version of an empty table, which has no print; 0: it must not be empty. */
static enum error_code newest_version(
    struct db *db, const struct person_keys *keys, const char *sql,
    int (*print_of)(const struct person_keys *, int64_t, uint8_t *), int64_t missing, int64_t *ret)
{
    uint8_t print[PERSON_PRINT_LEN], ours[PERSON_PRINT_LEN];
    struct db_result *r = NULL;
    int64_t version = missing;
    enum error_code ec =
        db_run(db, "select pg_advisory_xact_lock_shared(hashtextextended('bptm person key', 7))",
               NULL, 0, NULL);
    if (ec == EC_OK)
        ec = db_run(db, sql, NULL, 0, &r);
    if (ec == EC_OK && db_rows(r) > 0)
        version = db_get_int(r, 0, 0);
    if (ec == EC_OK &&
        (version == 0 || !print_of(keys, version, ours) ||
         (db_rows(r) > 0 && (db_get_bytes(r, 0, 1, print, sizeof print) != PERSON_PRINT_LEN ||
                             memcmp(print, ours, sizeof print) != 0))))
        ec = lacking(version);
    db_result_free(r);
    if (ec == EC_OK)
        *ret = version;
    return ec;
}

/* The version that new keys are wrapped under. */
static enum error_code current_version(struct db *db, const struct person_keys *keys, int64_t *ret)
{
    return newest_version(
        db, keys, "select version, print from person.master_key order by version desc limit 1",
        person_keys_print, 0, ret);
}

enum error_code person_index_current(struct db *db, const struct person_keys *keys, int64_t *ret)
{
    return newest_version(
        db, keys, "select version, print from person.index_key order by version desc limit 1",
        person_index_print, 1, ret);
}

enum error_code person_key(struct db *db, const struct person_keys *keys, int64_t id,
                           uint8_t ret[PERSON_KEY_LEN])
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(id)};
    enum error_code ec = db_run(
        db, "select version, box from person.person_key where customer_id = $1", params, 1, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_STATE_REFUSED;
    if (ec == EC_OK)
        ec = open_key(keys, r, 0, 0, id, ret);
    db_result_free(r);
    return ec;
}

/* -- what is indexed --------------------------------------------------------------------------- */

/* Digests as PostgreSQL writes an array: {1,-2}. */
static void write_digests(const struct person_blind *blind, char ret[PERSON_BLIND_TEXT_MAX])
{
    size_t len = 1;
    static_assert(PERSON_BLIND_MAX * 21 + 3 <= PERSON_BLIND_TEXT_MAX, "digits of an array");
    ret[0] = '{';
    for (size_t i = 0; i < blind->count; i++)
        len += (size_t)snprintf(ret + len, PERSON_BLIND_TEXT_MAX - len, "%s%" PRId64,
                                i > 0 ? "," : "", blind->at[i]);
    memcpy(ret + len, "}", 2);
}

void person_digests(const uint8_t index[PERSON_KEY_LEN], const struct person_plain *person,
                    char ret[PERSON_BLIND_TEXT_MAX])
{
    struct person_blind blind;
    person_blind_of(index, person->name, person->email, person->phone, &blind);
    write_digests(&blind, ret);
}

void person_search(const struct person_keys *keys, const char *text, struct person_search *ret)
{
    struct person_blind other = {0};
    *ret = (struct person_search){.other = ""};
    for (size_t i = 0; i < keys->index_count && text != NULL; i++) {
        struct person_sought sought;
        person_blind_sought(keys->index[i].key, text, &sought);
        write_digests(&sought.words, ret->text[i]);
        ret->words[i] = sought.words.count > 0 ? ret->text[i] : NULL;
        for (size_t n = 0; n < sought.other.count; n++) /* two at most of each key */
            other.at[other.count++] = sought.other.at[n];
    }
    write_digests(&other, ret->other);
}

/* -- sealing ----------------------------------------------------------------------------------- */

enum { COLUMN_ID, COLUMN_BLIND = COLUMN_ID + 1 + SEALED_FIELDS, COLUMNS };

/* Persons on their way into the database. */
struct batch {
    const struct person_keys *keys;
    const struct person_plain *persons;
    size_t n, fresh; /* those who are given a key */
    int64_t version, index_version;
    uint8_t (*data)[PERSON_KEY_LEN]; /* of each */
    unsigned char *is_fresh;
    struct bytes column[COLUMNS];
    struct bytes fresh_id, fresh_box;
};

static enum error_code batch_init(struct batch *b)
{
    for (size_t i = 0; i < COLUMNS; i++)
        bytes_init(&b->column[i], ARRAY_MAX);
    bytes_init(&b->fresh_id, ARRAY_MAX);
    bytes_init(&b->fresh_box, ARRAY_MAX);
    b->data = calloc(b->n, sizeof *b->data);
    b->is_fresh = calloc(b->n, 1);
    return b->data != NULL && b->is_fresh != NULL ? EC_OK : EC_NO_MEMORY;
}

static void batch_done(struct batch *b)
{
    for (size_t i = 0; i < COLUMNS; i++)
        bytes_done(&b->column[i]);
    bytes_done(&b->fresh_id);
    bytes_done(&b->fresh_box);
    if (b->data != NULL)
        sodium_memzero(b->data, b->n * sizeof *b->data);
    free(b->data);
    free(b->is_fresh);
}

static void put_ids(struct batch *b)
{
    binary_array(&b->column[COLUMN_ID], BINARY_INT8, b->n);
    for (size_t i = 0; i < b->n; i++)
        binary_int8(&b->column[COLUMN_ID], b->persons[i].id);
}

/* The keys that are there, and new ones for the others. */
static enum error_code take_keys(struct db *db, struct batch *b)
{
    struct db_result *r = NULL;
    struct db_param params[] = {binary_param(&b->column[COLUMN_ID])};
    enum error_code ec =
        db_run(db,
               "select k.version, k.box, c.erased_at is not null from unnest($1::bigint[])"
               " with ordinality u(customer_id, n) join person.customer c using (customer_id)"
               " left join person.person_key k using (customer_id) order by u.n for update of c",
               params, 1, &r);
    if (ec == EC_OK && db_rows(r) != b->n)
        ec = EC_NOT_FOUND;
    for (size_t i = 0; i < b->n && ec == EC_OK; i++) {
        b->is_fresh[i] = db_get_text(r, i, 0) == NULL;
        b->fresh += b->is_fresh[i];
        if (db_get_bool(r, i, 2))
            ec = EC_STATE_REFUSED;
        else if (b->is_fresh[i])
            randombytes_buf(b->data[i], PERSON_KEY_LEN);
        else
            ec = open_key(b->keys, r, i, 0, b->persons[i].id, b->data[i]);
    }
    db_result_free(r);
    return ec;
}

static enum error_code keep_fresh(struct db *db, struct batch *b)
{
    uint8_t box[PERSON_WRAPPED_LEN];
    enum error_code ec = EC_OK;
    if (b->fresh == 0)
        return EC_OK;
    binary_array(&b->fresh_id, BINARY_INT8, b->fresh);
    binary_array(&b->fresh_box, BINARY_BYTEA, b->fresh);
    for (size_t i = 0; i < b->n && ec == EC_OK; i++) {
        if (!b->is_fresh[i])
            continue;
        ec = person_key_wrap(b->keys, b->version, b->persons[i].id, b->data[i], box);
        binary_int8(&b->fresh_id, b->persons[i].id);
        binary_bytes(&b->fresh_box, box, sizeof box);
    }
    if (ec == EC_OK && (b->fresh_id.failed || b->fresh_box.failed))
        ec = EC_NO_MEMORY;
    struct db_param params[] = {db_int(b->version), binary_param(&b->fresh_id),
                                binary_param(&b->fresh_box)};
    if (ec == EC_OK)
        ec = db_run(db,
                    "insert into person.person_key (version, customer_id, box)"
                    " select $1, * from unnest($2::bigint[], $3::bytea[])",
                    params, 3, NULL);
    return ec;
}

static void put_box(struct bytes *column, const uint8_t key[PERSON_KEY_LEN], int64_t id,
                    enum person_field field, const char *text)
{
    size_t len = text != NULL ? strlen(text) + PERSON_OVERHEAD : 0;
    uint8_t *to;
    if (text == NULL) {
        binary_null(column);
        return;
    }
    bytes_put_u32(column, (uint32_t)len);
    if ((to = bytes_extend(column, len)) != NULL)
        person_seal(key, id, field, text, len - PERSON_OVERHEAD, to);
}

static void put_person(struct batch *b, size_t i)
{
    const struct person_plain *p = &b->persons[i];
    const char *const texts[SEALED_FIELDS] = {p->name, p->email, p->phone};
    char blind[PERSON_BLIND_TEXT_MAX];
    for (size_t f = 0; f < SEALED_FIELDS; f++)
        put_box(&b->column[COLUMN_ID + 1 + f], b->data[i], p->id, (enum person_field)f, texts[f]);
    person_digests(person_index(b->keys, b->index_version), p, blind);
    binary_bytes(&b->column[COLUMN_BLIND], blind, strlen(blind));
}

static enum error_code keep_fields(struct db *db, struct batch *b)
{
    struct db_param params[COLUMNS + 1];
    for (size_t f = 0; f < SEALED_FIELDS; f++)
        binary_array(&b->column[COLUMN_ID + 1 + f], BINARY_BYTEA, b->n);
    binary_array(&b->column[COLUMN_BLIND], BINARY_TEXT, b->n);
    for (size_t i = 0; i < b->n; i++)
        put_person(b, i);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (b->column[i].failed)
            return EC_NO_MEMORY;
        params[i] = binary_param(&b->column[i]);
    }
    params[COLUMNS] = db_int(b->index_version);
    return db_run(db,
                  "update person.customer c set name_box = u.name, email_box = u.email,"
                  " phone_box = u.phone, blind = u.blind::bigint[], index_version = $6 from "
                  "unnest($1::bigint[],"
                  " $2::bytea[], $3::bytea[], $4::bytea[], $5::text[])"
                  " u(customer_id, name, email, phone, blind) where c.customer_id = u.customer_id",
                  params, COLUMNS + 1, NULL);
}

enum error_code person_put(struct db *db, const struct person_keys *keys,
                           const struct person_plain *persons, size_t n)
{
    struct batch b = {.keys = keys, .persons = persons, .n = n};
    assert(n <= PERSON_BATCH_MAX);
    if (n == 0)
        return EC_OK;
    enum error_code ec = batch_init(&b);
    put_ids(&b);
    if (ec == EC_OK && b.column[COLUMN_ID].failed)
        ec = EC_NO_MEMORY;
    if (ec == EC_OK)
        ec = current_version(db, keys, &b.version);
    if (ec == EC_OK)
        ec = person_index_current(db, keys, &b.index_version);
    if (ec == EC_OK)
        ec = take_keys(db, &b);
    if (ec == EC_OK)
        ec = keep_fresh(db, &b);
    if (ec == EC_OK)
        ec = keep_fields(db, &b);
    batch_done(&b);
    return ec;
}

enum error_code person_seal_row(struct db *db, const struct person_keys *keys,
                                const struct person_plain *person, struct person_sealed *ret)
{
    const char *const texts[SEALED_FIELDS] = {person->name, person->email, person->phone};
    uint8_t key[PERSON_KEY_LEN];
    size_t cap = 0;
    enum error_code ec = person_index_current(db, keys, &ret->index_version);
    if (ec == EC_OK)
        ec = person_key(db, keys, person->id, key);
    for (size_t f = 0; f < SEALED_FIELDS; f++)
        cap += texts[f] != NULL ? strlen(texts[f]) + PERSON_OVERHEAD : 0;
    uint8_t *at = ec == EC_OK ? malloc(cap + 1) : NULL, *to = at;
    if (ec == EC_OK && at == NULL)
        ec = EC_NO_MEMORY;
    for (size_t f = 0; f < SEALED_FIELDS && ec == EC_OK; f++) {
        size_t len = texts[f] != NULL ? strlen(texts[f]) : 0;
        ret->box[f] = db_null();
        if (texts[f] == NULL)
            continue;
        person_seal(key, person->id, (enum person_field)f, texts[f], len, to);
        ret->box[f] = db_bytes(to, len + PERSON_OVERHEAD);
        to += len + PERSON_OVERHEAD;
    }
    if (ec == EC_OK)
        person_digests(person_index(keys, ret->index_version), person, ret->blind);
    ret->at = at;
    sodium_memzero(key, sizeof key);
    return ec;
}

void person_sealed_done(struct person_sealed *s)
{
    free(s->at);
    *s = (struct person_sealed){0};
}

/* -- opening ----------------------------------------------------------------------------------- */

#define KEYS_SQL                                                                                   \
    "select k.customer_id, k.version, k.box from person.person_key k"                              \
    " where k.customer_id = any($1::bigint[]) order by k.customer_id"

/* Nobody is answered with what is personal, unless the same statement has written that. */
static const char read_sql[] =
    "with read as (insert into access.audit (token_id, role, action, object_id, after, request_id,"
    " reason, subject) select $2::uuid, $3, 'customer.read', case cardinality($1::bigint[])"
    " when 1 then ($1::bigint[])[1]::text else '*' end, jsonb_build_object('customers',"
    " to_jsonb($1::bigint[]), 'fields', to_jsonb(string_to_array($4, ' ')), 'path', $5::text), $6,"
    " $7, $8) " KEYS_SQL;

static void field_names(unsigned fields, char ret[80])
{
    size_t len = 0;
    ret[0] = '\0';
    for (unsigned f = 0; f < PERSON_FIELDS; f++)
        if ((fields >> f & 1U) != 0)
            len += (size_t)snprintf(ret + len, 80 - len, "%s%s", len > 0 ? " " : "",
                                    person_field_name((enum person_field)f));
}

static enum error_code read_keys(struct db *db, const struct audit_by *by, const char *path,
                                 const struct person_text *what, struct db_result **ret)
{
    char fields[80];
    struct bytes ids;
    bytes_init(&ids, ARRAY_MAX);
    binary_array(&ids, BINARY_INT8, what->count);
    for (size_t i = 0; i < what->count; i++)
        binary_int8(&ids, what->people[i]);
    field_names(what->fields, fields);
    enum error_code ec = ids.failed ? EC_NO_MEMORY : EC_OK;
    struct db_param params[8] = {binary_param(&ids)};
    if (by != NULL) {
        params[1] = db_text(by->token_id);
        params[2] = db_text(by->role);
        params[3] = db_text(fields);
        params[4] = db_text(path);
        params[5] = db_text(by->request_id);
        params[6] = db_text(by->reason);
        params[7] = db_text(by->subject);
    }
    if (ec == EC_OK)
        ec = db_run(db, by != NULL ? read_sql : KEYS_SQL, params, by != NULL ? 8 : 1, ret);
    bytes_done(&ids);
    return ec;
}

static enum error_code open_with(const struct person_keys *keys, const struct db_result *r,
                                 const struct person_text_put *put, char **text)
{
    size_t n = db_rows(r);
    char *opened = NULL;
    struct person_known *known = calloc(n + 1, sizeof *known);
    enum error_code ec = known != NULL ? EC_OK : EC_NO_MEMORY;
    for (size_t i = 0; i < n && ec == EC_OK; i++) {
        known[i].person_id = db_get_int(r, i, 0);
        ec = open_key(keys, r, i, 1, known[i].person_id, known[i].key);
    }
    if (ec == EC_OK) {
        ec = person_text_open(*text, known, n, put, &opened);
        if (ec == EC_INTERNAL)
            log_event(LOG_LEVEL_ERROR, "person-unreadable", "person", "of an answer", NULL);
    }
    if (known != NULL)
        sodium_memzero(known, (n + 1) * sizeof *known);
    free(known);
    if (ec == EC_OK) {
        free(*text);
        *text = opened;
    }
    return ec;
}

/* Who reads, and how; `by` NULL: the server itself. */
struct reading {
    const struct audit_by *by;
    const char *path;
    const struct person_text_put *put;
};

static enum error_code open_text(struct db *db, const struct person_keys *keys,
                                 const struct reading *reading, char **text, size_t cells)
{
    struct db_result *r = NULL;
    struct person_text what = {0};
    enum error_code ec = person_text_scan(*text, &what);
    if (ec == EC_OK && what.count + cells > 0) {
        ec = read_keys(db, reading->by, reading->path, &what, &r);
        if (ec == EC_OK && what.count > 0)
            ec = open_with(keys, r, reading->put, text);
        db_result_free(r);
    }
    person_text_done(&what);
    return ec;
}

enum error_code person_open_text(struct db *db, const struct person_keys *keys,
                                 const struct person_text_put *put, char **text)
{
    const struct reading reading = {NULL, NULL, put};
    return open_text(db, keys, &reading, text, 0);
}

enum error_code person_answer(struct db *db, const struct person_keys *keys,
                              const struct audit_by *by, const char *path, char **text)
{
    const struct reading reading = {by, path, &person_text_plain};
    char *opened = NULL;
    size_t cells = 0;
    enum error_code ec = cells_open(keys, *text, CELL_JSON, &opened, &cells);
    if (ec == EC_OK) {
        free(*text);
        *text = opened;
        ec = open_text(db, keys, &reading, text, cells);
    }
    return ec;
}
