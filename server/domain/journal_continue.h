/* What a verified batch does to the stored chain of its device. Source: api/journal.md. */
#ifndef BPTM_JOURNAL_CONTINUE_H
#define BPTM_JOURNAL_CONTINUE_H

#include "domain/ranges.h"
#include "error.h"
#include "wire.h"

/** Where a device's chain stands. */
struct journal_head {
    uint64_t seq;                /* head: highest stored seq with nothing unknown below it */
    uint8_t hash[WIRE_HASH_LEN]; /* hash[seq] */
    struct ranges seen;          /* stored */
    struct ranges overwritten;   /* declared lost by the device and not stored */
    uint64_t claimed_seq;        /* highest seq the device says it wrote */
    uint64_t stored, duplicates; /* records, ever */
    uint64_t forks;              /* batches, ever */
};

/** What a `records_overwritten` record says; its own seq bounds what it may say. */
struct journal_overwrite {
    uint64_t seq;
    struct range lost;
};

/** A batch as it arrived: decoded and its signature checked. Everything is borrowed. */
struct journal_arrival {
    uint64_t first_seq;
    size_t count;                           /* 1..WIRE_BATCH_RECORDS_MAX; last seq < INT64_MAX */
    const uint8_t *prev_hash;               /* hash[first_seq - 1] as the device claims it */
    const uint8_t (*hashes)[WIRE_HASH_LEN]; /* hash of each record */
    uint64_t written_through;
    const struct journal_overwrite *overwrites;
    size_t overwrite_count;
};

/**
 * What is stored beside the head; NULL answers mean "not known", and nothing is concluded from
 * them. hash_of  stored hash of a seq prev_of  hash[seq - 1] as the batch that brought `seq` as its
 * first record claimed it
 */
struct journal_facts {
    const void *context;
    const uint8_t *(*hash_of)(const void *context, uint64_t seq);
    const uint8_t *(*prev_of)(const void *context, uint64_t seq);
};

enum journal_verdict {
    JOURNAL_NEW,       /* at least one record is to be stored */
    JOURNAL_DUPLICATE, /* all of it is stored already */
    JOURNAL_FORK,      /* it contradicts what is stored; to be kept beside the chain */
    JOURNAL_HELD       /* too many holes: nothing is stored, the device sends it again later */
};

enum { JOURNAL_FRESH_MAX = WIRE_BATCH_RECORDS_MAX / 2 + 1 };

struct journal_change {
    enum journal_verdict verdict;
    struct range fresh[JOURNAL_FRESH_MAX]; /* JOURNAL_NEW: what to store */
    size_t fresh_count;
    size_t fresh_records;
    struct range gap; /* a hole that this batch made visible; from = 0: none */
    int may_close;    /* holes seen before may be closed now */
    uint64_t fork_seq;
    uint8_t fork_stored[WIRE_HASH_LEN], fork_claimed[WIRE_HASH_LEN];
};

/**
 * The seq whose stored hash journal_continue() will compare with the batch: the highest one stored
 * within it, for a chain that agrees there agrees below; else the one before it.
 * @return 0 when none is stored
 */
uint64_t journal_anchor(const struct journal_head *head, const struct journal_arrival *a);

/** The seq after the batch, when it is stored and the last one of the batch is not; else 0. */
uint64_t journal_follower(const struct journal_head *head, const struct journal_arrival *a);

/**
 * Decide, and move the head.
 *
 * @param head   updated: everything for JOURNAL_NEW, the totals otherwise; untouched on failure
 * @param a      any order, duplicates and overlaps are fine; borrowed
 * @param facts  must know the hash of every run's end in head->seen, of journal_anchor() and, for
 *               journal_follower(), its prev
 * @param ret    untouched on failure
 * @return EC_OK; EC_INTERNAL when the head would move to a seq whose hash is not known
 *
 * Source: api/journal.md, "Continuing a chain".
 */
enum error_code journal_continue(struct journal_head *head, const struct journal_arrival *a,
                                 const struct journal_facts *facts,
                                 struct journal_change *ret) MUST_CHECK;

/** What a receipt asks for: the first seq that is missing below something stored; 0: none. */
uint64_t journal_resend_from(const struct journal_head *head);

/** The first seq that is neither stored nor declared overwritten. */
uint64_t journal_first_missing(const struct journal_head *head);

#endif
