/* Images of the firmware, what devices are offered of them, and the chunks that they ask for. */
#ifndef BPTM_FIRMWARE_IMAGE_H
#define BPTM_FIRMWARE_IMAGE_H

#include "firmware.h"
#include "store/db.h"

/** Keep a signed image: manifest, its bytes, the image of manifest->size bytes.
 *  @return EC_OK, also when the very same is there; EC_CONFLICT when another image of this version,
 *          hardware and address is; or what the database said */
enum error_code firmware_image_put(struct db *db, const struct manifest *manifest,
                                   const uint8_t bytes[MANIFEST_LEN],
                                   const uint8_t *image) MUST_CHECK;

/** Who is offered what. */
struct firmware_offer {
    const char *serial;
    uint32_t version;
    const char *hardware; /* NULL: the only one that there is an image of this version for */
    int64_t expires_in_s; /* the device does not begin later */
};

/** Put the command `firmware` into the outbox of a device and remember the offer; all or nothing,
 *  with its audit row.
 *  @param ret_note  DB_NOTE_MAX bytes: what is wrong, when it is the caller's to mend
 *  @return EC_OK and the counter of the command; EC_NOT_FOUND for a device or an image that is not
 *          there; EC_FIELDS_INVALID; EC_STATE_REFUSED */
enum error_code firmware_image_offer(struct db *db, const struct firmware_offer *offer,
                                     char *ret_note, int64_t *ret_counter) MUST_CHECK;

/** A verified request of a device. */
struct firmware_wanted {
    int64_t device_id;
    uint8_t kid[WIRE_KID_LEN]; /* of the key that signed it */
    struct firmware_request request;
    int64_t now_ms;
};

/**
 * Remember what the device says, and cut out what it asks for.
 * @param buf  FIRMWARE_WINDOW * FIRMWARE_CHUNK_LEN bytes
 * @return EC_OK and the length, 0 when nothing was asked for; EC_NOT_FOUND when this image is not
 *         offered to the device, or its key is not valid; or what the database said
 */
enum error_code firmware_image_cut(struct db *db, const struct firmware_wanted *wanted,
                                   uint8_t *buf, size_t *ret_len) MUST_CHECK;

#endif
