/* The journal: records in a ring on raw flash, proof against power cuts at any operation. */
#ifndef BPTM_JOURNAL_H
#define BPTM_JOURNAL_H

#include <stddef.h>

#include "error.h"
#include "flash.h"
#include "wire.h"

enum {
    JOURNAL_SECTORS_MIN = 3, /* one written, one erased ahead, one to keep */
    JOURNAL_SECTORS_MAX = 32,
    JOURNAL_TRIES = 4, /* places tried for one entry when the flash refuses */
};

/*
 * Layout. Numbers are little-endian; everything is padded to FLASH_UNIT bytes.
 *
 *   sector  header, entries, blank rest
 *   header  magic u32, generation u32, base_seq u64, hash before base_seq [32], released u64,
 *           epoch u64, note u32, format u32, counter u64, crc u32, ~crc u32   = 88 bytes
 *   entry   length u8 - 1, ~, type u8, ~type, low half of seq u32 | payload | crc u32, ~crc u32
 *
 * The trailer is programmed last, and its CRC covers generation, offset in the sector, head and
 * payload: what is torn, old or elsewhere does not read as an entry. A reader that meets such
 * bytes goes on unit by unit. Sectors are written round the ring, each with a generation one
 * higher; the one ahead of the writer is kept erased, so that a record never waits for an erase.
 */

/** What is known of a sector. */
struct journal_sector {
    uint32_t generation; /* 0: holds nothing */
    uint64_t base_seq;   /* of its first record */
    uint64_t end_seq;    /* one past its last record */
};

/** Where the last look-up ended: the entry of `seq`, and the chain hash before it. */
struct journal_place {
    uint32_t sector;
    uint32_t offset;
    uint64_t seq; /* 0: nothing remembered */
    uint8_t hash[WIRE_HASH_LEN];
};

struct journal {
    struct flash flash;
    struct journal_sector sectors[JOURNAL_SECTORS_MAX];
    uint32_t current; /* sector being written */
    uint32_t used;    /* sectors that hold records, the current one included */
    uint32_t offset;  /* where the next entry goes */
    uint8_t ahead_erased;
    uint64_t written;                 /* seq of the last record; 0: none */
    uint64_t released;                /* up to here the server has receipted */
    uint64_t epoch;                   /* receipt epoch that `released` stands for */
    uint32_t note;                    /* a word of the caller that survives, see journal_mount() */
    uint64_t counter;                 /* and a number, in the same way */
    uint8_t head_hash[WIRE_HASH_LEN]; /* hash[written] */
    struct journal_place place;
};

/**
 * Find what the flash holds; format it when it holds no journal.
 *
 * @param flash       area of JOURNAL_SECTORS_MIN..MAX sectors; copied
 * @param start_hash  hash[0] of the device's chain
 * @return EC_OK; EC_FLASH when the flash cannot be read, or not be formatted; EC_CONFIG for an
 *         area that does not fit
 *
 * `note` and `counter` are then the caller's as they were when the newest sector was opened: with
 * the records of that sector (journal_sector_base() on) it can rebuild what it remembered.
 */
enum error_code journal_mount(struct journal *j, const struct flash *flash,
                              const uint8_t start_hash[WIRE_HASH_LEN]) MUST_CHECK;

/**
 * Append the record with seq `j->written + 1`. On EC_OK it is in flash, read back, and survives.
 * The oldest sector is erased when the ring is full, released or not (journal_lost()).
 *
 * @param len  1..WIRE_RECORD_MAX
 * @return EC_OK; EC_FLASH when the flash refused, the record is then not written;
 *         EC_WIRE_TOO_LARGE
 */
enum error_code journal_append(struct journal *j, const uint8_t *record, size_t len) MUST_CHECK;

/** Lowest seq that can still be read; written + 1 when there is none. */
uint64_t journal_first(const struct journal *j);

/** seq of the first record of the sector being written. */
uint64_t journal_sector_base(const struct journal *j);

/**
 * Read a record.
 * @param ret  untouched on failure
 * @return EC_OK; EC_NOT_FOUND for a seq that is not stored; EC_FLASH when it no longer reads
 */
enum error_code journal_read(struct journal *j, uint64_t seq, uint8_t ret[WIRE_RECORD_MAX],
                             size_t *ret_len) MUST_CHECK;

/** Chain hash after `seq`, for journal_first() - 1 .. written. Errors as journal_read(). */
enum error_code journal_hash(struct journal *j, uint64_t seq,
                             uint8_t ret[WIRE_HASH_LEN]) MUST_CHECK;

/**
 * Remember in flash that everything up to `through` is receipted in an epoch. Within an epoch the
 * mark only rises; a higher epoch may lower it. Records stay readable until the space is needed.
 *
 * @return EC_OK, also when nothing changes; EC_WIRE_RANGE when `through` was never written;
 *         EC_FLASH
 */
enum error_code journal_release(struct journal *j, uint64_t through, uint64_t epoch) MUST_CHECK;

/** 1 and the range when records were erased that nobody had receipted, until a receipt goes past
 *  them. */
int journal_lost(const struct journal *j, uint64_t *ret_from, uint64_t *ret_to);

/** Work for a quiet moment: erase the sector ahead when that costs nothing that is still owed, or
 *  when the current sector is half full. At most one erase. @return 1 when it did something. */
int journal_idle(struct journal *j);

/** How much of the ring is taken by what is still owed, per mille. */
uint32_t journal_fill_permille(const struct journal *j);

#endif
