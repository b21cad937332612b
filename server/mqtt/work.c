/* The journal part of a group: batches of many devices, decided and stored in one transaction. */
#include "mqtt/work.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/boots.h"
#include "store/binary.h"
#include "store/journal_load.h"

struct work {
    size_t most, item_count, device_count;
    struct work_item *items;
    struct work_device *devices;
    struct journal_fact *facts;
    size_t fact_count, fact_cap;
    struct journal_boot *boots; /* of the fresh records, sorted by device */
    size_t boot_count, boot_cap;
    struct boots *known;
    uint64_t known_under; /* generation of the connection that `known` is from */
    /* arrays for the store, one place per item or device */
    struct journal_signer *signers;
    struct journal_decided *decided;
    struct journal_head *heads;
    const struct journal_head **head_list;
    int64_t *ids;
    uint8_t *flags;
};

enum error_code work_new(size_t most, struct work **ret)
{
    struct work *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return EC_NO_MEMORY;
    w->most = most;
    w->items = calloc(most, sizeof(*w->items));
    w->devices = calloc(most, sizeof(*w->devices));
    w->signers = calloc(most, sizeof(*w->signers));
    w->decided = calloc(most, sizeof(*w->decided));
    w->heads = calloc(most, sizeof(*w->heads));
    w->head_list = calloc(most, sizeof(*w->head_list));
    w->ids = calloc(most, sizeof(*w->ids));
    w->flags = calloc(most, sizeof(*w->flags));
    if (!w->items || !w->devices || !w->signers || !w->decided || !w->heads || !w->head_list ||
        !w->ids || !w->flags || boots_new(&w->known) != EC_OK) {
        work_free(w);
        return EC_NO_MEMORY;
    }
    *ret = w;
    return EC_OK;
}

void work_free(struct work *w)
{
    if (w == NULL)
        return;
    boots_free(w->known);
    free(w->items);
    free(w->devices);
    free(w->facts);
    free(w->boots);
    free(w->signers);
    free(w->decided);
    free(w->heads);
    free(w->head_list);
    free(w->ids);
    free(w->flags);
    free(w);
}

/* -- the list -------------------------------------------------------------------------------- */

static const struct journal_batch *batch_of(const struct work_item *item)
{
    return &item->message->journal->batch;
}

static int by_device_then_seq(const void *a, const void *b)
{
    const struct journal_batch *x = batch_of(a), *y = batch_of(b);

    if (x->device_id != y->device_id)
        return x->device_id < y->device_id ? -1 : 1;
    return (x->arrival.first_seq > y->arrival.first_seq) -
           (x->arrival.first_seq < y->arrival.first_seq);
}

void work_begin(struct work *w, struct message *const *list, size_t n)
{
    w->item_count = w->device_count = 0;
    for (size_t i = 0; i < n && w->item_count < w->most; i++)
        if (list[i]->kind == MESSAGE_JOURNAL)
            w->items[w->item_count++].message = list[i];
    qsort(w->items, w->item_count, sizeof(w->items[0]), by_device_then_seq);
    for (size_t i = 0; i < w->item_count; i++) {
        int64_t id = batch_of(&w->items[i])->device_id;
        struct work_device *d = &w->devices[w->device_count];

        if (i == 0 || d[-1].device_id != id) {
            d->device_id = id;
            d->begin = i;
            w->device_count++;
        }
        w->devices[w->device_count - 1].end = i + 1;
    }
}

/* -- loading --------------------------------------------------------------------------------- */

/* The key table of the workers may be old; here the database decides. */
static enum error_code load_signers(struct work *w, struct db *db)
{
    enum error_code ec;

    for (size_t i = 0; i < w->item_count; i++) {
        w->signers[i].device_id = batch_of(&w->items[i])->device_id;
        memcpy(w->signers[i].kid, batch_of(&w->items[i])->kid, WIRE_KID_LEN);
    }
    ec = journal_load_signers(db, w->signers, w->item_count, w->flags);
    for (size_t i = 0; i < w->item_count && ec == EC_OK; i++)
        w->items[i].is_refused = !w->flags[i];
    return ec;
}

static enum error_code load_heads(struct work *w, struct db *db)
{
    enum error_code ec;

    for (size_t i = 0; i < w->device_count; i++)
        w->ids[i] = w->devices[i].device_id;
    ec = journal_load_heads(db, w->ids, w->device_count, w->heads, w->flags);
    if (ec != EC_OK)
        return ec;
    for (size_t i = 0; i < w->device_count; i++) {
        struct work_device *d = &w->devices[i];

        d->is_found = w->flags[i];
        d->is_touched = 0;
        d->head = &w->heads[i];
        for (size_t k = d->begin; k < d->end && !d->is_found; k++)
            w->items[k].is_refused = 1;
    }
    return EC_OK;
}

static enum error_code want(struct work *w, int64_t device_id, uint64_t seq, int is_prev)
{
    if (seq == 0)
        return EC_OK;
    if (w->fact_count == w->fact_cap) {
        size_t cap = w->fact_cap ? 2 * w->fact_cap : 256;
        struct journal_fact *facts = realloc(w->facts, cap * sizeof(*facts));

        if (facts == NULL)
            return EC_NO_MEMORY;
        w->facts = facts;
        w->fact_cap = cap;
    }
    w->facts[w->fact_count++] =
        (struct journal_fact){.device_id = device_id, .seq = seq, .is_prev = is_prev};
    return EC_OK;
}

/* All that deciding may ask for beside what is in this group: it can only ask for stored hashes at
   an anchor, below a follower, or at the end of a stored run. */
static enum error_code want_device(struct work *w, const struct work_device *d)
{
    const struct ranges *seen = &d->head->seen;
    enum error_code ec = EC_OK;

    for (size_t i = 0; i < seen->count && ec == EC_OK; i++)
        if (seen->at[i].to != d->head->seq)
            ec = want(w, d->device_id, seen->at[i].to, 0);
    for (size_t i = d->begin; i < d->end && ec == EC_OK; i++) {
        const struct journal_arrival *a = &batch_of(&w->items[i])->arrival;
        uint64_t anchor = journal_anchor(d->head, a);

        if (anchor != d->head->seq)
            ec = want(w, d->device_id, anchor, 0);
        if (ec == EC_OK)
            ec = want(w, d->device_id, journal_follower(d->head, a), 1);
    }
    return ec;
}

static enum error_code load_facts(struct work *w, struct db *db)
{
    enum error_code ec = EC_OK;

    w->fact_count = 0;
    for (size_t i = 0; i < w->device_count && ec == EC_OK; i++)
        if (w->devices[i].is_found)
            ec = want_device(w, &w->devices[i]);
    if (ec == EC_OK && w->fact_count > 0)
        ec = journal_load_facts(db, w->facts, w->fact_count);
    return ec;
}

/* -- deciding -------------------------------------------------------------------------------- */

/* What the decision about one item may know: the facts, and the items of its device before it. */
struct view {
    const struct work *work;
    const struct work_device *device;
    size_t item;
};

static const uint8_t *find_fact(const struct view *v, uint64_t seq, int is_prev)
{
    for (size_t i = 0; i < v->work->fact_count; i++) {
        const struct journal_fact *f = &v->work->facts[i];

        if (f->device_id == v->device->device_id && f->seq == seq && f->is_prev == is_prev)
            return f->is_found ? f->hash : NULL;
    }
    return NULL;
}

static const struct work_item *accepted_before(const struct view *v, size_t i)
{
    const struct work_item *item = &v->work->items[i];

    return !item->is_refused && item->change.verdict == JOURNAL_NEW ? item : NULL;
}

static const uint8_t *hash_of(const void *context, uint64_t seq)
{
    const struct view *v = context;

    for (size_t i = v->device->begin; i < v->item; i++) {
        const struct work_item *item = accepted_before(v, i);
        const struct journal_arrival *a = item ? &batch_of(item)->arrival : NULL;

        if (a != NULL && seq >= a->first_seq && seq - a->first_seq < a->count)
            return a->hashes[seq - a->first_seq];
    }
    return find_fact(v, seq, 0);
}

static const uint8_t *prev_of(const void *context, uint64_t seq)
{
    const struct view *v = context;

    for (size_t i = v->device->begin; i < v->item; i++) {
        const struct work_item *item = accepted_before(v, i);

        if (item != NULL && batch_of(item)->arrival.first_seq == seq)
            return batch_of(item)->arrival.prev_hash;
    }
    return find_fact(v, seq, 1);
}

static enum error_code decide(struct work *w, struct work_device *d)
{
    enum error_code ec = EC_OK;

    for (size_t i = d->begin; i < d->end && ec == EC_OK; i++) {
        struct view view = {w, d, i};
        struct journal_facts facts = {&view, hash_of, prev_of};

        if (w->items[i].is_refused)
            continue;
        d->is_touched = 1;
        ec = journal_continue(d->head, &batch_of(&w->items[i])->arrival, &facts,
                              &w->items[i].change);
    }
    return ec;
}

/* -- boots ----------------------------------------------------------------------------------- */

static struct journal_boot *find_boot(struct work *w, int64_t device_id, uint32_t boot)
{
    for (size_t i = w->boot_count; i > 0 && w->boots[i - 1].device_id == device_id; i--)
        if (w->boots[i - 1].boot == boot)
            return &w->boots[i - 1];
    return NULL;
}

static enum error_code note_boot(struct work *w, int64_t device_id, const struct journal_row *row)
{
    struct journal_boot *known = find_boot(w, device_id, row->boot);

    if (known != NULL) {
        if (known->anchor_ms == BINARY_NO_TIME)
            known->anchor_ms = row->anchor_ms;
        return EC_OK;
    }
    if (w->boot_count == w->boot_cap) {
        size_t cap = w->boot_cap ? 2 * w->boot_cap : 256;
        struct journal_boot *boots = realloc(w->boots, cap * sizeof(*boots));

        if (boots == NULL)
            return EC_NO_MEMORY;
        w->boots = boots;
        w->boot_cap = cap;
    }
    w->boots[w->boot_count++] = (struct journal_boot){
        .device_id = device_id,
        .boot = row->boot,
        .part_ms = row->part_ms,
        .anchor_ms = row->anchor_ms,
    };
    return EC_OK;
}

/* Call `visit` for every record that is to be stored. */
static enum error_code each_fresh(struct work *w,
                                  enum error_code (*visit)(struct work *w,
                                                           const struct journal_batch *batch,
                                                           struct journal_row *row))
{
    enum error_code ec = EC_OK;

    for (size_t i = 0; i < w->item_count; i++) {
        const struct journal_change *change = &w->items[i].change;
        const struct journal_batch *b = batch_of(&w->items[i]);

        if (w->items[i].is_refused || change->verdict != JOURNAL_NEW)
            continue;
        for (size_t k = 0; k < change->fresh_count; k++)
            for (uint64_t seq = change->fresh[k].from; seq <= change->fresh[k].to; seq++) {
                ec = visit(w, b, &b->rows[seq - b->arrival.first_seq]);
                if (ec != EC_OK)
                    return ec;
            }
    }
    return ec;
}

static enum error_code visit_boot(struct work *w, const struct journal_batch *batch,
                                  struct journal_row *row)
{
    return note_boot(w, batch->device_id, row);
}

/* An untimed record lies where its boot lies; every run of this gives the same. */
static enum error_code visit_part(struct work *w, const struct journal_batch *batch,
                                  struct journal_row *row)
{
    const struct journal_boot *boot = NULL;

    if (row->is_timed)
        return EC_OK;
    for (size_t i = 0; i < w->boot_count && boot == NULL; i++)
        if (w->boots[i].device_id == batch->device_id && w->boots[i].boot == row->boot)
            boot = &w->boots[i];
    if (boot == NULL)
        return EC_INTERNAL;
    row->part_ms = boot->part_ms;
    journal_row_set_part(batch->row_bytes.at + row->at, boot->part_ms);
    return EC_OK;
}

/* Only starts that are not known, or whose anchor was not, go to the database. */
static enum error_code store_boots(struct work *w, struct db *db)
{
    size_t unknown = 0;
    enum error_code ec;

    if (w->known_under != db_generation(db))
        boots_clear(w->known);
    w->known_under = db_generation(db);
    for (size_t i = 0; i < w->boot_count; i++) {
        struct journal_boot known = w->boots[i], swap = w->boots[unknown];

        if (boots_get(w->known, &known) &&
            (known.anchor_ms != BINARY_NO_TIME || w->boots[i].anchor_ms == BINARY_NO_TIME)) {
            w->boots[i] = known;
            continue;
        }
        w->boots[unknown++] = w->boots[i];
        w->boots[i] = swap;
    }
    ec = journal_write_boots(db, w->boots, unknown);
    return ec == EC_OK ? each_fresh(w, visit_part) : ec;
}

/* -- storing --------------------------------------------------------------------------------- */

static enum error_code store_items(struct work *w, struct db *db)
{
    size_t n = 0;
    enum error_code ec;

    for (size_t i = 0; i < w->item_count; i++)
        if (!w->items[i].is_refused)
            w->decided[n++] = (struct journal_decided){batch_of(&w->items[i]), &w->items[i].change};
    ec = journal_write_new(db, w->decided, n);
    for (size_t i = 0; i < n && ec == EC_OK; i++)
        if (w->decided[i].change->verdict == JOURNAL_FORK)
            ec = journal_write_fork(db, &w->decided[i]);
    return ec;
}

static int may_close(const struct work *w, const struct work_device *d)
{
    for (size_t i = d->begin; i < d->end; i++)
        if (!w->items[i].is_refused && w->items[i].change.verdict == JOURNAL_NEW &&
            w->items[i].change.may_close)
            return 1;
    return 0;
}

/* Write the heads of the devices that `chosen` picks. */
static enum error_code store_heads(struct work *w, struct db *db, int64_t now_ms)
{
    enum error_code ec;
    size_t n = 0;

    for (size_t i = 0; i < w->device_count; i++)
        if (w->devices[i].is_touched) {
            w->ids[n] = w->devices[i].device_id;
            w->head_list[n++] = w->devices[i].head;
        }
    ec = journal_write_heads(db, w->ids, w->head_list, n, now_ms);
    if (ec != EC_OK)
        return ec;
    n = 0;
    for (size_t i = 0; i < w->device_count; i++)
        if (w->devices[i].is_touched && may_close(w, &w->devices[i])) {
            w->ids[n] = w->devices[i].device_id;
            w->head_list[n++] = w->devices[i].head;
        }
    return journal_write_closed(db, w->ids, w->head_list, n, now_ms);
}

enum error_code work_run(struct work *w, struct db *db, int64_t now_ms)
{
    enum error_code ec;

    w->boot_count = 0;
    if (w->item_count == 0)
        return EC_OK;
    ec = load_signers(w, db);
    if (ec == EC_OK)
        ec = load_heads(w, db);
    if (ec == EC_OK)
        ec = load_facts(w, db);
    for (size_t i = 0; i < w->device_count && ec == EC_OK; i++)
        ec = decide(w, &w->devices[i]);
    if (ec == EC_OK)
        ec = each_fresh(w, visit_boot);
    if (ec == EC_OK)
        ec = store_boots(w, db);
    if (ec == EC_OK)
        ec = store_items(w, db);
    return ec == EC_OK ? store_heads(w, db, now_ms) : ec;
}

void work_committed(struct work *w)
{
    for (size_t i = 0; i < w->boot_count; i++)
        boots_put(w->known, &w->boots[i]);
}

const struct work_item *work_items(const struct work *w, size_t *ret_n)
{
    *ret_n = w->item_count;
    return w->items;
}

const struct work_device *work_devices(const struct work *w, size_t *ret_n)
{
    *ret_n = w->device_count;
    return w->devices;
}
