/* The work on bulk imports whose file is staged. */
#include "store/import_run.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "store/document.h"
#include "store/import_list.h"
#include "store/import_person.h"
#include "store/import_sheet.h"

enum { FORGET_MOST = 4, CANDIDATES = 16 };

/* One pass over an import. Rows are numbered from 2, after the header. */
struct phase {
    const char *name;
    const char *sql; /* $1 the import, $2 and $3 its first and last row */
    int is_whole;    /* one statement for all rows */
    int reads;       /* cells: they are opened for it */
    int compares;    /* with what is stored: persons are offered for it */
    int writes;      /* persons are sealed after it */
};

static const struct phase check_phases[] = {
    {"cells", "select programme.import_check_cells($1, $2::integer, $3::integer)", .reads = 1},
    {"rows", "select programme.import_check_rows($1) where $2::integer <= $3::integer",
     .is_whole = 1},
    {"difference", "select programme.import_plan($1, $2::integer, $3::integer)", .compares = 1},
};

static const struct phase commit_phases[] = {
    {"verify", "select programme.import_verify($1, $2::integer, $3::integer)", .compares = 1},
    {"commit", "select programme.import_apply($1, $2::integer, $3::integer)", .compares = 1,
     .writes = 1},
};

enum {
    CHECK_PHASES = sizeof check_phases / sizeof *check_phases,
    COMMIT_PHASES = sizeof commit_phases / sizeof *commit_phases,
};

static enum error_code run_events(struct db *db, const char *sql, int64_t import_id)
{
    const struct db_param params[] = {db_int(import_id)};
    return db_run(db, sql, params, 1, NULL);
}

static enum error_code check_events(struct db *db, int64_t import_id)
{
    return run_events(db, "select programme.import_check_events($1)", import_id);
}

static enum error_code commit_events(struct db *db, int64_t import_id)
{
    return run_events(db, "select programme.import_apply_events($1)", import_id);
}

/* Kinds whose rows mean something together only. */
static const struct whole {
    const char *kind;
    enum error_code (*check)(struct db *db, int64_t import_id);
    enum error_code (*commit)(struct db *db, int64_t import_id);
} wholes[] = {
    {"generators", import_list_check, import_list_commit},
    {"psps", check_events, commit_events},
    {"epss", check_events, commit_events},
};

static const struct whole *find_whole(const char *kind)
{
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        if (strcmp(wholes[i].kind, kind) == 0)
            return &wholes[i];
    return NULL;
}

/* Where the work stands. */
struct work {
    const struct bulk_run *run;
    int64_t import_id;
    char state[16];
    const struct whole *whole; /* it is checked and committed as such; NULL: in pieces */
    int has_persons;
    int64_t rows;
    const struct phase *phase;
    int64_t first, last; /* rows of the piece */
    int64_t done, total; /* rows of all phases together */
};

/* -- claiming -------------------------------------------------------------------------------- */

static enum error_code lock_import(struct db *db, int64_t import_id, const char *sql, int *ret)
{
    const struct db_param params[] = {db_int(import_id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, 1, &r);
    if (ec == EC_OK)
        *ret = db_get_bool(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code import_run_claim(struct db *db, int64_t import_id)
{
    int claimed = 0;
    enum error_code ec = lock_import(
        db, import_id,
        "select pg_try_advisory_lock(hashtextextended('bptm import ' || $1::bigint, 0))", &claimed);
    return ec == EC_OK && !claimed ? EC_CONFLICT : ec;
}

enum error_code import_run_release(struct db *db, int64_t import_id)
{
    int released = 0;
    return lock_import(db, import_id,
                       "select pg_advisory_unlock(hashtextextended('bptm import ' || $1::bigint,"
                       " 0))",
                       &released);
}

enum error_code import_run_next(struct db *db, int64_t *ret_import_id)
{
    const struct db_param params[] = {db_int(CANDIDATES)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select import_id from programme.import where state in"
                                " ('uploaded', 'checking', 'committing') order by import_id"
                                " limit $1",
                                params, 1, &r);
    if (ec != EC_OK)
        return ec;
    ec = EC_CONFLICT;
    for (size_t i = 0; i < db_rows(r) && ec == EC_CONFLICT; i++) {
        int64_t id = db_get_int(r, i, 0);
        ec = import_run_claim(db, id);
        if (ec == EC_OK)
            *ret_import_id = id;
    }
    db_result_free(r);
    return ec == EC_CONFLICT ? EC_NOT_FOUND : ec;
}

/* -- pieces ---------------------------------------------------------------------------------- */

static enum error_code read_state(struct db *db, struct work *w)
{
    const struct db_param params[] = {db_int(w->import_id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select state, coalesce(rows, 0), kind from programme.import"
                                " where import_id = $1",
                                params, 1, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK) {
        snprintf(w->state, sizeof w->state, "%s", db_get_text(r, 0, 0));
        w->rows = db_get_int(r, 0, 1);
        w->whole = find_whole(db_get_text(r, 0, 2));
        w->has_persons = strcmp(db_get_text(r, 0, 2), "accounts") == 0;
    }
    db_result_free(r);
    return ec;
}

/* Somebody may have cancelled it. */
static enum error_code still(struct db *db, const struct work *w, const char *state)
{
    struct work now = *w;
    enum error_code ec = read_state(db, &now);
    return ec == EC_OK && strcmp(now.state, state) != 0 ? EC_STATE_REFUSED : ec;
}

static enum error_code tell(struct db *db, const struct work *w)
{
    const struct db_param params[] = {db_int(w->import_id), db_text(w->phase->name),
                                      db_int(w->done), db_int(w->total)};
    return db_run(db,
                  "insert into programme.import_progress (import_id, phase, done, total)"
                  " values ($1, $2, $3, $4) on conflict (import_id) do update set"
                  " phase = excluded.phase, done = excluded.done, total = excluded.total,"
                  " at = now()",
                  params, 4, NULL);
}

static enum error_code run_piece(struct db *db, struct work *w)
{
    const struct db_param params[] = {db_int(w->import_id), db_int(w->first), db_int(w->last)};
    const struct import_span span = {w->import_id, w->first, w->last};
    enum error_code ec = EC_OK;
    if (w->has_persons && w->phase->reads)
        ec = import_person_cells(db, w->run->keys, &span);
    if (ec == EC_OK && w->has_persons && w->phase->compares)
        ec = import_person_offer(db, w->run->keys, &span);
    if (ec == EC_OK)
        ec = db_run(db, w->phase->sql, params, 3, NULL);
    if (ec == EC_OK && w->has_persons && w->phase->writes)
        ec = import_person_seal(db, w->run->keys, &span);
    return ec;
}

static int is_stopping(const struct work *w)
{
    return w->run->is_stopping != NULL && w->run->is_stopping(w->run->context);
}

typedef enum error_code (*piece_function)(struct work *w);

static enum error_code each_piece(struct work *w, const struct phase *phases, size_t n,
                                  piece_function piece)
{
    enum error_code ec = EC_OK;
    w->done = 0;
    w->total = w->rows * (int64_t)n;
    for (size_t i = 0; i < n; i++) {
        w->phase = &phases[i];
        int64_t step = w->phase->is_whole ? w->rows : LIMIT_IMPORT_PIECE;
        for (w->first = 2; w->first <= w->rows + 1 && ec == EC_OK; w->first += step) {
            w->last = w->first + step - 1;
            ec = is_stopping(w) ? EC_UNAVAILABLE : piece(w);
            w->done += step;
        }
        w->done = w->rows * (int64_t)(i + 1);
        if (ec != EC_OK)
            break;
    }
    return ec;
}

/* -- checking -------------------------------------------------------------------------------- */

static enum error_code begin_check(struct db *db, void *context)
{
    struct work *w = context;
    const struct db_param params[] = {db_int(w->import_id)};
    const struct document_query q = {
        "update programme.import set state = 'checking', changed_at = now() where import_id = $1"
        " and state in ('uploaded', 'checking') returning import_id",
        params, 1};
    int64_t id = 0;
    enum error_code ec = document_id(db, &q, &id);
    if (ec == EC_NOT_FOUND)
        ec = EC_STATE_REFUSED;
    if (ec == EC_OK)
        ec = db_run(db, "delete from person.import_error where import_id = $1", params, 1, NULL);
    if (ec == EC_OK)
        ec = db_run(db, "delete from person.import_change where import_id = $1", params, 1, NULL);
    return ec;
}

static enum error_code too_many(struct db *db, const struct work *w)
{
    const struct db_param params[] = {db_int(w->import_id), db_int(LIMIT_IMPORT_ERRORS)};
    const struct document_query q = {
        "select 1 from person.import_error where import_id = $1 offset $2 limit 1", params, 2};
    int64_t one = 0;
    enum error_code ec = document_id(db, &q, &one);
    if (ec == EC_NOT_FOUND)
        return EC_OK;
    return ec == EC_OK ? EC_QUEUE_FULL : ec;
}

static enum error_code check_body(struct db *db, void *context)
{
    struct work *w = context;
    enum error_code ec = still(db, w, "checking");
    if (ec == EC_OK)
        ec = tell(db, w);
    if (ec == EC_OK)
        ec = run_piece(db, w);
    return ec == EC_OK ? too_many(db, w) : ec;
}

static enum error_code check_piece(struct work *w)
{
    return db_transact(w->run->db, check_body, w);
}

static enum error_code check_whole(struct db *db, void *context)
{
    struct work *w = context;
    enum error_code ec = still(db, w, "checking");
    if (ec == EC_OK)
        ec = w->whole->check(db, w->import_id);
    return ec == EC_OK ? too_many(db, w) : ec;
}

static enum error_code check(struct work *w)
{
    const struct db_param params[] = {db_int(w->import_id)};
    enum error_code ec = db_transact(w->run->db, begin_check, w);
    if (ec == EC_OK)
        ec = w->whole != NULL ? db_transact(w->run->db, check_whole, w)
                              : each_piece(w, check_phases, CHECK_PHASES, check_piece);
    if (ec == EC_OK)
        ec = db_run(w->run->db, "select programme.import_checked($1)", params, 1, NULL);
    return ec;
}

/* -- committing ------------------------------------------------------------------------------ */

static enum error_code look_aside(struct work *w)
{
    enum error_code ec = w->run->side != NULL ? still(w->run->side, w, "committing") : EC_OK;
    if (ec == EC_OK && w->run->side != NULL)
        ec = tell(w->run->side, w);
    return ec == EC_OK || ec == EC_STATE_REFUSED ? ec : EC_UNAVAILABLE;
}

static enum error_code commit_piece(struct work *w)
{
    enum error_code ec = look_aside(w);
    return ec == EC_OK ? run_piece(w->run->db, w) : ec;
}

/* One snapshot for what is compared and what is written: who changed it meanwhile makes the
   transaction run again, and then the comparison fails. */
static enum error_code commit_body(struct db *db, void *context)
{
    struct work *w = context;
    const struct db_param params[] = {db_int(w->import_id)};
    enum error_code ec = db_run_script(db, "set transaction isolation level repeatable read");
    if (ec == EC_OK)
        ec = still(db, w, "committing");
    if (ec == EC_OK) /* for the rows of the audit that routines write */
        ec = db_run(db,
                    "select set_config('bptm.subject', coalesce(i.commit_subject, ''), true)"
                    " from programme.import i where i.import_id = $1",
                    params, 1, NULL);
    if (ec == EC_OK)
        ec = w->whole != NULL ? w->whole->commit(db, w->import_id)
                              : each_piece(w, commit_phases, COMMIT_PHASES, commit_piece);
    if (ec == EC_OK)
        ec = db_run(db, "select programme.import_committed($1)", params, 1, NULL);
    return ec;
}

/* -- outcomes -------------------------------------------------------------------------------- */

static enum error_code put_state(const struct work *w, const char *from, const char *to,
                                 const char *note)
{
    const struct db_param params[] = {db_int(w->import_id), db_text(from), db_text(to),
                                      db_text(note)};
    return db_run(w->run->db,
                  "update programme.import set state = $3, note = $4, changed_at = now()"
                  " where import_id = $1 and state = $2",
                  params, 4, NULL);
}

static enum error_code fail(const struct work *w, enum error_code why)
{
    char note[DB_NOTE_MAX + 96];
    if (why == EC_QUEUE_FULL)
        snprintf(note, sizeof note, "more than %d errors; is it the right file, and the mapping?",
                 LIMIT_IMPORT_ERRORS);
    else
        snprintf(note, sizeof note, "the database could not do it (%s)",
                 db_sqlstate(w->run->db)[0] != '\0' ? db_sqlstate(w->run->db) : error_slug(why));
    return put_state(w, w->state, "failed", note);
}

static const char stale[] = "what is stored has changed since the check; look at the difference"
                            " again, and commit again";

/* What a failure means for the import; what may pass is given back. */
static enum error_code judge(const struct work *w, enum error_code ec)
{
    int is_commit = strcmp(w->state, "committing") == 0;
    switch (ec) {
    case EC_OK:
    case EC_STATE_REFUSED: /* cancelled */
        return EC_OK;
    case EC_CONFLICT:
    case EC_FIELDS_INVALID:
        return is_commit ? put_state(w, "committing", "checking", stale) : fail(w, ec);
    case EC_UNAVAILABLE:
    case EC_DATABASE_RETRY:
        return ec;
    default:
        if (is_stopping(w))
            return EC_UNAVAILABLE;
        return db_alive(w->run->db) ? fail(w, ec) : ec;
    }
}

/* Rows of a spreadsheet, before they are checked like any others. */
static enum error_code unpack(struct work *w)
{
    char note[IMPORT_SHEET_NOTE_MAX] = "";
    enum error_code ec = import_sheet_unpack(w->run->db, w->import_id, note);
    if (ec == EC_NOT_FOUND)
        return EC_OK;
    if (ec == EC_OK)
        return read_state(w->run->db, w);
    if ((ec != EC_FIELDS_INVALID && ec != EC_IO) || note[0] == '\0')
        return ec;
    ec = put_state(w, "uploaded", "failed", note);
    return ec == EC_OK ? EC_STATE_REFUSED : ec;
}

static enum error_code work_on(struct work *w)
{
    if (strcmp(w->state, "committing") == 0)
        return judge(w, db_transact(w->run->db, commit_body, w));
    if (strcmp(w->state, "uploaded") != 0 && strcmp(w->state, "checking") != 0)
        return EC_OK;
    enum error_code ec = strcmp(w->state, "uploaded") == 0 ? unpack(w) : EC_OK;
    if (ec == EC_OK) {
        snprintf(w->state, sizeof w->state, "checking");
        ec = check(w);
    }
    return judge(w, ec);
}

enum error_code import_run_work(const struct bulk_run *run, int64_t import_id)
{
    struct work w = {.run = run, .import_id = import_id};
    const struct db_watch watch = {LIMIT_IMPORT_MS, run->is_stopping, run->context};
    enum error_code ec = read_state(run->db, &w);
    if (ec == EC_OK)
        ec = db_set_watch(run->db, &watch); /* a roll-up of years takes longer than a request may */
    if (ec != EC_OK)
        return ec;
    ec = work_on(&w);
    enum error_code unset = db_set_watch(run->db, NULL);
    return ec == EC_OK ? unset : ec;
}

enum error_code import_run_forget(struct db *db, int64_t *ret_gone)
{
    const struct db_param params[] = {db_int(LIMIT_IMPORT_KEEP_DAYS), db_int(FORGET_MOST)};
    const struct document_query q = {"select programme.import_forget($1::integer, $2::integer)",
                                     params, 2};
    return document_id(db, &q, ret_gone);
}
