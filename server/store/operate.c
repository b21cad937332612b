/* What only an operator does: seed a database, raise the receipt epoch. */
#include "store/operate.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit.h"

struct seed {
    const char *folder;
    char *note;
};

static int is_sql(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".sql") == 0;
}

static enum error_code run_seed(struct db *db, const struct seed *seed, const char *base)
{
    struct migrate_file file = {.text = NULL};
    char name[MIGRATE_NAME_MAX];

    snprintf(name, sizeof(name), "seed/%.100s", base);
    enum error_code ec = migrate_files_read_one(seed->folder, name, &file, seed->note);
    if (ec != EC_OK)
        return ec;
    ec = db_run_script(db, file.text);
    if (ec != EC_OK)
        snprintf(seed->note, MIGRATE_NOTE_MAX, "%s: %s", name, db_note(db));
    free(file.text);
    return ec;
}

static enum error_code seed_body(struct db *db, void *context)
{
    const struct seed *seed = context;
    char path[4096];
    struct dirent **entries = NULL;
    enum error_code ec = EC_OK;

    snprintf(path, sizeof(path), "%s/seed", seed->folder);
    int count = scandir(path, &entries, is_sql, alphasort);
    if (count < 0) {
        snprintf(seed->note, MIGRATE_NOTE_MAX, "%.400s: %s", path, strerror(errno));
        return EC_IO;
    }
    for (int i = 0; i < count; i++) {
        if (ec == EC_OK)
            ec = run_seed(db, seed, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return ec;
}

enum error_code operate_seed(struct db *db, const char *folder, char *ret_note)
{
    struct seed seed = {folder, ret_note};

    ret_note[0] = '\0';
    enum error_code ec = db_transact(db, seed_body, &seed);
    if (ec != EC_OK && ret_note[0] == '\0')
        snprintf(ret_note, MIGRATE_NOTE_MAX, "%s", db_note(db));
    return ec;
}

struct raise {
    const char *reason;
    int64_t epoch;
};

/* The time, so that it is above all epochs that a lost database may have had: a device takes no
   receipt of an epoch below the one it knows, and sends nothing again in the one it knows. */
static enum error_code raise_body(struct db *db, void *context)
{
    struct raise *raise = context;
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(raise->reason)};
    char id[24];

    enum error_code ec =
        db_run(db,
               "insert into fleet.receipt_epoch (epoch, raised_at, reason)"
               " select greatest(max(epoch) + 1, extract(epoch from now())::bigint), now(), $1"
               " from fleet.receipt_epoch"
               " returning epoch",
               params, 1, &r);
    if (ec == EC_OK)
        raise->epoch = db_get_int(r, 0, 0);
    db_result_free(r);
    if (ec != EC_OK)
        return ec;
    snprintf(id, sizeof(id), "%" PRId64, raise->epoch);
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {"receipt_epoch.raise", id, NULL, NULL};
    return audit_add(db, &by, &change);
}

enum error_code operate_raise_epoch(struct db *db, const char *reason, int64_t *ret)
{
    struct raise raise = {reason, 0};
    enum error_code ec = db_transact(db, raise_body, &raise);

    if (ec == EC_OK)
        *ret = raise.epoch;
    return ec;
}
