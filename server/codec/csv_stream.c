/* A CSV file as it comes in pieces. */
#include "codec/csv_stream.h"

#include <csv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { SLICE = 4096 }; /* libcsv is given so much before the length of the row is looked at again */

struct csv_stream {
    csv_stream_take take;
    void *context;
    struct csv_parser parser;
    int is_open;      /* the parser has its separator */
    char separator;   /* 0: not known yet */
    size_t number;    /* of the row at hand */
    size_t raw;       /* bytes since the last row ended */
    char head[SLICE]; /* what came before the separator was known */
    size_t head_len;
    enum error_code ec; /* the first failure */
    char note[CSV_STREAM_NOTE_MAX];
    size_t count, used; /* cells and bytes of the row at hand */
    const char *cells[CSV_STREAM_COLUMNS_MAX];
    char text[CSV_STREAM_ROW_MAX + CSV_STREAM_COLUMNS_MAX];
};

__attribute__((format(printf, 2, 3))) static void fail(struct csv_stream *s, const char *format,
                                                       ...)
{
    va_list args;
    if (s->ec != EC_OK)
        return;
    s->ec = EC_FIELDS_INVALID;
    int len = snprintf(s->note, sizeof s->note, "row %zu", s->number);
    if (s->count > 0)
        len += snprintf(s->note + len, sizeof s->note - (size_t)len, ", column %zu", s->count);
    len += snprintf(s->note + len, sizeof s->note - (size_t)len, ": ");
    va_start(args, format);
    vsnprintf(s->note + len, sizeof s->note - (size_t)len, format, args);
    va_end(args);
}

enum error_code csv_stream_new(char separator, csv_stream_take take, void *context,
                               struct csv_stream **ret)
{
    struct csv_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return EC_NO_MEMORY;
    s->take = take;
    s->context = context;
    s->separator = separator;
    s->number = 1;
    *ret = s;
    return EC_OK;
}

void csv_stream_free(struct csv_stream *s)
{
    if (s == NULL)
        return;
    if (s->is_open)
        csv_free(&s->parser);
    free(s);
}

const char *csv_stream_note(const struct csv_stream *s)
{
    return s->note;
}

/* -- rows ------------------------------------------------------------------------------------ */

static void too_long(struct csv_stream *s)
{
    fail(s, "is longer than %d bytes; a quote that is never closed joins lines to one",
         CSV_STREAM_ROW_MAX);
}

static void on_cell(void *cell, size_t len, void *context)
{
    struct csv_stream *s = context;
    if (s->ec != EC_OK)
        return;
    if (s->count == CSV_STREAM_COLUMNS_MAX) {
        fail(s, "more than %d columns", CSV_STREAM_COLUMNS_MAX);
        return;
    }
    s->count++;
    if (len + 1 > sizeof s->text - s->used) {
        too_long(s);
        return;
    }
    char *text = s->text + s->used;
    if (len > 0)
        memcpy(text, cell, len);
    text[len] = '\0';
    if (memchr(text, '\0', len) != NULL)
        fail(s, "has a NUL character; is the file text?");
    else if (!utf8_valid(text))
        fail(s, "is not UTF-8; save the file as \"CSV UTF-8\" (it looks like Latin-1 or"
                " Windows-1252)");
    s->cells[s->count - 1] = text;
    s->used += len + 1;
}

static void on_row(int end, void *context)
{
    struct csv_stream *s = context;
    const struct csv_stream_row row = {s->number, s->count, s->cells};
    (void)end;
    if (s->ec == EC_OK)
        s->ec = s->take(s->context, &row);
    if (s->ec != EC_OK)
        return;
    s->number++;
    s->count = s->used = s->raw = 0;
}

static void parse(struct csv_stream *s, const char *at, size_t len)
{
    s->raw += len;
    if (csv_parse(&s->parser, at, len, on_cell, on_row, s) == len)
        return;
    if (csv_error(&s->parser) == CSV_ENOMEM && s->ec == EC_OK)
        s->ec = EC_NO_MEMORY;
    s->count++; /* the cell that could not be read */
    fail(s, "has a quote in the wrong place; a cell with quotes is written \"say \"\"so\"\"\"");
}

static enum error_code parse_all(struct csv_stream *s, const char *at, size_t len)
{
    while (len > 0 && s->ec == EC_OK) {
        size_t n = len < SLICE ? len : SLICE;
        parse(s, at, n);
        if (s->raw > CSV_STREAM_ROW_MAX + SLICE)
            too_long(s);
        at += n;
        len -= n;
    }
    return s->ec;
}

/* -- the beginning --------------------------------------------------------------------------- */

static char most_frequent(const char *at, size_t len)
{
    static const char separators[] = ",;\t|";
    char best = ',';
    size_t most = 0;
    for (const char *c = separators; *c != '\0'; c++) {
        size_t n = 0;
        for (size_t i = 0; i < len; i++)
            n += at[i] == *c;
        if (n > most) {
            best = *c;
            most = n;
        }
    }
    return best;
}

static enum error_code open_parser(struct csv_stream *s)
{
    const char *at = s->head;
    size_t len = s->head_len;
    if (len >= 2 && (memcmp(at, "\xff\xfe", 2) == 0 || memcmp(at, "\xfe\xff", 2) == 0)) {
        fail(s, "the file is UTF-16; save it as \"CSV UTF-8\"");
        return s->ec;
    }
    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
        len -= 3;
    }
    if (csv_init(&s->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return s->ec = EC_NO_MEMORY;
    s->is_open = 1;
    if (s->separator == '\0')
        s->separator = most_frequent(at, strcspn(at, "\r\n"));
    csv_set_delim(&s->parser, (unsigned char)s->separator);
    return parse_all(s, at, len);
}

enum error_code csv_stream_put(struct csv_stream *s, const char *at, size_t len)
{
    while (len > 0 && s->ec == EC_OK && !s->is_open) {
        char c = *at++;
        len--;
        s->head[s->head_len++] = c;
        if (c == '\n' || c == '\r' || s->head_len == sizeof s->head - 1)
            (void)!open_parser(s);
    }
    return s->ec == EC_OK && len > 0 ? parse_all(s, at, len) : s->ec;
}

enum error_code csv_stream_end(struct csv_stream *s)
{
    if (s->ec == EC_OK && !s->is_open)
        (void)!open_parser(s);
    if (s->ec == EC_OK && csv_fini(&s->parser, on_cell, on_row, s) != 0) {
        s->count++;
        fail(s, "has a quote that is never closed");
    }
    if (s->ec == EC_OK && s->number == 1)
        fail(s, "the file is empty; it must begin with a header");
    return s->ec;
}
