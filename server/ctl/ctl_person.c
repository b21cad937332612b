/* bptmctl person-key: the file with the master key of personal data, and the work on all persons
 * that goes with it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "store/person_master.h"

enum { OUT };

/* -- the file ---------------------------------------------------------------------------------- */

enum error_code ctl_person_keys(struct ctl *ctl, const char *path, struct person_keys *ret)
{
    enum error_code ec = person_load(path, ret);
    if (ec == EC_IO)
        return ctl_fail(ctl, ec, "%s: %s", path, strerror(errno));
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: is no file of bptmctl person-key, or others may read it",
                        path);
    return EC_OK;
}

enum error_code ctl_person_keys_of(struct ctl *ctl, const char *path, struct person_keys *ret,
                                   int64_t *ret_version)
{
    enum error_code ec = ctl_person_keys(ctl, path, ret);
    if (ec != EC_OK)
        return ec;
    ec = person_master_current(ctl->db, ret, ret_version);
    if (ec == EC_CONFIG)
        return ctl_fail(ctl, ec, "%s: does not have the key that this database uses", path);
    return ec != EC_OK ? ctl_fail_db(ctl, ec, "person key") : EC_OK;
}

static enum error_code write_keys(struct ctl *ctl, const char *path, const struct person_keys *keys)
{
    char text[PERSON_KEYS_TEXT_MAX];
    person_keys_write(keys, text);
    enum error_code ec = ctl_write_new(ctl, path, 0600, text, strlen(text));
    sodium_memzero(text, sizeof text);
    return ec;
}

/* Beside and renamed, of the same owner: there is always a whole file. */
static enum error_code replace_keys(struct ctl *ctl, const char *path,
                                    const struct person_keys *keys)
{
    char beside[CTL_PATH_MAX];
    struct stat st;
    snprintf(beside, sizeof beside, "%s.new", path);
    if (stat(path, &st) != 0)
        return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    enum error_code ec = write_keys(ctl, beside, keys);
    if (ec != EC_OK)
        return ec;
    if (chown(beside, st.st_uid, st.st_gid) == 0 && rename(beside, path) == 0)
        return EC_OK;
    ec = ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    unlink(beside);
    return ec;
}

static int64_t newest(const struct person_keys *keys)
{
    return keys->master[keys->count - 1].version;
}

static enum error_code make(struct ctl *ctl)
{
    struct person_keys keys;
    person_keys_make(&keys);
    enum error_code ec = write_keys(ctl, ctl->options[OUT], &keys);
    person_keys_done(&keys);
    return ec;
}

static enum error_code add(struct ctl *ctl)
{
    struct person_keys keys = {0};
    enum error_code ec = ctl_person_keys(ctl, ctl->argument, &keys);
    if (ec == EC_OK && person_keys_add(&keys) != EC_OK)
        ec = ctl_fail(ctl, EC_QUEUE_FULL, "%s: has %d versions; retire the old ones", ctl->argument,
                      PERSON_VERSIONS_MAX);
    if (ec == EC_OK)
        ec = replace_keys(ctl, ctl->argument, &keys);
    if (ec == EC_OK)
        printf("version %" PRId64 "\n", newest(&keys));
    person_keys_done(&keys);
    return ec;
}

/* -- the database ------------------------------------------------------------------------------ */

struct work {
    const struct person_keys *keys;
    int64_t version; /* to be used */
    int64_t after;   /* the last person of the page before */
    size_t n;        /* of a page */
    enum error_code (*page)(struct db *db, const struct person_keys *keys, size_t *ret);
};

static enum error_code use(struct db *db, void *context)
{
    struct work *w = context;
    return person_master_use(db, w->keys, w->version);
}

static enum error_code run_page(struct db *db, void *context)
{
    struct work *w = context;
    return w->page(db, w->keys, &w->n);
}

static enum error_code all_pages(struct ctl *ctl, struct work *w, const char *what)
{
    size_t total = 0;
    enum error_code ec;
    do {
        ec = db_transact(ctl->db, run_page, w);
        total += ec == EC_OK ? w->n : 0;
    } while (ec == EC_OK && w->n > 0);
    printf("%zu %s\n", total, what);
    return ec;
}

static enum error_code finish(struct ctl *ctl, struct person_keys *keys, enum error_code ec)
{
    person_keys_done(keys);
    return ec != EC_OK && ctl->note[0] == '\0' ? ctl_fail_db(ctl, ec, "person key") : ec;
}

static enum error_code seal(struct ctl *ctl)
{
    struct person_keys keys = {0};
    struct work w = {.keys = &keys};
    enum error_code ec = ctl_person_keys_of(ctl, ctl->argument, &keys, &w.version);
    if (ec == EC_OK && w.version == 0) {
        w.version = newest(&keys);
        ec = db_transact(ctl->db, use, &w);
    }
    w.page = person_seal_customers;
    if (ec == EC_OK)
        ec = all_pages(ctl, &w, "customers sealed");
    w.page = person_seal_notes;
    if (ec == EC_OK)
        ec = all_pages(ctl, &w, "notes sealed");
    w.page = person_seal_documents;
    if (ec == EC_OK)
        ec = all_pages(ctl, &w, "titles sealed");
    if (ec == EC_OK) /* what has been deleted goes from the disk, too */
        ec = db_run_script(ctl->db, "truncate person.unsealed, person.unsealed_note,"
                                    " person.unsealed_document");
    return finish(ctl, &keys, ec);
}

static enum error_code rotate(struct ctl *ctl)
{
    struct person_keys keys = {0};
    struct work w = {.keys = &keys, .page = person_master_rewrap};
    int64_t current = 0;
    enum error_code ec = ctl_person_keys_of(ctl, ctl->argument, &keys, &current);
    if (ec == EC_OK) {
        w.version = newest(&keys);
        ec = db_transact(ctl->db, use, &w);
    }
    if (ec == EC_OK)
        printf("version %" PRId64 " to %" PRId64 "\n", current, w.version);
    if (ec == EC_OK)
        ec = all_pages(ctl, &w, "keys wrapped anew");
    return finish(ctl, &keys, ec);
}

static enum error_code retire(struct ctl *ctl)
{
    struct person_keys keys = {0};
    int64_t lowest = 0;
    enum error_code ec = ctl_person_keys_of(ctl, ctl->argument, &keys, &lowest);
    if (ec == EC_OK)
        ec = person_master_forget(ctl->db, &lowest);
    size_t before = keys.count;
    while (ec == EC_OK && keys.count > 0 && keys.master[0].version < lowest)
        person_keys_drop(&keys, keys.master[0].version);
    if (ec == EC_OK && keys.count < before)
        ec = replace_keys(ctl, ctl->argument, &keys);
    if (ec == EC_OK)
        printf("%zu retired, %zu left\n", before - keys.count, keys.count);
    return finish(ctl, &keys, ec);
}

/* -- the key of the index ---------------------------------------------------------------------- */

static enum error_code index_add(struct ctl *ctl)
{
    struct person_keys keys = {0};
    enum error_code ec = ctl_person_keys(ctl, ctl->argument, &keys);
    if (ec == EC_OK && person_index_add(&keys) != EC_OK)
        ec = ctl_fail(ctl, EC_QUEUE_FULL, "%s: has two keys of the index; retire the old one",
                      ctl->argument);
    if (ec == EC_OK)
        ec = replace_keys(ctl, ctl->argument, &keys);
    if (ec == EC_OK)
        printf("version %" PRId64 "\n", keys.index[keys.index_count - 1].version);
    person_keys_done(&keys);
    return ec;
}

static enum error_code use_index(struct db *db, void *context)
{
    struct work *w = context;
    return person_index_use(db, w->keys, w->version);
}

static enum error_code run_index_page(struct db *db, void *context)
{
    struct work *w = context;
    return person_index_page(db, w->keys, &w->after, &w->n);
}

static enum error_code index_rotate(struct ctl *ctl)
{
    struct person_keys keys = {0};
    struct work w = {.keys = &keys};
    size_t total = 0;
    int64_t current = 0;
    enum error_code ec = ctl_person_keys_of(ctl, ctl->argument, &keys, &current);
    if (ec == EC_OK) {
        w.version = keys.index[keys.index_count - 1].version;
        ec = db_transact(ctl->db, use_index, &w);
    }
    do {
        w.n = 0;
        if (ec == EC_OK)
            ec = db_transact(ctl->db, run_index_page, &w);
        total += w.n;
    } while (ec == EC_OK && w.n > 0);
    if (ec == EC_OK)
        printf("%zu persons indexed anew, under version %" PRId64 "\n", total, w.version);
    return finish(ctl, &keys, ec);
}

static enum error_code index_retire(struct ctl *ctl)
{
    struct person_keys keys = {0};
    struct person_index_left left = {0};
    int64_t current = 0;
    enum error_code ec = ctl_person_keys_of(ctl, ctl->argument, &keys, &current);
    if (ec == EC_OK)
        ec = person_index_forget(ctl->db, &left);
    if (ec == EC_OK && left.persons + left.imports > 0)
        ec = ctl_fail(ctl, EC_CONFLICT,
                      "%" PRId64 " persons and staged cells of %" PRId64
                      " imports are under an older key: rotate; cells go some days after the end",
                      left.persons, left.imports);
    size_t before = keys.index_count;
    if (ec == EC_OK && keys.index[0].version < left.version)
        person_index_drop(&keys);
    if (ec == EC_OK && keys.index_count < before)
        ec = replace_keys(ctl, ctl->argument, &keys);
    if (ec == EC_OK)
        printf("%zu retired, %zu left\n", before - keys.index_count, keys.index_count);
    return finish(ctl, &keys, ec);
}

const struct ctl_command ctl_person_commands[] = {
    {.words = "person-key new",
     .doc = "Make the file with the master key of personal data.",
     .options = {{"out", CTL_OPTION(OUT), "FILE", 0, "new file, mode 0600", 0}, {0}},
     .required = 1U << OUT,
     .run = make},
    {.words = "person-key add",
     .argument = "FILE",
     .doc = "Add a version of the master key to the file, which nothing uses yet.",
     .run = add},
    {.words = "person-key seal",
     .argument = "FILE",
     .doc = "Seal what a database from before an upgrade has in plain; a new one learns its key.",
     .needs_database = 1,
     .run = seal},
    {.words = "person-key rotate",
     .argument = "FILE",
     .doc = "Use the newest version of the file, and wrap all persons' keys under it.",
     .needs_database = 1,
     .run = rotate},
    {.words = "person-key retire",
     .argument = "FILE",
     .doc = "Take versions that no person's key is wrapped under out of the file.",
     .needs_database = 1,
     .run = retire},
    {.words = "index-key add",
     .argument = "FILE",
     .doc =
         "Add the next key of the index of persons to the file; nothing is written under it yet.",
     .run = index_add},
    {.words = "index-key rotate",
     .argument = "FILE",
     .doc = "Index persons under the newest key of the file, all that are there and from now on.",
     .needs_database = 1,
     .run = index_rotate},
    {.words = "index-key retire",
     .argument = "FILE",
     .doc = "Take the older key of the index out of the file, when nothing is under it any more.",
     .needs_database = 1,
     .run = index_retire},
    {.words = NULL},
};
