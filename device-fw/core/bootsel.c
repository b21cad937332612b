/* Judging images, and the ordered table that chooses between them. */
#include "bootsel.h"

#include <sodium/crypto_hash_sha512.h>
#include <string.h>

enum { READ_LEN = 256 };

/* ---- one image ---- */

static enum error_code check_hash(const struct bootsel_slot *slot, const struct manifest *m)
{
    crypto_hash_sha512_state state;
    uint8_t hash[MANIFEST_HASH_LEN], buf[READ_LEN];
    uint32_t at = MANIFEST_SPACE, end = MANIFEST_SPACE + m->size;

    crypto_hash_sha512_init(&state);
    while (at < end) {
        uint32_t len = end - at < READ_LEN ? end - at : READ_LEN;

        if (flash_read(&slot->flash, at, buf, len) != 0)
            return EC_FLASH;
        crypto_hash_sha512_update(&state, buf, len);
        at += len;
    }
    crypto_hash_sha512_final(&state, hash);
    return memcmp(hash, m->sha512, sizeof(hash)) == 0 ? EC_OK : EC_CONFLICT;
}

/* The C library's strcmp() is made for speed and takes 700 bytes of the loader. */
static int is_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

enum error_code bootsel_check(const struct bootsel_slot *slot, const struct bootsel_terms *terms,
                              struct manifest *ret)
{
    uint32_t room = slot->flash.sector_len * slot->flash.sector_count - MANIFEST_SPACE;
    uint8_t bytes[MANIFEST_LEN];
    struct manifest m;
    enum error_code ec;

    if (flash_read(&slot->flash, 0, bytes, sizeof(bytes)) != 0)
        return EC_FLASH;
    ec = manifest_decode(bytes, &m);
    if (ec == EC_OK)
        ec = manifest_verify(bytes, terms->keys, terms->key_count);
    if (ec == EC_OK &&
        (m.address != slot->address || m.size > room || !is_same(m.hardware, terms->hardware)))
        ec = EC_WIRE_RANGE;
    if (ec == EC_OK)
        ec = check_hash(slot, &m);
    if (ec == EC_OK)
        *ret = m;
    return ec;
}

/* ---- the choice ---- */

/* What is true of the image in a slot. */
enum {
    NEWER = 1 << 0,     /* startable, and above the highest confirmed version */
    CONFIRMED = 1 << 1, /* startable, and of the highest confirmed version */
    BAD = 1 << 2,       /* given up */
    SPENT = 1 << 3,     /* had all its trials */
    BACKED = 1 << 4,    /* the other slot holds a confirmed image to fall back to */
};

/* The first rule that fits a slot decides; of two slots that a rule fits, the newer image. An image
 * below the highest confirmed version fits none. The two last rules are for a device that has
 * nothing else: fresh from the factory, or with its confirmed image spoilt. */
static const struct rule {
    uint8_t all;  /* of these */
    uint8_t none; /* of these */
    uint8_t action;
} rules[] = {
    {NEWER | BACKED | SPENT, BAD, BOOTSEL_GIVE_UP},
    {NEWER | BACKED, BAD, BOOTSEL_TRY},
    {CONFIRMED, 0, BOOTSEL_RUN},
    {NEWER, BAD, BOOTSEL_RUN},
    {NEWER, 0, BOOTSEL_RUN},
};

static uint32_t facts_of(const struct bootsel_images *images, const struct bootlog_facts *facts,
                         uint32_t slot)
{
    uint32_t version = images->versions[slot], other = images->versions[slot ^ 1];
    uint32_t is = 0;

    if (version == 0)
        return 0;
    if (version > facts->confirmed)
        is |= NEWER;
    if (version == facts->confirmed)
        is |= CONFIRMED;
    if (version == facts->bad)
        is |= BAD;
    if (version == facts->tried && facts->tries >= BOOTLOG_TRIALS)
        is |= SPENT;
    if (other != 0 && other == facts->confirmed)
        is |= BACKED;
    return is;
}

struct bootsel_choice bootsel_decide(const struct bootsel_images *images,
                                     const struct bootlog_facts *facts)
{
    uint32_t first = images->versions[1] > images->versions[0];

    for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++)
        for (uint32_t i = 0; i < BOOTSEL_SLOTS; i++) {
            uint32_t slot = first ^ i;
            uint32_t is = facts_of(images, facts, slot);

            if ((is & rules[r].all) == rules[r].all && (is & rules[r].none) == 0)
                return (struct bootsel_choice){(enum bootsel_action)rules[r].action, slot};
        }
    return (struct bootsel_choice){BOOTSEL_HALT, 0};
}

struct bootsel_choice bootsel_run(const struct bootsel_images *images, struct bootlog *log)
{
    struct bootsel_images left = *images;

    for (;;) {
        struct bootsel_choice c = bootsel_decide(&left, &log->facts);
        uint32_t version = left.versions[c.slot];

        if (c.action == BOOTSEL_RUN || c.action == BOOTSEL_HALT)
            return c;
        if (c.action == BOOTSEL_TRY && bootlog_append(log, BOOTLOG_TRY, version) == EC_OK)
            return c;
        if (c.action == BOOTSEL_TRY || bootlog_append(log, BOOTLOG_BAD, version) != EC_OK)
            left.versions[c.slot] = 0;
    }
}
