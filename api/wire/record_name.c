/* Names of kinds, fields and causes, for the programs that show records to people. */
#include <stddef.h>

#include "record.h"

struct name {
    unsigned number;
    const char *text;
};

static const struct name kinds[] = {
#define RECORD_KIND(number, NAME, name, fields) {number, name},
#include "record.def"
#undef RECORD_KIND
    {0, NULL},
};

static const struct name keys[] = {
#define RECORD_KEY(number, NAME, name, type) {number, name},
#include "record.def"
#undef RECORD_KEY
    {0, NULL},
};

static const struct name causes[] = {
#define RECORD_CAUSE(number, NAME, name) {number, name},
#include "record.def"
#undef RECORD_CAUSE
    {0, NULL},
};

static const char *look_up(const struct name *table, unsigned number)
{
    while (table->text != NULL && table->number != number)
        table++;
    return table->text;
}

const char *record_kind_name(unsigned kind)
{
    return look_up(kinds, kind);
}

const char *record_key_name(unsigned key)
{
    return look_up(keys, key);
}

const char *record_cause_name(unsigned cause)
{
    return look_up(causes, cause);
}
