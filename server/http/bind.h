/* From a decoded body to the parameters of a statement. */
#ifndef BPTM_BIND_H
#define BPTM_BIND_H

#include "codec/json_table.h"
#include "store/db.h"

/**
 * Make one parameter of each field, in the order of the table, those of a part in its place; what
 * is absent becomes SQL null.
 * @param from  the struct that the offsets count in; its texts are borrowed
 * @param cap   room in `ret`; a table with more fields is a programmer's error
 * @return how many
 */
size_t bind_fields(const struct json_field *fields, const void *from, struct db_param *ret,
                   size_t cap);

#endif
