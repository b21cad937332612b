/* Parameters of statements, from C values. */
#include "store/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct db_param db_text(const char *text)
{
    return (struct db_param){.value = text, .length = text ? (int)strlen(text) : 0};
}

struct db_param db_bytes(const uint8_t *at, size_t len)
{
    /* libpq takes a null pointer for SQL null; no bytes are not null */
    return (struct db_param){.value = at ? (const char *)at : "", .length = (int)len, .format = 1};
}

struct db_param db_int(int64_t value)
{
    struct db_param p = {.length = DB_NUMBER};

    snprintf(p.text, sizeof(p.text), "%" PRId64, value);
    return p;
}

struct db_param db_bool(int value)
{
    return db_text(value ? "t" : "f");
}

struct db_param db_double(double value)
{
    struct db_param p = {.length = DB_NUMBER};

    snprintf(p.text, sizeof(p.text), "%.17g", value);
    return p;
}

struct db_param db_null(void)
{
    return (struct db_param){.length = 0};
}
