/* The signed batches of a benchmark, made before the clock starts: the same for every contestant.
 */
#ifndef BENCH_CORPUS_H
#define BENCH_CORPUS_H

#include "batch.h"
#include "cose.h"

enum { CORPUS_SERIAL_LEN = 12, CORPUS_DEVICES_MAX = 1000000 };

/** What a corpus holds; everything in it follows from these numbers. */
struct corpus_shape {
    uint32_t devices;   /* 1..CORPUS_DEVICES_MAX */
    uint32_t batches;   /* of each device */
    uint32_t per_batch; /* records in each: 1..WIRE_BATCH_RECORDS_MAX */
    int64_t base_ms;    /* UTC of the first records; the rest follows within a few days */
};

/** Message i is batch i / devices of device i % devices. */
struct corpus_message {
    uint64_t at; /* in the bytes of the corpus */
    uint32_t len;
    uint32_t zero;
    uint8_t hash[WIRE_HASH_LEN]; /* of the chain, after its last record */
};

/** A corpus file in memory. */
struct corpus {
    struct corpus_shape shape;
    size_t count;
    const struct corpus_message *messages;
    const uint8_t *bytes;
    void *map;
    size_t map_len;
};

/** Serial number of a device: BENCH-000000 and so on. */
void corpus_serial(uint32_t device, char ret[CORPUS_SERIAL_LEN + 1]);

/** The device that a text of CORPUS_SERIAL_LEN characters names; CORPUS_DEVICES_MAX for none. */
uint32_t corpus_device(const char *serial);

/** Key pair of a device, from the fixed seed. */
void corpus_key(uint32_t device, struct cose_key *ret);

/** Write a corpus file. @return EC_OK; EC_IO; EC_NO_MEMORY; or the error of an encoder */
enum error_code corpus_write(const char *path, const struct corpus_shape *shape) MUST_CHECK;

/** Map a corpus file. @param ret  to be given to corpus_close(). @return EC_OK; EC_IO */
enum error_code corpus_open(const char *path, struct corpus *ret) MUST_CHECK;
void corpus_close(struct corpus *c);

/**
 * Take a message apart without judging its signature.
 * @param ret  borrows the corpus
 * @return EC_OK, or an EC_WIRE_ or EC_COSE_ error
 */
enum error_code corpus_batch(const struct corpus *c, size_t i, struct batch *ret) MUST_CHECK;

#endif
