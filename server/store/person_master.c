/* The master key of personal data in the database, and the work on all persons. */
#include "store/person_master.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "store/binary.h"

enum { PAGE = 1000, ARRAY_MAX = 16 << 20, BOX_MAX = 8192 /* longer than any field */ };

static enum error_code read_current(struct db *db, const char *sql, int64_t *ret,
                                    uint8_t print[PERSON_PRINT_LEN])
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, NULL, 0, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        *ret = 0;
    else if (ec == EC_OK) {
        *ret = db_get_int(r, 0, 0);
        (void)db_get_bytes(r, 0, 1, print, PERSON_PRINT_LEN);
    }
    db_result_free(r);
    return ec;
}

enum error_code person_master_current(struct db *db, const struct person_keys *keys, int64_t *ret)
{
    uint8_t theirs[PERSON_PRINT_LEN] = {0}, ours[PERSON_PRINT_LEN];
    int64_t version = 0, index = 0;
    enum error_code ec = read_current(
        db, "select version, print from person.index_key order by version desc limit 1", &index,
        theirs);
    if (ec == EC_OK && index != 0 &&
        (!person_index_print(keys, index, ours) || memcmp(ours, theirs, sizeof ours) != 0))
        ec = EC_CONFIG;
    if (ec == EC_OK)
        ec = read_current(
            db, "select version, print from person.master_key order by version desc limit 1",
            &version, theirs);
    if (ec == EC_OK && version != 0 &&
        (!person_keys_print(keys, version, ours) || memcmp(ours, theirs, sizeof ours) != 0))
        ec = EC_CONFIG;
    if (ec == EC_OK)
        *ret = version;
    return ec;
}

/* What is written from now on is under this version; those who write hold the lock, shared. */
static enum error_code use_version(struct db *db, int64_t version,
                                   const uint8_t print[PERSON_PRINT_LEN], const char *insert_sql)
{
    struct db_param params[] = {db_int(version), db_bytes(print, PERSON_PRINT_LEN)};
    enum error_code ec = db_run(
        db, "select pg_advisory_xact_lock(hashtextextended('bptm person key', 7))", NULL, 0, NULL);
    return ec == EC_OK ? db_run(db, insert_sql, params, 2, NULL) : ec;
}

enum error_code person_master_use(struct db *db, const struct person_keys *keys, int64_t version)
{
    uint8_t print[PERSON_PRINT_LEN];
    if (!person_keys_print(keys, version, print))
        return EC_CONFIG;
    return use_version(db, version, print,
                       "insert into person.master_key (version, print) values ($1, $2)"
                       " on conflict (version) do nothing");
}

/* -- rotation ---------------------------------------------------------------------------------- */

static enum error_code rewrap_row(const struct person_keys *keys, int64_t version,
                                  const struct db_result *r, size_t row, struct bytes *boxes)
{
    uint8_t box[PERSON_WRAPPED_LEN], key[PERSON_KEY_LEN];
    int64_t id = db_get_int(r, row, 0);
    if (db_get_bytes(r, row, 2, box, sizeof box) != PERSON_WRAPPED_LEN)
        return EC_INTERNAL;
    enum error_code ec = person_key_open(keys, db_get_int(r, row, 1), id, box, key);
    if (ec == EC_OK)
        ec = person_key_wrap(keys, version, id, key, box);
    if (ec == EC_OK)
        binary_bytes(boxes, box, sizeof box);
    sodium_memzero(key, sizeof key);
    return ec;
}

static enum error_code rewrap(struct db *db, const struct person_keys *keys, int64_t version,
                              const struct db_result *r)
{
    struct bytes ids, boxes;
    enum error_code ec = EC_OK;
    bytes_init(&ids, ARRAY_MAX);
    bytes_init(&boxes, ARRAY_MAX);
    binary_array(&ids, BINARY_INT8, db_rows(r));
    binary_array(&boxes, BINARY_BYTEA, db_rows(r));
    for (size_t i = 0; i < db_rows(r) && ec == EC_OK; i++) {
        binary_int8(&ids, db_get_int(r, i, 0));
        ec = rewrap_row(keys, version, r, i, &boxes);
    }
    if (ec == EC_OK && (ids.failed || boxes.failed))
        ec = EC_NO_MEMORY;
    struct db_param params[] = {db_int(version), binary_param(&ids), binary_param(&boxes)};
    if (ec == EC_OK)
        ec = db_run(db,
                    "update person.person_key k set version = $1, box = u.box"
                    " from unnest($2::bigint[], $3::bytea[]) u(customer_id, box)"
                    " where k.customer_id = u.customer_id",
                    params, 3, NULL);
    bytes_done(&ids);
    bytes_done(&boxes);
    return ec;
}

enum error_code person_master_rewrap(struct db *db, const struct person_keys *keys, size_t *ret)
{
    struct db_result *r = NULL;
    int64_t version = 0;
    enum error_code ec = person_master_current(db, keys, &version);
    struct db_param params[] = {db_int(version), db_int(PAGE)};
    if (ec == EC_OK)
        ec = db_run(db,
                    "select customer_id, version, box from person.person_key where version < $1"
                    " order by version, customer_id limit $2 for update",
                    params, 2, &r);
    if (ec == EC_OK && db_rows(r) > 0)
        ec = rewrap(db, keys, version, r);
    if (ec == EC_OK)
        *ret = db_rows(r);
    db_result_free(r);
    return ec;
}

enum error_code person_master_forget(struct db *db, int64_t *ret)
{
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "delete from person.master_key m where m.version < (select max(x.version) from"
               " person.master_key x) and not exists (select from person.person_key k"
               " where k.version = m.version)",
               NULL, 0, NULL);
    if (ec == EC_OK)
        ec = db_run(db, "select coalesce(min(version), 0) from person.master_key", NULL, 0, &r);
    if (ec == EC_OK)
        *ret = db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

/* -- the index --------------------------------------------------------------------------------- */

enum error_code person_index_use(struct db *db, const struct person_keys *keys, int64_t version)
{
    uint8_t print[PERSON_PRINT_LEN];
    if (!person_index_print(keys, version, print))
        return EC_CONFIG;
    return use_version(db, version, print,
                       "insert into person.index_key (version, print) values ($1, $2)"
                       " on conflict (version) do nothing");
}

/* One person's boxes, opened. */
struct opened {
    char text[PERSON_PHONE + 1][BOX_MAX];
};

static enum error_code open_row(const struct person_keys *keys, const struct db_result *r,
                                size_t row, struct opened *space, struct person_plain *ret)
{
    uint8_t wrapped[PERSON_WRAPPED_LEN], key[PERSON_KEY_LEN], box[BOX_MAX];
    const char **texts[] = {&ret->name, &ret->email, &ret->phone};
    *ret = (struct person_plain){.id = db_get_int(r, row, 0)};
    enum error_code ec = EC_INTERNAL;
    if (db_get_bytes(r, row, 2, wrapped, sizeof wrapped) == PERSON_WRAPPED_LEN)
        ec = person_key_open(keys, db_get_int(r, row, 1), ret->id, wrapped, key);
    for (size_t f = 0; f <= PERSON_PHONE && ec == EC_OK; f++) {
        if (db_get_text(r, row, 3 + f) == NULL)
            continue;
        size_t len = db_get_bytes(r, row, 3 + f, box, sizeof box);
        ec = len > PERSON_OVERHEAD && len <= sizeof box
                 ? person_open(key, ret->id, (enum person_field)f, box, len, space->text[f])
                 : EC_INTERNAL;
        if (ec != EC_OK)
            break;
        space->text[f][len - PERSON_OVERHEAD] = '\0';
        *texts[f] = space->text[f];
    }
    sodium_memzero(key, sizeof key);
    return ec;
}

static enum error_code reindex(struct db *db, const struct person_keys *keys, int64_t version,
                               const struct db_result *r)
{
    struct bytes ids, digests;
    struct opened space;
    struct person_plain person;
    char text[PERSON_BLIND_TEXT_MAX];
    enum error_code ec = EC_OK;
    bytes_init(&ids, ARRAY_MAX);
    bytes_init(&digests, ARRAY_MAX);
    binary_array(&ids, BINARY_INT8, db_rows(r));
    binary_array(&digests, BINARY_TEXT, db_rows(r));
    for (size_t i = 0; i < db_rows(r) && ec == EC_OK; i++) {
        ec = open_row(keys, r, i, &space, &person);
        if (ec != EC_OK)
            break;
        person_digests(person_index(keys, version), &person, text);
        binary_int8(&ids, person.id);
        binary_bytes(&digests, text, strlen(text));
    }
    sodium_memzero(&space, sizeof space);
    if (ec == EC_OK && (ids.failed || digests.failed))
        ec = EC_NO_MEMORY;
    struct db_param params[] = {db_int(version), binary_param(&ids), binary_param(&digests)};
    if (ec == EC_OK)
        ec = db_run(db,
                    "update person.customer c set blind = u.blind::bigint[], index_version = $1"
                    " from unnest($2::bigint[], $3::text[]) u(customer_id, blind)"
                    " where c.customer_id = u.customer_id",
                    params, 3, NULL);
    bytes_done(&ids);
    bytes_done(&digests);
    return ec;
}

enum error_code person_index_page(struct db *db, const struct person_keys *keys, int64_t *after,
                                  size_t *ret)
{
    struct db_result *r = NULL;
    int64_t version = 0;
    enum error_code ec = person_index_current(db, keys, &version);
    struct db_param params[] = {db_int(version), db_int(*after), db_int(PAGE)};
    if (ec == EC_OK)
        ec = db_run(db,
                    "select c.customer_id, k.version, k.box, c.name_box, c.email_box, c.phone_box"
                    " from person.customer c join person.person_key k using (customer_id)"
                    " where c.customer_id > $2 and c.index_version < $1 and c.blind is not null"
                    " order by c.customer_id limit $3 for update of c",
                    params, 3, &r);
    if (ec == EC_OK && db_rows(r) > 0)
        ec = reindex(db, keys, version, r);
    if (ec == EC_OK && db_rows(r) > 0)
        *after = db_get_int(r, db_rows(r) - 1, 0);
    if (ec == EC_OK)
        *ret = db_rows(r);
    db_result_free(r);
    return ec;
}

enum error_code person_index_forget(struct db *db, struct person_index_left *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db,
        "with now as (select max(k.version) as version, max(k.since) as since from person.index_key"
        " k), kept as (select (select count(*) from person.customer c, now where c.blind is not"
        " null and c.index_version < now.version) as persons, (select count(*) from"
        " programme.import i, now where i.kind = 'accounts' and i.created_at < now.since and"
        " (i.state not in ('committed', 'failed', 'cancelled') or exists (select from"
        " person.import_row x where x.import_id = i.import_id) or exists (select from"
        " person.import_error e where e.import_id = i.import_id) or exists (select from"
        " person.import_change c where c.import_id = i.import_id))) as imports), gone as (delete"
        " from person.index_key k using now, kept where k.version < now.version and kept.persons"
        " = 0 and kept.imports = 0) select kept.persons, kept.imports, coalesce(now.version, 1)"
        " from kept, now",
        NULL, 0, &r);
    if (ec == EC_OK) {
        ret->persons = db_get_int(r, 0, 0);
        ret->imports = db_get_int(r, 0, 1);
        ret->version = db_get_int(r, 0, 2);
    }
    db_result_free(r);
    return ec;
}

/* -- what was stored in plain ------------------------------------------------------------------ */

static enum error_code seal_page(struct db *db, const struct person_keys *keys,
                                 const struct db_result *r)
{
    struct person_plain persons[PAGE];
    size_t n = db_rows(r);
    if (n == 0)
        return EC_OK;
    for (size_t i = 0; i < n; i++)
        persons[i] = (struct person_plain){db_get_int(r, i, 0), db_get_text(r, i, 1),
                                           db_get_text(r, i, 2), db_get_text(r, i, 3)};
    struct db_param params[] = {db_int(persons[n - 1].id)};
    enum error_code ec = person_put(db, keys, persons, n);
    if (ec == EC_OK)
        ec = db_run(db, "delete from person.unsealed where customer_id <= $1", params, 1, NULL);
    return ec;
}

enum error_code person_seal_customers(struct db *db, const struct person_keys *keys, size_t *ret)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(PAGE)};
    enum error_code ec = db_run(db,
                                "select customer_id, name, email, phone from person.unsealed"
                                " order by customer_id limit $1 for update",
                                params, 1, &r);
    if (ec == EC_OK && db_rows(r) > 0)
        ec = seal_page(db, keys, r);
    if (ec == EC_OK)
        *ret = db_rows(r);
    db_result_free(r);
    return ec;
}

/* Texts of applications that were stored in plain: `from` gives id, customer and text of a page;
   `put` has the id as $1 and the box as $2. */
struct plain_text {
    enum person_field field;
    const char *from, *put;
};

static enum error_code seal_text(struct db *db, const struct person_keys *keys,
                                 const struct plain_text *what, const struct db_result *r,
                                 size_t row)
{
    uint8_t key[PERSON_KEY_LEN];
    int64_t customer_id = db_get_int(r, row, 1);
    const char *text = db_get_text(r, row, 2);
    size_t len = strlen(text);
    uint8_t *box = malloc(len + PERSON_OVERHEAD);
    enum error_code ec = box != NULL ? person_key(db, keys, customer_id, key) : EC_NO_MEMORY;
    if (ec == EC_OK) {
        person_seal(key, customer_id, what->field, text, len, box);
        struct db_param params[] = {db_int(db_get_int(r, row, 0)),
                                    db_bytes(box, len + PERSON_OVERHEAD)};
        ec = db_run(db, what->put, params, 2, NULL);
    }
    sodium_memzero(key, sizeof key);
    free(box);
    return ec;
}

static enum error_code seal_texts(struct db *db, const struct person_keys *keys,
                                  const struct plain_text *what, size_t *ret)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(PAGE)};
    enum error_code ec = db_run(db, what->from, params, 1, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        ec = seal_text(db, keys, what, r, i);
    if (ec == EC_OK)
        *ret = db_rows(r);
    db_result_free(r);
    return ec;
}

enum error_code person_seal_notes(struct db *db, const struct person_keys *keys, size_t *ret)
{
    static const struct plain_text notes = {
        PERSON_NOTE,
        "select u.application_note_id, a.customer_id, u.text from person.unsealed_note u"
        " join person.application_note n using (application_note_id)"
        " join programme.application a using (application_id)"
        " order by u.application_note_id limit $1 for update of u",
        "with sealed as (update person.application_note set text_box = $2"
        " where application_note_id = $1)"
        " delete from person.unsealed_note where application_note_id = $1"};
    return seal_texts(db, keys, &notes, ret);
}

/* Of one who was erased since, only what is called so goes. */
enum error_code person_seal_documents(struct db *db, const struct person_keys *keys, size_t *ret)
{
    static const struct plain_text documents = {
        PERSON_TITLE,
        "select u.document_id, a.customer_id, u.title from person.unsealed_document u"
        " join programme.document d using (document_id)"
        " join programme.application a using (application_id)"
        " join person.person_key k using (customer_id)"
        " order by u.document_id limit $1 for update of u",
        "with sealed as (update programme.document set title_box = $2 where document_id = $1)"
        " delete from person.unsealed_document where document_id = $1"};
    return seal_texts(db, keys, &documents, ret);
}
