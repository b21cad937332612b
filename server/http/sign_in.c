/* Sign-ins that are under way at the identity provider: what must come back with a person. */
#include "http/sign_in.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { SECRET_LEN = 32, HASH_LEN = crypto_hash_sha256_BYTES };

/* Kept in memory, not in the database: nobody unknown makes the server write. */
struct sign_in {
    int64_t until_ms; /* 0: the place is free */
    uint8_t state[HASH_LEN], browser[HASH_LEN];
    char client[CLIENT_MAX];
    struct sign_in_taken kept;
};

struct sign_ins {
    pthread_mutex_t lock;
    struct sign_in places[LIMIT_SIGN_INS];
};

enum error_code sign_ins_new(struct sign_ins **ret)
{
    struct sign_ins *s = calloc(1, sizeof *s);
    if (s == NULL)
        return EC_NO_MEMORY;
    pthread_mutex_init(&s->lock, NULL);
    *ret = s;
    return EC_OK;
}

void sign_ins_free(struct sign_ins *s)
{
    if (s == NULL)
        return;
    pthread_mutex_destroy(&s->lock);
    sodium_memzero(s->places, sizeof s->places);
    free(s);
}

static void encode(const uint8_t bytes[SECRET_LEN], char ret[SIGN_IN_TEXT_MAX])
{
    sodium_bin2base64(ret, SIGN_IN_TEXT_MAX, bytes, SECRET_LEN,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void make_text(char ret[SIGN_IN_TEXT_MAX])
{
    uint8_t bytes[SECRET_LEN];
    randombytes_buf(bytes, sizeof bytes);
    encode(bytes, ret);
    sodium_memzero(bytes, sizeof bytes);
}

static void hash_text(const char *text, uint8_t ret[HASH_LEN])
{
    crypto_hash_sha256(ret, (const uint8_t *)text, strlen(text));
}

/* The oldest of this address when it has all that it may have; else one that is free or over; else
   the oldest of all. */
static struct sign_in *find_place(struct sign_ins *s, const char *client, int64_t now_ms)
{
    struct sign_in *oldest = &s->places[0], *own = NULL;
    size_t owned = 0;
    for (struct sign_in *p = s->places; p < s->places + LIMIT_SIGN_INS; p++) {
        if (p->until_ms < oldest->until_ms)
            oldest = p;
        if (p->until_ms < now_ms || strcmp(p->client, client) != 0)
            continue;
        owned++;
        if (own == NULL || p->until_ms < own->until_ms)
            own = p;
    }
    return owned >= LIMIT_SIGN_INS_CLIENT ? own : oldest;
}

void sign_in_begin(struct sign_ins *s, const char *client, const char *next, int64_t now_ms,
                   struct sign_in_begun *ret)
{
    struct sign_in made = {.until_ms = now_ms + 1000 * (int64_t)LIMIT_SIGN_IN_S};
    uint8_t challenge[HASH_LEN];
    make_text(ret->state);
    make_text(ret->browser);
    make_text(ret->nonce);
    make_text(made.kept.verifier);
    hash_text(ret->state, made.state);
    hash_text(ret->browser, made.browser);
    hash_text(made.kept.verifier, challenge);
    encode(challenge, ret->challenge);
    memcpy(made.kept.nonce, ret->nonce, sizeof made.kept.nonce);
    snprintf(made.kept.next, sizeof made.kept.next, "%s", next);
    snprintf(made.client, sizeof made.client, "%s", client);
    pthread_mutex_lock(&s->lock);
    *find_place(s, client, now_ms) = made;
    pthread_mutex_unlock(&s->lock);
    sodium_memzero(&made, sizeof made);
}

enum error_code sign_in_take(struct sign_ins *s, const char *state, const char *browser,
                             int64_t now_ms, struct sign_in_taken *ret)
{
    uint8_t hash[HASH_LEN], by[HASH_LEN];
    enum error_code ec = EC_UNAUTHENTICATED;
    hash_text(state, hash);
    hash_text(browser, by);
    pthread_mutex_lock(&s->lock);
    for (struct sign_in *p = s->places; p < s->places + LIMIT_SIGN_INS; p++) {
        if (p->until_ms == 0 || memcmp(p->state, hash, sizeof hash) != 0)
            continue;
        if (p->until_ms > now_ms && memcmp(p->browser, by, sizeof by) == 0) {
            *ret = p->kept;
            ec = EC_OK;
        }
        sodium_memzero(p, sizeof *p);
        break;
    }
    pthread_mutex_unlock(&s->lock);
    return ec;
}

int sign_in_next(const char *next)
{
    size_t len = strlen(next);
    int good =
        len > 0 && len < SIGN_IN_NEXT_MAX && next[0] == '/' && next[1] != '/' && next[1] != '\\';
    for (size_t i = 0; good && i < len; i++)
        good = next[i] > ' ' && next[i] < 0x7f && next[i] != '"' && next[i] != '\\';
    return good;
}
