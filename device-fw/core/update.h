/* An update over the air: chunks into the free slot, judged as a whole, proof against power cuts.
 */
#ifndef BPTM_UPDATE_H
#define BPTM_UPDATE_H

#include <sodium/crypto_hash_sha512.h>

#include "bootsel.h"
#include "firmware.h"
#include "record.h"

enum {
    UPDATE_PROGRESS_SECTORS = 1,
    UPDATE_CHECK_LEN = 32 * 1024, /* bytes hashed at a time: some 20 ms on a small processor */
    UPDATE_ASK_MS = 5000,         /* without a chunk, until it asks again; doubling ... */
    UPDATE_ASK_MAX_MS = 300000,   /* ... to this */
    UPDATE_FAILURES_MAX = 3,      /* downloads that were not what was signed, then it gives up */
    UPDATE_TRIAL_MS = 6 * 3600 * 1000, /* a version that nobody receipts is started again after */
};

/** What a machine with two slots gives the core. Borrowed for the life of the node. */
struct update_port {
    struct flash log;      /* area of the boot log */
    struct flash progress; /* area of UPDATE_PROGRESS_SECTORS */
    struct bootsel_slot slots[BOOTSEL_SLOTS];
    struct bootsel_terms terms;
    uint32_t running; /* slot of the image that runs */
    uint32_t version; /* of that image */
};

enum update_state {
    UPDATE_NONE,
    UPDATE_LOADING,  /* chunks are missing */
    UPDATE_CHECKING, /* the hash over the slot is being made */
    UPDATE_READY,    /* as signed, but its manifest is not in place yet: update_stage() */
    UPDATE_STAGED,   /* the next start tries it */
    UPDATE_FAILED,
};

/*
 * The progress sector, numbers little-endian, each part written once:
 *
 *   magic u32, ~magic u32 | manifest, MANIFEST_LEN bytes | crc u32, ~crc u32
 *   then a unit for every block (sector of the slot) that is complete: number u32, crc u32
 *
 * Blocks are loaded from the second on, and the first one, with the place of the manifest, last:
 * it counts as complete only when the manifest is in place, which makes the image startable.
 */

struct update {
    const struct update_port *port; /* NULL: this machine cannot be updated */
    struct bootlog log;
    uint8_t state; /* enum update_state */
    uint8_t told;  /* the server knows the final state, as far as a message could tell it */
    uint8_t tries; /* requests without an answer */
    uint8_t failures;
    uint8_t bytes[MANIFEST_LEN];
    struct manifest manifest;
    uint32_t done;    /* blocks complete, in the order of loading */
    uint32_t chunk;   /* the next one */
    uint32_t end;     /* of what was asked for */
    uint32_t unit;    /* offset of the next unit in the progress sector */
    uint64_t ask_ms;  /* when to ask (again) */
    uint32_t checked; /* bytes of the image hashed */
    crypto_hash_sha512_state hash;
};

/** Read the boot log, and go on with an update that a restart interrupted.
 *  @return EC_OK, also without a port; EC_FLASH; EC_CONFIG */
enum error_code update_init(struct update *u, const struct update_port *port) MUST_CHECK;

/**
 * Judge an offer (the argument of the command `firmware`, itself already judged) and begin.
 * Offered again while it is being loaded, it goes on.
 * @return 0; or the cause of a refusal (enum record_cause), with nothing changed
 */
uint32_t update_offer(struct update *u, struct span argument, uint64_t now_ms);

/** Take a message of `down/firmware`. What is not the next chunk is passed over. */
void update_chunk(struct update *u, struct span message, uint64_t now_ms);

/** Go on with what takes long, a piece at a time. */
void update_work(struct update *u);

/** 1 and what to tell the server, when that is due; then update_asked(). */
int update_request(const struct update *u, uint64_t now_ms, struct firmware_request *ret);

/** It is on its way. @param random 32 random bits, for the jitter */
void update_asked(struct update *u, uint64_t now_ms, uint32_t random);

/** UPDATE_READY: put the manifest in place. @return EC_OK and UPDATE_STAGED; EC_FLASH: it begins
 *  again with the first block */
enum error_code update_stage(struct update *u, uint64_t now_ms) MUST_CHECK;

/** 1 while the running version is on trial. */
int update_on_trial(const struct update *u);

/** The server has receipted a record that this version wrote: from now on nothing older starts.
 *  @return EC_OK; EC_FLASH */
enum error_code update_confirm(struct update *u) MUST_CHECK;

/** 1 and the record that the journal still lacks: FIRMWARE_CONFIRMED or FIRMWARE_ROLLED_BACK.
 *  update_told() once it is written. */
int update_news(const struct update *u, enum record_kind *ret_kind, uint32_t *ret_version);
void update_told(struct update *u, enum record_kind kind, uint32_t version);

/** 1 when the loader should run: an image is staged, or a trial has waited too long for a receipt.
 */
int update_wants_restart(const struct update *u, uint64_t now_ms);

#endif
