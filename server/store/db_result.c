/* Rows of statements, as C values. */
#include "store/db_result.h"

#include <stdlib.h>
#include <string.h>

size_t db_rows(const struct db_result *r)
{
    return (size_t)PQntuples(r->rows);
}

size_t db_columns(const struct db_result *r)
{
    return (size_t)PQnfields(r->rows);
}

const char *db_column_name(const struct db_result *r, size_t column)
{
    return PQfname(r->rows, (int)column);
}

const char *db_get_text(const struct db_result *r, size_t row, size_t column)
{
    if (PQgetisnull(r->rows, (int)row, (int)column))
        return NULL;
    return PQgetvalue(r->rows, (int)row, (int)column);
}

int64_t db_get_int(const struct db_result *r, size_t row, size_t column)
{
    const char *text = db_get_text(r, row, column);

    return text ? strtoll(text, NULL, 10) : 0;
}

int db_get_bool(const struct db_result *r, size_t row, size_t column)
{
    const char *text = db_get_text(r, row, column);

    return text != NULL && text[0] == 't';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return 0;
}

long db_get_bytes(const struct db_result *r, size_t row, size_t column, uint8_t *ret, size_t cap)
{
    const char *text = db_get_text(r, row, column);
    size_t len;

    if (text == NULL || text[0] != '\\' || text[1] != 'x')
        return -1;
    text += 2;
    len = strlen(text) / 2;
    if (len > cap)
        return -1;
    for (size_t i = 0; i < len; i++)
        ret[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return (long)len;
}

void db_result_free(struct db_result *r)
{
    if (r == NULL)
        return;
    PQclear(r->rows);
    free(r);
}
