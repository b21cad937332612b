/* A new key of a device: proven, good together with the old one for a while, then alone. */
#include "store/key_rotation.h"

#include <inttypes.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <string.h>

#include "store/device_key.h"

/* One rotation of a device at a time. */
static enum error_code lock(struct db *db, const char *serial)
{
    struct db_param params[] = {db_text(serial)};
    return db_run(db, "select pg_advisory_xact_lock(hashtextextended('device key ' || $1, 8))",
                  params, 1, NULL);
}

static enum error_code judge(const struct key_rotation *r, const struct device_keys *keys,
                             struct key_proof *ret)
{
    uint8_t scratch[WIRE_SCRATCH_LEN];
    enum error_code ec = EC_DEVICE_KEY_UNKNOWN;

    if (r->voucher == KEY_VOUCHED_BY_OPERATOR)
        return key_proof_check(r->proof, r->serial, NULL, scratch, ret);
    for (size_t i = 0; i < keys->count && ec != EC_OK; i++)
        if (!keys->at[i].is_retired)
            ec = key_proof_check(r->proof, r->serial, keys->at[i].public_key, scratch, ret);
    return ec;
}

static enum error_code check_room(const struct key_rotation *r, const struct device_keys *keys,
                                  const struct key_proof *proof, const char **ret_note)
{
    size_t good = 0;

    for (size_t i = 0; i < keys->count; i++) {
        good += !keys->at[i].is_retired;
        if (memcmp(keys->at[i].public_key, proof->public_key, WIRE_KEY_LEN) == 0) {
            *ret_note = "the key is, or was, one of this device";
            return EC_CONFLICT;
        }
    }
    if (good < 2 || r->overlap_s == 0)
        return EC_OK;
    *ret_note = "the key before is still good; until it ends, another one takes an overlap of 0";
    return EC_STATE_REFUSED;
}

/* What is past has its end; what would end sooner by itself keeps that. */
static enum error_code end_old(struct db *db, int64_t device_id, int64_t overlap_s)
{
    struct db_param params[] = {db_int(device_id), db_int(overlap_s)};
    return db_run(db,
                  "update fleet.device_key set valid_to = now() + $2::bigint * interval '1 second'"
                  " where device_id = $1 and (valid_to is null"
                  " or valid_to > now() + $2::bigint * interval '1 second')",
                  params, 2, NULL);
}

static enum error_code insert(struct db *db, int64_t device_id, const struct key_proof *proof,
                              struct span message)
{
    uint8_t kid[WIRE_KID_LEN];
    cose_kid(proof->public_key, kid);
    struct db_param params[] = {db_int(device_id), db_bytes(kid, sizeof kid),
                                db_bytes(proof->public_key, WIRE_KEY_LEN),
                                db_bytes(message.at, message.len)};
    return db_run(db,
                  "insert into fleet.device_key (device_id, kid, public_key, valid_from, proof)"
                  " values ($1, $2, $3, now(), $4)",
                  params, 4, NULL);
}

static enum error_code audit(struct db *db, const struct audit_by *by, const struct key_rotation *r,
                             const struct key_proof *proof)
{
    char key[2 * WIRE_KEY_LEN + 1], old[2 * WIRE_KID_LEN + 1], before[64], after[256];

    sodium_bin2hex(key, sizeof key, proof->public_key, WIRE_KEY_LEN);
    sodium_bin2hex(old, sizeof old, proof->replaces, WIRE_KID_LEN);
    snprintf(before, sizeof before, "{\"kid\": \"%s\"}", old);
    snprintf(after, sizeof after,
             "{\"public_key\": \"%s\", \"overlap_s\": %" PRId64 ", \"vouched_by\": \"%s\"}", key,
             r->overlap_s, r->voucher == KEY_VOUCHED_BY_OLD ? "old_key" : "operator");
    const struct audit_change change = {"device.key", r->serial, before, after, r->reason};
    return audit_add(db, by, &change);
}

enum error_code key_rotate(struct db *db, const struct audit_by *by,
                           const struct key_rotation *rotation, const char **ret_note)
{
    struct device_keys keys;
    struct key_proof proof;

    enum error_code ec = lock(db, rotation->serial);
    if (ec == EC_OK)
        ec = device_key_load(db, rotation->serial, &keys);
    if (ec != EC_OK)
        return ec;
    *ret_note = "the device is not registered";
    if (keys.device_id == 0)
        return EC_NOT_FOUND;
    *ret_note = "does not prove that the device has the new key, and the one before";
    if (judge(rotation, &keys, &proof) != EC_OK)
        return EC_FIELDS_INVALID;
    ec = check_room(rotation, &keys, &proof, ret_note);
    if (ec == EC_OK)
        ec = end_old(db, keys.device_id, rotation->overlap_s);
    if (ec == EC_OK)
        ec = insert(db, keys.device_id, &proof, rotation->proof);
    return ec == EC_OK ? audit(db, by, rotation, &proof) : ec;
}
