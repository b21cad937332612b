/* What the signed list of generators holds, and checking it. */
#include "codec/offline_list.h"

#include <string.h>

enum { VERSION = 2, PUBLISHED, SIGNED, SOURCE, FINDINGS, MODELS };

static const char *const formats[] = {OFFLINE_LIST_FORMAT, NULL};
static const char *const results[] = {"pass",    "fail",           "conditional",
                                      "unknown", "not_applicable", NULL};
static const char *const verdicts[] = {"compatible", "conditional", "incompatible", "unknown",
                                       NULL};
static const char *const grades[] = {"FULL", "REDUCED", NULL};
static const char *const sources[] = {"engine", "inverter", "battery", "vehicle", NULL};
static const char *const neutrals[] = {"floating", "bonded", "switchable", NULL};

static const struct offline_member finding_members[] = {
    {"code", OFFLINE_TEXT, .min = 1, .max = 8},
    {"result", OFFLINE_WORD, .words = results},
    {"sentence", OFFLINE_TEXT, .min = 1, .max = 400},
    {NULL},
};

static const struct offline_member model_members[] = {
    {"make", OFFLINE_TEXT, .min = 1, .max = 240},
    {"model", OFFLINE_TEXT, .min = 1, .max = 240},
    {"aliases", OFFLINE_TEXTS, 1, .min = 1, .max = 400},
    {"verdict", OFFLINE_WORD, .words = verdicts},
    {"grade", OFFLINE_WORD, 1, .words = grades},
    {"findings", OFFLINE_INTS, .min = 0, .max = OFFLINE_LIST_ITEMS_MAX - 1},
    {"source_type", OFFLINE_WORD, .words = sources},
    {"fuels", OFFLINE_TEXTS, .min = 1, .max = 60},
    {"running_w", OFFLINE_INTS, 1, .min = 1, .max = 100000},
    {"neutral", OFFLINE_WORD, 1, .words = neutrals},
    {"valid_from", OFFLINE_DATE, 1},
    {"valid_to", OFFLINE_DATE, 1},
    {NULL},
};

const struct offline_member offline_list_members[] = {
    {"format", OFFLINE_TEXT, .min = 1, .max = 32, .words = formats},
    {"version", OFFLINE_INT, .min = 1, .max = INT32_MAX},
    {"published", OFFLINE_INT, .min = 0, .max = INT64_MAX - 1},
    {"signed", OFFLINE_INT, .min = 0, .max = INT64_MAX - 1},
    {"source", OFFLINE_TEXT, .min = 0, .max = 800},
    {"findings", OFFLINE_MAPS, .members = finding_members},
    {"models", OFFLINE_MAPS, .members = model_members},
    {NULL},
};

struct span offline_list_aad(void)
{
    return (struct span){(const uint8_t *)OFFLINE_LIST_FORMAT, strlen(OFFLINE_LIST_FORMAT)};
}

/* -- checking -------------------------------------------------------------------------------- */

struct check {
    struct cbor_reader r;
    struct offline_list_report report;
};

static enum error_code refuse(struct check *c, const struct cbor_reader *start)
{
    c->r = *start;
    return EC_WIRE_RANGE;
}

static enum error_code check_int(struct check *c, const struct offline_member *m, int64_t *ret)
{
    struct cbor_reader start = c->r;
    int64_t value = 0;
    enum error_code ec = cbor_read_int(&c->r, &value);
    if (ec != EC_OK)
        return ec;
    if (value < m->min || value > m->max)
        return refuse(c, &start);
    /* findings stand before models */
    if (m->kind == OFFLINE_INTS && m->min == 0 && (uint64_t)value >= c->report.findings)
        return refuse(c, &start);
    *ret = value;
    return EC_OK;
}

static enum error_code check_text(struct check *c, const struct offline_member *m, struct span *ret)
{
    struct cbor_reader start = c->r;
    struct span text = {NULL, 0};
    enum error_code ec = cbor_read_tstr(&c->r, &text);
    if (ec != EC_OK)
        return ec;
    if (text.len < (size_t)m->min || text.len > (size_t)m->max)
        return refuse(c, &start);
    if (m->words != NULL &&
        (text.len != strlen(m->words[0]) || memcmp(text.at, m->words[0], text.len) != 0))
        return refuse(c, &start);
    *ret = text;
    return EC_OK;
}

static enum error_code check_word(struct check *c, const struct offline_member *m)
{
    struct cbor_reader start = c->r;
    uint64_t value = 0;
    uint64_t count = 0;
    enum error_code ec = cbor_read_uint(&c->r, &value);
    while (m->words[count] != NULL)
        count++;
    return ec == EC_OK && value >= count ? refuse(c, &start) : ec;
}

static enum error_code check_date(struct check *c)
{
    static const char form[] = "0000-00-00";
    static const struct offline_member date = {.min = sizeof form - 1, .max = sizeof form - 1};
    struct cbor_reader start = c->r;
    struct span text = {NULL, 0};
    enum error_code ec = check_text(c, &date, &text);
    for (size_t i = 0; ec == EC_OK && i < text.len; i++)
        if (form[i] == '-' ? text.at[i] != '-' : text.at[i] < '0' || text.at[i] > '9')
            ec = refuse(c, &start);
    return ec;
}

static enum error_code check_map(struct check *c, const struct offline_member *members);

/* One that is not an array, or one of an array. */
static enum error_code check_one(struct check *c, const struct offline_member *m, int64_t *ret_int,
                                 struct span *ret_text)
{
    switch (m->kind) {
    case OFFLINE_TEXT:
    case OFFLINE_TEXTS:
        return check_text(c, m, ret_text);
    case OFFLINE_INT:
    case OFFLINE_INTS:
        return check_int(c, m, ret_int);
    case OFFLINE_WORD:
        return check_word(c, m);
    case OFFLINE_DATE:
        return check_date(c);
    case OFFLINE_MAPS:
        return check_map(c, m->members);
    }
    return EC_WIRE_TYPE;
}

static enum error_code check_array(struct check *c, const struct offline_member *m, size_t *ret)
{
    struct cbor_reader start = c->r;
    size_t most = m->kind == OFFLINE_MAPS ? OFFLINE_LIST_ITEMS_MAX : OFFLINE_LIST_MEMBER_ITEMS_MAX;
    size_t count = 0;
    int64_t number = 0;
    struct span text;
    enum error_code ec = cbor_read_array(&c->r, &count);
    if (ec == EC_OK && count > most)
        return refuse(c, &start);
    for (size_t i = 0; i < count && ec == EC_OK; i++)
        ec = check_one(c, m, &number, &text);
    *ret = count;
    return ec;
}

/* What the list says of itself, as it comes by. */
static void note(struct offline_list_report *report, size_t key, int64_t number,
                 const struct span *text, size_t count)
{
    size_t len = text->len < sizeof report->source - 1 ? text->len : sizeof report->source - 1;
    switch (key) {
    case VERSION:
        report->version = (uint64_t)number;
        break;
    case PUBLISHED:
        report->published_ms = number;
        break;
    case SIGNED:
        report->signed_ms = number;
        break;
    case SOURCE:
        memcpy(report->source, text->at, len);
        report->source[len] = '\0';
        break;
    case FINDINGS:
        report->findings = count;
        break;
    case MODELS:
        report->models = count;
        break;
    default:
        break;
    }
}

static enum error_code check_member(struct check *c, const struct offline_member *members,
                                    size_t key)
{
    const struct offline_member *m = &members[key - 1];
    int is_array = m->kind == OFFLINE_TEXTS || m->kind == OFFLINE_INTS || m->kind == OFFLINE_MAPS;
    int64_t number = 0;
    struct span text = {(const uint8_t *)"", 0};
    size_t count = 0;
    enum error_code ec = is_array ? check_array(c, m, &count) : check_one(c, m, &number, &text);
    if (ec == EC_OK && members == offline_list_members)
        note(&c->report, key, number, &text, count);
    return ec;
}

/* Keys ascend, so one pass over the table finds what is missing and what is not known. */
static enum error_code check_map(struct check *c, const struct offline_member *members)
{
    struct cbor_reader start = c->r;
    size_t count = 0;
    size_t next = 1;
    enum error_code ec = cbor_read_map(&c->r, &count);
    for (size_t i = 0; i < count && ec == EC_OK; i++) {
        struct cbor_reader at = c->r;
        uint64_t key = 0;
        ec = cbor_read_uint(&c->r, &key);
        if (ec != EC_OK)
            break;
        if (key < next) {
            c->r = at;
            return EC_WIRE_NOT_CANONICAL;
        }
        for (; members[next - 1].name != NULL && next < key; next++)
            if (!members[next - 1].optional) {
                c->r = start;
                return EC_WIRE_MISSING;
            }
        if (members[next - 1].name == NULL)
            return refuse(c, &at);
        ec = check_member(c, members, next++);
    }
    for (; ec == EC_OK && members[next - 1].name != NULL; next++)
        if (!members[next - 1].optional) {
            c->r = start;
            ec = EC_WIRE_MISSING;
        }
    return ec;
}

enum error_code offline_list_check(struct span payload, struct offline_list_report *ret,
                                   const uint8_t **ret_at)
{
    struct check c;
    memset(&c, 0, sizeof c);
    cbor_reader_init(&c.r, payload.at, payload.len);
    enum error_code ec = check_map(&c, offline_list_members);
    if (ec == EC_OK && cbor_reader_left(&c.r) != 0)
        ec = EC_WIRE_TRAILING;
    if (ec == EC_OK)
        *ret = c.report;
    else
        *ret_at = c.r.at;
    return ec;
}
