/* A table of tests, each of something that would otherwise be noticed only when it is needed. */
#include "selftest.h"

#include <string.h>

#include "chain.h"
#include "qual.h"

enum { CHECK_VALUE = 0xcbf43926 }; /* CRC-32 of "123456789" */

static int contacts_fail(const struct selftest *t)
{
    return t->input->utility_closed != t->command->utility ||
           t->input->generator_closed != t->command->generator;
}

static int samples_fail(const struct selftest *t)
{
    return t->sample_age_ms > QUAL_GAP_MS;
}

/* Every record of the newest sector is read and hashed again. */
static int journal_fails(const struct selftest *t)
{
    uint8_t record[WIRE_RECORD_MAX], hash[WIRE_HASH_LEN];
    uint64_t seq = journal_sector_base(t->journal);
    size_t len;

    if (journal_hash(t->journal, seq - 1, hash) != EC_OK)
        return 1;
    for (; seq <= t->journal->written; seq++) {
        if (journal_read(t->journal, seq, record, &len) != EC_OK)
            return 1;
        chain_next(hash, record, len, hash);
    }
    return memcmp(hash, t->journal->head_hash, sizeof(hash)) != 0;
}

static int settings_fail(const struct selftest *t)
{
    struct settings s;
    int fails = t->settings != NULL && settings_load(t->settings, &s) != EC_OK;

    memset(&s, 0, sizeof(s));
    return fails;
}

/* Each cell holds both values, and differs from its neighbours when it is read. */
static int memory_fails(const struct selftest *t)
{
    volatile uint8_t *at = t->memory;

    for (unsigned inverted = 0; inverted < 2; inverted++) {
        uint8_t flip = inverted ? 0xff : 0;

        for (size_t i = 0; i < WIRE_MESSAGE_MAX; i++)
            at[i] = (uint8_t)(i * 167 + (i >> 8)) ^ flip;
        for (size_t i = 0; i < WIRE_MESSAGE_MAX; i++)
            if (at[i] != ((uint8_t)(i * 167 + (i >> 8)) ^ flip))
                return 1;
    }
    return 0;
}

static int checksum_fails(const struct selftest *t)
{
    (void)t;
    return flash_crc(0, (const uint8_t *)"123456789", 9) != CHECK_VALUE;
}

static int signature_fails(const struct selftest *t)
{
    const struct span text = {(const uint8_t *)"self-test", 9};
    struct cose_sign1 msg;
    size_t len;

    return cose_sign(t->key, text, text, t->signing, t->memory, WIRE_MESSAGE_MAX, &len) != EC_OK ||
           cose_decode(t->memory, len, &msg) != EC_OK ||
           cose_verify(&msg, text, t->key->public_key, t->signing) != EC_OK;
}

static const struct {
    int (*fails)(const struct selftest *t);
    uint8_t failure;
} tests[] = {
    {contacts_fail, SELFTEST_CONTACTS},    {samples_fail, SELFTEST_SAMPLES},
    {journal_fails, SELFTEST_JOURNAL},     {settings_fail, SELFTEST_SETTINGS},
    {memory_fails, SELFTEST_MEMORY},       {checksum_fails, SELFTEST_CHECKSUM},
    {signature_fails, SELFTEST_SIGNATURE},
};

uint32_t selftest_run(const struct selftest *t)
{
    uint32_t result = 0;

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        if (tests[i].fails(t))
            result |= tests[i].failure;
    return result;
}
