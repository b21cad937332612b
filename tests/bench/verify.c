/* Verification alone: take apart, verify, decode, on so many threads, and nothing else. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "corpus.h"

enum { THREADS_MAX = 64, PIECE = 64 };

struct judge {
    struct corpus corpus;
    uint8_t (*keys)[WIRE_KEY_LEN];
    atomic_size_t next, bad;
};

static enum error_code judge_one(const struct judge *j, size_t i, uint8_t *scratch)
{
    uint32_t device = (uint32_t)(i % j->corpus.shape.devices);
    const struct corpus_message *m = &j->corpus.messages[i];
    uint8_t aad_bytes[WIRE_AAD_MAX];
    char serial[CORPUS_SERIAL_LEN + 1];
    struct cose_sign1 msg;
    struct batch b;
    enum error_code ec = cose_decode(j->corpus.bytes + m->at, m->len, &msg);

    if (ec != EC_OK)
        return ec;
    corpus_serial(device, serial);
    struct span aad = {aad_bytes, cose_aad(COSE_JOURNAL, serial, aad_bytes)};
    ec = cose_verify(&msg, aad, j->keys[device], scratch);
    return ec == EC_OK ? batch_decode(msg.payload, &b) : ec;
}

static void *work(void *context)
{
    struct judge *j = context;
    uint8_t scratch[WIRE_SCRATCH_LEN];

    for (;;) {
        size_t from = atomic_fetch_add(&j->next, PIECE);
        if (from >= j->corpus.count)
            return NULL;
        for (size_t i = from; i < from + PIECE && i < j->corpus.count; i++)
            if (judge_one(j, i, scratch) != EC_OK)
                atomic_fetch_add(&j->bad, 1);
    }
}

static int keys_make(struct judge *j)
{
    struct cose_key key;

    j->keys = calloc(j->corpus.shape.devices, sizeof(*j->keys));
    for (uint32_t i = 0; j->keys != NULL && i < j->corpus.shape.devices; i++) {
        corpus_key(i, &key);
        for (size_t b = 0; b < WIRE_KEY_LEN; b++)
            j->keys[i][b] = key.public_key[b];
    }
    return j->keys != NULL;
}

/* @return 1 when all threads could be started */
static int run(struct judge *j, unsigned threads)
{
    pthread_t list[THREADS_MAX];
    unsigned started = 0;

    while (started < threads && pthread_create(&list[started], NULL, work, j) == 0)
        started++;
    for (unsigned i = 0; i < started; i++)
        pthread_join(list[i], NULL);
    return started == threads;
}

int command_verify(const struct options *o)
{
    struct judge j = {0};
    int ok = o->threads > 0 && o->threads <= THREADS_MAX;

    ok = ok && corpus_open(o->corpus, &j.corpus) == EC_OK && keys_make(&j);
    double from_s = command_now_s();
    ok = ok && run(&j, o->threads);
    double seconds = command_now_s() - from_s;
    size_t bad = atomic_load(&j.bad);

    if (!ok || bad != 0)
        fprintf(stderr, "verify: %zu of %zu messages refused\n", bad, j.corpus.count);
    else
        printf("{\"batches\":%zu,\"threads\":%u,\"seconds\":%.4f,\"batches_s\":%.0f}\n",
               j.corpus.count, o->threads, seconds, (double)j.corpus.count / seconds);
    free(j.keys);
    corpus_close(&j.corpus);
    return !ok || bad != 0;
}
