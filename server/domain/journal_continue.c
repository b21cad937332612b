/* What a verified batch does to the stored chain of its device. */
#include "domain/journal_continue.h"

#include <string.h>

static uint64_t last_seq(const struct journal_arrival *a)
{
    return a->first_seq + a->count - 1;
}

uint64_t journal_anchor(const struct journal_head *head, const struct journal_arrival *a)
{
    uint64_t within = ranges_max_within(&head->seen, a->first_seq, last_seq(a));
    uint64_t before = a->first_seq - 1;

    if (within > 0)
        return within;
    return ranges_find(&head->seen, before) ? before : 0;
}

uint64_t journal_follower(const struct journal_head *head, const struct journal_arrival *a)
{
    uint64_t last = last_seq(a);

    if (ranges_find(&head->seen, last) != NULL)
        return 0;
    return ranges_find(&head->seen, last + 1) ? last + 1 : 0;
}

/* hash[seq] as the batch has it, for first_seq - 1 .. last; NULL outside. */
static const uint8_t *claimed_hash(const struct journal_arrival *a, uint64_t seq)
{
    if (seq + 1 == a->first_seq)
        return a->prev_hash;
    return seq >= a->first_seq && seq <= last_seq(a) ? a->hashes[seq - a->first_seq] : NULL;
}

static const uint8_t *stored_hash(const struct journal_head *head,
                                  const struct journal_facts *facts, uint64_t seq)
{
    return seq == head->seq ? head->hash : facts->hash_of(facts->context, seq);
}

static int differs(uint64_t seq, const uint8_t *stored, const uint8_t *claimed,
                   struct journal_change *change)
{
    if (stored == NULL || memcmp(stored, claimed, WIRE_HASH_LEN) == 0)
        return 0;
    change->verdict = JOURNAL_FORK;
    change->fork_seq = seq;
    memcpy(change->fork_stored, stored, WIRE_HASH_LEN);
    memcpy(change->fork_claimed, claimed, WIRE_HASH_LEN);
    return 1;
}

/* Compare with the neighbours below (or inside) and above. */
static int is_fork(const struct journal_head *head, const struct journal_arrival *a,
                   const struct journal_facts *facts, struct journal_change *change)
{
    uint64_t anchor = journal_anchor(head, a), follower = journal_follower(head, a);

    /* anchor 0 is hash[0]: known while the head still stands there */
    if ((anchor > 0 || a->first_seq == 1) &&
        differs(anchor, stored_hash(head, facts, anchor), claimed_hash(a, anchor), change))
        return 1;
    return follower > 0 && differs(last_seq(a), facts->prev_of(facts->context, follower),
                                   claimed_hash(a, last_seq(a)), change);
}

/* Bring the sets up to date. Overwritten stays what was declared and is not stored, so the order in
   which declarations and late records come makes no difference. */
static int add_sequences(struct journal_head *head, const struct journal_arrival *a)
{
    struct range lost[LIMIT_RANGES + 1];

    if (!ranges_add(&head->seen, a->first_seq, last_seq(a)) ||
        !ranges_remove(&head->overwritten, a->first_seq, last_seq(a)))
        return 0;
    for (size_t i = 0; i < a->overwrite_count; i++) {
        const struct journal_overwrite *o = &a->overwrites[i];
        uint64_t to = o->lost.to < o->seq ? o->lost.to : o->seq - 1;
        size_t n;

        if (o->lost.from == 0 || o->lost.from > to)
            continue;
        n = ranges_missing(&head->seen, o->lost.from, to, lost, LIMIT_RANGES + 1);
        for (size_t k = 0; k < n; k++)
            if (!ranges_add(&head->overwritten, lost[k].from, lost[k].to))
                return 0;
    }
    return 1;
}

/* The end of what is accounted for without a hole from 1, and the last stored one of it. */
static uint64_t accounted(const struct journal_head *head, uint64_t *ret_stored)
{
    uint64_t end = 0;

    *ret_stored = 0;
    for (;;) {
        const struct range *seen = ranges_find(&head->seen, end + 1);
        const struct range *lost = ranges_find(&head->overwritten, end + 1);

        if (seen != NULL)
            *ret_stored = end = seen->to;
        else if (lost != NULL)
            end = lost->to;
        else
            return end;
    }
}

static enum error_code move_head(struct journal_head *head, const struct journal_arrival *a,
                                 const struct journal_facts *facts)
{
    const uint8_t *hash;
    uint64_t seq;

    accounted(head, &seq);
    if (seq == head->seq)
        return EC_OK;
    hash = seq >= a->first_seq ? claimed_hash(a, seq) : NULL;
    if (hash == NULL)
        hash = facts->hash_of(facts->context, seq);
    if (hash == NULL)
        return EC_INTERNAL;
    head->seq = seq;
    memcpy(head->hash, hash, WIRE_HASH_LEN);
    return EC_OK;
}

static void find_fresh(const struct journal_head *head, const struct journal_arrival *a,
                       struct journal_change *change)
{
    uint64_t highest = ranges_max(&head->seen);

    change->fresh_count =
        ranges_missing(&head->seen, a->first_seq, last_seq(a), change->fresh, JOURNAL_FRESH_MAX);
    for (size_t i = 0; i < change->fresh_count; i++)
        change->fresh_records += change->fresh[i].to - change->fresh[i].from + 1;
    change->verdict = change->fresh_count > 0 ? JOURNAL_NEW : JOURNAL_DUPLICATE;
    if (a->first_seq > highest + 1)
        change->gap = (struct range){highest + 1, a->first_seq - 1};
    change->may_close = a->first_seq < highest || a->overwrite_count > 0;
}

static void copy_head(const struct journal_head *head, struct journal_head *ret)
{
    ret->seq = head->seq;
    memcpy(ret->hash, head->hash, WIRE_HASH_LEN);
    ranges_copy(&head->seen, &ret->seen);
    ranges_copy(&head->overwritten, &ret->overwritten);
    ret->claimed_seq = head->claimed_seq;
    ret->stored = head->stored;
    ret->duplicates = head->duplicates;
    ret->forks = head->forks;
}

enum error_code journal_continue(struct journal_head *head, const struct journal_arrival *a,
                                 const struct journal_facts *facts, struct journal_change *ret)
{
    struct journal_change change = {.verdict = JOURNAL_HELD};
    struct journal_head next;
    enum error_code ec;

    if (is_fork(head, a, facts, &change)) {
        head->forks++;
        *ret = change;
        return EC_OK;
    }
    copy_head(head, &next);
    if (next.claimed_seq < a->written_through)
        next.claimed_seq = a->written_through;
    if (add_sequences(&next, a)) {
        ec = move_head(&next, a, facts);
        if (ec != EC_OK)
            return ec;
        find_fresh(head, a, &change);
        next.stored += change.fresh_records;
        next.duplicates += a->count - change.fresh_records;
        copy_head(&next, head);
    } else {
        head->claimed_seq = next.claimed_seq;
    }
    *ret = change;
    return EC_OK;
}

uint64_t journal_first_missing(const struct journal_head *head)
{
    uint64_t stored;

    return accounted(head, &stored) + 1;
}

uint64_t journal_resend_from(const struct journal_head *head)
{
    uint64_t missing = journal_first_missing(head);

    return missing <= ranges_max(&head->seen) ? missing : 0;
}
