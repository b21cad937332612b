/* bptmctl import generators, generators: lists of generators, from a draft to the active one. */
#include <inttypes.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "ctl/ctl.h"
#include "ctl/ctl_preview.h"
#include "ctl/ctl_sheet.h"
#include "store/generator_list.h"
#include "store/import.h"
#include "store/token.h"

enum { SOURCE, DRY_RUN, TOKEN_FILE, TOKEN_ONLY = 0, PROGRAMME, YES };

/* Who acts: the holder of a token, else whoever is logged in at the machine. */
struct person {
    struct token_holder holder;
    struct audit_by by;
    char who[GENERATOR_LIST_BY_MAX];
};

struct job {
    struct ctl *ctl;
    struct person person;
    const struct csv_table *table;
    struct import_list list;
    struct import_result result;
    char note[IMPORT_NOTE_MAX];
    long version;
    enum error_code (*change)(struct db *db, const struct person *person, int64_t version);
};

static enum error_code take_token(struct ctl *ctl, const char *path, struct person *p)
{
    char text[TOKEN_TEXT_LEN + 2] = "";
    enum error_code ec = config_secret(path, sizeof(text), text);

    if (ec == EC_OK)
        ec = token_check(ctl->db, text, strlen(text), NULL, &p->holder, NULL);
    sodium_memzero(text, sizeof(text));
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", path, error_text(ec));
    if (strcmp(p->holder.role, "analyst") == 0 || strcmp(p->holder.role, "installer") == 0)
        return ctl_fail(ctl, EC_FORBIDDEN, "%s: %s", path, error_text(EC_FORBIDDEN));
    p->by = (struct audit_by){p->holder.token_id, p->holder.role, NULL};
    return EC_OK;
}

static enum error_code find_person(struct ctl *ctl, const char *token_file, struct person *p)
{
    const struct passwd *user = getpwuid(getuid());
    char number[24];
    enum error_code ec = EC_OK;

    p->by = (struct audit_by){NULL, "operator", NULL};
    if (token_file != NULL)
        ec = take_token(ctl, token_file, p);
    snprintf(number, sizeof(number), "%ld", (long)getuid());
    generator_list_by(&p->by, user != NULL ? user->pw_name : number, p->who);
    return ec;
}

/* -- import ---------------------------------------------------------------------------------- */

static enum error_code import_body(struct db *db, void *context)
{
    struct job *job = context;

    free(job->result.difference);
    job->result = (struct import_result){.version = 0};
    return import_generators(db, job->table, &job->list, &job->result, job->note);
}

static enum error_code import(struct ctl *ctl)
{
    const struct csv_shape shape = {import_generator_columns, IMPORT_GENERATOR_COLUMNS,
                                    IMPORT_GENERATOR_REQUIRED};
    struct csv_table table = {.names = NULL};
    struct job job = {.ctl = ctl, .table = &table};
    enum error_code ec = find_person(ctl, ctl->options[TOKEN_FILE], &job.person);

    if (ec != EC_OK)
        return ec;
    job.list = (struct import_list){ctl->options[SOURCE], job.person.who, &job.person.by,
                                    ctl->options[DRY_RUN] != NULL};
    ec = ctl_sheet_read(ctl->argument, &shape, &table, job.note);
    if (ec == EC_OK)
        ec = db_transact(ctl->db, import_body, &job);
    csv_table_done(&table);
    if (ec == EC_OK)
        printf("version %" PRId64 "%s, %zu rows, %zu differences to the active list\n%s\n",
               job.result.version, job.list.is_dry_run ? " (dry run)" : " (draft)", job.result.rows,
               job.result.changed, job.result.difference);
    else
        ec = ctl_fail(ctl, ec, "%s: %s", ctl->argument,
                      job.note[0] != '\0' ? job.note : error_text(ec));
    free(job.result.difference);
    return ec;
}

/* -- from draft to active -------------------------------------------------------------------- */

static enum error_code change_body(struct db *db, void *context)
{
    struct job *job = context;
    return job->change(db, &job->person, job->version);
}

static enum error_code change(struct ctl *ctl,
                              enum error_code (*how)(struct db *, const struct person *, int64_t))
{
    struct job job = {.ctl = ctl, .change = how};
    enum error_code ec = EC_OK;

    if (!ctl_number(ctl, "VERSION", ctl->argument, 1, INT32_MAX, &job.version))
        return EC_USAGE;
    ec = find_person(ctl, ctl->options[TOKEN_ONLY], &job.person);
    if (ec != EC_OK)
        return ec;
    ec = db_transact(ctl->db, change_body, &job);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "version %ld: %s", job.version, error_text(ec));
    return EC_OK;
}

static enum error_code discard_list(struct db *db, const struct person *p, int64_t version)
{
    return generator_list_discard(db, &p->by, version);
}

static enum error_code publish(struct ctl *ctl)
{
    struct person person;
    char what[40];
    long version = 0;

    if (!ctl_number(ctl, "VERSION", ctl->argument, 1, INT32_MAX, &version))
        return EC_USAGE;
    enum error_code ec = find_person(ctl, ctl->options[TOKEN_ONLY], &person);
    if (ec != EC_OK)
        return ec;
    const struct ctl_publisher by = {person.by, person.who};
    const struct preview_new drafts = {.programme = ctl->options[PROGRAMME],
                                       .generator_list = {1, version}};
    snprintf(what, sizeof what, "version %ld", version);
    return ctl_preview_publish(ctl, &drafts, &by, ctl->options[YES] != NULL, what);
}

static enum error_code discard(struct ctl *ctl)
{
    return change(ctl, discard_list);
}

/* -- reading --------------------------------------------------------------------------------- */

static enum error_code difference(struct ctl *ctl)
{
    long version = 0;
    char *text = NULL;

    if (!ctl_number(ctl, "VERSION", ctl->argument, 1, INT32_MAX, &version))
        return EC_USAGE;
    enum error_code ec = generator_list_difference(ctl->db, version, &text);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "version %ld: %s", version, error_text(ec));
    printf("%s\n", text);
    free(text);
    return EC_OK;
}

#define TOKEN_OPTION(n)                                                                            \
    {                                                                                              \
        "token-file", CTL_OPTION(n), "FILE", 0, "act as the holder of the access token in it", 0   \
    }

const struct ctl_command ctl_generators_commands[] = {
    {.words = "import generators",
     .argument = "FILE",
     .doc = "Import a new version of the list of generators (CSV or XLSX) as a draft.",
     .options = {{"source", CTL_OPTION(SOURCE), "TEXT", 0, "where the file comes from", 0},
                 {"dry-run", CTL_OPTION(DRY_RUN), NULL, 0, "check and compare, keep nothing", 0},
                 TOKEN_OPTION(TOKEN_FILE),
                 {0}},
     .required = 1U << SOURCE,
     .needs_database = 1,
     .run = import},
    {.words = "generators difference",
     .argument = "VERSION",
     .doc = "Print how a list of generators differs from the active one, as JSON.",
     .needs_database = 1,
     .run = difference},
    {.words = "generators publish",
     .argument = "VERSION",
     .doc = "Preview a draft, and make it the active list; not by the person who imported it.",
     .options =
         {TOKEN_OPTION(TOKEN_ONLY), CTL_PREVIEW_PROGRAMME(PROGRAMME), CTL_PREVIEW_YES(YES), {0}},
     .needs_database = 1,
     .run = publish},
    {.words = "generators discard",
     .argument = "VERSION",
     .doc = "Give up a draft of the list of generators.",
     .options = {TOKEN_OPTION(TOKEN_ONLY), {0}},
     .needs_database = 1,
     .run = discard},
    {.words = NULL},
};
