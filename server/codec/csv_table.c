/* A CSV file (RFC 4180, UTF-8, header row) as a table in memory. */
#include "codec/csv_table.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the callbacks of libcsv fill. */
struct reading {
    const struct csv_shape *shape;
    size_t columns;                      /* of the file, as its header has them */
    size_t place[CSV_TABLE_COLUMNS_MAX]; /* column of the file -> column of the caller */
    size_t row;                          /* of the file; 0 is the header */
    size_t column;                       /* of the file, next to come */
    char *text;                          /* as long as the file, which the cells cannot exceed */
    size_t used;
    char **cells;
    size_t cap; /* rows that cells has room for */
    enum error_code ec;
    char *note;
};

static void fail(struct reading *r, enum error_code ec, const char *what, const char *value)
{
    if (r->ec != EC_OK)
        return;
    r->ec = ec;
    snprintf(r->note, CSV_TABLE_NOTE_MAX, "row %zu: %s%s%.60s%s", r->row + 1, what,
             value[0] != '\0' ? " '" : "", value, value[0] != '\0' ? "'" : "");
}

static void take_name(struct reading *r, const char *name)
{
    size_t i = 0;

    while (i < r->shape->columns && strcmp(r->shape->names[i], name) != 0)
        i++;
    if (i == r->shape->columns) {
        fail(r, EC_FIELDS_INVALID, "unknown column", name);
        return;
    }
    for (size_t seen = 0; seen < r->column; seen++)
        if (r->place[seen] == i)
            fail(r, EC_FIELDS_INVALID, "column twice:", name);
    r->place[r->column] = i;
    r->columns = r->column + 1;
}

static int is_named(const struct reading *r, size_t column)
{
    size_t i = 0;

    while (i < r->columns && r->place[i] != column)
        i++;
    return i < r->columns;
}

static void check_names(struct reading *r)
{
    for (size_t i = 0; i < r->shape->required; i++)
        if (!is_named(r, i))
            fail(r, EC_FIELDS_INVALID, "missing column", r->shape->names[i]);
}

static int make_room(struct reading *r)
{
    if (r->row <= r->cap)
        return 1;
    size_t cap = r->cap == 0 ? 64 : r->cap * 2;
    char **more = r->row <= CSV_TABLE_ROWS_MAX
                      ? realloc(r->cells, cap * r->shape->columns * sizeof(*more))
                      : NULL;
    if (more == NULL) {
        fail(r, EC_FIELDS_INVALID, "too many rows", "");
        return 0;
    }
    r->cells = more;
    r->cap = cap;
    return 1;
}

static char **row_cells(struct reading *r)
{
    return r->cells + (r->row - 1) * r->shape->columns;
}

/* Columns that the file does not have are empty. */
static int begin_row(struct reading *r)
{
    static char empty[] = "";

    if (!make_room(r))
        return 0;
    for (size_t i = 0; i < r->shape->columns; i++)
        row_cells(r)[i] = empty;
    return 1;
}

static void on_field(void *field, size_t len, void *context)
{
    struct reading *r = context;

    if (r->ec != EC_OK)
        return;
    if (r->column >= (r->row == 0 ? r->shape->columns : r->columns)) {
        fail(r, EC_FIELDS_INVALID, "too many columns", "");
        return;
    }
    char *text = r->text + r->used;
    if (len > 0)
        memcpy(text, field, len);
    text[len] = '\0';
    r->used += len + 1;
    if (strlen(text) != len)
        fail(r, EC_FIELDS_INVALID, "a NUL character", "");
    else if (r->row == 0)
        take_name(r, text);
    else if (r->column > 0 || begin_row(r))
        row_cells(r)[r->place[r->column]] = text;
    r->column++;
}

static void on_row(int end, void *context)
{
    struct reading *r = context;
    (void)end;

    if (r->row == 0)
        check_names(r);
    else if (r->ec == EC_OK && r->column < r->columns)
        fail(r, EC_FIELDS_INVALID, "too few columns", "");
    r->column = 0;
    r->row++;
}

static enum error_code parse(struct reading *r, const char *at, size_t len)
{
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return EC_NO_MEMORY;
    if (csv_parse(&parser, at, len, on_field, on_row, r) != len ||
        csv_fini(&parser, on_field, on_row, r) != 0)
        fail(r, EC_FIELDS_INVALID, csv_strerror(csv_error(&parser)), "");
    csv_free(&parser);
    if (r->ec == EC_OK && r->row == 0)
        fail(r, EC_FIELDS_INVALID, "no header", "");
    return r->ec;
}

static enum error_code read_all(FILE *f, char **ret, size_t *ret_len)
{
    struct stat st;

    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > CSV_TABLE_BYTES_MAX)
        return EC_IO;
    char *text = malloc((size_t)st.st_size + 2);
    if (text == NULL)
        return EC_NO_MEMORY;
    size_t len = fread(text, 1, (size_t)st.st_size, f);
    text[len] = '\0';
    *ret = text;
    *ret_len = len;
    return EC_OK;
}

enum error_code csv_table_parse(const char *bytes, size_t len, const struct csv_shape *shape,
                                struct csv_table *ret, char *ret_note)
{
    struct reading r = {.shape = shape, .note = ret_note, .text = malloc(len + 2)};
    size_t bom = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    enum error_code ec = r.text == NULL ? EC_NO_MEMORY : parse(&r, bytes + bom, len - bom);

    if (ec == EC_OK) {
        *ret = (struct csv_table){shape->names, shape->columns, r.row - 1, r.cells, r.text};
        return ec;
    }
    free(r.cells);
    free(r.text);
    return ec;
}

enum error_code csv_table_read(const char *path, const struct csv_shape *shape,
                               struct csv_table *ret, char *ret_note)
{
    char *bytes = NULL;
    size_t len = 0;
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        snprintf(ret_note, CSV_TABLE_NOTE_MAX, "%.100s", strerror(errno));
        return EC_IO;
    }
    enum error_code ec = read_all(f, &bytes, &len);
    fclose(f);
    if (ec == EC_IO)
        snprintf(ret_note, CSV_TABLE_NOTE_MAX, "not a file of at most 32 MiB");
    if (ec == EC_OK)
        ec = csv_table_parse(bytes, len, shape, ret, ret_note);
    free(bytes);
    return ec;
}

void csv_table_done(struct csv_table *table)
{
    free(table->cells);
    free(table->text);
    *table = (struct csv_table){.names = NULL};
}

const char *csv_table_get(const struct csv_table *table, size_t row, size_t column)
{
    return table->cells[row * table->columns + column];
}
