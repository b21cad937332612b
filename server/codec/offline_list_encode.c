/* The signed list of generators, from the document that PostgreSQL builds. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/offline_list.h"

static const json_t *member_of(const json_t *map, const struct offline_member *m)
{
    return json_object_get(map, m->name);
}

static int put_map(struct cbor_writer *w, const json_t *map, const struct offline_member *members);

static int put_text(struct cbor_writer *w, const json_t *value, int64_t min, int64_t max)
{
    size_t len = json_string_length(value);
    if (!json_is_string(value) || len < (size_t)min || len > (size_t)max)
        return 0;
    cbor_write_tstr(w, json_string_value(value), len);
    return 1;
}

static int put_word(struct cbor_writer *w, const json_t *value, const char *const *words)
{
    const char *text = json_string_value(value);
    for (uint64_t i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            cbor_write_uint(w, i);
            return 1;
        }
    return 0;
}

static int put_int(struct cbor_writer *w, const json_t *value, const struct offline_member *m)
{
    json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < m->min || n > m->max)
        return 0;
    cbor_write_int(w, n);
    return 1;
}

static int put_one(struct cbor_writer *w, const json_t *value, const struct offline_member *m)
{
    switch (m->kind) {
    case OFFLINE_TEXT:
    case OFFLINE_TEXTS:
        return put_text(w, value, m->min, m->max);
    case OFFLINE_INT:
    case OFFLINE_INTS:
        return put_int(w, value, m);
    case OFFLINE_WORD:
        return put_word(w, value, m->words);
    case OFFLINE_DATE:
        return put_text(w, value, 10, 10);
    case OFFLINE_MAPS:
        return put_map(w, value, m->members);
    }
    return 0;
}

static int put_array(struct cbor_writer *w, const json_t *value, const struct offline_member *m)
{
    size_t most = m->kind == OFFLINE_MAPS ? OFFLINE_LIST_ITEMS_MAX : OFFLINE_LIST_MEMBER_ITEMS_MAX;
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > most)
        return 0;
    cbor_write_array(w, count);
    for (size_t i = 0; i < count; i++)
        if (!put_one(w, json_array_get(value, i), m))
            return 0;
    return 1;
}

static int put_member(struct cbor_writer *w, const json_t *value, const struct offline_member *m)
{
    int is_array = m->kind == OFFLINE_TEXTS || m->kind == OFFLINE_INTS || m->kind == OFFLINE_MAPS;
    return is_array ? put_array(w, value, m) : put_one(w, value, m);
}

/* Keys are places in the table and below 24, so their order there is the deterministic one. */
static int put_map(struct cbor_writer *w, const json_t *map, const struct offline_member *members)
{
    size_t count = 0;
    for (const struct offline_member *m = members; m->name != NULL; m++)
        count += member_of(map, m) != NULL;
    cbor_write_map(w, count);
    for (const struct offline_member *m = members; m->name != NULL; m++) {
        const json_t *value = member_of(map, m);
        if (value == NULL && m->optional)
            continue;
        cbor_write_uint(w, (uint64_t)(m - members) + 1);
        if (value == NULL || !put_member(w, value, m))
            return 0;
    }
    return 1;
}

/* What is made must be what a reader takes: the format, and that each finding named is there. */
static int is_taken(const uint8_t *at, size_t len)
{
    struct offline_list_report report;
    const uint8_t *bad;

    return offline_list_check((struct span){at, len}, &report, &bad) == EC_OK;
}

enum error_code offline_list_encode(const char *json, uint8_t **ret, size_t *ret_len)
{
    size_t json_len = strnlen(json, OFFLINE_LIST_JSON_MAX);
    struct cbor_writer w;
    json_t *root = NULL;
    uint8_t *buf = NULL;
    size_t len = 0;
    enum error_code ec = EC_FIELDS_INVALID;

    if (json_len < OFFLINE_LIST_JSON_MAX)
        root = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL)
        return EC_FIELDS_INVALID;
    buf = malloc(OFFLINE_LIST_BYTES_MAX);
    if (buf == NULL) {
        json_decref(root);
        return EC_NO_MEMORY;
    }
    cbor_writer_init(&w, buf, OFFLINE_LIST_BYTES_MAX);
    if (put_map(&w, root, offline_list_members) && cbor_writer_done(&w, &len) == EC_OK &&
        is_taken(buf, len))
        ec = EC_OK;
    json_decref(root);
    if (ec != EC_OK) {
        free(buf);
        return ec;
    }
    *ret = buf;
    *ret_len = len;
    return EC_OK;
}
