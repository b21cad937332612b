/* The files of api/vectors/ as the generator writes them. */
#ifndef BPTM_TEST_VECTORS_H
#define BPTM_TEST_VECTORS_H

#include <stdio.h>

#include "cose.h"
#include "record.h"

enum { VECTORS_STORY_COUNT = 22 };

/** The story that the positive vectors tell: one record of every kind, seq 1.., text is static. */
void vectors_story(size_t index, struct record *ret);

/** Encode record `index` of the story. Aborts when it cannot. @return its length */
size_t vectors_story_encode(size_t index, uint8_t buf[WIRE_RECORD_MAX]);

/** Writers of one file each, JSON with a line per vector. */
void vectors_write_keys(FILE *out);
void vectors_write_records(FILE *out);
void vectors_write_batches(FILE *out);
void vectors_write_receipts(FILE *out);
void vectors_write_commands(FILE *out);
void vectors_write_statuses(FILE *out);
void vectors_write_links(FILE *out);
void vectors_write_topics(FILE *out);
void vectors_write_refused(FILE *out);
void vectors_write_requests(FILE *out);
void vectors_write_firmware(FILE *out);

/** `, "name": "hex"` */
void vectors_put_hex(FILE *out, const char *name, const uint8_t *at, size_t len);

/** `, "device": ..., "aad": ..., "payload": ..., "message": ...` of a message for SUPPORT_DEVICE */
void vectors_put_signed(FILE *out, enum cose_purpose purpose, const struct cose_key *key,
                        struct span payload);

#endif
