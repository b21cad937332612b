/* Upgrading the schema: patches once and in order, objects again whenever they changed. */
#include "store/migrate.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

/* The key of the advisory lock is the text "bptm" in ASCII. */
#define LOCK_KEY "1651537005"
enum { LOCK_WAIT_MS = 600000, LOCK_POLL_MS = 200 };

#define RFC3339(column) "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

static const char *const state_names[] = {
    [MIGRATE_APPLIED] = "applied", [MIGRATE_PENDING] = "pending", [MIGRATE_EDITED] = "edited",
    [MIGRATE_MISSING] = "missing", [MIGRATE_LATE] = "late",
};

static const char *const state_reasons[] = {
    [MIGRATE_EDITED] = "was edited after it was applied",
    [MIGRATE_MISSING] = "was applied and is not there",
    [MIGRATE_LATE] = "comes before a patch that is applied",
};

const char *migrate_state_name(enum migrate_state state)
{
    return state_names[state];
}

static enum error_code refuse(char *ret_note, const char *name, const char *what)
{
    snprintf(ret_note, MIGRATE_NOTE_MAX, "%s: %s", name, what);
    return EC_MIGRATION;
}

static enum error_code failed(struct db *db, char *ret_note, const char *name, enum error_code ec)
{
    if (ret_note[0] == '\0')
        snprintf(ret_note, MIGRATE_NOTE_MAX, "%s: %s", name, db_note(db));
    return ec;
}

/* -- the lock -------------------------------------------------------------------------------- */

static enum error_code try_lock(struct db *db, const char *sql, int *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, NULL, 0, &r);

    if (ec == EC_OK)
        *ret = db_get_bool(r, 0, 0);
    db_result_free(r);
    return ec;
}

/* Asked again and again, because a statement that waits longer than the time-outs would fail. */
static enum error_code lock(struct db *db, char *ret_note)
{
    int64_t until_ms = clock_mono_ms() + LOCK_WAIT_MS;
    int locked = 0;

    for (;;) {
        enum error_code ec = try_lock(db, "select pg_try_advisory_lock(" LOCK_KEY ")", &locked);
        if (ec != EC_OK)
            return failed(db, ret_note, "lock", ec);
        if (locked)
            return EC_OK;
        if (clock_mono_ms() > until_ms)
            return refuse(ret_note, "lock", "another upgrade has been running for ten minutes");
        clock_sleep_ms(LOCK_POLL_MS);
    }
}

/* Held by this session already, so it is granted at once, unless the connection was replaced and
   another upgrade has begun since. */
static enum error_code confirm_lock(struct db *db, char *ret_note)
{
    int locked = 0;
    enum error_code ec = try_lock(db, "select pg_try_advisory_xact_lock(" LOCK_KEY ")", &locked);

    if (ec == EC_OK && !locked)
        return refuse(ret_note, "lock", "another upgrade has begun");
    return ec;
}

/* -- what is applied ------------------------------------------------------------------------- */

static enum error_code create_ledger(struct db *db, void *context)
{
    (void)context;
    return db_run_script(db,
                         "create schema if not exists migration;"
                         "create table if not exists migration.patch ("
                         "  number integer primary key, name text not null, sha256 bytea not null,"
                         "  applied_at timestamptz not null, duration_ms bigint not null);"
                         "create table if not exists migration.object ("
                         "  name text primary key, sha256 bytea not null,"
                         "  applied_at timestamptz not null, duration_ms bigint not null)");
}

static int same_hash(const struct db_result *r, size_t row, size_t column,
                     const struct migrate_file *file)
{
    uint8_t sha256[sizeof(file->sha256)];
    return db_get_bytes(r, row, column, sha256, sizeof(sha256)) == (long)sizeof(sha256) &&
           memcmp(sha256, file->sha256, sizeof(sha256)) == 0;
}

static enum error_code list_patches(struct db *db, struct db_result **ret)
{
    return db_run(db,
                  "select number, name, sha256, " RFC3339(
                      "applied_at") ", duration_ms"
                                    " from migration.patch order by number",
                  NULL, 0, ret);
}

static enum error_code list_objects(struct db *db, struct db_result **ret)
{
    return db_run(
        db,
        "select name, sha256, " RFC3339("applied_at") ", duration_ms"
                                                      " from migration.object order by name",
        NULL, 0, ret);
}

static void tell(const struct migrate_listener *listener, const struct migrate_step *step)
{
    if (listener->on_file != NULL)
        listener->on_file(listener->context, step);
}

/* Applied patches, each against its file. @return how many are refused */
static size_t judge_applied(const struct db_result *r, const struct migrate_files *files,
                            const struct migrate_listener *listener, char *ret_note)
{
    size_t refused = 0;

    for (size_t i = 0; i < db_rows(r); i++) {
        const struct migrate_file *file = migrate_files_patch(files, (int)db_get_int(r, i, 0));
        struct migrate_step step = {db_get_text(r, i, 1), MIGRATE_APPLIED, db_get_text(r, i, 3),
                                    db_get_int(r, i, 4)};
        if (file == NULL)
            step.state = MIGRATE_MISSING;
        else if (!same_hash(r, i, 2, file) || strcmp(step.name, file->name) != 0)
            step.state = MIGRATE_EDITED;
        tell(listener, &step);
        if (step.state != MIGRATE_APPLIED && refused++ == 0)
            (void)!refuse(ret_note, step.name, state_reasons[step.state]);
    }
    return refused;
}

static int is_applied(const struct db_result *r, int number)
{
    for (size_t i = 0; i < db_rows(r); i++)
        if (db_get_int(r, i, 0) == number)
            return 1;
    return 0;
}

/* Files without a row. @return how many are refused */
static size_t judge_pending(const struct db_result *r, const struct migrate_files *files,
                            const struct migrate_listener *listener, char *ret_note)
{
    size_t rows = db_rows(r), refused = 0;
    int64_t last = rows > 0 ? db_get_int(r, rows - 1, 0) : 0;

    for (size_t i = 0; i < files->patch_count; i++) {
        const struct migrate_file *file = &files->patches[i];
        if (is_applied(r, file->number))
            continue;
        struct migrate_step step = {file->name,
                                    file->number < last ? MIGRATE_LATE : MIGRATE_PENDING, NULL, 0};
        tell(listener, &step);
        if (step.state == MIGRATE_LATE && refused++ == 0 && ret_note[0] == '\0')
            (void)!refuse(ret_note, step.name, state_reasons[step.state]);
    }
    return refused;
}

static enum error_code judge(struct db *db, const struct migrate_files *files,
                             const struct migrate_listener *listener, size_t *ret_refused,
                             char *ret_note)
{
    struct db_result *r = NULL;
    enum error_code ec = list_patches(db, &r);

    if (ec != EC_OK)
        return failed(db, ret_note, "migration.patch", ec);
    *ret_refused = judge_applied(r, files, listener, ret_note);
    *ret_refused += judge_pending(r, files, listener, ret_note);
    db_result_free(r);
    return EC_OK;
}

/* -- a lock that traffic does not wait behind ------------------------------------------------- */

enum { BRIEF_SQL_MAX = 64 };

/* Whoever asks for a table after us waits as long as we wait for it, so we wait briefly, let the
   others by, and ask again. */
static enum error_code lock_briefly(struct db *db)
{
    char sql[BRIEF_SQL_MAX];

    snprintf(sql, sizeof(sql), "set local lock_timeout = %d", LIMIT_UPGRADE_LOCK_MS);
    return db_run_script(db, sql);
}

static enum error_code transact(struct db *db, db_body body, void *context, char *note)
{
    int64_t until_ms = clock_mono_ms() + LIMIT_UPGRADE_WAIT_MS;

    for (;;) {
        note[0] = '\0';
        enum error_code ec = db_transact(db, body, context);
        if (ec == EC_OK || strcmp(db_sqlstate(db), "55P03") != 0 || clock_mono_ms() > until_ms)
            return ec;
        clock_sleep_ms(LIMIT_UPGRADE_PAUSE_MS);
    }
}

/* -- applying -------------------------------------------------------------------------------- */

struct job {
    const struct migrate_files *files;
    const struct migrate_file *patch; /* the patch to apply */
    size_t first_object;
    const struct migrate_listener *listener;
    char *note;
    int64_t duration_ms;
    int skipped;
};

static enum error_code run_file(struct db *db, const struct migrate_file *file, struct job *job)
{
    int64_t from_ms = clock_mono_ms();
    enum error_code ec = db_run_script(db, file->text);

    job->duration_ms = clock_mono_ms() - from_ms;
    if (ec != EC_OK)
        snprintf(job->note, MIGRATE_NOTE_MAX, "%s: %s", file->name, db_note(db));
    return ec;
}

static enum error_code record_patch(struct db *db, const struct job *job)
{
    const struct migrate_file *file = job->patch;
    struct db_param params[] = {
        db_int(file->number),
        db_text(file->name),
        db_bytes(file->sha256, sizeof(file->sha256)),
        db_int(job->duration_ms),
    };
    return db_run(db, "insert into migration.patch values ($1, $2, $3, clock_timestamp(), $4)",
                  params, 4, NULL);
}

/* A COMMIT whose answer was lost is found here when the body runs again. */
static enum error_code find_patch(struct db *db, struct job *job)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(job->patch->number)};
    enum error_code ec =
        db_run(db, "select 1 from migration.patch where number = $1", params, 1, &r);

    if (ec == EC_OK)
        job->skipped = db_rows(r) > 0;
    db_result_free(r);
    return ec;
}

static enum error_code patch_body(struct db *db, void *context)
{
    struct job *job = context;
    enum error_code ec = confirm_lock(db, job->note);

    if (ec == EC_OK)
        ec = find_patch(db, job);
    if (ec != EC_OK || job->skipped)
        return ec;
    ec = lock_briefly(db);
    if (ec != EC_OK)
        return ec;
    ec = run_file(db, job->patch, job);
    return ec == EC_OK ? record_patch(db, job) : ec;
}

static enum error_code apply_patches(struct db *db, struct job *job)
{
    struct db_result *r = NULL;
    enum error_code ec = list_patches(db, &r);

    for (size_t i = 0; i < job->files->patch_count && ec == EC_OK; i++) {
        job->patch = &job->files->patches[i];
        if (is_applied(r, job->patch->number))
            continue;
        ec = transact(db, patch_body, job, job->note);
        struct migrate_step step = {job->patch->name, MIGRATE_APPLIED, NULL, job->duration_ms};
        if (ec == EC_OK)
            tell(job->listener, &step);
        else
            failed(db, job->note, job->patch->name, ec);
    }
    db_result_free(r);
    return ec;
}

static enum error_code record_object(struct db *db, const struct migrate_file *file,
                                     int64_t duration_ms)
{
    struct db_param params[] = {
        db_text(file->name),
        db_bytes(file->sha256, sizeof(file->sha256)),
        db_int(duration_ms),
    };
    return db_run(db,
                  "insert into migration.object values ($1, $2, clock_timestamp(), $3)"
                  " on conflict (name) do update set sha256 = excluded.sha256,"
                  " applied_at = excluded.applied_at, duration_ms = excluded.duration_ms",
                  params, 3, NULL);
}

static enum error_code objects_body(struct db *db, void *context)
{
    struct job *job = context;
    enum error_code ec = confirm_lock(db, job->note);

    if (ec == EC_OK)
        ec = lock_briefly(db);
    for (size_t i = job->first_object; i < job->files->object_count && ec == EC_OK; i++) {
        const struct migrate_file *file = &job->files->objects[i];
        ec = run_file(db, file, job);
        if (ec == EC_OK)
            ec = record_object(db, file, job->duration_ms);
        struct migrate_step step = {file->name, MIGRATE_APPLIED, NULL, job->duration_ms};
        if (ec == EC_OK)
            tell(job->listener, &step);
    }
    return ec;
}

/* Row of an object in the list of those that are applied; -1 when it has none. */
static long find_object(const struct db_result *r, const char *name)
{
    for (size_t i = 0; i < db_rows(r); i++)
        if (strcmp(db_get_text(r, i, 0), name) == 0)
            return (long)i;
    return -1;
}

static int object_is_current(const struct db_result *r, const struct migrate_file *file)
{
    long row = find_object(r, file->name);
    return row >= 0 && same_hash(r, (size_t)row, 1, file);
}

static enum error_code apply_objects(struct db *db, struct job *job)
{
    struct db_result *r = NULL;
    enum error_code ec = list_objects(db, &r);

    if (ec == EC_OK)
        while (job->first_object < job->files->object_count &&
               object_is_current(r, &job->files->objects[job->first_object]))
            job->first_object++;
    db_result_free(r);
    if (ec == EC_OK && job->first_object < job->files->object_count)
        ec = transact(db, objects_body, job, job->note);
    return ec == EC_OK ? ec : failed(db, job->note, "migration.object", ec);
}

enum error_code migrate_upgrade(struct db *db, const struct migrate_files *files,
                                const struct migrate_listener *listener, char *ret_note)
{
    static const struct migrate_listener nobody = {NULL, NULL};
    struct job job = {.files = files, .listener = listener, .note = ret_note};
    size_t refused = 0;

    ret_note[0] = '\0';
    enum error_code ec = lock(db, ret_note);
    if (ec != EC_OK)
        return ec;
    ec = db_set_watch(db, &(struct db_watch){.limit_ms = LIMIT_MIGRATE_MS});
    if (ec == EC_OK)
        ec = db_transact(db, create_ledger, NULL);
    if (ec != EC_OK)
        failed(db, ret_note, "schema migration", ec);
    if (ec == EC_OK)
        ec = judge(db, files, &nobody, &refused, ret_note);
    if (ec == EC_OK && refused > 0)
        ec = EC_MIGRATION;
    if (ec == EC_OK)
        ec = apply_patches(db, &job);
    if (ec == EC_OK)
        ec = apply_objects(db, &job);
    (void)!db_run(db, "select pg_advisory_unlock(" LOCK_KEY ")", NULL, 0, NULL);
    (void)!db_set_watch(db, NULL);
    return ec;
}

/* -- status ---------------------------------------------------------------------------------- */

static enum error_code tell_objects(struct db *db, const struct migrate_files *files,
                                    const struct migrate_listener *listener)
{
    struct db_result *r = NULL;
    enum error_code ec = list_objects(db, &r);

    for (size_t i = 0; i < files->object_count && ec == EC_OK; i++) {
        const struct migrate_file *file = &files->objects[i];
        long row = find_object(r, file->name);
        struct migrate_step step = {file->name, MIGRATE_PENDING, NULL, 0};
        if (row >= 0) {
            step.applied_at = db_get_text(r, (size_t)row, 2);
            step.duration_ms = db_get_int(r, (size_t)row, 3);
        }
        if (object_is_current(r, file))
            step.state = MIGRATE_APPLIED;
        tell(listener, &step);
    }
    db_result_free(r);
    return ec;
}

enum error_code migrate_status(struct db *db, const struct migrate_files *files,
                               const struct migrate_listener *listener, size_t *ret_refused,
                               char *ret_note)
{
    ret_note[0] = '\0';
    enum error_code ec = db_transact(db, create_ledger, NULL);
    if (ec == EC_OK)
        ec = judge(db, files, listener, ret_refused, ret_note);
    if (ec == EC_OK)
        ec = tell_objects(db, files, listener);
    return ec == EC_OK ? ec : failed(db, ret_note, "migration", ec);
}
