/* Counters of the REST server, for /metrics. */
#ifndef BPTM_STATS_H
#define BPTM_STATS_H

#include <stdint.h>

#include "http/route.h"

enum { STATS_ROUTES_MAX = 192, STATS_CLASSES = 5 };

struct stats;

enum error_code stats_new(struct stats **ret) MUST_CHECK;
void stats_free(struct stats *s);

/** Count an answer. `index` is the row of the route table, -1 for requests that matched none. */
void stats_count(struct stats *s, int index, int status, int64_t micros);

/** Answers given for a row of the table (-1: no row) by class of status: 0 is 1xx .. 4 is 5xx. */
uint64_t stats_answers(const struct stats *s, int index, int status_class);

/** Time spent on all answers so far, and how many there were. */
void stats_time(const struct stats *s, uint64_t *ret_micros, uint64_t *ret_count);

/** The number of one more request: one after the other, from a random first. No secret. */
uint64_t stats_number(struct stats *s);

/** Count one more upload in pieces that is coming in, of at most `most`. @return 0 when full */
int stats_upload_begin(struct stats *s, int most) MUST_CHECK;
void stats_upload_end(struct stats *s);

#endif
