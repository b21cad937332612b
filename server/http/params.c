/* Path and query parameters, checked against the table of the route before its handler runs. */
#include "http/params.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bbox.h"
#include "base/utf8.h"
#include "http/cursor.h"
#include "topic.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int params_unescape(const char *text, char *ret, size_t cap)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        int c = (unsigned char)*text;
        if (c == '%') {
            int high = hex(text[1]), low = high < 0 ? -1 : hex(text[2]);
            if (low < 0 || (c = high * 16 + low) == 0)
                return 0;
            text += 2;
        }
        if (n + 1 >= cap)
            return 0;
        ret[n++] = (char)c;
    }
    ret[n] = '\0';
    return utf8_valid(ret);
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static int has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return 1;
    return 0;
}

static int is_choice(const char *choices, const char *text, size_t len)
{
    for (const char *at = choices; *at != '\0'; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == len && memcmp(at, text, n) == 0)
            return 1;
        at += n;
    }
    return 0;
}

static int is_word(const char *choices, const char *text)
{
    return is_choice(choices, text, strlen(text));
}

/* Whether the first `len` bytes of `all` have this word between commas. */
static int is_repeated(const char *all, size_t len, const char *word, size_t n)
{
    for (size_t i = 0; i + n <= len; i++)
        if ((i == 0 || all[i - 1] == ',') && memcmp(all + i, word, n) == 0 && all[i + n] == ',')
            return 1;
    return 0;
}

static int are_words(const char *choices, const char *text)
{
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        if (!is_choice(choices, at, n) || is_repeated(text, (size_t)(at - text), at, n))
            return 0;
        at += n;
        if (*at == '\0')
            return 1;
    }
}

static int is_uuid(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : hex(text[i]) < 0)
            return 0;
    }
    return text[36] == '\0';
}

static void check_int(const struct param *p, const char *text, struct json_errors *e)
{
    char *end = NULL;
    size_t n = strspn(text, "0123456789");
    long long value = strtoll(text, &end, 10);
    if (n == 0 || n > 18 || text[n] != '\0' || value < p->min || value > p->max)
        json_errors_add(e, 1, p->name, "must be an integer from %lld to %lld", (long long)p->min,
                        (long long)p->max);
}

static void check_text(const struct param *p, const char *text, struct json_errors *e)
{
    size_t n = characters(text);
    if (n < (size_t)p->min || n > (size_t)p->max)
        json_errors_add(e, 1, p->name, "must have %lld to %lld characters", (long long)p->min,
                        (long long)p->max);
    else if (has_control(text))
        json_errors_add(e, 1, p->name, "must not have control characters");
}

static void check_word(const struct param *p, const char *text, struct json_errors *e)
{
    if (!is_word(p->choices, text))
        json_errors_add(e, 1, p->name, "must be one of: %s", p->choices);
}

static void check_words(const struct param *p, const char *text, struct json_errors *e)
{
    if (!are_words(p->choices, text))
        json_errors_add(e, 1, p->name, "must be some of these, each once, separated by commas: %s",
                        p->choices);
}

static int take_end(const char *at, size_t len, char ret[PARAM_TIME_MAX])
{
    int is_open = len == 0 || (len == 2 && memcmp(at, "..", 2) == 0);
    if (len >= PARAM_TIME_MAX)
        return 0;
    snprintf(ret, PARAM_TIME_MAX, "%.*s", is_open ? 0 : (int)len, at);
    return 1;
}

int params_period(const char *text, char ret_from[PARAM_TIME_MAX], char ret_to[PARAM_TIME_MAX])
{
    size_t first = strcspn(text, "/");
    const char *second = text[first] == '/' ? text + first + 1 : text;
    return take_end(text, first, ret_from) && take_end(second, strlen(second), ret_to);
}

static void check_date(const struct param *p, const char *text, struct json_errors *e)
{
    if (!json_date_valid(text))
        json_errors_add(e, 1, p->name, "must be a date such as 2024-05-01");
}

static void check_bbox(const struct param *p, const char *text, struct json_errors *e)
{
    struct bbox b;
    if (!bbox_read(text, &b))
        json_errors_add(e, 1, p->name, "must be west,south,east,north in degrees");
}

/* A time, or two with a slash between of which one may be open: "", or "..". */
static int is_period(const char *text)
{
    char from[PARAM_TIME_MAX] = "", to[PARAM_TIME_MAX] = "";
    if (!params_period(text, from, to) || (from[0] == '\0' && to[0] == '\0'))
        return 0;
    return (from[0] == '\0' || json_time_valid(from)) && (to[0] == '\0' || json_time_valid(to)) &&
           (from[0] == '\0' || to[0] == '\0' || json_time_ms(from) <= json_time_ms(to));
}

static void check_period(const struct param *p, const char *text, struct json_errors *e)
{
    if (!is_period(text))
        json_errors_add(e, 1, p->name,
                        "must be a time with a zone, or from/to with \"..\" for an open end");
}

static void check_time(const struct param *p, const char *text, struct json_errors *e)
{
    if (!json_time_valid(text))
        json_errors_add(e, 1, p->name,
                        "must be a date and time with a zone, such as 2024-05-01T12:00:00Z");
}

static void check_uuid(const struct param *p, const char *text, struct json_errors *e)
{
    if (!is_uuid(text))
        json_errors_add(e, 1, p->name, "must be a UUID");
}

static void check_serial(const struct param *p, const char *text, struct json_errors *e)
{
    if (!topic_device_valid(text, strlen(text)))
        json_errors_add(e, 1, p->name, "must be a serial number: 3 to 24 of A-Z, 0-9 and -");
}

static void check_cursor(const struct param *p, const char *text, struct json_errors *e)
{
    char key[DOCUMENT_KEY_MAX];
    if (cursor_decode(text, p->key, key) != EC_OK)
        json_errors_add(e, 1, p->name, "must be a cursor that this list returned");
}

static void (*const checks[])(const struct param *, const char *, struct json_errors *) = {
    [PARAM_INT] = check_int,       [PARAM_TEXT] = check_text,     [PARAM_WORD] = check_word,
    [PARAM_TIME] = check_time,     [PARAM_UUID] = check_uuid,     [PARAM_SERIAL] = check_serial,
    [PARAM_CURSOR] = check_cursor, [PARAM_WORDS] = check_words,   [PARAM_DATE] = check_date,
    [PARAM_BBOX] = check_bbox,     [PARAM_PERIOD] = check_period,
};

static int find(const struct param *params, const char *name)
{
    for (int i = 0; params != NULL && params[i].name != NULL; i++)
        if (strcmp(params[i].name, name) == 0)
            return i;
    return -1;
}

/* Keep a decoded value in ret->text. */
static const char *keep(struct params *ret, const char *raw)
{
    char *at = ret->text + ret->used;
    if (!params_unescape(raw, at, sizeof ret->text - ret->used))
        return NULL;
    ret->used += strlen(at) + 1;
    return at;
}

/* The handler wants the key behind a cursor, not the cursor. */
static const char *keep_key(struct params *ret, const struct param *p, const char *cursor)
{
    char *at = ret->text + ret->used;
    if (sizeof ret->text - ret->used < DOCUMENT_KEY_MAX ||
        cursor_decode(cursor, p->key, at) != EC_OK)
        return NULL;
    ret->used += DOCUMENT_KEY_MAX;
    return at;
}

static void take(struct params *ret, const struct param *params, const char *name, const char *raw,
                 struct json_errors *errors)
{
    int i = find(params, name);
    if (i < 0) {
        json_errors_add(errors, 1, name, "is not a parameter of this resource");
        return;
    }
    if (ret->values[i] != NULL) {
        json_errors_add(errors, 1, name, "is given twice");
        return;
    }
    const char *value = keep(ret, raw != NULL ? raw : "");
    if (value == NULL) {
        json_errors_add(errors, 1, name, "is not UTF-8 in percent encoding, or too long");
        return;
    }
    checks[params[i].kind](&params[i], value, errors);
    ret->values[i] = params[i].kind == PARAM_CURSOR ? keep_key(ret, &params[i], value) : value;
}

enum error_code params_decode(const struct route_match *match, const struct params_pair *pairs,
                              size_t n, struct params *ret, struct json_errors *errors)
{
    const struct param *params = match->route->params;
    char name[32];
    for (size_t i = 0; i < match->count && route_brace(match->route, i, name); i++)
        take(ret, params, name, match->values[i], errors);
    for (size_t i = 0; i < n; i++) {
        char clean[64];
        if (!params_unescape(pairs[i].name, clean, sizeof clean))
            snprintf(clean, sizeof clean, "?");
        take(ret, params, clean, pairs[i].value, errors);
    }
    for (int i = 0; params != NULL && params[i].name != NULL; i++)
        if (params[i].required && ret->values[i] == NULL && errors->count < JSON_ERRORS_MAX)
            json_errors_add(errors, 1, params[i].name, "is missing");
    return errors->count == 0 ? EC_OK : EC_PARAMETER_INVALID;
}
