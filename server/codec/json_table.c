/* JSON bodies to structs, by tables of fields; every mistake of a body is reported at once. */
#include "codec/json_table.h"

#include <ctype.h>
#include <jansson.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAP_TEXT_MAX = 120 };

struct json_document {
    json_t *root;
    json_t *kept; /* texts of maps and arrays, by their field */
};

/* Where a decoding stands: the struct to fill (NULL: only check, a patch) and the errors to add to.
 */
struct walk {
    char *base;
    struct json_errors *errors;
    json_t *kept;
};

void json_errors_add(struct json_errors *e, int is_parameter, const char *where, const char *format,
                     ...)
{
    if (e->count >= JSON_ERRORS_MAX)
        return;
    struct json_error *one = &e->items[e->count++];
    one->is_parameter = is_parameter;
    one->rule[0] = '\0';
    snprintf(one->where, sizeof(one->where), "%s", where);
    va_list args;
    va_start(args, format);
    vsnprintf(one->detail, sizeof(one->detail), format, args);
    va_end(args);
}

void json_errors_rule(struct json_errors *e, const char *where, const char *rule,
                      const char *sentence)
{
    size_t n = e->count;
    json_errors_add(e, 0, where, "%s", sentence);
    if (e->count > n)
        snprintf(e->items[n].rule, sizeof(e->items[n].rule), "%s", rule);
}

/* RFC 6901: "~" and "/" of a member name are written "~0" and "~1". */
static void pointer_join(char ret[JSON_POINTER_MAX], const char *parent, const char *name)
{
    size_t at = (size_t)snprintf(ret, JSON_POINTER_MAX, "%s/", parent);
    for (const char *c = name; *c != '\0' && at + 3 < JSON_POINTER_MAX; c++) {
        if (*c == '~' || *c == '/') {
            ret[at++] = '~';
            ret[at++] = *c == '~' ? '0' : '1';
        } else {
            ret[at++] = *c;
        }
    }
    ret[at < JSON_POINTER_MAX ? at : JSON_POINTER_MAX - 1] = '\0';
}

static void store(struct walk *w, const struct json_field *f, const void *value, size_t size)
{
    if (w->base != NULL)
        memcpy(w->base + f->offset, value, size);
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Other than a line feed, when the text has lines. */
static int has_control(const char *text, int lines)
{
    for (; *text != '\0'; text++)
        if (((unsigned char)*text < 0x20 && !(lines && *text == '\n')) || *text == 0x7f)
            return 1;
    return 0;
}

static int is_blank(const char *text)
{
    return text[strspn(text, " \n")] == '\0';
}

static int matches(const char *pattern, const char *text)
{
    regex_t re;
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return 0;
    int found = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}

static int is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);
    const char *at = choices;
    while (len > 0 && at != NULL && (at = strstr(at, text)) != NULL) {
        int starts = at == choices || at[-1] == ' ';
        if (starts && (at[len] == ' ' || at[len] == '\0') && strchr(text, ' ') == NULL)
            return 1;
        at++;
    }
    return 0;
}

static int two(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* "YYYY-MM-DD" at the start of the text, which has digits there */
static int is_day(const char *text)
{
    int year = two(text) * 100 + two(text + 2), month = two(text + 5), day = two(text + 8);
    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

int json_date_valid(const char *text)
{
    return strlen(text) == 10 && matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text) && is_day(text);
}

int json_time_valid(const char *text)
{
    static const char pattern[] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}"
                                  "(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
    if (strlen(text) > 40 || !matches(pattern, text))
        return 0;
    if (!is_day(text) || two(text + 11) > 23 || two(text + 14) > 59 || two(text + 17) > 59)
        return 0;
    const char *zone = text + strlen(text) - 6;
    return strpbrk(text, "Zz") != NULL || (two(zone + 1) <= 14 && two(zone + 4) <= 59);
}

static int64_t milliseconds(const char *fraction)
{
    int64_t ms = 0, unit = 100;
    for (; *fraction >= '0' && *fraction <= '9'; fraction++, unit /= 10)
        ms += (*fraction - '0') * unit;
    return ms;
}

int64_t json_time_ms(const char *text)
{
    struct tm t = {.tm_year = two(text) * 100 + two(text + 2) - 1900,
                   .tm_mon = two(text + 5) - 1,
                   .tm_mday = two(text + 8),
                   .tm_hour = two(text + 11),
                   .tm_min = two(text + 14),
                   .tm_sec = two(text + 17)};
    int64_t ms = (int64_t)timegm(&t) * 1000;
    const char *zone = text + strlen(text) - 6;
    if (text[19] == '.')
        ms += milliseconds(text + 20);
    if (strpbrk(text, "Zz") == NULL)
        ms -= (*zone == '-' ? -1 : 1) * (two(zone + 1) * 60 + two(zone + 4)) * INT64_C(60000);
    return ms;
}

static void text_length(struct walk *w, const struct json_field *f, const char *where, size_t n,
                        const char *unit)
{
    if (f->min == f->max)
        json_errors_add(w->errors, 0, where, "must have %.0f %s, not %zu", f->min, unit, n);
    else
        json_errors_add(w->errors, 0, where, "must have %.0f to %.0f %s, not %zu", f->min, f->max,
                        unit, n);
}

static void text_check(struct walk *w, const struct json_field *f, const char *where,
                       const char *text)
{
    size_t n = characters(text);
    if ((double)n < f->min || (double)n > f->max)
        text_length(w, f, where, n, "characters");
    else if (has_control(text, f->lines))
        json_errors_add(w->errors, 0, where, "must not have control characters");
    else if (f->min > 0 && is_blank(text))
        json_errors_add(w->errors, 0, where, "must not be blank");
    else if (f->pattern != NULL && !matches(f->pattern, text))
        json_errors_add(w->errors, 0, where, "must match %s", f->pattern);
}

static void hex_check(struct walk *w, const struct json_field *f, const char *where,
                      const char *text)
{
    size_t n = strlen(text);
    if (strspn(text, "0123456789abcdefABCDEF") != n || n % 2 != 0)
        json_errors_add(w->errors, 0, where, "must be pairs of hex digits");
    else if ((double)n < f->min || (double)n > f->max)
        text_length(w, f, where, n, "hex digits");
}

static void put_text(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    const char *text = json_string_value(v);
    if (text == NULL) {
        json_errors_add(w->errors, 0, where, "must be a string");
        return;
    }
    store(w, f, &text, sizeof(text));
    if (f->kind == FIELD_TEXT)
        text_check(w, f, where, text);
    else if (f->kind == FIELD_HEX)
        hex_check(w, f, where, text);
    else if (f->kind == FIELD_TIME && !json_time_valid(text))
        json_errors_add(w->errors, 0, where,
                        "must be a date and time with a zone, such as 2024-05-01T12:00:00Z");
    else if (f->kind == FIELD_DATE && !json_date_valid(text))
        json_errors_add(w->errors, 0, where, "must be a date, such as 2024-05-01");
    else if (f->kind == FIELD_WORD && !is_choice(f->choices, text))
        json_errors_add(w->errors, 0, where, "must be one of: %s", f->choices);
}

static void put_int(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    struct optional_int n = {1, (int64_t)json_integer_value(v)};
    if (!json_is_integer(v))
        json_errors_add(w->errors, 0, where, "must be an integer");
    else if ((double)n.value < f->min || (double)n.value > f->max)
        json_errors_add(w->errors, 0, where, "must be %.0f to %.0f", f->min, f->max);
    else
        store(w, f, &n, sizeof(n));
}

static void put_real(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    struct optional_real n = {1, json_number_value(v)};
    if (!json_is_number(v))
        json_errors_add(w->errors, 0, where, "must be a number");
    else if (!(n.value >= f->min && n.value <= f->max))
        json_errors_add(w->errors, 0, where, "must be %g to %g", f->min, f->max);
    else
        store(w, f, &n, sizeof(n));
}

static void put_bool(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    struct optional_bool b = {1, json_is_true(v)};
    if (!json_is_boolean(v))
        json_errors_add(w->errors, 0, where, "must be true or false");
    else
        store(w, f, &b, sizeof(b));
}

static void object(struct walk *w, const struct json_field *fields, const char *parent, json_t *o);

static void put_part(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    if (!json_is_object(v))
        json_errors_add(w->errors, 0, where, "must be an object");
    else
        object(w, f->fields, where, v);
}

/* The text is kept in the document, beside what the caller may name. */
static const char *keep_text(struct walk *w, const struct json_field *f, json_t *v)
{
    char *text = json_dumps(v, JSON_COMPACT);
    json_t *kept = text != NULL ? json_string(text) : NULL;
    char name[JSON_POINTER_MAX];
    free(text);
    snprintf(name, sizeof(name), "%s", f->name);
    return json_object_set_new(w->kept, name, kept) == 0 ? json_string_value(kept) : NULL;
}

static void put_map(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    char place[JSON_POINTER_MAX];
    const char *name, *text;
    json_t *member;
    if (!json_is_object(v) || json_object_size(v) > (size_t)f->max) {
        json_errors_add(w->errors, 0, where, "must be an object of at most %.0f texts", f->max);
        return;
    }
    json_object_foreach(v, name, member)
    {
        pointer_join(place, where, name);
        if (!json_is_string(member))
            json_errors_add(w->errors, 0, place, "must be a string");
        else if (strlen(name) > MAP_TEXT_MAX || json_string_length(member) > MAP_TEXT_MAX ||
                 has_control(name, 0) || has_control(json_string_value(member), 0))
            json_errors_add(w->errors, 0, place, "must be texts of at most %d bytes on one line",
                            MAP_TEXT_MAX);
    }
    text = keep_text(w, f, v);
    store(w, f, &text, sizeof(text));
}

/* The word at `n`, or NULL when it is none of the choices or stands before. */
static const char *word_at(const struct json_field *f, json_t *v, size_t n)
{
    const char *word = json_string_value(json_array_get(v, n));
    if (word == NULL || !is_choice(f->choices, word))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (json_equal(json_array_get(v, i), json_array_get(v, n)))
            return NULL;
    return word;
}

static void put_words(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    size_t n = json_array_size(v);
    int is_good = n > 0;
    for (size_t i = 0; i < n; i++)
        is_good &= word_at(f, v, i) != NULL;
    if (!is_good) {
        json_errors_add(w->errors, 0, where, "must be an array of some of, each once: %s",
                        f->choices);
        return;
    }
    const char *text = keep_text(w, f, v);
    store(w, f, &text, sizeof(text));
}

static void put_array(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    size_t n = json_array_size(v);
    int is_good = json_is_array(v) && n >= (size_t)f->min && n <= (size_t)f->max;
    for (size_t i = 0; i < n && is_good; i++)
        is_good = json_is_object(json_array_get(v, i));
    if (!is_good) {
        json_errors_add(w->errors, 0, where, "must be an array of %.0f to %.0f objects", f->min,
                        f->max);
        return;
    }
    const char *text = keep_text(w, f, v);
    store(w, f, &text, sizeof(text));
}

static void put(struct walk *w, const struct json_field *f, const char *where, json_t *v)
{
    static void (*const by_kind[])(struct walk *, const struct json_field *, const char *,
                                   json_t *) = {
        [FIELD_TEXT] = put_text, [FIELD_WORD] = put_text,   [FIELD_HEX] = put_text,
        [FIELD_TIME] = put_text, [FIELD_DATE] = put_text,   [FIELD_INT] = put_int,
        [FIELD_REAL] = put_real, [FIELD_BOOL] = put_bool,   [FIELD_PART] = put_part,
        [FIELD_MAP] = put_map,   [FIELD_WORDS] = put_words, [FIELD_ARRAY] = put_array,
    };
    by_kind[f->kind](w, f, where, v);
}

static const struct json_field *find(const struct json_field *fields, const char *name)
{
    for (const struct json_field *f = fields; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static void object(struct walk *w, const struct json_field *fields, const char *parent, json_t *o)
{
    char where[JSON_POINTER_MAX];
    for (const struct json_field *f = fields; f->name != NULL; f++) {
        json_t *v = json_object_get(o, f->name);
        pointer_join(where, parent, f->name);
        if (v != NULL && !json_is_null(v))
            put(w, f, where, v);
        else if (f->required && (w->base != NULL || v != NULL))
            json_errors_add(w->errors, 0, where, v == NULL ? "is missing" : "must not be null");
    }
    const char *name;
    json_t *v;
    json_object_foreach(o, name, v)
    {
        pointer_join(where, parent, name);
        if (find(fields, name) == NULL)
            json_errors_add(w->errors, 0, where, "is not a field of this resource");
    }
}

static enum error_code parse(const char *text, size_t len, struct json_errors *errors, json_t **ret)
{
    json_error_t why;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL) {
        json_errors_add(errors, 0, "", "line %d, column %d: %s", why.line, why.column,
                        json_error_code(&why) == json_error_duplicate_key ? "a member is repeated"
                                                                          : "not well-formed JSON");
        return json_error_code(&why) == json_error_out_of_memory ? EC_NO_MEMORY : EC_BODY_MALFORMED;
    }
    if (!json_is_object(root)) {
        json_errors_add(errors, 0, "", "must be an object");
        json_decref(root);
        return EC_BODY_MALFORMED;
    }
    *ret = root;
    return EC_OK;
}

/* Check and decode a tree; takes it over. */
static enum error_code decode(json_t *root, const struct json_field *fields, void *ret,
                              struct json_errors *errors, struct json_document **ret_document)
{
    struct json_document *d = malloc(sizeof(*d));
    if (d == NULL) {
        json_decref(root);
        return EC_NO_MEMORY;
    }
    d->root = root;
    d->kept = json_object();
    object(&(struct walk){.base = ret, .errors = errors, .kept = d->kept}, fields, "", root);
    if (errors->count > 0) {
        json_document_free(d);
        return EC_FIELDS_INVALID;
    }
    *ret_document = d;
    return EC_OK;
}

enum error_code json_table_decode(const char *text, size_t len, const struct json_field *fields,
                                  void *ret, struct json_errors *errors,
                                  struct json_document **ret_document)
{
    json_t *root = NULL;
    enum error_code rc = parse(text, len, errors, &root);
    return rc == EC_OK ? decode(root, fields, ret, errors, ret_document) : rc;
}

enum error_code json_patch_decode(const char *text, size_t len, const struct json_field *fields,
                                  struct json_errors *errors, struct json_document **ret_patch)
{
    json_t *root = NULL;
    enum error_code rc = parse(text, len, errors, &root);
    return rc == EC_OK ? decode(root, fields, NULL, errors, ret_patch) : rc;
}

/* RFC 7396 for objects; the tables of fields bound the depth. */
static void merge(json_t *target, json_t *patch)
{
    const char *name;
    json_t *v;
    json_object_foreach(patch, name, v)
    {
        json_t *old = json_object_get(target, name);
        if (json_is_null(v))
            json_object_del(target, name);
        else if (json_is_object(v) && json_is_object(old))
            merge(old, v);
        else
            json_object_set(target, name, v);
    }
}

enum error_code json_patch_apply(const struct json_document *patch, const char *current,
                                 const struct json_field *fields, void *ret,
                                 struct json_errors *errors, struct json_document **ret_document)
{
    json_t *root = json_loads(current, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL)
        return EC_NO_MEMORY;
    merge(root, patch->root);
    return decode(root, fields, ret, errors, ret_document);
}

void json_document_free(struct json_document *d)
{
    if (d == NULL)
        return;
    json_decref(d->root);
    json_decref(d->kept);
    free(d);
}
