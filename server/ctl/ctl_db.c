/* bptmctl db, seed, receipt-epoch: the schema and what every database starts with. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/migrate.h"
#include "store/operate.h"
#include "store/partition.h"

enum { SQL_DIR, REASON = 0 };

/* Of the schema's files. */
static enum error_code find_folder(struct ctl *ctl, char ret[CTL_PATH_MAX])
{
    if (ctl->options[SQL_DIR] == NULL)
        return ctl_data_folder(ctl, "sql", ret);
    snprintf(ret, CTL_PATH_MAX, "%s", ctl->options[SQL_DIR]);
    return EC_OK;
}

static enum error_code read_files(struct ctl *ctl, struct migrate_files *ret)
{
    char path[CTL_PATH_MAX], note[MIGRATE_NOTE_MAX] = "";
    enum error_code ec = find_folder(ctl, path);

    if (ec != EC_OK)
        return ec;
    ec = migrate_files_read(path, ret, note);
    return ec == EC_OK ? ec : ctl_fail(ctl, ec, "%s", note);
}

static void print_applied(void *context, const struct migrate_step *step)
{
    size_t *count = context;

    ++*count;
    printf("applied %s in %" PRId64 " ms\n", step->name, step->duration_ms);
}

static enum error_code upgrade(struct ctl *ctl)
{
    struct migrate_files files = {.patches = NULL};
    char note[MIGRATE_NOTE_MAX] = "";
    size_t applied = 0, partitions = 0;
    const struct migrate_listener listener = {print_applied, &applied};

    enum error_code ec = read_files(ctl, &files);
    if (ec != EC_OK)
        return ec;
    ec = migrate_upgrade(ctl->db, &files, &listener, note);
    migrate_files_done(&files);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s", note);
    ec = partition_ensure(ctl->db, &partitions);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "partitions");
    printf("%zu applied, %zu partitions created\n", applied, partitions);
    return EC_OK;
}

static void print_state(void *context, const struct migrate_step *step)
{
    (void)context;
    printf("%-8s %-20s %6" PRId64 " ms  %s\n", migrate_state_name(step->state),
           step->applied_at != NULL ? step->applied_at : "-", step->duration_ms, step->name);
}

static enum error_code status(struct ctl *ctl)
{
    struct migrate_files files = {.patches = NULL};
    char note[MIGRATE_NOTE_MAX] = "";
    size_t refused = 0;
    const struct migrate_listener listener = {print_state, NULL};

    enum error_code ec = read_files(ctl, &files);
    if (ec != EC_OK)
        return ec;
    ec = migrate_status(ctl->db, &files, &listener, &refused, note);
    migrate_files_done(&files);
    if (ec == EC_OK && refused > 0)
        ec = EC_MIGRATION;
    return ec == EC_OK ? ec : ctl_fail(ctl, ec, "%s", note);
}

static enum error_code seed(struct ctl *ctl)
{
    char path[CTL_PATH_MAX], note[MIGRATE_NOTE_MAX] = "";
    enum error_code ec = find_folder(ctl, path);

    if (ec != EC_OK)
        return ec;
    ec = operate_seed(ctl->db, path, note);
    return ec == EC_OK ? ec : ctl_fail(ctl, ec, "%s", note);
}

static enum error_code raise_epoch(struct ctl *ctl)
{
    int64_t epoch = 0;
    enum error_code ec = operate_raise_epoch(ctl->db, ctl->options[REASON], &epoch);

    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "receipt epoch");
    printf("%" PRId64 "\n", epoch);
    return EC_OK;
}

#define SQL_DIR_OPTION                                                                             \
    {                                                                                              \
        "sql-dir", CTL_OPTION(SQL_DIR), "DIR", 0, "folder of the schema; else the installed one",  \
            0                                                                                      \
    }

const struct ctl_command ctl_db_commands[] = {
    {.words = "db upgrade",
     .doc = "Apply what is pending of the schema, and create partitions for two years.",
     .options = {SQL_DIR_OPTION, {0}},
     .needs_database = 1,
     .run = upgrade},
    {.words = "db status",
     .doc = "List the files of the schema and what is applied; fails when an upgrade would.",
     .options = {SQL_DIR_OPTION, {0}},
     .needs_database = 1,
     .run = status},
    {.words = "seed",
     .doc = "Add the sample programmes with their rulesets, and the reference device models.",
     .options = {SQL_DIR_OPTION, {0}},
     .needs_database = 1,
     .run = seed},
    {.words = "receipt-epoch raise",
     .doc = "After a restore from backup: make every device send again what may be lost.",
     .options = {{"reason", CTL_OPTION(REASON), "TEXT", 0, "why, for the record", 0}, {0}},
     .required = 1U << REASON,
     .needs_database = 1,
     .run = raise_epoch},
    {.words = NULL},
};
