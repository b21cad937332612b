/* What the tests of the ingest share: a database, devices with real keys and chains, a writer. */
#ifndef BPTM_INGEST_RIG_H
#define BPTM_INGEST_RIG_H

#include "batch.h"
#include "cose.h"
#include "mqtt/group.h"
#include "mqtt/keys.h"
#include "mqtt/writer.h"
#include "receipt.h"
#include "record.h"

enum { RIG_RECORDS = 128, RIG_GROUP = 64, RIG_PER_DEVICE = 4 };

/** A device as it would be at home: its key, and every record it ever wrote. */
struct rig_device {
    char serial[WIRE_DEVICE_MAX + 1];
    struct cose_key key;
    int64_t device_id; /* 0: not registered */
    uint64_t epoch;
    size_t written; /* the last seq */
    uint8_t hash[RIG_RECORDS + 1][WIRE_HASH_LEN];
    uint8_t record[RIG_RECORDS + 1][WIRE_RECORD_MAX];
    size_t len[RIG_RECORDS + 1];
};

extern struct db *rig_owner; /* connected as the owner of the schema: looks and prepares */
extern struct db *rig_mqtt;  /* connected as bptm_mqtt: does what the server does */
extern struct keys *rig_keys;
extern struct group *rig_group;

/** 1 with all of the above; 0 when the environment names no server (PGHOST). */
int rig_open(void);
void rig_close(void);

/** A new device with an own serial; registered unless `is_stranger`. Free with free(). */
struct rig_device *rig_device_new(int is_stranger);
void rig_register(struct rig_device *d);

/** Write the next record; `rec` needs kind and fields only: seq, boot 1 and a clock are set, unless
 *  rec->boot is not 0. */
void rig_write(struct rig_device *d, struct record *rec);
/** Write plain records up to `last`. */
void rig_write_to(struct rig_device *d, uint64_t last);

/** The signed message of the batch first..last. @return its length */
size_t rig_batch(const struct rig_device *d, uint64_t first, uint64_t last,
                 uint8_t ret[WIRE_MESSAGE_MAX]);

/** A message as the broker would deliver it, understood by the workers' code. */
struct message *rig_message(const char *serial, enum topic_leaf leaf, const uint8_t *at,
                            size_t len);
struct message *rig_send(const struct rig_device *d, uint64_t first, uint64_t last);

/** Commit a group as bptm_mqtt and free the messages. */
enum error_code rig_commit(struct message **list, size_t n);
/** Commit one batch; it must succeed. */
void rig_deliver(const struct rig_device *d, uint64_t first, uint64_t last);

/** The receipt that the last commit earned the device, decoded; its signature is checked. */
struct receipt rig_receipt(const struct rig_device *d);

/** One number or text of a query by the owner; the text is kept until the next call. */
int64_t rig_number(const char *sql, int64_t device_id);
const char *rig_text(const char *sql, int64_t device_id);
void rig_script(const char *sql);

/* -- a running writer with a broker that only remembers -------------------------------------- */

struct rig_writer;

struct rig_writer *rig_writer_start(void);
/** Hand over understood messages. */
void rig_writer_put(struct rig_writer *w, struct message *m);
/** Wait at most 20 s until so many receipts were published. */
void rig_writer_wait(struct rig_writer *w, int receipts);
/** Stop it. @return how many receipts were published in all */
int rig_writer_stop(struct rig_writer *w);

#endif
