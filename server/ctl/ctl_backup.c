/* bptmctl backup, restore: the whole database in one file, by PostgreSQL's own programs. */
#include <config.h> /* extensions of GNU */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "store/conninfo.h"
#include "store/operate.h"
#include "store/restore.h"

enum { FILE_NAME, REASON };

#define NOT_TO_BE_USED "do not start bptmd on this database: make it anew, and restore again"

/* The argument --dbname= of a program of PostgreSQL. */
struct connection {
    char argument[sizeof("--dbname=") + CONNINFO_MAX];
};

static enum error_code make_connection(struct ctl *ctl, const struct conninfo_extra *extra,
                                       struct connection *ret)
{
    char text[CONNINFO_MAX], note[CONNINFO_NOTE_MAX] = "";
    enum error_code ec = conninfo_for_child(ctl->conninfo, extra, text, note);

    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s", note[0] != '\0' ? note : error_text(ec));
    snprintf(ret->argument, sizeof(ret->argument), "--dbname=%s", text);
    return EC_OK;
}

/* -- backup ---------------------------------------------------------------------------------- */

/* `public` belongs to the extensions, which sql/bootstrap.sql makes. It is left out and nothing is
   named to be put in, because with a list of schemas pg_dump would leave out the default privileges
   of the owner. */
static enum error_code dump(struct ctl *ctl, const char *database, int out)
{
    struct connection connection;
    const char *const argv[] = {"pg_dump",
                                "--format=custom",
                                "--no-password",
                                "--lock-wait-timeout=60s",
                                "--exclude-schema=public",
                                connection.argument,
                                NULL};
    enum error_code ec = make_connection(
        ctl, &(struct conninfo_extra){.database = database, .options = NULL}, &connection);

    return ec == EC_OK ? ctl_run(ctl, argv, -1, out) : ec;
}

/* The name is on disk when its folder is. */
static int sync_folder(const char *path)
{
    char copy[CTL_PATH_MAX];

    snprintf(copy, sizeof(copy), "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

/* Not every file system can refuse to replace; `part` was ours alone, so only a stranger's file of
   this very moment is at stake there. */
static int move_new(const char *part, const char *path)
{
    if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 1;
    return errno == EINVAL && access(path, F_OK) != 0 && rename(part, path) == 0;
}

static enum error_code write_backup(struct ctl *ctl, const char *database, const char *part,
                                    int64_t *ret_bytes)
{
    const char *path = ctl->options[FILE_NAME];
    struct stat s = {.st_size = 0};
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return ctl_fail(ctl, EC_IO, "%s: %s", part, strerror(errno));
    enum error_code ec = dump(ctl, database, fd);
    if (ec == EC_OK && (fsync(fd) != 0 || fstat(fd, &s) != 0))
        ec = ctl_fail(ctl, EC_IO, "%s: %s", part, strerror(errno));
    if (close(fd) != 0 && ec == EC_OK)
        ec = ctl_fail(ctl, EC_IO, "%s: %s", part, strerror(errno));
    if (ec == EC_OK && !move_new(part, path))
        ec = ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    if (ec != EC_OK) {
        unlink(part);
        return ec;
    }
    if (!sync_folder(path))
        return ctl_fail(ctl, EC_IO, "%s: its folder: %s", path, strerror(errno));
    *ret_bytes = s.st_size;
    return EC_OK;
}

static enum error_code backup(struct ctl *ctl)
{
    const char *path = ctl->options[FILE_NAME];
    struct restore_target source = {.schema = ""};
    char part[CTL_PATH_MAX];
    struct stat s;
    int64_t bytes = 0;

    if ((size_t)snprintf(part, sizeof(part), "%s.part", path) >= sizeof(part))
        return ctl_fail(ctl, EC_USAGE, "the name of the file is too long");
    if (lstat(path, &s) == 0)
        return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(EEXIST));
    enum error_code ec = restore_look(ctl->db, &source);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "database");
    if (strcmp(source.schema, "fleet") != 0)
        return ctl_fail(ctl, EC_CONFLICT, "the database '%s' has no schema 'fleet'",
                        source.database);
    ec = write_backup(ctl, source.database, part, &bytes);
    if (ec == EC_OK)
        printf("%" PRId64 " bytes of '%s' in %s\n", bytes, source.database, path);
    return ec;
}

/* -- restore --------------------------------------------------------------------------------- */

/* The contents of the file, but for what only the owner of an extension may do. */
static enum error_code filter_contents(struct ctl *ctl, FILE *in, FILE *out)
{
    char *line = NULL;
    size_t cap = 0;
    int has_fleet = 0;

    while (getline(&line, &cap, in) > 0) {
        has_fleet |= strstr(line, " SCHEMA - fleet ") != NULL;
        if (strstr(line, " COMMENT - EXTENSION ") == NULL)
            fputs(line, out);
    }
    free(line);
    if (ferror(in) || fflush(out) != 0 || ferror(out))
        return ctl_fail(ctl, EC_IO, "the list of contents: %s", strerror(errno));
    if (!has_fleet)
        return ctl_fail(ctl, EC_CONFLICT, "%s: is no backup of a fleet: it has no schema 'fleet'",
                        ctl->options[FILE_NAME]);
    return EC_OK;
}

/* A file in memory; its descriptor is the program's for as long as it runs. */
static FILE *new_scratch(void)
{
    int fd = memfd_create("contents", MFD_CLOEXEC);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");

    if (f == NULL && fd >= 0)
        close(fd);
    return f;
}

static enum error_code list_contents(struct ctl *ctl, FILE *ret)
{
    const char *const argv[] = {"pg_restore", "--list", "--", ctl->options[FILE_NAME], NULL};
    FILE *all = new_scratch();

    if (all == NULL)
        return ctl_fail(ctl, EC_IO, "a file in memory: %s", strerror(errno));
    enum error_code ec = ctl_run(ctl, argv, -1, fileno(all));
    rewind(all);
    if (ec == EC_OK)
        ec = filter_contents(ctl, all, ret);
    fclose(all);
    return ec;
}

/* All of it in one transaction, into a database that is nobody else's meanwhile. */
static enum error_code fill(struct ctl *ctl, const char *database, FILE *contents)
{
    struct connection connection;
    char users[RESTORE_USERS_MAX] = "";
    const char *const argv[] = {"pg_restore",
                                "--single-transaction",
                                "--exit-on-error",
                                "--no-password",
                                "--use-list=/dev/stdin",
                                connection.argument,
                                "--",
                                ctl->options[FILE_NAME],
                                NULL};

    enum error_code ec = restore_users(ctl->db, users);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "sessions");
    if (users[0] != '\0')
        return ctl_fail(ctl, EC_CONFLICT, "the database '%s' is in use by %s", database, users);
    ec =
        make_connection(ctl,
                        &(struct conninfo_extra){.database = database,
                                                 .options = "-c default_transaction_read_only=off"},
                        &connection);
    return ec == EC_OK ? ctl_run(ctl, argv, fileno(contents), -1) : ec;
}

/* A failed one has changed nothing, unless it failed after its commit or that is not known. */
static enum error_code undo(struct ctl *ctl, enum error_code failure)
{
    struct restore_target after = {.schema = ""};
    char why[CTL_NOTE_MAX / 2];

    snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, ctl->note);
    if (restore_look(ctl->db, &after) == EC_OK && after.schema[0] == '\0' &&
        restore_open(ctl->db) == EC_OK)
        return ctl_fail(ctl, failure, "%s; nothing was restored", why);
    return ctl_fail(ctl, failure, "%s; " NOT_TO_BE_USED, why);
}

static enum error_code raise_epoch(struct ctl *ctl, int64_t *ret)
{
    char reason[CTL_PATH_MAX];

    snprintf(reason, sizeof(reason), "restored from %s", ctl->options[FILE_NAME]);
    enum error_code ec = restore_may_write(ctl->db);
    if (ec == EC_OK)
        ec = operate_raise_epoch(ctl->db,
                                 ctl->options[REASON] != NULL ? ctl->options[REASON] : reason, ret);
    if (ec == EC_OK)
        ec = restore_open(ctl->db);
    if (ec == EC_OK)
        return ec;
    const char *note = db_note(ctl->db);
    return ctl_fail(ctl, ec, "the receipt epoch could not be raised: %s; " NOT_TO_BE_USED,
                    note[0] != '\0' ? note : error_text(ec));
}

static enum error_code restore_from(struct ctl *ctl, FILE *contents)
{
    struct restore_target target = {.schema = ""};
    int64_t epoch = 0;

    enum error_code ec = restore_look(ctl->db, &target);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "database");
    if (target.schema[0] != '\0')
        return ctl_fail(ctl, EC_CONFLICT, "the database '%s' is not empty: it has the schema '%s'",
                        target.database, target.schema);
    ec = list_contents(ctl, contents);
    if (ec != EC_OK)
        return ec;
    ec = restore_close(ctl->db);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "database");
    ec = fill(ctl, target.database, contents);
    if (ec != EC_OK)
        return undo(ctl, ec);
    ec = raise_epoch(ctl, &epoch);
    if (ec == EC_OK)
        printf("restored '%s' from %s, receipt epoch %" PRId64 "\n", target.database,
               ctl->options[FILE_NAME], epoch);
    return ec;
}

static enum error_code restore(struct ctl *ctl)
{
    FILE *contents = new_scratch();

    if (contents == NULL)
        return ctl_fail(ctl, EC_IO, "a file in memory: %s", strerror(errno));
    enum error_code ec = restore_from(ctl, contents);
    fclose(contents);
    return ec;
}

const struct ctl_command ctl_backup_commands[] = {
    {.words = "backup",
     .doc = "Write the whole database into a new file, as it is at one moment.",
     .options = {{"out", CTL_OPTION(FILE_NAME), "FILE", 0, "new file, mode 0600", 0}, {0}},
     .required = 1U << FILE_NAME,
     .needs_database = 1,
     .run = backup},
    {.words = "restore",
     .doc = "Fill an empty database from a backup, and raise the receipt epoch.",
     .options = {{"from", CTL_OPTION(FILE_NAME), "FILE", 0, "what bptmctl backup wrote", 0},
                 {"reason", CTL_OPTION(REASON), "TEXT", 0, "why, for the record", 0},
                 {0}},
     .required = 1U << FILE_NAME,
     .needs_database = 1,
     .run = restore},
    {.words = NULL},
};
