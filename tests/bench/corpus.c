/* Makes and reads corpora: chains of records with the life of a collar, signed in batches. */
#include "corpus.h"

#include <fcntl.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain.h"

#define MAGIC "BPTMBEN1"

enum { STEP_MS = 600000, SPREAD_MS = 1000, KINDS = 6 };

/* Head of a file; the messages' table follows, then their bytes. */
struct file_head {
    char magic[8];
    struct corpus_shape shape;
};

/* A device while its chain is being written. */
struct author {
    struct cose_key key;
    uint8_t hash[WIRE_HASH_LEN];
};

void corpus_serial(uint32_t device, char ret[CORPUS_SERIAL_LEN + 1])
{
    snprintf(ret, CORPUS_SERIAL_LEN + 1, "BENCH-%06u", device % CORPUS_DEVICES_MAX);
}

uint32_t corpus_device(const char *serial)
{
    uint32_t device = 0;

    if (memcmp(serial, "BENCH-", 6) != 0)
        return CORPUS_DEVICES_MAX;
    for (int i = 6; i < CORPUS_SERIAL_LEN; i++) {
        if (serial[i] < '0' || serial[i] > '9')
            return CORPUS_DEVICES_MAX;
        device = device * 10 + (uint32_t)(serial[i] - '0');
    }
    return device;
}

void corpus_key(uint32_t device, struct cose_key *ret)
{
    uint8_t seed[crypto_hash_sha256_BYTES];
    char text[64];
    int len = snprintf(text, sizeof(text), "bptm benchmark device %u", device);

    crypto_hash_sha256(seed, (const uint8_t *)text, (size_t)len);
    cose_key_init(ret, seed);
}

/* -- records --------------------------------------------------------------------------------- */

/* splitmix64: the same numbers for the same device and sequence, everywhere. */
static uint64_t mixed(uint64_t x)
{
    x += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

static void add_supply(struct record *rec, uint64_t random, unsigned volts_dv)
{
    record_add_uint(rec, RECORD_KEY_L1_DV, volts_dv + random % 20);
    record_add_uint(rec, RECORD_KEY_L2_DV, volts_dv + random / 20 % 20);
    record_add_uint(rec, RECORD_KEY_FREQ_CHZ, volts_dv == 0 ? 0 : 5990 + random / 400 % 20);
}

/* An outage bridged by a generator, from the first record to the sixth, over and over. */
static void add_fields(struct record *rec, uint64_t random)
{
    static const enum record_kind kinds[KINDS] = {
        RECORD_KIND_UTILITY_LOST,
        RECORD_KIND_GENERATOR_PRESENT,
        RECORD_KIND_TRANSFERRED_TO_GENERATOR,
        RECORD_KIND_UTILITY_RESTORED,
        RECORD_KIND_TRANSFERRED_TO_UTILITY,
        RECORD_KIND_GENERATOR_ABSENT,
    };

    rec->kind = (uint16_t)kinds[(rec->seq - 1) % KINDS];
    if (rec->kind == RECORD_KIND_TRANSFERRED_TO_GENERATOR ||
        rec->kind == RECORD_KIND_TRANSFERRED_TO_UTILITY) {
        record_add_uint(rec, RECORD_KEY_DELAY_MS, 15000 + random % 90000);
        record_add_uint(rec, RECORD_KEY_SETTING_MS, 15000);
    } else {
        record_add_uint(rec, RECORD_KEY_SINCE_MS, 1000 + random % 5000);
    }
    if (rec->kind == RECORD_KIND_TRANSFERRED_TO_UTILITY)
        record_add_uint(rec, RECORD_KEY_CAUSE, RECORD_CAUSE_RETURN_TIMER);
    if (rec->kind != RECORD_KIND_GENERATOR_ABSENT)
        add_supply(rec, random >> 20, rec->kind == RECORD_KIND_UTILITY_LOST ? 0 : 1195);
}

static enum error_code write_record(const struct corpus_shape *shape, uint32_t device, uint64_t seq,
                                    uint8_t *buf, size_t *ret_len)
{
    uint64_t random = mixed((uint64_t)device << 32 ^ seq);
    uint64_t mono_ms = seq * STEP_MS + random % SPREAD_MS;
    struct record rec = {
        .seq = seq,
        .boot = 1,
        .mono_ms = mono_ms,
        .utc_ms = shape->base_ms + (int64_t)mono_ms,
        .quality = RECORD_QUALITY_SYNCHRONISED,
    };

    add_fields(&rec, random);
    return record_encode(&rec, buf, WIRE_RECORD_MAX, ret_len);
}

/* -- batches --------------------------------------------------------------------------------- */

static enum error_code sign(struct author *author, uint32_t device, const struct batch *b,
                            uint8_t *out, size_t *ret_len)
{
    uint8_t payload[WIRE_MESSAGE_MAX], scratch[WIRE_SCRATCH_LEN], aad[WIRE_AAD_MAX];
    char serial[CORPUS_SERIAL_LEN + 1];
    size_t len;
    enum error_code ec = batch_encode(b, payload, sizeof(payload), &len);

    if (ec != EC_OK)
        return ec;
    corpus_serial(device, serial);
    struct span bound = {aad, cose_aad(COSE_JOURNAL, serial, aad)};
    return cose_sign(&author->key, bound, (struct span){payload, len}, scratch, out,
                     WIRE_MESSAGE_MAX, ret_len);
}

static enum error_code write_batch(const struct corpus_shape *shape, struct author *author,
                                   uint32_t device, uint32_t number, uint8_t *out, size_t *ret_len)
{
    uint8_t records[WIRE_BATCH_RECORDS_MAX][WIRE_RECORD_MAX];
    struct batch b = {
        .first_seq = 1 + (uint64_t)number * shape->per_batch,
        .written_through = (uint64_t)(number + 1) * shape->per_batch,
        .epoch = 1,
        .count = shape->per_batch,
    };
    enum error_code ec = EC_OK;

    memcpy(b.prev_hash, author->hash, WIRE_HASH_LEN);
    for (size_t i = 0; i < b.count && ec == EC_OK; i++) {
        size_t len = 0;
        ec = write_record(shape, device, b.first_seq + i, records[i], &len);
        b.records[i] = (struct span){records[i], len};
        chain_next(author->hash, records[i], len, author->hash);
    }
    return ec == EC_OK ? sign(author, device, &b, out, ret_len) : ec;
}

static struct author *authors_new(uint32_t n)
{
    struct author *authors = calloc(n, sizeof(*authors));
    char serial[CORPUS_SERIAL_LEN + 1];

    for (uint32_t i = 0; authors != NULL && i < n; i++) {
        corpus_key(i, &authors[i].key);
        corpus_serial(i, serial);
        chain_start(serial, authors[i].key.public_key, authors[i].hash);
    }
    return authors;
}

/* All messages, one after the other; the table is written when they are known. */
static enum error_code write_messages(FILE *f, const struct corpus_shape *shape,
                                      struct author *authors, struct corpus_message *table)
{
    uint8_t out[WIRE_MESSAGE_MAX];
    uint64_t at = 0;

    for (size_t i = 0; i < (size_t)shape->devices * shape->batches; i++) {
        uint32_t device = (uint32_t)(i % shape->devices);
        size_t len;
        enum error_code ec =
            write_batch(shape, &authors[device], device, (uint32_t)(i / shape->devices), out, &len);
        if (ec != EC_OK)
            return ec;
        table[i] = (struct corpus_message){.at = at, .len = (uint32_t)len};
        memcpy(table[i].hash, authors[device].hash, WIRE_HASH_LEN);
        at += len;
        if (fwrite(out, 1, len, f) != len)
            return EC_IO;
    }
    return EC_OK;
}

static enum error_code write_file(FILE *f, const struct corpus_shape *shape, struct author *authors,
                                  struct corpus_message *table)
{
    struct file_head head = {.magic = MAGIC, .shape = *shape};
    size_t count = (size_t)shape->devices * shape->batches;
    long bytes_at = (long)(sizeof(head) + count * sizeof(*table));

    if (fseek(f, bytes_at, SEEK_SET) != 0)
        return EC_IO;
    enum error_code ec = write_messages(f, shape, authors, table);
    if (ec != EC_OK)
        return ec;
    if (fseek(f, 0, SEEK_SET) != 0 || fwrite(&head, sizeof(head), 1, f) != 1 ||
        fwrite(table, sizeof(*table), count, f) != count)
        return EC_IO;
    return EC_OK;
}

enum error_code corpus_write(const char *path, const struct corpus_shape *shape)
{
    size_t count = (size_t)shape->devices * shape->batches;
    struct author *authors = authors_new(shape->devices);
    struct corpus_message *table = calloc(count, sizeof(*table));
    FILE *f = fopen(path, "w");
    enum error_code ec = f == NULL ? EC_IO : EC_NO_MEMORY;

    if (f != NULL && authors != NULL && table != NULL)
        ec = write_file(f, shape, authors, table);
    if (f != NULL && fclose(f) != 0 && ec == EC_OK)
        ec = EC_IO;
    free(table);
    free(authors);
    return ec;
}

/* -- reading --------------------------------------------------------------------------------- */

static enum error_code map_file(int fd, struct corpus *ret)
{
    const struct file_head *head;
    struct stat st;

    if (fstat(fd, &st) != 0 || (size_t)st.st_size < sizeof(*head))
        return EC_IO;
    head = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (head == MAP_FAILED)
        return EC_IO;
    *ret = (struct corpus){
        .shape = head->shape,
        .count = (size_t)head->shape.devices * head->shape.batches,
        .messages = (const struct corpus_message *)(head + 1),
        .map = (void *)head,
        .map_len = (size_t)st.st_size,
    };
    ret->bytes = (const uint8_t *)(ret->messages + ret->count);
    if (memcmp(head->magic, MAGIC, sizeof(head->magic)) == 0)
        return EC_OK;
    corpus_close(ret);
    return EC_IO;
}

enum error_code corpus_open(const char *path, struct corpus *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum error_code ec = fd < 0 ? EC_IO : map_file(fd, ret);

    if (fd >= 0)
        close(fd);
    return ec;
}

void corpus_close(struct corpus *c)
{
    if (c->map != NULL)
        munmap(c->map, c->map_len);
    *c = (struct corpus){0};
}

enum error_code corpus_batch(const struct corpus *c, size_t i, struct batch *ret)
{
    struct cose_sign1 msg;
    enum error_code ec = cose_decode(c->bytes + c->messages[i].at, c->messages[i].len, &msg);

    return ec == EC_OK ? batch_decode(msg.payload, ret) : ec;
}
