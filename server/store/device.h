/* Registering a device and putting it into a premise: the rules that must exist once. */
#ifndef BPTM_DEVICE_H
#define BPTM_DEVICE_H

#include "store/custody.h"
#include "wire.h"

/** A device as its maker describes it. All text is borrowed. */
struct device_new {
    const char *serial;               /* [A-Z0-9][A-Z0-9-]{2,23} */
    const char *model;                /* a row of fleet.device_model */
    const char *hardware_revision;    /* 1..32 bytes */
    uint8_t public_key[WIRE_KEY_LEN]; /* Ed25519: the first key, which starts the chain */
};

/**
 * Register a device: its serial number, bucket, first key and the head of its empty chain. The same
 * device again changes nothing. Call inside db_transact(); the caller writes the audit row.
 *
 * @param ret_device_id  set on EC_OK
 * @param ret_created    1 when the device is new, 0 when it was registered like this already
 * @return EC_OK; EC_FIELDS_INVALID when the serial, the model or the revision is not valid;
 *         EC_CONFLICT when the serial is registered with another key, model or revision; or a
 *         database error. Outputs untouched on failure.
 */
enum error_code device_register(struct db *db, const struct device_new *device,
                                int64_t *ret_device_id, int *ret_created) MUST_CHECK;

/** Which device goes where. */
struct device_assignment {
    int64_t device_id;
    int64_t premise_id;
    int64_t application_id; /* 0: without an application */
    const char *from;       /* RFC 3339; NULL: now */
    const char *crew;       /* that is let at its own only, as in struct custody_order */
};

/** What came of it. */
enum { DEVICE_TIME_MAX = 32 };
struct device_assigned {
    char from[DEVICE_TIME_MAX];        /* RFC 3339 UTC with milliseconds */
    int created;                       /* 0 when it was assigned like this already */
    struct transition_refusals refuse; /* the rules of the ledger that refused */
};

/**
 * Put a device into the collar of a premise. The premise's row is locked first, so that two crews
 * cannot put two devices there; a device that is elsewhere must be released first. The application,
 * when there is one, must be for this premise; its own state is the caller's to move. A device that
 * stayed there when another application ended goes over to this one. The ledger is told in the same
 * transaction. The same assignment again, while it lasts, changes nothing. Call inside
 * db_transact(); the caller writes the audit row of the assignment.
 *
 * @return EC_OK; EC_NOT_FOUND when device, premise or application does not exist; EC_STATE_REFUSED
 *         when the device is retired, or where the ledger has it cannot be put in: then
 *         ret->refuse says why; EC_CONFLICT when the premise has another device, the device another
 *         premise, or the application is for another premise; or a database error
 */
enum error_code device_assign(struct db *db, const struct audit_by *by,
                              const struct device_assignment *assignment,
                              struct device_assigned *ret) MUST_CHECK;

#endif
