/* The toy generator: state and output are hashes of the state. */
#include "entropy.h"

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

#include "board.h"

enum { LEN = crypto_hash_sha256_BYTES };

static uint8_t state[LEN];

/* label 0 makes the next state, label 1 output; neither tells of the other. */
static void derive(uint8_t label, uint8_t ret[LEN])
{
    uint8_t from[LEN + 5];
    uint32_t cycles = board_cycles();

    memcpy(from, state, LEN);
    memcpy(from + LEN, &cycles, sizeof(cycles));
    from[LEN + 4] = label;
    crypto_hash_sha256(ret, from, sizeof(from));
}

void entropy_init(const uint8_t seed[WIRE_SEED_LEN], uint32_t boot)
{
    static const char purpose[] = "bptm random";
    uint8_t from[WIRE_SEED_LEN + sizeof(boot) + sizeof(purpose)];

    memcpy(from, seed, WIRE_SEED_LEN);
    memcpy(from + WIRE_SEED_LEN, &boot, sizeof(boot));
    memcpy(from + WIRE_SEED_LEN + sizeof(boot), purpose, sizeof(purpose));
    crypto_hash_sha256(state, from, sizeof(from));
}

void entropy_fill(uint8_t *to, size_t len)
{
    while (len > 0) {
        uint8_t block[LEN];
        size_t part = len < LEN ? len : LEN;

        derive(1, block);
        derive(0, state);
        memcpy(to, block, part);
        to += part;
        len -= part;
    }
}

uint32_t entropy_word(void)
{
    uint32_t word;

    entropy_fill((uint8_t *)&word, sizeof(word));
    return word;
}
