/* The limit: binary COPY of the corpus' rows by one connection, encoded before the clock starts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "commands.h"
#include "corpus.h"
#include "store/db.h"
#include "store/journal_row.h"

enum { ROW_BYTES_MAX = 2000000000 };

/* The rows of one COPY: from here to where the next begins. */
struct load {
    struct corpus corpus;
    int64_t *device_ids;
    struct bytes rows;
    size_t *starts; /* of each COPY in `rows`; one more for the end */
    size_t copies, row_count;
};

struct piece {
    const uint8_t *at;
    size_t len;
};

static enum error_code read_devices(struct db *db, struct load *l)
{
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db, "select serial, device_id from fleet.device_serial where serial like 'BENCH-%'",
               NULL, 0, &r);

    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        uint32_t device = corpus_device(db_get_text(r, i, 0));
        if (device < l->corpus.shape.devices)
            l->device_ids[device] = db_get_int(r, i, 1);
    }
    db_result_free(r);
    for (uint32_t i = 0; ec == EC_OK && i < l->corpus.shape.devices; i++)
        if (l->device_ids[i] == 0)
            ec = EC_NOT_FOUND;
    return ec;
}

static enum error_code encode_batch(struct load *l, size_t message, size_t rows)
{
    int64_t device_id = l->device_ids[message % l->corpus.shape.devices];
    uint8_t hash[WIRE_HASH_LEN];
    struct journal_row ignored;
    struct batch b;
    enum error_code ec = corpus_batch(&l->corpus, message, &b);

    memcpy(hash, b.prev_hash, sizeof(hash));
    for (size_t i = 0; ec == EC_OK && i < b.count; i++) {
        struct cbor_reader r;
        struct record rec;

        if (l->row_count++ % rows == 0)
            l->starts[l->copies++] = l->rows.len;
        cbor_reader_init(&r, b.records[i].at, b.records[i].len);
        ec = record_decode(&r, &rec);
        chain_next(hash, b.records[i].at, b.records[i].len, hash);
        if (ec == EC_OK)
            ec = journal_row_encode(device_id, l->corpus.shape.base_ms, &rec, hash, &l->rows,
                                    &ignored);
    }
    return ec;
}

static enum error_code encode(struct load *l, size_t rows)
{
    size_t total = l->corpus.count * l->corpus.shape.per_batch;
    enum error_code ec = EC_OK;

    l->starts = calloc(total / rows + 2, sizeof(*l->starts));
    if (l->starts == NULL)
        return EC_NO_MEMORY;
    for (size_t i = 0; ec == EC_OK && i < l->corpus.count; i++)
        ec = encode_batch(l, i, rows);
    l->starts[l->copies] = l->rows.len;
    return ec;
}

static enum error_code copy_piece(struct db *db, void *context)
{
    const struct piece *p = context;
    enum error_code ec = db_copy_begin(db, journal_row_copy);

    if (ec == EC_OK)
        ec = db_copy_put(db, p->at, p->len);
    return ec == EC_OK ? db_copy_end(db) : ec;
}

static enum error_code run(struct db *db, struct load *l, const struct options *o,
                           double *ret_seconds)
{
    enum error_code ec = corpus_open(o->corpus, &l->corpus);

    if (ec != EC_OK)
        return ec;
    l->device_ids = calloc(l->corpus.shape.devices, sizeof(*l->device_ids));
    ec = l->device_ids == NULL ? EC_NO_MEMORY : read_devices(db, l);
    if (ec == EC_OK)
        ec = encode(l, o->rows);

    double from_s = command_now_s();
    for (size_t i = 0; ec == EC_OK && i < l->copies; i++) {
        struct piece p = {l->rows.at + l->starts[i], l->starts[i + 1] - l->starts[i]};
        ec = db_transact(db, copy_piece, &p);
    }
    *ret_seconds = command_now_s() - from_s;
    return ec;
}

int command_copy(const struct options *o)
{
    struct load l = {0};
    struct db *db = NULL;
    char note[DB_NOTE_MAX] = "";
    double seconds = 0;
    enum error_code ec = o->rows == 0 ? EC_USAGE : db_open(o->database, "bench", &db, note);

    bytes_init(&l.rows, ROW_BYTES_MAX);
    if (ec == EC_OK)
        ec = run(db, &l, o, &seconds);
    if (ec != EC_OK)
        fprintf(stderr, "copy: %s %s\n", error_text(ec), db == NULL ? note : db_note(db));
    else
        printf("{\"rows\":%zu,\"bytes\":%zu,\"seconds\":%.4f,\"rows_s\":%.0f}\n", l.row_count,
               l.rows.len, seconds, (double)l.row_count / seconds);
    db_close(db);
    bytes_done(&l.rows);
    free(l.starts);
    free(l.device_ids);
    corpus_close(&l.corpus);
    return ec != EC_OK;
}
