/* Firmware over the air: the offer in a command, what a device asks for, and the pieces it gets. */
#ifndef BPTM_FIRMWARE_H
#define BPTM_FIRMWARE_H

#include "manifest.h"

enum {
    FIRMWARE_IMAGES_MAX = 2,   /* in an offer: one linked for each slot */
    FIRMWARE_ID_LEN = 8,       /* of an image: the first bytes of its SHA-512 */
    FIRMWARE_CHUNK_LEN = 1024, /* bytes of a slot in one message; the last one may be shorter */
    FIRMWARE_WINDOW = 16,      /* chunks asked for at a time, at most */
    FIRMWARE_CHUNKS_MAX = MANIFEST_SIZE_MAX / FIRMWARE_CHUNK_LEN + 1,
    FIRMWARE_ARGUMENT_MAX = FIRMWARE_IMAGES_MAX * MANIFEST_LEN + 8,
    FIRMWARE_REQUEST_MAX = 256,                   /* one signed request */
    FIRMWARE_CHUNK_MAX = FIRMWARE_CHUNK_LEN + 32, /* one chunk message */
};

/** How far a device is with an update. */
enum firmware_state {
    FIRMWARE_LOADING, /* `count` chunks from `first` on are wanted */
    FIRMWARE_STAGED,  /* all there and as signed: the next start tries it */
    FIRMWARE_FAILED,  /* given up: what arrived was not what was signed, or the flash refused */
    FIRMWARE_STATE_COUNT
};

/** Payload of `up/firmware`, signed by the device. */
struct firmware_request {
    uint8_t id[FIRMWARE_ID_LEN]; /* of the image */
    uint8_t state;               /* enum firmware_state */
    uint32_t first; /* chunk n is at n * FIRMWARE_CHUNK_LEN of the slot; 0 is never sent */
    uint32_t count; /* 1..FIRMWARE_WINDOW when loading, else 0 */
};

/** Message of `down/firmware`: not signed, since the whole image is. */
struct firmware_chunk {
    uint8_t id[FIRMWARE_ID_LEN];
    uint32_t index;
    struct span bytes; /* 8..FIRMWARE_CHUNK_LEN, a multiple of 8; borrowed */
};

/** Argument of the command `firmware`: 1..FIRMWARE_IMAGES_MAX manifests one after the other.
 *  @return EC_OK; EC_WIRE_RANGE for another length; EC_WIRE_BUFFER */
enum error_code firmware_argument_encode(struct span manifests, uint8_t *buf, size_t cap,
                                         size_t *ret_len) MUST_CHECK;
/** @param ret borrows the argument. @return EC_OK or an EC_WIRE_ error */
enum error_code firmware_argument_decode(struct span argument, struct span *ret) MUST_CHECK;

/** Encode, decode. @return EC_OK or an EC_WIRE_ error; `ret` untouched on failure */
enum error_code firmware_request_encode(const struct firmware_request *r, uint8_t *buf, size_t cap,
                                        size_t *ret_len) MUST_CHECK;
enum error_code firmware_request_decode(struct span payload,
                                        struct firmware_request *ret) MUST_CHECK;
enum error_code firmware_chunk_encode(const struct firmware_chunk *c, uint8_t *buf, size_t cap,
                                      size_t *ret_len) MUST_CHECK;
enum error_code firmware_chunk_decode(struct span payload, struct firmware_chunk *ret) MUST_CHECK;

#endif
