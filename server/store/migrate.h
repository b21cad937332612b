/* Upgrading the schema: patches once and in order, objects again whenever they changed. */
#ifndef BPTM_MIGRATE_H
#define BPTM_MIGRATE_H

#include "store/db.h"
#include "store/migrate_files.h"

enum migrate_state {
    MIGRATE_APPLIED, /* and the file is as it was */
    MIGRATE_PENDING, /* not applied yet; or an object that changed */
    MIGRATE_EDITED,  /* a patch whose file changed after it was applied: refused */
    MIGRATE_MISSING, /* a patch that was applied and has no file: refused */
    MIGRATE_LATE,    /* a patch that is not applied while a later one is: refused */
};

/** One file, as told to `on_file`. Text is borrowed for the call. */
struct migrate_step {
    const char *name;
    enum migrate_state state;
    const char *applied_at; /* RFC 3339; NULL when it is not */
    int64_t duration_ms;
};

/** Who is told: after each file that was applied, or of each file for a status. */
struct migrate_listener {
    void (*on_file)(void *context, const struct migrate_step *step);
    void *context;
};

/**
 * Apply what is pending. Only one upgrade runs at a time: another one is waited for, up to ten
 * minutes. Each patch is applied in one transaction with its row in migration.patch (number, name,
 * SHA-256, time, duration). Then the first object that changed and all that follow it in the list
 * are applied in one transaction, since they may depend on it. Nothing is applied when any patch is
 * edited, missing or late.
 *
 * @param ret_note  MIGRATE_NOTE_MAX bytes: which file, and what is wrong
 * @return EC_OK; EC_MIGRATION; EC_DATABASE
 */
enum error_code migrate_upgrade(struct db *db, const struct migrate_files *files,
                                const struct migrate_listener *listener, char *ret_note) MUST_CHECK;

/**
 * Tell the state of each file, patches first.
 * @param ret_refused  files that an upgrade would refuse
 */
enum error_code migrate_status(struct db *db, const struct migrate_files *files,
                               const struct migrate_listener *listener, size_t *ret_refused,
                               char *ret_note) MUST_CHECK;

/** "applied", "pending", "edited", "missing" or "late". */
const char *migrate_state_name(enum migrate_state state);

#endif
