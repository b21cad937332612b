/* Rate limits: a token bucket for each name, in a table whose size never changes. */
#include "base/rate.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8, LOCKS = 16 };

/* A bucket by the time when it will be full again: that one number is all of its state. */
struct place {
    uint64_t hash; /* 0: nobody's */
    int64_t full_us;
};

struct rate {
    struct rate_rule rule;
    int64_t token_us, burst_us; /* to earn one token, to fill an empty bucket */
    size_t sets;
    uint8_t key[crypto_shorthash_KEYBYTES]; /* nobody can choose names that share a set */
    pthread_mutex_t locks[LOCKS];
    struct place places[];
};

enum error_code rate_new(struct rate_rule rule, size_t places, struct rate **ret)
{
    size_t sets = (places + WAYS - 1) / WAYS;
    struct rate *r = calloc(1, sizeof *r + sets * WAYS * sizeof r->places[0]);
    if (r == NULL)
        return EC_NO_MEMORY;
    r->rule = rule;
    r->sets = sets;
    if (rule.per_min > 0) {
        r->token_us = 60000000 / rule.per_min > 0 ? 60000000 / rule.per_min : 1;
        r->burst_us = r->token_us * rule.burst;
    }
    randombytes_buf(r->key, sizeof r->key);
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&r->locks[i], NULL);
    *ret = r;
    return EC_OK;
}

void rate_free(struct rate *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&r->locks[i]);
    free(r);
}

static uint64_t hash_of(const struct rate *r, const void *name, size_t len)
{
    uint8_t bytes[crypto_shorthash_BYTES];
    uint64_t hash;
    crypto_shorthash(bytes, name, len, r->key);
    memcpy(&hash, bytes, sizeof hash);
    return hash != 0 ? hash : 1;
}

/* Its own place; else, for a new name, the one whose bucket is full or will be first. */
static struct place *find(struct place *set, uint64_t hash, int may_evict)
{
    struct place *fullest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].hash == hash)
            return &set[i];
        if (set[i].full_us < fullest->full_us)
            fullest = &set[i];
    }
    if (!may_evict)
        return NULL;
    *fullest = (struct place){.hash = hash};
    return fullest;
}

static int64_t ask(struct rate *r, const void *name, size_t len, int64_t now_ms, int takes)
{
    if (r->rule.per_min == 0)
        return 0;
    uint64_t hash = hash_of(r, name, len);
    size_t set = hash % r->sets;
    int64_t now_us = now_ms * 1000, wait_us = 0;
    pthread_mutex_lock(&r->locks[set % LOCKS]);
    struct place *p = find(&r->places[set * WAYS], hash, takes);
    if (p != NULL) {
        int64_t full_us = p->full_us > now_us ? p->full_us : now_us;
        wait_us = full_us + r->token_us - (now_us + r->burst_us);
        if (wait_us <= 0 && takes)
            p->full_us = full_us + r->token_us;
    }
    pthread_mutex_unlock(&r->locks[set % LOCKS]);
    return wait_us > 0 ? (wait_us + 999) / 1000 : 0;
}

int64_t rate_take(struct rate *r, const void *name, size_t len, int64_t now_ms)
{
    return ask(r, name, len, now_ms, 1);
}

int64_t rate_look(struct rate *r, const void *name, size_t len, int64_t now_ms)
{
    return ask(r, name, len, now_ms, 0);
}
