/* Names and texts of the error codes, for the programs that show them to people. */
#include "error.h"

#include <string.h>

struct entry {
    const char *slug;
    const char *text;
    short status;
    short retry;
};

static const struct entry entries[] = {
#define ERROR(name, slug, status, retry, text) [name] = {slug, text, status, retry},
#include "errors.def"
#undef ERROR
};

static const struct entry *entry(enum error_code code)
{
    return &entries[(unsigned)code < EC_COUNT ? code : EC_INTERNAL];
}

const char *error_slug(enum error_code code)
{
    return entry(code)->slug;
}

const char *error_text(enum error_code code)
{
    return entry(code)->text;
}

int error_status(enum error_code code)
{
    int status = entry(code)->status;
    return status != 0 ? status : 500;
}

int error_retry(enum error_code code)
{
    return entry(code)->retry;
}

enum error_code error_from_slug(const char *slug)
{
    for (int code = 0; code < EC_COUNT; code++)
        if (strcmp(entries[code].slug, slug) == 0)
            return (enum error_code)code;
    return EC_INTERNAL;
}
