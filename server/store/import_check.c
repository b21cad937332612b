/* Checking the cells of a table against a description of its columns. */
#include "store/import_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 8, NUMBER_MAX = 100000, WHAT_LEN = 96 };

static const char digits[] = "0123456789";

static int is_choice(const char *text, const char *choices)
{
    size_t len = strlen(text);

    for (const char *at = choices; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, text, len) == 0 && (at[len] == '|' || at[len] == '\0'))
            return 1;
    }
    return 0;
}

static int is_numbers(const char *text)
{
    int count = 0;

    for (const char *at = text;; at++) {
        size_t len = strspn(at, digits);
        long value = len > 0 && len <= 6 ? strtol(at, NULL, 10) : 0;
        if (value < 1 || value > NUMBER_MAX || ++count > NUMBERS_MAX)
            return 0;
        at += len;
        if (*at != ';')
            return *at == '\0';
    }
}

static int is_amps(const char *text, int may_be_none)
{
    size_t whole = strspn(text, digits);
    const char *rest = text + whole;

    if (rest[0] == '.' && strspn(rest + 1, digits) == 1)
        rest += 2;
    return whole >= 1 && whole <= 4 && *rest == '\0' && (may_be_none || strtod(text, NULL) > 0);
}

static int is_date(const char *text)
{
    static const char form[] = "0000-00-00";

    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == '-' ? text[i] != '-' : strchr(digits, text[i]) == NULL || text[i] == '\0')
            return 0;
    return text[sizeof(form) - 1] == '\0';
}

static int is_valid(const struct import_column *c, const char *text)
{
    size_t len = strlen(text);

    if (len == 0)
        return c->optional;
    switch (c->type) {
    case IMPORT_TEXT:
        return len >= c->min && len <= c->max;
    case IMPORT_CHOICE:
        return is_choice(text, c->choices);
    case IMPORT_NUMBERS:
        return is_numbers(text);
    case IMPORT_AMPS:
    case IMPORT_AMPS_OR_NONE:
        return is_amps(text, c->type == IMPORT_AMPS_OR_NONE);
    case IMPORT_DATE:
        return is_date(text);
    case IMPORT_HEX:
        return len == c->max && strspn(text, "0123456789abcdefABCDEF") == len;
    }
    return 0;
}

static void describe(const struct import_column *c, char ret[WHAT_LEN])
{
    const char *empty = c->optional ? " or empty" : "";

    switch (c->type) {
    case IMPORT_TEXT:
        snprintf(ret, WHAT_LEN, "must be %zu..%zu bytes%s", c->min, c->max, empty);
        break;
    case IMPORT_CHOICE:
        snprintf(ret, WHAT_LEN, "must be %s%s", c->choices, empty);
        break;
    case IMPORT_NUMBERS:
        snprintf(ret, WHAT_LEN, "must be numbers 1..%d separated by ';'%s", NUMBER_MAX, empty);
        break;
    case IMPORT_AMPS:
        snprintf(ret, WHAT_LEN, "must be amperes, such as 30 or 39.6%s", empty);
        break;
    case IMPORT_AMPS_OR_NONE:
        snprintf(ret, WHAT_LEN, "must be amperes, such as 30, or 0 for none%s", empty);
        break;
    case IMPORT_DATE:
        snprintf(ret, WHAT_LEN, "must be a date, YYYY-MM-DD%s", empty);
        break;
    case IMPORT_HEX:
        snprintf(ret, WHAT_LEN, "must be %zu hex digits%s", c->max, empty);
        break;
    }
}

enum error_code import_refuse(const struct csv_table *table, size_t row, size_t column,
                              enum error_code ec, const char *what, char *ret_note)
{
    snprintf(ret_note, IMPORT_NOTE_MAX, "row %zu, column %s, value '%.80s': %s", row + 2,
             table->names[column], csv_table_get(table, row, column), what);
    return ec;
}

size_t import_check_all(const struct csv_table *table, const struct import_column *columns,
                        void (*tell)(void *context, size_t row, size_t column, const char *what),
                        void *context)
{
    char what[WHAT_LEN] = "";
    size_t bad = 0;

    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++) {
            if (is_valid(&columns[column], csv_table_get(table, row, column)))
                continue;
            describe(&columns[column], what);
            tell(context, row, column, what);
            bad++;
        }
    }
    return bad;
}

/* What the first bad cell is told in. */
struct first {
    const struct csv_table *table;
    char *note;
    int is_told;
};

static void tell_first(void *context, size_t row, size_t column, const char *what)
{
    struct first *f = context;

    if (!f->is_told)
        (void)!import_refuse(f->table, row, column, EC_FIELDS_INVALID, what, f->note);
    f->is_told = 1;
}

enum error_code import_check(const struct csv_table *table, const struct import_column *columns,
                             char *ret_note)
{
    struct first f = {table, ret_note, 0};
    return import_check_all(table, columns, tell_first, &f) == 0 ? EC_OK : EC_FIELDS_INVALID;
}

struct db_param import_param(const struct csv_table *table, size_t row, size_t column)
{
    const char *text = csv_table_get(table, row, column);
    return text[0] == '\0' ? db_null() : db_text(text);
}

static enum error_code put_rows(struct db *db, void *context)
{
    struct import_rows *rows = context;
    enum error_code ec = EC_OK;

    rows->result = (struct import_result){.rows = rows->table->rows};
    rows->note[0] = '\0';
    for (size_t row = 0; row < rows->table->rows && ec == EC_OK; row++)
        ec = rows->put(db, rows, row);
    return ec;
}

enum error_code import_rows(struct db *db, const struct import_column *columns,
                            struct import_rows *rows, struct import_result *ret)
{
    rows->note[0] = '\0';
    enum error_code ec = import_check(rows->table, columns, rows->note);
    if (ec == EC_OK)
        ec = db_transact(db, put_rows, rows);
    if (ec == EC_OK)
        *ret = rows->result;
    else if (rows->note[0] == '\0')
        snprintf(rows->note, IMPORT_NOTE_MAX, "%s", db_note(db));
    return ec;
}
