/* A small bounded set of sequence numbers, kept as runs. */
#include "domain/ranges.h"

#include <string.h>

void ranges_copy(const struct ranges *s, struct ranges *ret)
{
    ret->count = s->count;
    memcpy(ret->at, s->at, s->count * sizeof(s->at[0]));
}

/* Index of the first run that ends at or after the number. */
static size_t first_ending_at(const struct ranges *s, uint64_t seq)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (s->at[middle].to < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Put `n` runs in the place of those from index `begin` up to `end`. */
static int replace(struct ranges *s, size_t begin, size_t end, const struct range *runs, size_t n)
{
    size_t count = s->count - (end - begin) + n;

    if (count > LIMIT_RANGES)
        return 0;
    memmove(&s->at[begin + n], &s->at[end], (s->count - end) * sizeof(s->at[0]));
    memcpy(&s->at[begin], runs, n * sizeof(runs[0]));
    s->count = count;
    return 1;
}

int ranges_add(struct ranges *s, uint64_t from, uint64_t to)
{
    struct range run = {from, to};
    size_t begin = first_ending_at(s, from - 1), end = begin;

    while (end < s->count && s->at[end].from <= to + 1)
        end++;
    if (begin < end && s->at[begin].from < run.from)
        run.from = s->at[begin].from;
    if (begin < end && s->at[end - 1].to > run.to)
        run.to = s->at[end - 1].to;
    return replace(s, begin, end, &run, 1);
}

int ranges_remove(struct ranges *s, uint64_t from, uint64_t to)
{
    struct range left[2];
    size_t begin = first_ending_at(s, from), end = begin, n = 0;

    while (end < s->count && s->at[end].from <= to)
        end++;
    if (begin == end)
        return 1;
    if (s->at[begin].from < from)
        left[n++] = (struct range){s->at[begin].from, from - 1};
    if (s->at[end - 1].to > to)
        left[n++] = (struct range){to + 1, s->at[end - 1].to};
    return replace(s, begin, end, left, n);
}

const struct range *ranges_find(const struct ranges *s, uint64_t seq)
{
    size_t i = first_ending_at(s, seq);

    return i < s->count && s->at[i].from <= seq ? &s->at[i] : NULL;
}

uint64_t ranges_max(const struct ranges *s)
{
    return s->count > 0 ? s->at[s->count - 1].to : 0;
}

uint64_t ranges_max_within(const struct ranges *s, uint64_t from, uint64_t to)
{
    size_t i = first_ending_at(s, to);

    if (i < s->count && s->at[i].from <= to)
        return to;
    return i > 0 && s->at[i - 1].to >= from ? s->at[i - 1].to : 0;
}

size_t ranges_missing(const struct ranges *s, uint64_t from, uint64_t to, struct range *ret,
                      size_t cap)
{
    size_t n = 0;

    for (size_t i = first_ending_at(s, from); from <= to; i++) {
        uint64_t stop = i < s->count && s->at[i].from <= to ? s->at[i].from : to + 1;

        if (from < stop) {
            if (n < cap)
                ret[n] = (struct range){from, stop - 1};
            n++;
        }
        if (stop == to + 1)
            break;
        from = s->at[i].to + 1;
    }
    return n;
}
