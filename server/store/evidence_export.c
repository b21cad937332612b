/* Exporting what a device wrote and what was receipted, as an evidence bundle. */
#include "store/evidence_export.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cose.h"

enum { PAGE = 200 };

#define MS(column) "floor(extract(epoch from " column ") * 1000)::bigint"

struct job {
    const struct evidence_export *what;
    FILE *out;
    int64_t device_id;
    size_t written; /* bytes */
    struct evidence_header header;
    struct evidence_export_result result;
    struct db_result *receipts; /* through_seq, message; ascending */
    size_t next_receipt;
    int64_t first_held; /* first_seq of the first batch; 0 before it */
    int64_t last_held;
};

static enum error_code put(struct job *job, const uint8_t *at, size_t len)
{
    job->written += len;
    if (job->written > EVIDENCE_BUNDLE_MAX)
        return EC_WIRE_TOO_LARGE;
    return fwrite(at, 1, len, job->out) == len ? EC_OK : EC_IO;
}

static enum error_code put_item(struct job *job, const struct evidence_item *item)
{
    uint8_t buf[EVIDENCE_ITEM_MAX];
    size_t len = 0;
    enum error_code ec = evidence_encode_item(item, buf, sizeof(buf), &len);

    return ec == EC_OK ? put(job, buf, len) : ec;
}

/* A later attempt of the transaction begins the file again. */
static enum error_code begin(struct db *db, struct job *job)
{
    job->written = 0;
    job->result = (struct evidence_export_result){0, 0};
    job->next_receipt = 0;
    job->first_held = job->last_held = 0;
    if (fseeko(job->out, 0, SEEK_SET) != 0 || ftruncate(fileno(job->out), 0) != 0)
        return EC_IO;
    return db_run_script(db, "set transaction isolation level repeatable read, read only");
}

static enum error_code load_keys(struct db *db, struct job *job)
{
    struct evidence_header *h = &job->header;
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(job->what->serial), db_int(EVIDENCE_KEYS_MAX)};

    enum error_code ec = db_run(
        db,
        "select k.device_id, k.public_key, " MS(
            "k.valid_from") ","
                            " " MS(
                                "k.valid_to") " from fleet.device_serial s"
                                              " join fleet.device_key k on k.device_id = "
                                              "s.device_id"
                                              " where s.serial = $1 order by k.valid_from limit $2",
        params, 2, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        struct evidence_key *key = &h->keys[i];
        job->device_id = db_get_int(r, i, 0);
        key->from_ms = db_get_int(r, i, 2);
        key->to_ms = db_get_text(r, i, 3) != NULL ? db_get_int(r, i, 3) : INT64_MAX;
        if (db_get_bytes(r, i, 1, key->public_key, WIRE_KEY_LEN) != WIRE_KEY_LEN)
            ec = EC_INTERNAL;
        h->key_count = i + 1;
    }
    db_result_free(r);
    return ec;
}

static enum error_code put_header(struct job *job)
{
    struct evidence_header *h = &job->header;
    uint8_t buf[EVIDENCE_HEADER_MAX];
    size_t len = 0;

    snprintf(h->device, sizeof(h->device), "%s", job->what->serial);
    h->exported_at_ms = clock_utc_ms();
    h->fleet_count = job->what->fleet_count;
    for (size_t i = 0; i < h->fleet_count; i++) {
        memcpy(h->fleet[i].public_key, job->what->fleet_keys[i], WIRE_KEY_LEN);
        h->fleet[i].from_ms = 0;
        h->fleet[i].to_ms = INT64_MAX;
    }
    enum error_code ec = evidence_encode_header(h, buf, sizeof(buf), &len);
    return ec == EC_OK ? put(job, buf, len) : ec;
}

static enum error_code load_receipts(struct db *db, struct job *job)
{
    struct db_param params[] = {db_int(job->device_id)};

    db_result_free(job->receipts);
    job->receipts = NULL;
    return db_run(db,
                  "select through_seq, message from fleet.receipt where device_id = $1"
                  " order by through_seq, epoch",
                  params, 1, &job->receipts);
}

static int is_of_fleet(const struct job *job, const uint8_t *message, size_t len)
{
    struct cose_sign1 sign1;
    uint8_t kid[WIRE_KID_LEN];

    if (cose_decode(message, len, &sign1) != EC_OK || sign1.kid.len != WIRE_KID_LEN)
        return 0;
    for (size_t i = 0; i < job->what->fleet_count; i++) {
        cose_kid(job->what->fleet_keys[i], kid);
        if (memcmp(kid, sign1.kid.at, WIRE_KID_LEN) == 0)
            return 1;
    }
    return 0;
}

/* The receipts that cover nothing from `before` on, as far as the bundle holds what they cover. */
static enum error_code put_receipts(struct job *job, int64_t before)
{
    uint8_t message[WIRE_MESSAGE_MAX];
    enum error_code ec = EC_OK;

    for (; ec == EC_OK && job->next_receipt < db_rows(job->receipts); job->next_receipt++) {
        int64_t through = db_get_int(job->receipts, job->next_receipt, 0);
        if (through >= before)
            break;
        long len = db_get_bytes(job->receipts, job->next_receipt, 1, message, sizeof(message));
        if (through < job->first_held || through > job->last_held || len <= 0 ||
            !is_of_fleet(job, message, (size_t)len))
            continue;
        const struct evidence_item item = {EVIDENCE_RECEIPT, 0, {message, (size_t)len}};
        ec = put_item(job, &item);
        job->result.receipts++;
    }
    return ec;
}

static enum error_code put_batch(struct job *job, const struct db_result *r, size_t row)
{
    uint8_t message[WIRE_MESSAGE_MAX];
    int64_t first = db_get_int(r, row, 0), last = db_get_int(r, row, 1);
    long len = db_get_bytes(r, row, 3, message, sizeof(message));

    if (len <= 0)
        return EC_INTERNAL;
    enum error_code ec = put_receipts(job, first);
    const struct evidence_item item = {
        EVIDENCE_BATCH, db_get_int(r, row, 2), {message, (size_t)len}};
    if (ec == EC_OK)
        ec = put_item(job, &item);
    if (job->first_held == 0)
        job->first_held = first;
    if (last > job->last_held)
        job->last_held = last;
    job->result.batches++;
    return ec;
}

/* Page by page: a device may have far more than fits in memory. */
static enum error_code put_batches(struct db *db, struct job *job)
{
    int64_t first = -1, last = -1;
    size_t rows = PAGE;
    enum error_code ec = EC_OK;

    while (ec == EC_OK && rows == PAGE) {
        struct db_result *r = NULL;
        struct db_param params[] = {
            db_int(job->device_id),
            db_int(job->what->from_seq),
            db_int(job->what->to_seq),
            db_int(first),
            db_int(last),
            db_int(PAGE),
        };
        ec = db_run(db,
                    "select first_seq, last_seq, " MS(
                        "received_at") ", message"
                                       " from fleet.journal_batch where device_id = $1"
                                       " and last_seq >= $2 and first_seq <= $3 and (first_seq, "
                                       "last_seq) > ($4, $5)"
                                       " order by first_seq, last_seq limit $6",
                    params, 6, &r);
        rows = ec == EC_OK ? db_rows(r) : 0;
        for (size_t i = 0; ec == EC_OK && i < rows; i++)
            ec = put_batch(job, r, i);
        if (rows > 0) {
            first = db_get_int(r, rows - 1, 0);
            last = db_get_int(r, rows - 1, 1);
        }
        db_result_free(r);
    }
    return ec == EC_OK ? put_receipts(job, INT64_MAX) : ec;
}

static enum error_code body(struct db *db, void *context)
{
    struct job *job = context;
    enum error_code ec = begin(db, job);

    if (ec == EC_OK)
        ec = load_keys(db, job);
    if (ec == EC_OK)
        ec = load_receipts(db, job);
    if (ec == EC_OK)
        ec = put_header(job);
    if (ec == EC_OK)
        ec = put_batches(db, job);
    return ec == EC_OK && fflush(job->out) != 0 ? EC_IO : ec;
}

enum error_code evidence_export(struct db *db, const struct evidence_export *what, FILE *out,
                                struct evidence_export_result *ret)
{
    struct job job = {.what = what, .out = out};
    enum error_code ec = db_transact(db, body, &job);

    db_result_free(job.receipts);
    if (ec == EC_OK)
        *ret = job.result;
    return ec;
}
