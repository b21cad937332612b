/* Taking an update in: offer, chunks, the check of the whole, the manifest in place. */
#include "update.h"

#include <string.h>

/* The test takes the checks of progress and hash out, to see that its trial would notice. */
#ifndef UPDATE_CHECK
#define UPDATE_CHECK(condition) (condition)
#endif

enum {
    MAGIC = 0x50445055, /* "UPDP" */
    AT_MANIFEST = 8,
    AT_CRC = AT_MANIFEST + MANIFEST_LEN,
    HEADER_LEN = AT_CRC + 8,
};

/* ---- where chunks lie ---- */

static const struct bootsel_slot *target(const struct update *u)
{
    return &u->port->slots[u->port->running ^ 1];
}

static uint32_t per_block(const struct update *u)
{
    return target(u)->flash.sector_len / FIRMWARE_CHUNK_LEN;
}

/* Chunks of the slot, the manifest's place included. */
static uint32_t chunk_count(const struct update *u)
{
    return (MANIFEST_SPACE + u->manifest.size + FIRMWARE_CHUNK_LEN - 1) / FIRMWARE_CHUNK_LEN;
}

static uint32_t block_count(const struct update *u)
{
    return (chunk_count(u) + per_block(u) - 1) / per_block(u);
}

/* The block that is loaded as the n-th. */
static uint32_t nth_block(const struct update *u, uint32_t n)
{
    return n + 1 < block_count(u) ? n + 1 : 0;
}

static uint32_t first_chunk(const struct update *u, uint32_t block)
{
    return block > 0 ? block * per_block(u) : 1;
}

static uint32_t end_chunk(const struct update *u, uint32_t block)
{
    uint32_t end = (block + 1) * per_block(u);

    return end < chunk_count(u) ? end : chunk_count(u);
}

static uint32_t chunk_len(const struct update *u, uint32_t chunk)
{
    uint32_t left = MANIFEST_SPACE + u->manifest.size - chunk * FIRMWARE_CHUNK_LEN;

    return left < FIRMWARE_CHUNK_LEN ? left : FIRMWARE_CHUNK_LEN;
}

/* ---- progress ---- */

static uint32_t unit_crc(const struct update *u, uint32_t n)
{
    uint8_t word[4];

    flash_put32(word, n);
    return flash_crc(flash_crc(0, u->bytes, sizeof(u->bytes)), word, sizeof(word));
}

static int read_header(struct update *u)
{
    uint8_t head[HEADER_LEN];
    uint32_t crc;

    if (flash_read(&u->port->progress, 0, head, sizeof(head)) != 0)
        return 0;
    crc = flash_crc(0, head, AT_CRC);
    if (!UPDATE_CHECK(flash_get32(head) == MAGIC && flash_get32(head + 4) == (uint32_t)~MAGIC &&
                      flash_get32(head + AT_CRC) == crc && flash_get32(head + AT_CRC + 4) == ~crc))
        return 0;
    memcpy(u->bytes, head + AT_MANIFEST, MANIFEST_LEN);
    return 1;
}

static int write_header(const struct update *u)
{
    uint8_t head[HEADER_LEN];

    flash_put32(head, MAGIC);
    flash_put32(head + 4, (uint32_t)~MAGIC);
    memcpy(head + AT_MANIFEST, u->bytes, MANIFEST_LEN);
    flash_put32(head + AT_CRC, flash_crc(0, head, AT_CRC));
    flash_put32(head + AT_CRC + 4, ~flash_get32(head + AT_CRC));
    return flash_program_checked(&u->port->progress, 0, head, sizeof(head)) == 0;
}

/* Units count up; what is torn is passed over, and the next one is written behind all of it. */
static void read_progress(struct update *u)
{
    u->done = 0;
    u->unit = HEADER_LEN;
    for (uint32_t at = HEADER_LEN; at < u->port->progress.sector_len; at += FLASH_UNIT) {
        uint8_t unit[FLASH_UNIT];

        if (flash_read(&u->port->progress, at, unit, sizeof(unit)) != 0)
            return;
        if (flash_is_blank(unit, sizeof(unit)))
            continue;
        u->unit = at + FLASH_UNIT;
        if (UPDATE_CHECK(flash_get32(unit) == u->done + 1 &&
                         flash_get32(unit + 4) == unit_crc(u, u->done + 1)) &&
            u->done + 1 < block_count(u))
            u->done++;
    }
    u->unit += FLASH_UNIT; /* a cut may have begun one unit although it still reads blank */
}

/* Without the unit the block is only loaded again after a restart. */
static void note_block(struct update *u)
{
    uint8_t unit[FLASH_UNIT];

    u->done++;
    flash_put32(unit, u->done);
    flash_put32(unit + 4, unit_crc(u, u->done));
    for (int i = 0; i < BOOTLOG_TRIES && u->unit < u->port->progress.sector_len; i++) {
        u->unit += FLASH_UNIT;
        if (flash_program_checked(&u->port->progress, u->unit - FLASH_UNIT, unit, sizeof(unit)) ==
            0)
            return;
    }
}

/* ---- begin ---- */

static void load_block(struct update *u, uint64_t now_ms)
{
    u->state = UPDATE_LOADING;
    u->chunk = first_chunk(u, nth_block(u, u->done));
    u->end = u->chunk;
    u->ask_ms = now_ms;
}

/* What an image must be, beside signed, to be loaded at all. @return 0 or the cause of a refusal */
static uint32_t judge(const struct update *u, const struct manifest *m)
{
    const struct bootlog_facts *f = &u->log.facts;
    const struct bootsel_slot *slot = target(u);

    if (strcmp(m->hardware, u->port->terms.hardware) != 0)
        return RECORD_CAUSE_OTHER_HARDWARE;
    if (m->version <= u->port->version || m->version <= f->confirmed || m->version <= f->bad)
        return RECORD_CAUSE_OLD_VERSION;
    if (m->address != slot->address ||
        m->size > slot->flash.sector_len * slot->flash.sector_count - MANIFEST_SPACE)
        return RECORD_CAUSE_OUT_OF_LIMITS;
    return 0;
}

/* Progress of an update that is over, or that this machine would not take, is left alone. */
static void go_on(struct update *u)
{
    if (!read_header(u) || manifest_decode(u->bytes, &u->manifest) != EC_OK ||
        judge(u, &u->manifest) != 0)
        return;
    read_progress(u);
    load_block(u, 0);
}

enum error_code update_init(struct update *u, const struct update_port *port)
{
    enum error_code ec;

    memset(u, 0, sizeof(*u));
    if (port == NULL)
        return EC_OK; /* a machine without slots */
    if (port->progress.sector_len < HEADER_LEN + 2 * FLASH_UNIT || port->running >= BOOTSEL_SLOTS ||
        port->slots[port->running ^ 1].flash.sector_len % FIRMWARE_CHUNK_LEN != 0)
        return EC_CONFIG;
    u->port = port;
    ec = bootlog_mount(&u->log, &port->log);
    if (ec == EC_OK && !update_on_trial(u))
        go_on(u);
    return ec;
}

/* The image that may have been in the slot ends with its manifest; only then is this the plan. */
static int begin(struct update *u, uint64_t now_ms)
{
    u->state = UPDATE_NONE;
    u->failures = u->tries = u->told = 0;
    u->done = 0;
    u->unit = HEADER_LEN;
    if (flash_erase(&u->port->progress, 0) != 0 || flash_erase(&target(u)->flash, 0) != 0 ||
        !write_header(u))
        return 0;
    load_block(u, now_ms);
    return 1;
}

/* The image of the offer that is linked for the free slot. */
static uint32_t pick(const struct update *u, struct span manifests, const uint8_t **ret,
                     struct manifest *ret_manifest)
{
    uint32_t cause = RECORD_CAUSE_OUT_OF_LIMITS;

    for (size_t at = 0; at < manifests.len; at += MANIFEST_LEN) {
        struct manifest m;

        if (manifest_decode(manifests.at + at, &m) != EC_OK)
            continue;
        if (manifest_verify(manifests.at + at, u->port->terms.keys, u->port->terms.key_count) !=
            EC_OK)
            return RECORD_CAUSE_FOREIGN_SIGNATURE;
        cause = judge(u, &m);
        if (cause == RECORD_CAUSE_OUT_OF_LIMITS)
            continue; /* for the other slot */
        *ret = manifests.at + at;
        *ret_manifest = m;
        return cause;
    }
    return cause;
}

uint32_t update_offer(struct update *u, struct span argument, uint64_t now_ms)
{
    const uint8_t *bytes = NULL;
    struct span manifests;
    struct manifest m;
    uint32_t cause;

    if (u->port == NULL)
        return RECORD_CAUSE_UNSUPPORTED;
    if (firmware_argument_decode(argument, &manifests) != EC_OK)
        return RECORD_CAUSE_OUT_OF_LIMITS;
    if (update_on_trial(u)) /* the other slot is what it falls back to */
        return RECORD_CAUSE_NOT_CONFIRMED;
    cause = pick(u, manifests, &bytes, &m);
    if (cause != 0)
        return cause;
    if (u->state != UPDATE_NONE && u->state != UPDATE_FAILED &&
        memcmp(bytes, u->bytes, MANIFEST_LEN) == 0)
        return 0;
    memcpy(u->bytes, bytes, MANIFEST_LEN);
    u->manifest = m;
    return begin(u, now_ms) ? 0 : RECORD_CAUSE_NOT_STORED;
}

/* ---- chunks ---- */

static void give_up(struct update *u)
{
    u->state = UPDATE_FAILED;
    u->told = 0;
    u->ask_ms = 0;
}

/* What arrived was not what was signed, or the flash did not take it. */
static void again(struct update *u, uint64_t now_ms)
{
    uint8_t failures = ++u->failures;

    if (failures >= UPDATE_FAILURES_MAX || !begin(u, now_ms))
        give_up(u);
    u->failures = failures;
}

static int store_chunk(const struct update *u, const struct firmware_chunk *c)
{
    const struct flash *slot = &target(u)->flash;
    uint32_t block = c->index / per_block(u);

    if (c->index == first_chunk(u, block) && flash_erase(slot, block) != 0)
        return 0;
    return flash_program_checked(slot, c->index * FIRMWARE_CHUNK_LEN, c->bytes.at,
                                 (uint32_t)c->bytes.len) == 0;
}

static void start_check(struct update *u)
{
    u->state = UPDATE_CHECKING;
    u->checked = 0;
    crypto_hash_sha512_init(&u->hash);
}

/* The block is complete; the first block of the slot is the last one. */
static void finish_block(struct update *u, uint32_t block)
{
    if (block == 0) {
        start_check(u);
        return;
    }
    note_block(u);
    u->chunk = first_chunk(u, nth_block(u, u->done));
}

void update_chunk(struct update *u, struct span message, uint64_t now_ms)
{
    struct firmware_chunk c;
    uint32_t block;

    if (u->state != UPDATE_LOADING || firmware_chunk_decode(message, &c) != EC_OK ||
        memcmp(c.id, u->manifest.sha512, sizeof(c.id)) != 0 || c.index != u->chunk ||
        c.bytes.len != chunk_len(u, c.index))
        return;
    if (!store_chunk(u, &c)) {
        again(u, now_ms);
        return;
    }
    u->tries = 0;
    u->chunk++;
    u->ask_ms = u->chunk < u->end ? now_ms + UPDATE_ASK_MS : now_ms;
    block = c.index / per_block(u);
    if (u->chunk == end_chunk(u, block))
        finish_block(u, block);
}

/* ---- the whole ---- */

void update_work(struct update *u)
{
    uint8_t buf[256], hash[MANIFEST_HASH_LEN];
    uint32_t most;

    if (u->state != UPDATE_CHECKING)
        return;
    most = u->checked + UPDATE_CHECK_LEN;
    while (u->checked < u->manifest.size && u->checked < most) {
        uint32_t left = u->manifest.size - u->checked;
        uint32_t len = left < sizeof(buf) ? left : sizeof(buf);

        if (flash_read(&target(u)->flash, MANIFEST_SPACE + u->checked, buf, len) != 0)
            break;
        crypto_hash_sha512_update(&u->hash, buf, len);
        u->checked += len;
    }
    if (u->checked < u->manifest.size && u->checked == most)
        return;
    crypto_hash_sha512_final(&u->hash, hash);
    if (UPDATE_CHECK(u->checked == u->manifest.size &&
                     memcmp(hash, u->manifest.sha512, sizeof(hash)) == 0))
        u->state = UPDATE_READY;
    else
        again(u, 0);
}

/* Its first unit, with the magic, goes last: before that the slot holds no manifest at all. */
enum error_code update_stage(struct update *u, uint64_t now_ms)
{
    const struct flash *slot = &target(u)->flash;

    if (flash_program_checked(slot, FLASH_UNIT, u->bytes + FLASH_UNIT, MANIFEST_LEN - FLASH_UNIT) !=
            0 ||
        flash_program_checked(slot, 0, u->bytes, FLASH_UNIT) != 0) {
        if (++u->failures >= UPDATE_FAILURES_MAX)
            give_up(u);
        else
            load_block(u, now_ms);
        return EC_FLASH;
    }
    u->state = UPDATE_STAGED;
    u->ask_ms = now_ms;
    return EC_OK;
}

/* ---- asking ---- */

int update_request(const struct update *u, uint64_t now_ms, struct firmware_request *ret)
{
    uint32_t block, end;

    if (u->port == NULL || now_ms < u->ask_ms)
        return 0;
    *ret = (struct firmware_request){.state = FIRMWARE_LOADING};
    memcpy(ret->id, u->manifest.sha512, sizeof(ret->id));
    if (u->state == UPDATE_STAGED || u->state == UPDATE_FAILED) {
        ret->state = u->state == UPDATE_STAGED ? FIRMWARE_STAGED : FIRMWARE_FAILED;
        return !u->told;
    }
    if (u->state != UPDATE_LOADING)
        return 0;
    block = u->chunk / per_block(u);
    end = block > 0 ? chunk_count(u) : end_chunk(u, 0);
    ret->first = u->chunk;
    ret->count = end - u->chunk < FIRMWARE_WINDOW ? end - u->chunk : FIRMWARE_WINDOW;
    return 1;
}

void update_asked(struct update *u, uint64_t now_ms, uint32_t random)
{
    struct firmware_request asked;
    uint32_t wait_ms = UPDATE_ASK_MS;

    if (!update_request(u, now_ms, &asked))
        return;
    if (asked.state != FIRMWARE_LOADING) {
        u->told = 1;
        return;
    }
    for (int i = 0; i < u->tries && wait_ms < UPDATE_ASK_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > UPDATE_ASK_MAX_MS)
        wait_ms = UPDATE_ASK_MAX_MS;
    if (u->tries < UINT8_MAX)
        u->tries++;
    u->end = asked.first + asked.count;
    u->ask_ms = now_ms + wait_ms / 2 + random % wait_ms;
}

/* ---- what the log says ---- */

int update_on_trial(const struct update *u)
{
    return u->port != NULL && u->port->version > u->log.facts.confirmed;
}

enum error_code update_confirm(struct update *u)
{
    return update_on_trial(u) ? bootlog_append(&u->log, BOOTLOG_CONFIRM, u->port->version) : EC_OK;
}

int update_news(const struct update *u, enum record_kind *ret_kind, uint32_t *ret_version)
{
    const struct bootlog_facts *f = &u->log.facts;

    if (u->port == NULL)
        return 0;
    if (f->bad != f->told_bad) {
        *ret_kind = RECORD_KIND_FIRMWARE_ROLLED_BACK;
        *ret_version = f->bad;
        return 1;
    }
    *ret_kind = RECORD_KIND_FIRMWARE_CONFIRMED;
    *ret_version = f->confirmed;
    return f->confirmed != f->told_confirm;
}

/* A log that refuses means that the record is written once more after the next start. */
void update_told(struct update *u, enum record_kind kind, uint32_t version)
{
    int is_bad = kind == RECORD_KIND_FIRMWARE_ROLLED_BACK;

    if (bootlog_append(&u->log, is_bad ? BOOTLOG_TOLD_BAD : BOOTLOG_TOLD_CONFIRM, version) == EC_OK)
        return;
    if (is_bad)
        u->log.facts.told_bad = version;
    else
        u->log.facts.told_confirm = version;
}

int update_wants_restart(const struct update *u, uint64_t now_ms)
{
    return u->state == UPDATE_STAGED ||
           (update_on_trial(u) && u->log.facts.tried == u->port->version &&
            now_ms >= UPDATE_TRIAL_MS);
}
