/* One transaction of the ingest: everything of a list of messages, or nothing. */
#include "mqtt/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/kill_point.h"
#include "mqtt/commands.h"
#include "store/journal_load.h"
#include "store/quarantine.h"

struct group {
    struct work *work;
    struct recall *recall;
    uint32_t per_device;
    struct issued *issued;
    const struct receipt_issued **receipts; /* those of `issued` that this commit remembers */
    size_t receipt_count;
    void (*early)(void *context); /* NULL: nothing is told before the commit */
    void *early_context;
    /* of the commit at hand */
    const struct lease *lease;
    struct message *const *list;
    size_t count;
    uint64_t epoch;
    uint64_t dropped; /* quarantined messages that had to go */
    size_t status_count, link_count;
    const struct device_status **statuses;
    const struct device_link **links;
    const struct message **status_messages; /* of statuses[], same index */
    struct journal_signer *signers;
    uint8_t *flags;
    size_t refused_count;
    struct refused {
        const struct message *message;
        enum error_code reason;
        int by_database; /* the workers had believed it */
    } * refused;
};

enum error_code group_new(size_t most, uint32_t per_device, struct group **ret)
{
    struct group *g = calloc(1, sizeof(*g));

    if (g == NULL)
        return EC_NO_MEMORY;
    g->per_device = per_device;
    g->statuses = calloc(most, sizeof(*g->statuses));
    g->links = calloc(most, sizeof(*g->links));
    g->status_messages = calloc(most, sizeof(*g->status_messages));
    g->signers = calloc(most, sizeof(*g->signers));
    g->flags = calloc(most, sizeof(*g->flags));
    g->refused = calloc(most, sizeof(*g->refused));
    g->receipts = calloc(LIMIT_RECEIPTS, sizeof(*g->receipts));
    if (!g->statuses || !g->links || !g->status_messages || !g->signers || !g->flags ||
        !g->refused || !g->receipts || work_new(most, &g->work) != EC_OK ||
        recall_new(&g->recall) != EC_OK || issued_new(&g->issued) != EC_OK) {
        group_free(g);
        return EC_NO_MEMORY;
    }
    *ret = g;
    return EC_OK;
}

void group_free(struct group *g)
{
    if (g == NULL)
        return;
    work_free(g->work);
    recall_free(g->recall);
    issued_free(g->issued);
    free(g->receipts);
    free(g->statuses);
    free(g->links);
    free(g->status_messages);
    free(g->signers);
    free(g->flags);
    free(g->refused);
    free(g);
}

struct issued *group_issued(struct group *g)
{
    return g->issued;
}

void group_set_early(struct group *g, void (*early)(void *context), void *context)
{
    g->early = early;
    g->early_context = context;
}

/* -- the transaction ------------------------------------------------------------------------- */

static void refuse(struct group *g, const struct message *m, enum error_code reason,
                   int by_database)
{
    g->refused[g->refused_count++] = (struct refused){m, reason, by_database};
}

/* Statuses of devices and keys that the database confirms; those of others go to quarantine. */
static enum error_code store_statuses(struct group *g, struct db *db)
{
    size_t n = 0, kept = 0;
    enum error_code ec;

    for (size_t i = 0; i < g->count; i++) {
        if (g->list[i]->kind != MESSAGE_STATUS)
            continue;
        g->status_messages[n] = g->list[i];
        g->signers[n].device_id = g->list[i]->status->device_id;
        memcpy(g->signers[n].kid, g->list[i]->kid, WIRE_KID_LEN);
        n++;
    }
    g->status_count = 0;
    if (n == 0)
        return EC_OK;
    ec = journal_load_signers(db, g->signers, n, g->flags);
    if (ec != EC_OK)
        return ec;
    for (size_t i = 0; i < n; i++)
        if (g->flags[i]) {
            g->status_messages[kept] = g->status_messages[i];
            g->statuses[kept++] = g->status_messages[i]->status;
        } else
            refuse(g, g->status_messages[i], EC_DEVICE_KEY_RETIRED, 1);
    g->status_count = kept;
    return device_status_put(db, g->statuses, kept);
}

static enum error_code store_links(struct group *g, struct db *db)
{
    g->link_count = 0;
    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->kind == MESSAGE_LINK)
            g->links[g->link_count++] = &g->list[i]->link;
    return device_link_put(db, g->links, g->link_count);
}

static void collect_refused(struct group *g)
{
    size_t n;
    const struct work_item *items = work_items(g->work, &n);

    for (size_t i = 0; i < n; i++)
        if (items[i].is_refused)
            refuse(g, items[i].message, EC_DEVICE_KEY_RETIRED, 1);
    for (size_t i = 0; i < g->count; i++)
        if (g->list[i]->kind == MESSAGE_REFUSED)
            refuse(g, g->list[i], g->list[i]->reason, 0);
}

/* These are counted in the transaction itself: what is in quarantine and what is counted agree. */
static enum error_code count_refused(struct group *g, struct db *db)
{
    struct counter_delta deltas[EC_COUNT + 2];
    uint64_t reasons[EC_COUNT] = {0};
    size_t n = 0;

    for (size_t i = 0; i < g->refused_count; i++)
        reasons[g->refused[i].reason]++;
    for (size_t i = 0; i < EC_COUNT; i++)
        if (reasons[i] > 0)
            deltas[n++] =
                (struct counter_delta){"quarantined", error_slug((enum error_code)i), reasons[i]};
    if (g->refused_count > 0)
        deltas[n++] = (struct counter_delta){"messages", "refused", g->refused_count};
    if (g->dropped > 0)
        deltas[n++] = (struct counter_delta){"quarantine_dropped", "", g->dropped};
    return counter_add(db, deltas, n);
}

/* A flood may not turn into as many rows: beyond a number in one transaction they are only counted.
 */
static enum error_code store_refused(struct group *g, struct db *db)
{
    enum error_code ec = EC_OK;

    collect_refused(g);
    for (size_t i = 0; i < g->refused_count && ec == EC_OK; i++) {
        const struct message *m = g->refused[i].message;
        const char *serial = m->topic.device[0] ? m->topic.device : NULL;
        uint64_t dropped = 1;
        struct quarantine_message q = {
            .serial = serial,
            .bucket = serial ? m->topic.bucket : 0,
            .topic = m->topic_text,
            .reason = error_slug(g->refused[i].reason),
            .size = m->size,
            .payload = m->payload,
            .payload_len = m->len,
            .received_ms = m->received_ms,
        };

        if (i < LIMIT_QUARANTINE_PER_GROUP)
            ec = quarantine_put(db, &q, g->per_device, &dropped);
        g->dropped += dropped;
    }
    return ec == EC_OK ? count_refused(g, db) : ec;
}

static enum error_code store_receipts(struct group *g, struct db *db)
{
    int64_t until_ms = g->count > 0 ? clock_utc_ms() - LIMIT_RECEIPT_HOLD_MS : INT64_MAX;

    g->receipt_count = issued_due(g->issued, db_generation(db), until_ms, g->receipts);
    return receipt_issued_put(db, g->receipts, g->receipt_count);
}

static enum error_code body(struct db *db, void *context)
{
    struct group *g = context;
    enum error_code ec = g->lease ? lease_check(db, g->lease) : EC_OK;

    g->refused_count = 0;
    g->dropped = 0;
    if (ec == EC_OK)
        ec = journal_load_epoch(db, &g->epoch);
    if (ec == EC_OK)
        ec = store_receipts(g, db);
    if (ec == EC_OK)
        ec = work_run(g->work, db, clock_utc_ms());
    if (ec == EC_OK)
        ec = commands_close(db, g->work);
    if (ec == EC_OK)
        ec = store_statuses(g, db);
    if (ec == EC_OK)
        ec = recall_run(g->recall, db, g->status_messages, g->status_count, g->epoch, g->work);
    if (ec == EC_OK)
        ec = store_links(g, db);
    if (ec == EC_OK)
        ec = store_refused(g, db);
    if (ec == EC_OK && g->early != NULL)
        g->early(g->early_context);
    if (ec == EC_OK)
        kill_point("before-commit");
    return ec;
}

enum error_code group_commit(struct group *g, struct db *db, const struct lease *lease,
                             struct message *const *list, size_t n)
{
    enum error_code ec;

    g->lease = lease;
    g->list = list;
    g->count = n;
    work_begin(g->work, list, n);
    ec = db_transact(db, body, g);
    if (ec != EC_OK)
        return ec;
    work_committed(g->work);
    issued_drop(g->issued, g->receipt_count);
    return EC_OK;
}

const struct work *group_work(const struct group *g)
{
    return g->work;
}

const struct recall *group_recall(const struct group *g)
{
    return g->recall;
}

uint64_t group_epoch(const struct group *g)
{
    return g->epoch;
}

const struct message *group_refused(const struct group *g, size_t n)
{
    for (size_t i = 0; i < g->refused_count; i++)
        if (g->refused[i].by_database && n-- == 0)
            return g->refused[i].message;
    return NULL;
}

/* -- counting -------------------------------------------------------------------------------- */

static const enum tally_name by_verdict[] = {
    [JOURNAL_NEW] = TALLY_BATCHES_NEW,
    [JOURNAL_DUPLICATE] = TALLY_BATCHES_DUPLICATE,
    [JOURNAL_FORK] = TALLY_BATCHES_FORK,
    [JOURNAL_HELD] = TALLY_BATCHES_HELD,
};

static void count_item(const struct work_item *item, struct tally *tally)
{
    const struct journal_change *c = &item->change;
    size_t records = item->message->journal->batch.arrival.count;

    tally_add(tally, TALLY_MESSAGES_JOURNAL, 1);
    tally_add(tally, by_verdict[c->verdict], 1);
    tally_add(tally, TALLY_RECORDS_STORED, c->fresh_records);
    if (c->verdict == JOURNAL_NEW || c->verdict == JOURNAL_DUPLICATE)
        tally_add(tally, TALLY_RECORDS_DUPLICATE, records - c->fresh_records);
    tally_add(tally, TALLY_FORKS, c->verdict == JOURNAL_FORK);
    tally_add(tally, TALLY_GAPS, c->gap.from != 0);
}

void group_count(const struct group *g, struct tally *tally)
{
    size_t n;
    const struct work_item *items = work_items(g->work, &n);

    for (size_t i = 0; i < n; i++)
        if (!items[i].is_refused)
            count_item(&items[i], tally);
    tally_add(tally, TALLY_MESSAGES_STATUS, g->status_count);
    tally_add(tally, TALLY_MESSAGES_LINK, g->link_count);
    tally_add(tally, TALLY_GROUPS, 1);
}
