/* A new key of a device: proven, good together with the old one for a while, then alone. */
#ifndef BPTM_KEY_ROTATION_H
#define BPTM_KEY_ROTATION_H

#include "key_proof.h"
#include "store/audit.h"

enum key_voucher {
    KEY_VOUCHED_BY_OLD,      /* the proof is signed by an old key of the device, too */
    KEY_VOUCHED_BY_OPERATOR, /* it is signed by the new key alone; a person vouches */
};

struct key_rotation {
    const char *serial;
    struct span proof; /* borrowed */
    enum key_voucher voucher;
    int64_t overlap_s; /* that the old keys stay good, at most LIMIT_KEY_OVERLAP_S */
    const char *reason;
};

/**
 * Judge the proof, add the key, and give the old ones their end; writes the audit row. Call inside
 * db_transact().
 *
 * @param ret_note  why not, when it is not EC_OK; a text of this program
 * @return EC_OK; EC_NOT_FOUND without such a device; EC_FIELDS_INVALID when the proof proves
 *         nothing; EC_CONFLICT when the key is, or was, one of this device; EC_STATE_REFUSED while
 *         an old key is good beside a new one, unless overlap_s is 0; or a database error
 */
enum error_code key_rotate(struct db *db, const struct audit_by *by,
                           const struct key_rotation *rotation, const char **ret_note) MUST_CHECK;

#endif
