/* The outbox of webhooks, as the part that sends them sees it. */
#include "store/webhook_outbox.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { COLUMN_SECRETS = 5 };

static enum error_code read_task(const struct db_result *r, size_t row, struct webhook_task *ret)
{
    struct webhook_task task = {db_get_int(r, row, 0), db_get_int(r, row, 1)};
    snprintf(task.id, sizeof task.id, "%s", db_get_text(r, row, 2));
    snprintf(task.url, sizeof task.url, "%s", db_get_text(r, row, 3));
    for (size_t i = 0; i < WEBHOOK_SECRETS; i++) {
        struct webhook_secret *s = &task.secrets[task.secret_count];
        long len = db_get_bytes(r, row, COLUMN_SECRETS + i, s->bytes, sizeof s->bytes);
        if (len > 0) {
            s->len = (size_t)len;
            task.secret_count++;
        }
    }
    task.payload = strdup(db_get_text(r, row, 4));
    if (task.payload == NULL)
        return EC_NO_MEMORY;
    *ret = task;
    sodium_memzero(&task, sizeof task);
    return EC_OK;
}

enum error_code webhook_outbox_take(struct db *db, size_t most, struct webhook_task *ret,
                                    size_t *ret_count)
{
    const struct db_param params[] = {db_int((int64_t)most), db_int(LIMIT_WEBHOOK_CLAIM_S)};
    struct db_result *r = NULL;
    size_t n = 0;
    enum error_code ec =
        db_run(db,
               "select t.message_id, t.claim, t.id, t.url, t.payload, t.secrets[1], t.secrets[2]"
               " from outage.webhook_take($1::integer, $2::bigint * interval '1 s') t",
               params, 2, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r) && n < most; i++, n += ec == EC_OK)
        ec = read_task(r, i, &ret[n]);
    db_result_free(r);
    if (n == 0 && ec != EC_OK)
        return ec;
    *ret_count = n; /* one that there was no memory for is taken again when its time is over */
    return EC_OK;
}

struct recording {
    const struct webhook_task *task;
    const struct webhook_outcome *outcome;
};

static enum error_code record(struct db *db, void *context)
{
    const struct recording *c = context;
    struct db_param params[] = {
        db_int(c->task->message_id),
        db_int(c->task->claim),
        c->outcome->status > 0 ? db_int(c->outcome->status) : db_null(),
        db_text(c->outcome->error),
        c->outcome->retry_after_s > 0 ? db_int(c->outcome->retry_after_s) : db_null(),
        db_int(LIMIT_WEBHOOK_DEAD),
    };
    return db_run(db,
                  "select outage.webhook_record($1, $2, $3::integer, $4,"
                  " $5::bigint * interval '1 s', $6::integer)",
                  params, 6, NULL);
}

enum error_code webhook_outbox_record(struct db *db, const struct webhook_task *task,
                                      const struct webhook_outcome *outcome)
{
    struct recording c = {task, outcome};
    return db_transact(db, record, &c);
}

enum error_code webhook_outbox_release(struct db *db, const struct webhook_task *task)
{
    const struct db_param params[] = {db_int(task->message_id), db_int(task->claim)};
    return db_run(db,
                  "update outage.webhook w set claimed_until = null from outage.webhook_message m"
                  " where m.message_id = $1 and w.webhook_id = m.webhook_id and w.claim = $2",
                  params, 2, NULL);
}

void webhook_outbox_done(struct webhook_task *task)
{
    free(task->payload);
    sodium_memzero(task, sizeof *task);
}

enum error_code webhook_outbox_forget(struct db *db, uint32_t most, uint64_t *ret_gone)
{
    const struct db_param params[] = {db_int(LIMIT_WEBHOOK_KEEP_DAYS),
                                      db_int(LIMIT_WEBHOOK_DEAD_DAYS), db_int(most)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db, "select outage.webhook_forget($1::integer, $2::integer, $3::integer)", params, 3, &r);
    if (ec == EC_OK)
        *ret_gone = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}
