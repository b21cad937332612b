/* The keys of a device, by its serial number. */
#include "store/device_key.h"

#include <string.h>

enum error_code device_key_load(struct db *db, const char *serial, struct device_keys *ret)
{
    struct db_param params[] = {db_text(serial), db_int(LIMIT_KEYS_PER_DEVICE)};
    struct device_keys keys;
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "select d.device_id, k.kid, k.public_key, k.valid_to <= now()"
               " from fleet.device_serial s"
               " join fleet.device d on d.device_id = s.device_id and d.state = 'registered'"
               " left join fleet.device_key k on k.device_id = d.device_id"
               "  and k.valid_from <= now()"
               " where s.serial = $1 order by coalesce(k.valid_to <= now(), false),"
               " k.valid_from desc limit $2::bigint",
               params, 2, &r);

    if (ec != EC_OK)
        return ec;
    memset(&keys, 0, sizeof(keys));
    for (size_t row = 0; row < db_rows(r) && row < LIMIT_KEYS_PER_DEVICE; row++) {
        struct device_key *k = &keys.at[keys.count];

        keys.device_id = db_get_int(r, row, 0);
        k->is_retired = db_get_bool(r, row, 3);
        if (db_get_bytes(r, row, 1, k->kid, WIRE_KID_LEN) == WIRE_KID_LEN &&
            db_get_bytes(r, row, 2, k->public_key, WIRE_KEY_LEN) == WIRE_KEY_LEN)
            keys.count++;
    }
    db_result_free(r);
    *ret = keys;
    return EC_OK;
}
