/* The schema as files: numbered patches, and objects in the order of a list. */
#include "store/migrate_files.h"

#include <dirent.h>
#include <errno.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const object_folders[] = {"grant", "routine", "view"};
enum { OBJECT_FOLDERS = sizeof(object_folders) / sizeof(*object_folders), PATH_LEN = 4096 };

static enum error_code note(char *ret_note, enum error_code ec, const char *name, const char *what)
{
    snprintf(ret_note, MIGRATE_NOTE_MAX, "%.320s: %.160s", name, what);
    return ec;
}

/* The whole of a small text file; a NUL inside would hide what follows it. */
static enum error_code read_text(const char *path, char **ret, size_t *ret_len)
{
    char *text = malloc(MIGRATE_FILE_BYTES_MAX + 1);
    FILE *f = text != NULL ? fopen(path, "re") : NULL;
    enum error_code ec = text == NULL ? EC_NO_MEMORY : EC_IO;

    if (f == NULL)
        goto done;
    size_t len = fread(text, 1, MIGRATE_FILE_BYTES_MAX + 1, f);
    if (ferror(f))
        goto done;
    ec = EC_MIGRATION;
    if (len > MIGRATE_FILE_BYTES_MAX || memchr(text, '\0', len) != NULL)
        goto done;
    text[len] = '\0';
    *ret = text;
    *ret_len = len;
    text = NULL;
    ec = EC_OK;
done:
    if (f != NULL)
        fclose(f);
    free(text);
    return ec;
}

enum error_code migrate_files_read_one(const char *folder, const char *name,
                                       struct migrate_file *ret, char *ret_note)
{
    char path[PATH_LEN];
    struct migrate_file file = {.text = NULL};
    size_t len = 0;

    if (snprintf(file.name, sizeof(file.name), "%s", name) >= (int)sizeof(file.name) ||
        snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return note(ret_note, EC_IO, name, "the name is too long");
    enum error_code ec = read_text(path, &file.text, &len);
    if (ec == EC_IO)
        return note(ret_note, ec, path, strerror(errno));
    if (ec != EC_OK)
        return note(ret_note, ec, path, "is not a text of at most 1 MiB");
    crypto_hash_sha256(file.sha256, (const uint8_t *)file.text, len);
    *ret = file;
    return EC_OK;
}

/* Make room for one more; the list is not moved when there is none. */
static enum error_code grow(struct migrate_file **list, size_t count, char *ret_note)
{
    if (count >= MIGRATE_FILES_MAX)
        return note(ret_note, EC_MIGRATION, (*list)[count - 1].name, "is one file too many");
    struct migrate_file *more = realloc(*list, (count + 1) * sizeof(**list));
    if (more == NULL)
        return EC_NO_MEMORY;
    *list = more;
    return EC_OK;
}

/* NNNN-lower-case-words.sql @return the number, or 0 when the name is not of that form */
static int patch_number(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    size_t words = digits == 4 && name[4] == '-'
                       ? strspn(name + 5, "abcdefghijklmnopqrstuvwxyz0123456789-")
                       : 0;
    int good = words > 0 && strcmp(name + 5 + words, ".sql") == 0;

    return good ? (int)strtol(name, NULL, 10) : 0;
}

static int has_suffix(const char *name, const char *suffix)
{
    size_t len = strlen(name), end = strlen(suffix);
    return len > end && strcmp(name + len - end, suffix) == 0;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static enum error_code add_patch(const char *folder, const char *base, struct migrate_files *files,
                                 char *ret_note)
{
    char name[MIGRATE_NAME_MAX];
    int number = patch_number(base);

    snprintf(name, sizeof(name), "patch/%.100s", base);
    if (number == 0)
        return note(ret_note, EC_MIGRATION, name, "is not named NNNN-words.sql");
    if (migrate_files_patch(files, number) != NULL)
        return note(ret_note, EC_MIGRATION, name, "has the number of another patch");
    enum error_code ec = grow(&files->patches, files->patch_count, ret_note);
    if (ec == EC_OK)
        ec = migrate_files_read_one(folder, name, &files->patches[files->patch_count], ret_note);
    if (ec == EC_OK)
        files->patches[files->patch_count++].number = number;
    return ec;
}

static void free_entries(struct dirent **entries, int count)
{
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

static enum error_code read_patches(const char *folder, struct migrate_files *files, char *ret_note)
{
    char path[PATH_LEN];
    struct dirent **entries = NULL;
    enum error_code ec = EC_OK;

    snprintf(path, sizeof(path), "%s/patch", folder);
    int count = scandir(path, &entries, not_hidden, alphasort);
    if (count < 0)
        return note(ret_note, EC_IO, path, strerror(errno));
    for (int i = 0; i < count && ec == EC_OK; i++)
        ec = add_patch(folder, entries[i]->d_name, files, ret_note);
    free_entries(entries, count);
    return ec;
}

static int is_listed(const struct migrate_files *files, const char *name)
{
    for (size_t i = 0; i < files->object_count; i++)
        if (strcmp(files->objects[i].name, name) == 0)
            return 1;
    return 0;
}

/* One name a line; '#' begins a comment. */
static enum error_code read_objects(const char *folder, struct migrate_files *files, char *ret_note)
{
    struct migrate_file order = {.text = NULL};
    enum error_code ec = migrate_files_read_one(folder, "order", &order, ret_note);
    char *rest = NULL;

    if (ec != EC_OK)
        return ec;
    for (char *line = strtok_r(order.text, "\n", &rest); line != NULL && ec == EC_OK;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#')
            continue;
        if (is_listed(files, line))
            ec = note(ret_note, EC_MIGRATION, line, "is in the list order twice");
        if (ec == EC_OK)
            ec = grow(&files->objects, files->object_count, ret_note);
        if (ec == EC_OK)
            ec = migrate_files_read_one(folder, line, &files->objects[files->object_count],
                                        ret_note);
        files->object_count += ec == EC_OK;
    }
    free(order.text);
    return ec;
}

/* An object that is not in the list would silently never be applied. */
static enum error_code check_listed(const char *folder, const char *part,
                                    const struct migrate_files *files, char *ret_note)
{
    char path[PATH_LEN], name[MIGRATE_NAME_MAX];
    struct dirent **entries = NULL;
    enum error_code ec = EC_OK;

    snprintf(path, sizeof(path), "%s/%s", folder, part);
    int count = scandir(path, &entries, not_hidden, alphasort);
    for (int i = 0; i < count && ec == EC_OK; i++) {
        snprintf(name, sizeof(name), "%s/%.100s", part, entries[i]->d_name);
        if (has_suffix(name, ".sql") && !is_listed(files, name))
            ec = note(ret_note, EC_MIGRATION, name, "is not in the list order");
    }
    if (count >= 0)
        free_entries(entries, count);
    return ec;
}

enum error_code migrate_files_read(const char *folder, struct migrate_files *ret, char *ret_note)
{
    struct migrate_files files = {.patches = NULL};
    enum error_code ec = read_patches(folder, &files, ret_note);

    if (ec == EC_OK)
        ec = read_objects(folder, &files, ret_note);
    for (size_t i = 0; i < OBJECT_FOLDERS && ec == EC_OK; i++)
        ec = check_listed(folder, object_folders[i], &files, ret_note);
    if (ec == EC_OK)
        *ret = files;
    else
        migrate_files_done(&files);
    return ec;
}

static void free_list(struct migrate_file *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i].text);
    free(list);
}

void migrate_files_done(struct migrate_files *files)
{
    free_list(files->patches, files->patch_count);
    free_list(files->objects, files->object_count);
    *files = (struct migrate_files){.patches = NULL};
}

const struct migrate_file *migrate_files_patch(const struct migrate_files *files, int number)
{
    for (size_t i = 0; i < files->patch_count; i++)
        if (files->patches[i].number == number)
            return &files->patches[i];
    return NULL;
}
