/* Sizes and limits of the protocol: what every side may rely on (api/journal.md, "Limits"). */
#ifndef BPTM_WIRE_H
#define BPTM_WIRE_H

enum {
    WIRE_HASH_LEN = 32,
    WIRE_KEY_LEN = 32,  /* Ed25519 public key */
    WIRE_SEED_LEN = 32, /* Ed25519 private seed */
    WIRE_SIGNATURE_LEN = 64,
    WIRE_KID_LEN = 8,
    WIRE_DEVICE_MIN = 3, /* device id: [A-Z0-9][A-Z0-9-]* */
    WIRE_DEVICE_MAX = 24,
    WIRE_BUCKET_COUNT = 1024,
    WIRE_MESSAGE_MAX = 8192, /* one signed message, whole */
    WIRE_RECORD_MAX = 256,   /* one encoded record */
    WIRE_BATCH_RECORDS_MAX = 64,
    WIRE_FIELDS_MAX = 12, /* fields of a record beside the six common ones */
    WIRE_TEXT_MAX = 64,   /* text or bytes inside a record or status */
    WIRE_AAD_MAX = 64,
    WIRE_SCRATCH_LEN = WIRE_MESSAGE_MAX + 192, /* for a Sig_structure of the largest message */
    WIRE_RECEIPT_MAX = 256,                    /* one signed receipt */
    WIRE_STATUS_MAX = 384,                     /* one signed status */
    WIRE_COMMAND_MAX = 1024,                   /* one signed command */
    WIRE_TOPIC_MAX = 96,
    WIRE_PACE_MAX_MS = 3600000,
};

#define WIRE_PROTOCOL "bptm/1"

#endif
