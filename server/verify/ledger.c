/* What a bundle has shown of a chain so far: hashes by sequence number, and what is missing. */
#include "verify/ledger.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024 };

void ledger_done(struct ledger *l)
{
    if (l == NULL)
        return;
    free(l->entries);
    l->entries = NULL;
    l->count = l->room = 0;
}

static enum error_code append(struct ledger *l, uint64_t seq, const uint8_t hash[WIRE_HASH_LEN])
{
    if (l->count == LEDGER_ENTRIES_MAX)
        return EC_WIRE_TOO_LARGE;
    if (l->count == l->room) {
        size_t room = l->room == 0 ? FIRST_ROOM : 2 * l->room;
        struct ledger_entry *entries = realloc(l->entries, room * sizeof *entries);
        if (entries == NULL)
            return EC_NO_MEMORY;
        l->entries = entries;
        l->room = room;
    }
    l->entries[l->count].seq = seq;
    memcpy(l->entries[l->count].hash, hash, WIRE_HASH_LEN);
    l->count++;
    return EC_OK;
}

enum error_code ledger_start(struct ledger *l, const uint8_t hash[WIRE_HASH_LEN])
{
    return append(l, 0, hash);
}

static int compare(const void *key, const void *entry)
{
    uint64_t seq = *(const uint64_t *)key;
    uint64_t other = ((const struct ledger_entry *)entry)->seq;
    return (seq > other) - (seq < other);
}

const uint8_t *ledger_hash(const struct ledger *l, uint64_t seq)
{
    if (l->count == 0)
        return NULL;
    const struct ledger_entry *found =
        bsearch(&seq, l->entries, l->count, sizeof *l->entries, compare);
    return found == NULL ? NULL : found->hash;
}

/* A hash that is there must be the same; one that is not can only come after all others. */
static enum error_code settle(struct ledger *l, uint64_t seq, const uint8_t hash[WIRE_HASH_LEN])
{
    const uint8_t *known = ledger_hash(l, seq);
    if (known == NULL)
        return append(l, seq, hash);
    return memcmp(known, hash, WIRE_HASH_LEN) == 0 ? EC_OK : EC_JOURNAL_FORK;
}

/* What a record says about records before it; one that says it of itself or later says nothing. */
static enum error_code note_overwritten(struct ledger *l, struct span bytes)
{
    struct cbor_reader r;
    struct record rec;
    uint64_t from;
    uint64_t to;
    cbor_reader_init(&r, bytes.at, bytes.len);
    enum error_code ec = record_decode(&r, &rec);
    if (ec != EC_OK || rec.kind != RECORD_KIND_RECORDS_OVERWRITTEN)
        return ec;
    if (!record_get_uint(&rec, RECORD_KEY_FROM_SEQ, &from) ||
        !record_get_uint(&rec, RECORD_KEY_TO_SEQ, &to))
        return EC_OK;
    if (from < 1 || from > to || to >= rec.seq)
        return EC_OK;
    return ranges_add(&l->declared, from, to) ? EC_OK : EC_WIRE_TOO_LARGE;
}

enum error_code ledger_add(struct ledger *l, const struct batch *b, size_t *ret_fresh,
                           size_t *ret_bad)
{
    uint8_t hashes[WIRE_BATCH_RECORDS_MAX][WIRE_HASH_LEN];
    uint64_t last = b->first_seq + b->count - 1;
    size_t fresh = 0;
    if (last >= INT64_MAX)
        return EC_WIRE_RANGE;
    batch_hashes(b, hashes);
    enum error_code ec = settle(l, b->first_seq - 1, b->prev_hash);
    size_t bad = b->count;
    for (size_t i = 0; i < b->count && ec == EC_OK; i++) {
        fresh += ranges_find(&l->seen, b->first_seq + i) == NULL;
        bad = i;
        ec = settle(l, b->first_seq + i, hashes[i]);
        if (ec == EC_OK)
            ec = note_overwritten(l, b->records[i]);
    }
    if (ec == EC_JOURNAL_FORK)
        *ret_bad = bad;
    if (ec != EC_OK)
        return ec;
    if (!ranges_add(&l->seen, b->first_seq, last))
        return EC_WIRE_TOO_LARGE;
    *ret_fresh = fresh;
    return EC_OK;
}

uint64_t ledger_first(const struct ledger *l)
{
    return l->seen.count == 0 ? 0 : l->seen.at[0].from;
}

uint64_t ledger_last(const struct ledger *l)
{
    return ranges_max(&l->seen);
}

size_t ledger_gaps(const struct ledger *l, uint64_t through, struct range *ret, size_t cap)
{
    uint64_t first = ledger_first(l);
    if (first == 0 || through < first)
        return 0;
    return ranges_missing(&l->seen, first, through, ret, cap);
}

int ledger_declared(const struct ledger *l, const struct range *gap)
{
    const struct range *run = ranges_find(&l->declared, gap->from);
    return run != NULL && run->to >= gap->to;
}
