/* What a batch does to a chain: a table of stories, and random chains in random order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "domain/journal_continue.h"

enum { CHAIN = 400, MEMORY = 2000, STEPS_MAX = 8 };

/* A chain and what a server has stored of it. */
struct world {
    uint8_t hash[CHAIN + 1][WIRE_HASH_LEN];  /* of the device */
    uint8_t other[CHAIN + 1][WIRE_HASH_LEN]; /* of a device that lost its memory at 3 */
    const uint8_t *stored[CHAIN + 1];
    const uint8_t *prev[CHAIN + 1];
    struct journal_head head;
};

/* Not inlined: gcc 12 then misjudges the size of what calloc() gave. */
__attribute__((noinline)) static void grow(uint8_t (*chain)[WIRE_HASH_LEN], size_t from,
                                           unsigned char salt)
{
    for (size_t i = from; i <= CHAIN; i++) {
        uint8_t record[3] = {salt, (uint8_t)(i >> 8), (uint8_t)i};

        chain_next(chain[i - 1], record, sizeof(record), chain[i]);
    }
}

static struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof(*w));
    uint8_t key[WIRE_KEY_LEN] = {1};

    assert_non_null(w);
    chain_start("BPTM-1", key, w->hash[0]);
    grow(w->hash, 1, 0);
    memcpy(w->other, w->hash, 4 * sizeof(w->hash[0]));
    grow(w->other, 4, 1);
    memcpy(w->head.hash, w->hash[0], WIRE_HASH_LEN);
    return w;
}

static const uint8_t *hash_of(const void *context, uint64_t seq)
{
    return ((const struct world *)context)->stored[seq];
}

static const uint8_t *prev_of(const void *context, uint64_t seq)
{
    return ((const struct world *)context)->prev[seq];
}

/* A batch first..last of one of the two chains; record `declarer` says that lost is overwritten. */
struct sent {
    uint64_t first, last;
    int other;
    uint64_t declarer;
    struct range lost;
};

static struct journal_change deliver(struct world *w, const struct sent *s)
{
    uint8_t(*chain)[WIRE_HASH_LEN] = s->other ? w->other : w->hash;
    struct journal_overwrite overwrite = {s->declarer, s->lost};
    struct journal_arrival a = {
        .first_seq = s->first,
        .count = s->last - s->first + 1,
        .prev_hash = chain[s->first - 1],
        .hashes = (const uint8_t(*)[WIRE_HASH_LEN])chain[s->first],
        .written_through = s->last,
        .overwrites = &overwrite,
        .overwrite_count = s->declarer >= s->first && s->declarer <= s->last,
    };
    struct journal_facts facts = {w, hash_of, prev_of};
    struct journal_change change;

    assert_int_equal(journal_continue(&w->head, &a, &facts, &change), EC_OK);
    for (size_t i = 0; change.verdict == JOURNAL_NEW && i < change.fresh_count; i++)
        for (uint64_t seq = change.fresh[i].from; seq <= change.fresh[i].to; seq++) {
            assert_null(w->stored[seq]); /* never stored twice */
            w->stored[seq] = chain[seq];
        }
    for (size_t i = 0; i < w->head.overwritten.count; i++) /* lost means not stored */
        assert_int_equal(ranges_max_within(&w->head.seen, w->head.overwritten.at[i].from,
                                           w->head.overwritten.at[i].to),
                         0);
    if (change.verdict == JOURNAL_NEW)
        w->prev[s->first] = chain[s->first - 1];
    return change;
}

/* One story: batches in the order they come, and what each does. */
struct step {
    struct sent sent;
    enum journal_verdict verdict;
    uint64_t fresh, head, resend_from, gap_from, gap_to, fork_seq;
};

struct story {
    const char *name;
    struct step steps[STEPS_MAX];
};

#define N JOURNAL_NEW
#define D JOURNAL_DUPLICATE
#define F JOURNAL_FORK
static const struct story stories[] = {
    {"in order", {{{1, 3}, N, 3, 3}, {{4, 4}, N, 1, 4}}},
    {"duplicate of all, of the end, of the middle",
     {{{1, 9}, N, 9, 9}, {{1, 9}, D, 0, 9}, {{7, 9}, D, 0, 9}, {{2, 4}, D, 0, 9}}},
    {"overlap brings only the rest", {{{1, 5}, N, 5, 5}, {{3, 8}, N, 3, 8}}},
    {"gap, then resend", {{{1, 3}, N, 3, 3}, {{7, 9}, N, 3, 3, 4, 4, 6}, {{4, 6}, N, 3, 9}}},
    {"gap from the very start", {{{5, 6}, N, 2, 0, 1, 1, 4}, {{1, 4}, N, 4, 6}}},
    {"gap closed in two steps, backwards",
     {{{1, 2}, N, 2, 2}, {{9, 9}, N, 1, 2, 3, 3, 8}, {{6, 8}, N, 3, 2, 3}, {{3, 5}, N, 3, 9}}},
    {"resend that reaches over both edges of a gap",
     {{{1, 3}, N, 3, 3}, {{6, 7}, N, 2, 3, 4, 4, 5}, {{2, 9}, N, 4, 9}}},
    {"two gaps",
     {{{1, 1}, N, 1, 1},
      {{3, 3}, N, 1, 1, 2, 2, 2},
      {{5, 5}, N, 1, 1, 2, 4, 4},
      {{2, 2}, N, 1, 3, 4},
      {{4, 4}, N, 1, 5}}},
    {"gap closed by a declaration in the batch that showed it",
     {{{1, 3}, N, 3, 3}, {{8, 9, 0, 9, {4, 7}}, N, 2, 9, 0, 4, 7}}},
    {"gap closed by a later declaration",
     {{{1, 3}, N, 3, 3}, {{6, 7}, N, 2, 3, 4, 4, 5}, {{8, 8, 0, 8, {4, 5}}, N, 1, 8}}},
    {"declared in part: the head waits where a hash is known",
     {{{1, 3}, N, 3, 3}, {{8, 9, 0, 9, {4, 5}}, N, 2, 3, 6, 4, 7}, {{6, 7}, N, 2, 9}}},
    {"everything before was overwritten", {{{8, 9, 0, 8, {1, 7}}, N, 2, 9, 0, 1, 7}}},
    {"late copy of a declared record is still kept",
     {{{1, 3}, N, 3, 3}, {{6, 6, 0, 6, {4, 5}}, N, 1, 6, 0, 4, 5}, {{4, 5}, N, 2, 6}}},
    {"a declaration does not take back what is stored",
     {{{1, 5}, N, 5, 5}, {{6, 6, 0, 6, {4, 5}}, N, 1, 6}, {{4, 5}, D, 0, 6}}},
    {"a declaration says nothing of what comes after it",
     {{{1, 1}, N, 1, 1}, {{4, 4, 0, 4, {2, 300}}, N, 1, 4, 0, 2, 3}, {{9, 9}, N, 1, 4, 5, 5, 8}}},
    {"fork at the end", {{{1, 5}, N, 5, 5}, {{4, 5, 1}, F, 0, 5, 0, 0, 0, 5}}},
    {"fork that would continue", {{{1, 5}, N, 5, 5}, {{6, 8, 1}, F, 0, 5, 0, 0, 0, 5}}},
    {"fork over known and new", {{{1, 5}, N, 5, 5}, {{4, 9, 1}, F, 0, 5, 0, 0, 0, 5}}},
    {"fork inside, far below the head", {{{1, 9}, N, 9, 9}, {{4, 6, 1}, F, 0, 9, 0, 0, 0, 6}}},
    {"fork that fits below a gap but not above it",
     {{{1, 3}, N, 3, 3},
      {{7, 9}, N, 3, 3, 4, 4, 6},
      {{4, 6, 1}, F, 0, 3, 4, 0, 0, 6},
      {{4, 6}, N, 3, 9}}},
    {"fork above a gap",
     {{{1, 3}, N, 3, 3},
      {{7, 8}, N, 2, 3, 4, 4, 6},
      {{9, 9, 1}, F, 0, 3, 4, 0, 0, 8},
      {{9, 9}, N, 1, 3, 4}}},
    {"a batch from before the fork is no fork", {{{1, 5}, N, 5, 5}, {{1, 3, 1}, D, 0, 5}}},
};
#undef N
#undef D
#undef F

static void tell(const struct story *s)
{
    struct world *w = world_new();

    for (size_t i = 0; i < STEPS_MAX && s->steps[i].sent.first > 0; i++) {
        const struct step *t = &s->steps[i];
        struct journal_change c = deliver(w, &t->sent);

        print_message("# %s, step %zu\n", s->name, i + 1);
        assert_int_equal(c.verdict, t->verdict);
        assert_int_equal(c.fresh_records, t->fresh);
        assert_int_equal(w->head.seq, t->head);
        assert_memory_equal(w->head.hash, w->hash[t->head], WIRE_HASH_LEN);
        assert_int_equal(journal_resend_from(&w->head), t->resend_from);
        assert_int_equal(c.gap.from, t->gap_from);
        assert_int_equal(c.gap.to, t->gap_to);
        assert_int_equal(c.fork_seq, t->fork_seq);
    }
    free(w);
}

static void stories_end_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
        tell(&stories[i]);
}

static void totals_are_kept(void **state)
{
    struct world *w = world_new();

    (void)state;
    deliver(w, &(struct sent){1, 5});
    deliver(w, &(struct sent){3, 8});
    deliver(w, &(struct sent){6, 9, 1});
    assert_int_equal(w->head.stored, 8);
    assert_int_equal(w->head.duplicates, 3);
    assert_int_equal(w->head.forks, 1);
    assert_int_equal(w->head.claimed_seq, 8); /* what a fork claims does not count */
    free(w);
}

static void wrong_start_of_chain_is_fork(void **state)
{
    struct world *w = world_new();
    struct journal_change c;

    (void)state;
    w->hash[0][0] ^= 1;
    c = deliver(w, &(struct sent){1, 2});
    assert_int_equal(c.verdict, JOURNAL_FORK);
    assert_int_equal(w->head.seq, 0);
    free(w);
}

static void too_many_holes_are_held_off(void **state)
{
    struct world *w = world_new();
    struct journal_change c;

    (void)state;
    for (uint64_t i = 1; i <= LIMIT_RANGES; i++)
        assert_int_equal(deliver(w, &(struct sent){2 * i, 2 * i}).verdict, JOURNAL_NEW);
    c = deliver(w, &(struct sent){2 * LIMIT_RANGES + 2, 2 * LIMIT_RANGES + 2});
    assert_int_equal(c.verdict, JOURNAL_HELD);
    assert_int_equal(c.fresh_count, 0);
    assert_int_equal(w->head.stored, LIMIT_RANGES);
    assert_int_equal(w->head.claimed_seq, 2 * LIMIT_RANGES + 2);
    assert_int_equal(journal_resend_from(&w->head), 1);
    assert_int_equal(deliver(w, &(struct sent){1, 3}).verdict, JOURNAL_NEW);
    assert_int_equal(w->head.seq, 4);
    free(w);
}

static void head_without_a_hash_is_refused(void **state)
{
    struct world *w = world_new();
    struct journal_facts facts = {w, hash_of, prev_of};
    struct journal_arrival a = {1, 2,    w->hash[0], (const uint8_t(*)[WIRE_HASH_LEN])w->hash[1],
                                2, NULL, 0};
    struct journal_change c;

    (void)state;
    deliver(w, &(struct sent){3, 5});
    w->stored[5] = NULL;
    assert_int_equal(journal_continue(&w->head, &a, &facts, &c), EC_INTERNAL);
    assert_int_equal(w->head.seq, 0);
    assert_int_equal(w->head.stored, 3);
    free(w);
}

/* -- the property ---------------------------------------------------------------------------- */

struct plan {
    struct sent sent[MEMORY];
    size_t count;
    struct range lost; /* never sent; declared by the record after it */
};

/* Cut the chain without `lost` into batches, then add copies, overlaps and forks. */
static void make_plan(struct plan *p)
{
    uint64_t at = 1;

    p->count = 0;
    p->lost.from = 20 + (uint64_t)rand() % 100;
    p->lost.to = p->lost.from + (uint64_t)rand() % 30;
    while (at <= CHAIN) {
        uint64_t last = at + (uint64_t)rand() % 12, declarer = p->lost.to + 1;

        if (at == p->lost.from)
            at = declarer, last = at + 2;
        if (at < p->lost.from && last >= p->lost.from)
            last = p->lost.from - 1;
        last = last > CHAIN ? CHAIN : last;
        p->sent[p->count++] = (struct sent){at, last, 0, declarer, p->lost};
        at = last + 1;
    }
    for (size_t honest = p->count, i = 0; i < honest; i++) {
        struct sent s = p->sent[(size_t)rand() % honest];

        if (rand() % 3 == 0 && s.first > 4)
            s.other = 1;
        else if (rand() % 2 && s.first > 3 && s.first - 3 > p->lost.to)
            s.first -= 3;
        p->sent[p->count++] = s;
    }
}

static void shuffle(struct plan *p)
{
    for (size_t i = p->count; i > 1; i--) {
        size_t k = (size_t)rand() % i;
        struct sent s = p->sent[i - 1];

        p->sent[i - 1] = p->sent[k];
        p->sent[k] = s;
    }
}

/* A fork can only be told from the truth once something beside it is stored, so the first copy of
   each place decides; here the honest copy of a place always comes before the forged one. */
static int may_come(const struct world *w, const struct sent *s)
{
    return !s->other ||
           journal_anchor(&w->head, &(struct journal_arrival){.first_seq = s->first,
                                                              .count = s->last - s->first + 1}) >=
               s->first;
}

static void run(struct world *w, struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct journal_head before = w->head;
        struct journal_change c;

        if (!may_come(w, &p->sent[i]))
            continue;
        c = deliver(w, &p->sent[i]);
        assert_true(w->head.seq >= before.seq);
        if (p->sent[i].other) {
            assert_int_equal(c.verdict, JOURNAL_FORK);
            before.forks++;
            assert_memory_equal(&w->head, &before, sizeof(before));
        } else {
            assert_true(c.verdict == JOURNAL_NEW || c.verdict == JOURNAL_DUPLICATE);
        }
    }
}

static void any_order_ends_the_same(void **state)
{
    struct plan *p = calloc(1, sizeof(*p));

    (void)state;
    assert_non_null(p);
    srand(11);
    for (int round = 0; round < 300; round++) {
        struct world *w = world_new();

        make_plan(p);
        shuffle(p);
        run(w, p);
        assert_int_equal(w->head.seq, CHAIN);
        assert_memory_equal(w->head.hash, w->hash[CHAIN], WIRE_HASH_LEN);
        assert_int_equal(w->head.seen.count, 2);
        assert_int_equal(w->head.overwritten.count, 1);
        assert_memory_equal(&w->head.overwritten.at[0], &p->lost, sizeof(p->lost));
        assert_int_equal(w->head.stored, CHAIN - (p->lost.to - p->lost.from + 1));
        for (uint64_t i = 1; i <= CHAIN; i++)
            assert_ptr_equal(w->stored[i],
                             i >= p->lost.from && i <= p->lost.to ? NULL : w->hash[i]);
        free(w);
    }
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_end_as_told),
        cmocka_unit_test(totals_are_kept),
        cmocka_unit_test(wrong_start_of_chain_is_fork),
        cmocka_unit_test(too_many_holes_are_held_off),
        cmocka_unit_test(head_without_a_hash_is_refused),
        cmocka_unit_test(any_order_ends_the_same),
    };

    return cmocka_run_group_tests_name("journal_continue", tests, NULL, NULL);
}
