/* Bytes of the journal in flash: sector headers and entries, read with every check. */
#ifndef BPTM_JOURNAL_ENTRY_H
#define BPTM_JOURNAL_ENTRY_H

#include "flash.h"
#include "wire.h"

enum {
    JOURNAL_HEADER_LEN = 88,
    JOURNAL_ENTRY_RECORD = 0x52, /* 'R': payload is the encoded record */
    JOURNAL_ENTRY_MARK = 0x4d,   /* 'M': payload is released u64, epoch u64 */
    JOURNAL_ENTRY_MAX = FLASH_UNIT + WIRE_RECORD_MAX + FLASH_UNIT,
};

struct journal_header {
    uint32_t generation;
    uint64_t base_seq;
    uint8_t hash[WIRE_HASH_LEN];
    uint64_t released;
    uint64_t epoch;
    uint32_t note;
    uint64_t counter;
};

struct journal_entry {
    uint8_t type;
    uint32_t len; /* of the payload, 1..WIRE_RECORD_MAX */
    uint32_t seq32;
    uint8_t payload[WIRE_RECORD_MAX];
};

/** 0 and the header; -1 when the sector has none that is whole. */
int journal_header_read(const struct flash *f, uint32_t sector, struct journal_header *ret);

/** Into an erased sector, read back. 0 or -1. */
int journal_header_write(const struct flash *f, uint32_t sector, const struct journal_header *h);

/** Bytes that an entry with this payload takes. */
uint32_t journal_entry_len(uint32_t payload_len);

/** @return the bytes it takes and the entry; 0 when no whole entry of this generation starts
 *  here (ret is then undefined) */
uint32_t journal_entry_read(const struct flash *f, uint32_t sector, uint32_t generation,
                            uint32_t offset, struct journal_entry *ret);

/** Program and read back; the trailer goes last. 0 or -1. */
int journal_entry_write(const struct flash *f, uint32_t sector, uint32_t generation,
                        uint32_t offset, const struct journal_entry *e);

#endif
