/* Running totals of the ingest: fleet.counter. */
#include "store/counter.h"

#include <string.h>

#include "store/binary.h"

enum { ARRAY_MAX = 1 << 16 };

enum error_code counter_add(struct db *db, const struct counter_delta *list, size_t n)
{
    struct db_param params[3];
    struct bytes names, labels, values;
    enum error_code ec;

    if (n == 0)
        return EC_OK;
    bytes_init(&names, ARRAY_MAX);
    bytes_init(&labels, ARRAY_MAX);
    bytes_init(&values, ARRAY_MAX);
    binary_array(&names, BINARY_TEXT, n);
    binary_array(&labels, BINARY_TEXT, n);
    binary_array(&values, BINARY_INT8, n);
    for (size_t i = 0; i < n; i++) {
        binary_bytes(&names, list[i].name, strlen(list[i].name));
        binary_bytes(&labels, list[i].label, strlen(list[i].label));
        binary_int8(&values, (int64_t)list[i].value);
    }
    params[0] = binary_param(&names);
    params[1] = binary_param(&labels);
    params[2] = binary_param(&values);
    ec = names.failed || labels.failed || values.failed ? EC_NO_MEMORY : EC_OK;
    if (ec == EC_OK)
        ec = db_run(db,
                    "insert into fleet.counter as c (name, label, value)"
                    " select * from unnest($1::text[], $2::text[], $3::bigint[])"
                    " on conflict (name, label) do update set value = c.value + excluded.value",
                    params, 3, NULL);
    bytes_done(&names);
    bytes_done(&labels);
    bytes_done(&values);
    return ec;
}
