/* One journal record as a binary COPY row of fleet.journal_record. */
#ifndef BPTM_JOURNAL_ROW_H
#define BPTM_JOURNAL_ROW_H

#include "base/bytes.h"
#include "record.h"

/** The statement these rows are for. */
extern const char journal_row_copy[];

/** What the writer must know of a row beside its bytes. */
struct journal_row {
    uint32_t at, len; /* in the buffer of its batch */
    uint32_t boot;
    uint8_t is_timed;  /* part_ts is the record's own time; else it is its boot's */
    int64_t part_ms;   /* UTC; of an untimed row the time of receipt, for a boot not seen before */
    int64_t anchor_ms; /* UTC at mono_ms 0, or BINARY_NO_TIME */
};

/**
 * Append the row of a record. Fields beyond the columns, and values that do not fit them, go to
 * `extra` under their names, or numbers where this version has no name.
 *
 * @param received_ms  UTC of receipt
 * @param ret          untouched when `b` failed
 * @return EC_OK; EC_NO_MEMORY
 */
enum error_code journal_row_encode(int64_t device_id, int64_t received_ms, const struct record *rec,
                                   const uint8_t hash[WIRE_HASH_LEN], struct bytes *b,
                                   struct journal_row *ret) MUST_CHECK;

/** Put another part_ts into the bytes of a row. */
void journal_row_set_part(uint8_t *row, int64_t part_ms);

/** UTC that a record's own time gives for its place in the table; 0 when it is not to be trusted:
 *  quality none, or outside the years 2000 to 2099. */
int64_t journal_row_time(const struct record *rec);

#endif
