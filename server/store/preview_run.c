/* The work on previews. */
#include "store/preview_run.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "store/document.h"

#define LOCK "hashtextextended('bptm previews', 0)"

struct work {
    const struct bulk_run *run;
    int64_t id;
    int is_stopped, is_cancelled; /* by whom it was ended */
};

enum error_code preview_run_next(struct db *db, int64_t *ret_id)
{
    static const struct document_query oldest = {
        "select min(v.preview_id) from programme.preview v where v.state in ('waiting', 'running')",
        NULL, 0};
    static const struct document_query claim = {"select 1 where pg_try_advisory_lock(" LOCK ")",
                                                NULL, 0};
    int64_t one = 0;
    enum error_code ec = document_id(db, &oldest, ret_id);

    if (ec == EC_OK)
        ec = document_id(db, &claim, &one);
    if (ec != EC_OK)
        return ec;
    ec = document_id(db, &oldest, ret_id); /* of those that nobody did before the claim */
    if (ec == EC_OK)
        return ec;
    enum error_code released = preview_run_release(db, *ret_id);
    return released != EC_OK ? released : ec;
}

enum error_code preview_run_release(struct db *db, int64_t id)
{
    (void)id; /* one lock for all */
    return db_run(db, "select pg_advisory_unlock(" LOCK ")", NULL, 0, NULL);
}

/* Put it into a state, from those that are not over. */
static enum error_code put_state(const struct work *w, const char *to, const char *note)
{
    const struct db_param params[] = {db_int(w->id), db_text(to), db_text(note)};
    const struct document_query q = {
        "update programme.preview v set state = $2, note = $3, started_at = case when $2 ="
        " 'running' then now() else v.started_at end, ended_at = case when $2 <> 'running' then"
        " now() end where v.preview_id = $1 and v.state in ('waiting', 'running')"
        " returning v.preview_id",
        params, 3};
    int64_t id = 0;
    return document_id(w->run->db, &q, &id);
}

/* Asked while a preview is made, beside the connection that makes it. */
static int is_over(void *context)
{
    struct work *w = context;
    const struct db_param params[] = {db_int(w->id)};
    const struct document_query q = {
        "select v.preview_id from programme.preview v where v.preview_id = $1"
        " and v.state = 'running'",
        params, 1};
    int64_t id = 0;

    w->is_stopped = w->run->is_stopping != NULL && w->run->is_stopping(w->run->context);
    if (!w->is_stopped && w->run->side != NULL)
        w->is_cancelled = document_id(w->run->side, &q, &id) == EC_NOT_FOUND;
    return w->is_stopped || w->is_cancelled;
}

static enum error_code judge_all(struct db *db, void *context)
{
    const struct work *w = context;
    const struct db_param params[] = {db_int(w->id)};
    return db_run(db, "select programme.preview_judge($1)", params, 1, NULL);
}

static enum error_code fail(const struct work *w, enum error_code why)
{
    char note[DB_NOTE_MAX + 64];
    const char *state = db_sqlstate(w->run->db);

    if (strcmp(state, "57014") == 0)
        snprintf(note, sizeof note, "it took longer than %d minutes", LIMIT_PREVIEW_MS / 60000);
    else
        snprintf(note, sizeof note, "the database could not do it (%s)",
                 state[0] != '\0' ? state : error_slug(why));
    enum error_code ec = put_state(w, "failed", note);
    return ec == EC_NOT_FOUND ? EC_OK : ec;
}

/* What a failure means for the preview; what may pass is given back. */
static enum error_code judge(const struct work *w, enum error_code ec)
{
    if (ec == EC_OK || ec == EC_STATE_REFUSED || w->is_cancelled)
        return EC_OK;
    if (w->is_stopped)
        return EC_UNAVAILABLE;
    if (ec == EC_DATABASE_RETRY || !db_alive(w->run->db) ||
        strcmp(db_sqlstate(w->run->db), "55P03") == 0) /* the schema is being changed */
        return ec;
    return fail(w, ec);
}

enum error_code preview_run_work(const struct bulk_run *run, int64_t id)
{
    struct work w = {.run = run, .id = id};
    const struct db_watch watch = {LIMIT_PREVIEW_MS, is_over, &w};
    enum error_code ec = put_state(&w, "running", NULL);

    if (ec != EC_OK)
        return ec == EC_NOT_FOUND ? EC_OK : ec;
    ec = db_set_watch(run->db, &watch);
    if (ec == EC_OK)
        ec = db_transact(run->db, judge_all, &w);
    enum error_code unset = db_set_watch(run->db, NULL);
    ec = judge(&w, ec);
    return ec == EC_OK ? unset : ec;
}
