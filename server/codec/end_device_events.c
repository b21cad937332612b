/* IEC 61968-9 EndDeviceEvents, as XML comes in pieces. */
#include "codec/end_device_events.h"

#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICE = 16384, PATH_MAX_LEN = 96, SEPARATOR = ' ', TIME_LEN = 19 };
enum field { ID, AT, CODE, METER, METER_NAME, POINT, POINT_NAME, FIELDS };

/* What is read of an event: elements below EndDeviceEvent, or an attribute of one. */
static const struct place {
    const char *path, *attribute;
    enum field field;
} places[] = {
    {"/mRID", NULL, ID},
    {"/createdDateTime", NULL, AT},
    {"/EndDeviceEventType", "ref", CODE},
    {"/EndDeviceEventType/mRID", NULL, CODE},
    {"/Assets/mRID", NULL, METER},
    {"/Assets/Names/name", NULL, METER_NAME},
    {"/UsagePoint/mRID", NULL, POINT},
    {"/UsagePoint/Names/name", NULL, POINT_NAME},
};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

struct end_device_events {
    end_device_events_take take;
    void *context;
    XML_Parser parser;
    enum error_code ec; /* the first failure */
    char note[END_DEVICE_EVENTS_NOTE_MAX];
    uint64_t fed;         /* bytes */
    int depth, list, own; /* now; of EndDeviceEvents and of EndDeviceEvent, 0: not inside one */
    int has_list;
    size_t text; /* bytes of text since the last tag */
    uint64_t number;
    unsigned long line;
    char path[PATH_MAX_LEN]; /* below the event */
    size_t path_len[END_DEVICE_EVENTS_DEPTH_MAX + 1];
    int reading; /* the field whose text comes; -1: none */
    char fields[FIELDS][END_DEVICE_EVENTS_FIELD_MAX + 1];
    size_t lengths[FIELDS];
    uint8_t is_set[FIELDS]; /* a second one of its kind is not read */
};

__attribute__((format(printf, 3, 4))) static void fail(struct end_device_events *e,
                                                       enum error_code ec, const char *format, ...)
{
    va_list args;

    if (e->ec != EC_OK)
        return;
    int n = snprintf(e->note, sizeof(e->note),
                     "line %lu, column %lu: ", (unsigned long)XML_GetCurrentLineNumber(e->parser),
                     (unsigned long)XML_GetCurrentColumnNumber(e->parser) + 1);
    va_start(args, format);
    vsnprintf(e->note + n, sizeof(e->note) - (size_t)n, format, args);
    va_end(args);
    e->ec = ec;
    (void)XML_StopParser(e->parser, XML_FALSE);
}

/* -- an event -------------------------------------------------------------------------------- */

static int two(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static int has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; text++, shape++)
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
            return 0;
    return 1;
}

/* xsd:dateTime with an offset, of the years 1970 to 2999. */
static int read_time(const char *text, int64_t *ret_ms)
{
    if (!has_shape(text, "0000-00-00T00:00:00"))
        return 0;
    struct tm t = {.tm_year = two(text) * 100 + two(text + 2) - 1900,
                   .tm_mon = two(text + 5) - 1,
                   .tm_mday = two(text + 8),
                   .tm_hour = two(text + 11),
                   .tm_min = two(text + 14),
                   .tm_sec = two(text + 17)};
    const struct tm said = t;
    int64_t ms = (int64_t)timegm(&t) * 1000;
    if (t.tm_year != said.tm_year || t.tm_mon != said.tm_mon || t.tm_mday != said.tm_mday ||
        t.tm_hour != said.tm_hour || t.tm_min != said.tm_min || t.tm_sec != said.tm_sec ||
        t.tm_year < 70 || t.tm_year >= 1100)
        return 0;
    const char *rest = text + TIME_LEN;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        int unit = 100;
        if (digits == 0)
            return 0;
        for (size_t i = 1; i <= digits && unit > 0; i++, unit /= 10)
            ms += (rest[i] - '0') * unit;
        rest += 1 + digits;
    }
    if (strcmp(rest, "Z") != 0) {
        if ((*rest != '+' && *rest != '-') || !has_shape(rest + 1, "00:00") || rest[6] != '\0' ||
            two(rest + 1) > 14 || two(rest + 4) > 59)
            return 0;
        ms -= (*rest == '-' ? -1 : 1) * (two(rest + 1) * 60 + two(rest + 4)) * INT64_C(60000);
    }
    *ret_ms = ms;
    return 1;
}

/* Numbers with dots between. */
static int is_code(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    while (digits > 0 && text[digits] == '.') {
        text += digits + 1;
        digits = strspn(text, "0123456789");
    }
    return digits > 0 && text[digits] == '\0';
}

/* Whitespace around a text is layout. */
static void trim(struct end_device_events *e, enum field field)
{
    char *text = e->fields[field];
    size_t from = strspn(text, " \t\r\n"), n = strlen(text);

    while (n > from && strchr(" \t\r\n", text[n - 1]) != NULL)
        n--;
    memmove(text, text + from, n - from);
    text[n - from] = '\0';
}

static void event_end(struct end_device_events *e)
{
    struct end_device_event event = {
        .number = e->number,
        .line = e->line,
        .id = e->fields[ID],
        .code = e->fields[CODE],
        .meter = e->fields[METER],
        .meter_name = e->fields[METER_NAME],
        .usage_point = e->fields[POINT],
        .usage_point_name = e->fields[POINT_NAME],
    };
    for (int f = 0; f < FIELDS; f++)
        trim(e, (enum field)f);
    if (!read_time(e->fields[AT], &event.at_ms))
        fail(e, EC_FIELDS_INVALID, "createdDateTime '%.40s' is not a time with an offset",
             e->fields[AT]);
    else if (!is_code(event.code))
        fail(e, EC_FIELDS_INVALID, "EndDeviceEventType '%.40s' is not a code of numbers",
             event.code);
    else if (*event.meter == '\0' && *event.meter_name == '\0' && *event.usage_point == '\0' &&
             *event.usage_point_name == '\0')
        fail(e, EC_FIELDS_INVALID, "the event names neither a meter nor a usage point");
    else {
        enum error_code ec = e->take(e->context, &event);
        if (ec != EC_OK)
            fail(e, ec, "refused");
    }
}

/* -- what expat calls ------------------------------------------------------------------------ */

static const char *local_name(const char *name)
{
    const char *separator = strrchr(name, SEPARATOR);
    return separator != NULL ? separator + 1 : name;
}

static void add_text(struct end_device_events *e, enum field field, const char *at, size_t len)
{
    if (e->lengths[field] + len > END_DEVICE_EVENTS_FIELD_MAX) {
        fail(e, EC_FIELDS_INVALID, "a value is longer than %d bytes", END_DEVICE_EVENTS_FIELD_MAX);
        return;
    }
    memcpy(e->fields[field] + e->lengths[field], at, len);
    e->lengths[field] += len;
    e->fields[field][e->lengths[field]] = '\0';
}

/* The element that has just begun below an event: is it, or an attribute of it, read? */
static void look_up(struct end_device_events *e, const char **attributes)
{
    for (int i = 0; i < PLACES; i++) {
        enum field field = places[i].field;
        if (strcmp(e->path, places[i].path) != 0 || e->is_set[field])
            continue;
        if (places[i].attribute == NULL) {
            e->reading = (int)field;
            e->is_set[field] = 1;
            continue;
        }
        for (const char **a = attributes; *a != NULL; a += 2)
            if (strcmp(local_name(a[0]), places[i].attribute) == 0) {
                e->is_set[field] = 1;
                add_text(e, field, a[1], strlen(a[1]));
            }
    }
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    struct end_device_events *e = context;
    size_t n = 0;

    if (e->ec != EC_OK) /* expat may still have a call or two to make */
        return;
    e->text = 0;
    e->reading = -1;
    if (e->depth == END_DEVICE_EVENTS_DEPTH_MAX) {
        fail(e, EC_FIELDS_INVALID, "more than %d elements within each other",
             END_DEVICE_EVENTS_DEPTH_MAX);
        return;
    }
    e->depth++;
    while (attributes[2 * n] != NULL)
        n++;
    if (n > END_DEVICE_EVENTS_ATTRIBUTES_MAX) {
        fail(e, EC_FIELDS_INVALID, "more than %d attributes", END_DEVICE_EVENTS_ATTRIBUTES_MAX);
        return;
    }
    name = local_name(name);
    if (e->own > 0) {
        size_t len = strlen(e->path);
        e->path_len[e->depth] = len;
        snprintf(e->path + len, sizeof(e->path) - len, "/%s", name);
        look_up(e, attributes);
    } else if (e->list > 0 && e->depth == e->list + 1 && strcmp(name, "EndDeviceEvent") == 0) {
        e->own = e->depth;
        e->number++;
        e->line = (unsigned long)XML_GetCurrentLineNumber(e->parser);
        e->path[0] = '\0';
        memset(e->fields, 0, sizeof(e->fields));
        memset(e->lengths, 0, sizeof(e->lengths));
        memset(e->is_set, 0, sizeof(e->is_set));
    } else if (e->list == 0 && strcmp(name, "EndDeviceEvents") == 0) {
        e->list = e->depth;
        e->has_list = 1;
    }
}

static void XMLCALL on_end(void *context, const char *name)
{
    struct end_device_events *e = context;

    (void)name;
    if (e->ec != EC_OK)
        return;
    e->text = 0;
    e->reading = -1;
    if (e->depth == e->own) {
        e->own = 0;
        event_end(e);
    } else if (e->own > 0) {
        e->path[e->path_len[e->depth]] = '\0';
    } else if (e->depth == e->list) {
        e->list = 0;
    }
    e->depth--;
}

static void XMLCALL on_text(void *context, const char *at, int len)
{
    struct end_device_events *e = context;

    if (e->ec != EC_OK)
        return;
    e->text += (size_t)len;
    if (e->reading >= 0)
        add_text(e, (enum field)e->reading, at, (size_t)len);
    else if (e->text > END_DEVICE_EVENTS_TEXT_MAX)
        fail(e, EC_FIELDS_INVALID, "a text is longer than %d bytes", END_DEVICE_EVENTS_TEXT_MAX);
}

/* Without a document type there are no entities but the five of XML. */
static void XMLCALL on_doctype(void *context, const char *name, const char *system_id,
                               const char *public_id, int has_internal_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    fail(context, EC_FIELDS_INVALID, "a document type is not taken");
}

/* -- public ---------------------------------------------------------------------------------- */

enum error_code end_device_events_new(end_device_events_take take, void *context,
                                      struct end_device_events **ret)
{
    struct end_device_events *e = calloc(1, sizeof(*e));

    if (e == NULL)
        return EC_NO_MEMORY;
    e->take = take;
    e->context = context;
    e->reading = -1;
    e->parser = XML_ParserCreateNS(NULL, SEPARATOR);
    if (e->parser == NULL) {
        free(e);
        return EC_NO_MEMORY;
    }
    XML_SetUserData(e->parser, e);
    XML_SetElementHandler(e->parser, on_start, on_end);
    XML_SetCharacterDataHandler(e->parser, on_text);
    XML_SetStartDoctypeDeclHandler(e->parser, on_doctype);
    *ret = e;
    return EC_OK;
}

void end_device_events_free(struct end_device_events *e)
{
    if (e == NULL)
        return;
    XML_ParserFree(e->parser);
    free(e);
}

static enum error_code parse(struct end_device_events *e, const char *at, size_t len, int is_last)
{
    if (e->ec != EC_OK)
        return e->ec;
    if (XML_Parse(e->parser, at, (int)len, is_last) != XML_STATUS_OK) {
        enum XML_Error error = XML_GetErrorCode(e->parser);
        fail(e, error == XML_ERROR_NO_MEMORY ? EC_NO_MEMORY : EC_FIELDS_INVALID, "%s",
             XML_ErrorString(error));
        return e->ec;
    }
    e->fed += len;
    /* expat keeps an unfinished tag or comment whole */
    if (!is_last &&
        e->fed - (uint64_t)XML_GetCurrentByteIndex(e->parser) > END_DEVICE_EVENTS_MARKUP_MAX)
        fail(e, EC_FIELDS_INVALID, "a tag or comment is longer than %d bytes",
             END_DEVICE_EVENTS_MARKUP_MAX);
    return e->ec;
}

enum error_code end_device_events_put(struct end_device_events *e, const char *at, size_t len)
{
    enum error_code ec = e->ec;

    for (size_t from = 0; from < len && ec == EC_OK; from += SLICE)
        ec = parse(e, at + from, len - from < SLICE ? len - from : SLICE, 0);
    return ec;
}

enum error_code end_device_events_end(struct end_device_events *e)
{
    enum error_code ec = parse(e, "", 0, 1);

    if (ec == EC_OK && !e->has_list) {
        fail(e, EC_FIELDS_INVALID, "there is no EndDeviceEvents");
        ec = e->ec;
    }
    return ec;
}

const char *end_device_events_note(const struct end_device_events *e)
{
    return e->note;
}
