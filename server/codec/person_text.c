/* Sealed values in JSON: found and opened. */
#include "codec/person_text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_put.h"

static const char head[] = "{\"sealed\":\"", tail[] = "\"}";

/* One of them, taken apart. */
struct sealed {
    int64_t person_id;
    enum person_field field;
    const char *hex; /* 2 * len digits */
    size_t len;      /* of the box */
    const char *end; /* what follows it in the text */
};

/* ID.FIELD.HEX"} */
static int take_apart(const char *at, struct sealed *ret)
{
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || digits > 18 || at[digits] != '.')
        return 0;
    ret->person_id = strtoll(at, NULL, 10);
    const char *name = at + digits + 1;
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    ret->field = person_field_find(name, len);
    if (ret->field == PERSON_FIELDS || name[len] != '.')
        return 0;
    ret->hex = name + len + 1;
    size_t hex = strspn(ret->hex, "0123456789abcdef");
    ret->len = hex / 2;
    ret->end = ret->hex + hex + sizeof tail - 1;
    return hex % 2 == 0 && ret->len >= PERSON_OVERHEAD &&
           strncmp(ret->hex + hex, tail, sizeof tail - 1) == 0;
}

/* The next one from `*at` on; `*at` becomes its beginning. @return EC_OK; EC_NOT_FOUND; EC_INTERNAL
 */
static enum error_code find(const char **at, struct sealed *ret)
{
    const char *found = strstr(*at, head);
    if (found == NULL)
        return EC_NOT_FOUND;
    *at = found;
    return take_apart(found + sizeof head - 1, ret) ? EC_OK : EC_INTERNAL;
}

/* -- who is in it ------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void make_unique(struct person_text *t)
{
    size_t kept = 0;
    if (t->count > 1)
        qsort(t->people, t->count, sizeof *t->people, compare);
    for (size_t i = 0; i < t->count; i++)
        if (kept == 0 || t->people[kept - 1] != t->people[i])
            t->people[kept++] = t->people[i];
    t->count = kept;
}

static size_t occurrences(const char *text)
{
    size_t n = 0;
    for (; (text = strstr(text, head)) != NULL; text += sizeof head - 1)
        n++;
    return n;
}

enum error_code person_text_scan(const char *text, struct person_text *ret)
{
    struct person_text t = {0};
    struct sealed s;
    enum error_code ec;
    size_t most = occurrences(text);
    if (most > 0 && (t.people = calloc(most, sizeof *t.people)) == NULL)
        return EC_NO_MEMORY;
    while ((ec = find(&text, &s)) == EC_OK) {
        if (t.count == most) {
            ec = EC_INTERNAL;
            break;
        }
        t.people[t.count++] = s.person_id;
        t.fields |= 1U << s.field;
        text = s.end;
    }
    if (ec != EC_NOT_FOUND) {
        person_text_done(&t);
        return ec;
    }
    make_unique(&t);
    *ret = t;
    return EC_OK;
}

void person_text_done(struct person_text *t)
{
    free(t->people);
    *t = (struct person_text){0};
}

/* -- opening ----------------------------------------------------------------------------------- */

static const uint8_t *key_of(const struct person_known *known, size_t n, int64_t person_id)
{
    size_t from = 0, to = n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (known[middle].person_id == person_id)
            return known[middle].key;
        if (known[middle].person_id < person_id)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static void put_text(struct bytes *b, const char *at, size_t len, void *context)
{
    (void)context;
    bytes_put(b, "\"", 1);
    json_put(b, at, len);
    bytes_put(b, "\"", 1);
}

const struct person_text_put person_text_plain = {put_text, NULL};

static enum error_code open_one(struct bytes *b, const struct sealed *s, const uint8_t *key,
                                const struct person_text_put *put)
{
    uint8_t *box = malloc(2 * s->len);
    size_t len = 0;
    if (box == NULL)
        return EC_NO_MEMORY;
    char *plain = (char *)box + s->len;
    enum error_code ec = EC_INTERNAL;
    if (sodium_hex2bin(box, s->len, s->hex, 2 * s->len, NULL, &len, NULL) == 0 && len == s->len)
        ec = person_open(key, s->person_id, s->field, box, len, plain);
    if (ec == EC_OK)
        put->put(b, plain, s->len - PERSON_OVERHEAD, put->context);
    sodium_memzero(box, 2 * s->len);
    free(box);
    return ec;
}

enum error_code person_text_open(const char *text, const struct person_known *known, size_t n,
                                 const struct person_text_put *put, char **ret)
{
    struct bytes b;
    struct sealed s;
    enum error_code ec;
    const char *from = text;
    bytes_init(&b, 3 * strlen(text) + 1); /* two digits become six characters at most */
    while ((ec = find(&text, &s)) == EC_OK) {
        const uint8_t *key = key_of(known, n, s.person_id);
        bytes_put(&b, from, (size_t)(text - from));
        ec = EC_OK;
        if (key != NULL)
            ec = open_one(&b, &s, key, put);
        else
            bytes_put(&b, "null", 4);
        if (ec != EC_OK)
            break;
        from = text = s.end;
    }
    if (ec == EC_NOT_FOUND) {
        bytes_put(&b, from, strlen(from) + 1);
        ec = bytes_check(&b);
    }
    if (ec == EC_OK)
        *ret = (char *)b.at;
    else
        bytes_done(&b);
    return ec;
}
