/* From a decoded body to the parameters of a statement. */
#include "http/bind.h"

#include <assert.h>

#include "store/document.h"

static struct db_param bind_one(const struct json_field *f, const void *from)
{
    const void *at = (const char *)from + f->offset;
    switch (f->kind) {
    case FIELD_INT:
        return document_int(*(const struct optional_int *)at);
    case FIELD_REAL:
        return document_real(*(const struct optional_real *)at);
    case FIELD_BOOL:
        return document_bool(*(const struct optional_bool *)at);
    default:
        return db_text(*(const char *const *)at);
    }
}

size_t bind_fields(const struct json_field *fields, const void *from, struct db_param *ret,
                   size_t cap)
{
    size_t n = 0;
    for (const struct json_field *f = fields; f->name != NULL; f++) {
        assert(n < cap);
        if (f->kind == FIELD_PART)
            n += bind_fields(f->fields, from, ret + n, cap - n);
        else
            ret[n++] = bind_one(f, from);
    }
    return n;
}
