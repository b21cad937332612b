/* Finding devices that must hear of a new receipt epoch, by what their status says. */
#include "mqtt/recall.h"

#include <stdlib.h>

#include "store/journal_load.h"

struct recall {
    size_t count;
    struct recall_device devices[RECALL_MAX]; /* ascending by device, without repeats */
    struct journal_head heads[RECALL_MAX];
    int64_t ids[RECALL_MAX];
    uint8_t flags[RECALL_MAX];
};

enum error_code recall_new(struct recall **ret)
{
    struct recall *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return EC_NO_MEMORY;
    *ret = r;
    return EC_OK;
}

void recall_free(struct recall *r)
{
    free(r);
}

static int has_receipt_due(const struct work *work, int64_t device_id)
{
    size_t n;
    const struct work_device *devices = work_devices(work, &n);

    for (size_t i = 0; i < n; i++)
        if (devices[i].device_id == device_id)
            return devices[i].is_touched;
    return 0;
}

/* Keep the list ascending; one status of a device is enough. */
static void insert(struct recall *r, const struct message *m)
{
    int64_t id = m->status->device_id;
    size_t at = r->count;

    while (at > 0 && r->ids[at - 1] > id)
        at--;
    if (at > 0 && r->ids[at - 1] == id)
        return;
    for (size_t i = r->count; i > at; i--) {
        r->ids[i] = r->ids[i - 1];
        r->devices[i] = r->devices[i - 1];
    }
    r->ids[at] = id;
    r->devices[at].message = m;
    r->count++;
}

enum error_code recall_run(struct recall *r, struct db *db, const struct message *const *statuses,
                           size_t n, uint64_t epoch, const struct work *work)
{
    size_t found = 0;
    enum error_code ec;

    r->count = 0;
    for (size_t i = 0; i < n && r->count < RECALL_MAX; i++)
        if (statuses[i]->status->status.epoch < epoch &&
            statuses[i]->status->status.written_through > 0 &&
            !has_receipt_due(work, statuses[i]->status->device_id))
            insert(r, statuses[i]);
    if (r->count == 0)
        return EC_OK;
    ec = journal_load_heads(db, r->ids, r->count, r->heads, r->flags);
    if (ec != EC_OK)
        return ec;
    for (size_t i = 0; i < r->count; i++)
        if (r->flags[i])
            r->devices[found++] = (struct recall_device){r->devices[i].message, &r->heads[i]};
    r->count = found;
    return EC_OK;
}

const struct recall_device *recall_devices(const struct recall *r, size_t *ret_n)
{
    *ret_n = r->count;
    return r->devices;
}
