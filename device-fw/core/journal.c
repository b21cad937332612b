/* Writing side of the journal: mount, append, release, erase ahead. */
#include "journal.h"

#include <string.h>

#include "chain.h"
#include "journal_entry.h"

static uint32_t sector_after(const struct journal *j, uint32_t sector)
{
    return (sector + 1) % j->flash.sector_count;
}

static uint32_t sector_before(const struct journal *j, uint32_t sector)
{
    return (sector + j->flash.sector_count - 1) % j->flash.sector_count;
}

static uint32_t first_sector(const struct journal *j)
{
    return (j->current + j->flash.sector_count + 1 - j->used) % j->flash.sector_count;
}

/* ---- mount ---- */

/* What a walk through the entries of one sector gathers. */
struct walk {
    uint64_t next_seq;
    uint64_t released;
    uint64_t epoch;
    uint32_t end; /* after the last byte that is not blank */
    uint8_t hash[WIRE_HASH_LEN];
};

static void take_entry(const struct journal_entry *e, struct walk *w)
{
    if (e->type == JOURNAL_ENTRY_MARK) {
        w->released = flash_get64(e->payload);
        w->epoch = flash_get64(e->payload + 8);
    } else if (e->seq32 == (uint32_t)w->next_seq) {
        chain_next(w->hash, e->payload, e->len, w->hash);
        w->next_seq++;
    }
}

/* Everything to the end of the sector is looked at: a unit that a power cut hit may read blank,
 * with good entries behind it. */
static enum error_code walk_sector(const struct journal *j, uint32_t sector,
                                   const struct journal_header *h, struct walk *ret)
{
    struct journal_entry e;
    uint32_t offset = JOURNAL_HEADER_LEN;
    struct walk w = {h->base_seq, h->released, h->epoch, offset, {0}};

    memcpy(w.hash, h->hash, sizeof(w.hash));
    while (offset < j->flash.sector_len) {
        uint32_t len = journal_entry_read(&j->flash, sector, h->generation, offset, &e);

        if (len != 0) {
            take_entry(&e, &w);
            w.end = offset + len;
        } else {
            uint8_t unit[FLASH_UNIT];

            len = FLASH_UNIT;
            if (flash_read(&j->flash, sector * j->flash.sector_len + offset, unit, len) != 0)
                return EC_FLASH;
            if (!flash_is_blank(unit, len))
                w.end = offset + len;
        }
        offset += len;
    }
    *ret = w;
    return EC_OK;
}

static enum error_code open_sector(struct journal *j, uint32_t sector, uint32_t generation)
{
    struct journal_header h = {.generation = generation,
                               .base_seq = j->written + 1,
                               .released = j->released,
                               .epoch = j->epoch,
                               .note = j->note,
                               .counter = j->counter};

    memcpy(h.hash, j->head_hash, sizeof(h.hash));
    if (journal_header_write(&j->flash, sector, &h) != 0)
        return EC_FLASH;
    j->sectors[sector] = (struct journal_sector){generation, h.base_seq, h.base_seq};
    j->current = sector;
    j->used++;
    j->offset = JOURNAL_HEADER_LEN;
    j->ahead_erased = 0;
    return EC_OK;
}

static enum error_code format(struct journal *j, const uint8_t start_hash[WIRE_HASH_LEN])
{
    memcpy(j->head_hash, start_hash, WIRE_HASH_LEN);
    if (flash_erase(&j->flash, 0) != 0)
        return EC_FLASH;
    return open_sector(j, 0, 1);
}

/* Sectors before the current one belong to the journal as long as generations and sequence
 * numbers meet; what lies behind a break is what an erase left, or damage. */
static enum error_code join_sectors(struct journal *j)
{
    uint32_t next = j->current;

    while (j->used < j->flash.sector_count) {
        uint32_t s = sector_before(j, next);
        struct journal_header h;
        struct walk w;

        if (journal_header_read(&j->flash, s, &h) != 0 ||
            h.generation != j->sectors[next].generation - 1)
            break;
        if (walk_sector(j, s, &h, &w) != EC_OK)
            return EC_FLASH;
        if (w.next_seq != j->sectors[next].base_seq)
            break;
        j->sectors[s] = (struct journal_sector){h.generation, h.base_seq, w.next_seq};
        j->used++;
        next = s;
    }
    return EC_OK;
}

static int newest_sector(const struct journal *j, uint32_t *ret, struct journal_header *ret_header)
{
    int found = 0;

    for (uint32_t s = 0; s < j->flash.sector_count; s++) {
        struct journal_header h;

        if (journal_header_read(&j->flash, s, &h) != 0 ||
            (found && h.generation <= ret_header->generation))
            continue;
        *ret = s;
        *ret_header = h;
        found = 1;
    }
    return found;
}

enum error_code journal_mount(struct journal *j, const struct flash *flash,
                              const uint8_t start_hash[WIRE_HASH_LEN])
{
    struct journal_header h = {0};
    struct walk w;

    if (flash->sector_count < JOURNAL_SECTORS_MIN || flash->sector_count > JOURNAL_SECTORS_MAX ||
        flash->sector_len < JOURNAL_HEADER_LEN + 2 * JOURNAL_ENTRY_MAX)
        return EC_CONFIG;
    memset(j, 0, sizeof(*j));
    j->flash = *flash;
    if (!newest_sector(j, &j->current, &h))
        return format(j, start_hash);
    if (walk_sector(j, j->current, &h, &w) != EC_OK)
        return EC_FLASH;
    j->sectors[j->current] = (struct journal_sector){h.generation, h.base_seq, w.next_seq};
    j->used = 1;
    j->written = w.next_seq - 1;
    j->released = w.released;
    j->epoch = w.epoch;
    j->note = h.note;
    j->counter = h.counter;
    /* One unit is stepped over: a cut may have begun it although it still reads blank. */
    j->offset = w.end + FLASH_UNIT;
    memcpy(j->head_hash, w.hash, sizeof(j->head_hash));
    return join_sectors(j);
}

/* ---- append ---- */

static enum error_code erase_ahead(struct journal *j)
{
    uint32_t s = sector_after(j, j->current);

    if (j->sectors[s].generation != 0) {
        j->sectors[s].generation = 0;
        j->used--;
        if (j->place.sector == s)
            j->place.seq = 0;
    }
    if (flash_erase(&j->flash, s) != 0)
        return EC_FLASH;
    j->ahead_erased = 1;
    return EC_OK;
}

static enum error_code rotate(struct journal *j)
{
    uint32_t generation = j->sectors[j->current].generation + 1;

    if (!j->ahead_erased && erase_ahead(j) != EC_OK)
        return EC_FLASH;
    j->ahead_erased = 0; /* a header that fails leaves a sector that is no longer blank */
    return open_sector(j, sector_after(j, j->current), generation);
}

/* Where the flash refuses, the whole place is given up and the next one is tried, so that no unit
 * is ever programmed twice. */
static enum error_code write_entry(struct journal *j, const struct journal_entry *e)
{
    uint32_t len = journal_entry_len(e->len);

    for (int i = 0; i < JOURNAL_TRIES; i++) {
        uint32_t at;

        if (j->offset + len > j->flash.sector_len) {
            enum error_code ec = rotate(j);

            if (ec != EC_OK || e->type == JOURNAL_ENTRY_MARK)
                return ec; /* the header of the new sector says what the mark says */
        }
        at = j->offset;
        j->offset += len;
        if (journal_entry_write(&j->flash, j->current, j->sectors[j->current].generation, at, e) ==
            0)
            return EC_OK;
    }
    return EC_FLASH;
}

enum error_code journal_append(struct journal *j, const uint8_t *record, size_t len)
{
    struct journal_entry e = {.type = JOURNAL_ENTRY_RECORD, .seq32 = (uint32_t)(j->written + 1)};
    enum error_code ec;

    if (len == 0 || len > WIRE_RECORD_MAX)
        return EC_WIRE_TOO_LARGE;
    e.len = (uint32_t)len;
    memcpy(e.payload, record, len);
    ec = write_entry(j, &e);
    if (ec != EC_OK)
        return ec;
    chain_next(j->head_hash, record, len, j->head_hash);
    j->written++;
    j->sectors[j->current].end_seq++;
    return EC_OK;
}

enum error_code journal_release(struct journal *j, uint64_t through, uint64_t epoch)
{
    struct journal_entry e = {.type = JOURNAL_ENTRY_MARK, .len = 16};

    if (through > j->written)
        return EC_WIRE_RANGE;
    if (epoch < j->epoch || (epoch == j->epoch && through <= j->released))
        return EC_OK;
    j->released = through;
    j->epoch = epoch;
    flash_put64(e.payload, through);
    flash_put64(e.payload + 8, epoch);
    return write_entry(j, &e);
}

/* ---- what is there ---- */

uint64_t journal_first(const struct journal *j)
{
    return j->sectors[first_sector(j)].base_seq;
}

uint64_t journal_sector_base(const struct journal *j)
{
    return j->sectors[j->current].base_seq;
}

int journal_lost(const struct journal *j, uint64_t *ret_from, uint64_t *ret_to)
{
    uint64_t first = journal_first(j);

    if (j->released + 1 >= first)
        return 0;
    *ret_from = j->released + 1;
    *ret_to = first - 1;
    return 1;
}

int journal_idle(struct journal *j)
{
    const struct journal_sector *ahead = &j->sectors[sector_after(j, j->current)];
    int free_of_debt = ahead->generation == 0 || ahead->end_seq <= j->released + 1;

    if (j->ahead_erased || !(free_of_debt || j->offset > j->flash.sector_len / 2))
        return 0;
    return erase_ahead(j) == EC_OK;
}

uint32_t journal_fill_permille(const struct journal *j)
{
    uint32_t usable = j->flash.sector_len * (j->flash.sector_count - 1);
    uint32_t taken = 0;

    if (j->released >= j->written)
        return 0;
    for (uint32_t i = 0, s = first_sector(j); i < j->used; i++, s = sector_after(j, s))
        if (j->sectors[s].end_seq > j->released + 1)
            taken += s == j->current ? j->offset : j->flash.sector_len;
    return taken >= usable ? 1000 : taken / (usable / 1000);
}

/* ---- reading ---- */

static int sector_of(const struct journal *j, uint64_t seq, uint32_t *ret)
{
    for (uint32_t i = 0, s = first_sector(j); i < j->used; i++, s = sector_after(j, s)) {
        if (seq < j->sectors[s].base_seq || seq >= j->sectors[s].end_seq)
            continue;
        *ret = s;
        return 1;
    }
    return 0;
}

/* Start from the remembered place when it lies before seq in the same sector; a backlog is read
 * in order, so most look-ups are one step. */
static enum error_code start_place(const struct journal *j, uint64_t seq, struct journal_place *ret)
{
    struct journal_header h;
    uint32_t s;

    if (!sector_of(j, seq, &s))
        return EC_NOT_FOUND;
    if (j->place.seq != 0 && j->place.sector == s && j->place.seq <= seq) {
        *ret = j->place;
        return EC_OK;
    }
    if (journal_header_read(&j->flash, s, &h) != 0)
        return EC_FLASH;
    ret->sector = s;
    ret->offset = JOURNAL_HEADER_LEN;
    ret->seq = h.base_seq;
    memcpy(ret->hash, h.hash, sizeof(ret->hash));
    return EC_OK;
}

/* Find the entry of seq, its payload, and the hash before it; j->place is then there. */
static enum error_code seek(struct journal *j, uint64_t seq, struct journal_entry *ret)
{
    struct journal_place p;
    enum error_code ec = start_place(j, seq, &p);

    if (ec != EC_OK)
        return ec;
    while (p.offset < j->flash.sector_len) {
        uint32_t len =
            journal_entry_read(&j->flash, p.sector, j->sectors[p.sector].generation, p.offset, ret);

        if (len != 0 && ret->type == JOURNAL_ENTRY_RECORD && ret->seq32 == (uint32_t)p.seq) {
            if (p.seq == seq) {
                j->place = p;
                return EC_OK;
            }
            chain_next(p.hash, ret->payload, ret->len, p.hash);
            p.seq++;
        }
        p.offset += len != 0 ? len : FLASH_UNIT;
    }
    return EC_FLASH;
}

enum error_code journal_read(struct journal *j, uint64_t seq, uint8_t ret[WIRE_RECORD_MAX],
                             size_t *ret_len)
{
    struct journal_entry e;
    enum error_code ec = seek(j, seq, &e);

    if (ec != EC_OK)
        return ec;
    memcpy(ret, e.payload, e.len);
    *ret_len = e.len;
    return EC_OK;
}

enum error_code journal_hash(struct journal *j, uint64_t seq, uint8_t ret[WIRE_HASH_LEN])
{
    struct journal_entry e;
    struct journal_header h;
    enum error_code ec;

    if (seq == j->written) {
        memcpy(ret, j->head_hash, WIRE_HASH_LEN);
        return EC_OK;
    }
    if (seq + 1 == journal_first(j)) {
        if (journal_header_read(&j->flash, first_sector(j), &h) != 0)
            return EC_FLASH;
        memcpy(ret, h.hash, WIRE_HASH_LEN);
        return EC_OK;
    }
    ec = seek(j, seq, &e);
    if (ec == EC_OK)
        chain_next(j->place.hash, e.payload, e.len, ret);
    return ec;
}
