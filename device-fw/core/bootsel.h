/* Which of two firmware images to start: the whole judgement of the loader, without the machine. */
#ifndef BPTM_BOOTSEL_H
#define BPTM_BOOTSEL_H

#include "bootlog.h"
#include "manifest.h"

enum { BOOTSEL_SLOTS = 2 };

/** What a slot must hold to be startable. */
struct bootsel_slot {
    struct flash flash; /* area of the slot */
    uint32_t address;   /* where it lies for the processor: images are linked for it */
};

/** What images are measured against. Borrowed. */
struct bootsel_terms {
    const char *hardware;                /* id of this machine */
    const uint8_t (*keys)[WIRE_KEY_LEN]; /* firmware keys, public */
    uint32_t key_count;
};

/** Version of the startable image in each slot; 0: none. */
struct bootsel_images {
    uint32_t versions[BOOTSEL_SLOTS];
};

enum bootsel_action {
    BOOTSEL_RUN,     /* start it */
    BOOTSEL_TRY,     /* count a trial, then start it */
    BOOTSEL_GIVE_UP, /* it had its trials: write it off, and decide again */
    BOOTSEL_HALT,    /* nothing may be started */
};

struct bootsel_choice {
    enum bootsel_action action;
    uint32_t slot;
};

/**
 * Judge one slot: manifest, signature, hardware, address, and the hash over the whole image.
 * @return EC_OK and the manifest; EC_WIRE_TYPE, EC_WIRE_RANGE: no manifest, or for another place
 *         or machine; EC_COSE_SIGNATURE; EC_CONFLICT when the image is not what was signed;
 * EC_FLASH
 */
enum error_code bootsel_check(const struct bootsel_slot *slot, const struct bootsel_terms *terms,
                              struct manifest *ret) MUST_CHECK;

/** The rule table alone. */
struct bootsel_choice bootsel_decide(const struct bootsel_images *images,
                                     const struct bootlog_facts *facts);

/** Decide and remember, until something can be started (BOOTSEL_RUN or BOOTSEL_TRY, already
 *  counted) or nothing can (BOOTSEL_HALT). A version whose trial cannot be counted is not tried. */
struct bootsel_choice bootsel_run(const struct bootsel_images *images, struct bootlog *log);

#endif
