/* bptmctl import premises, accounts, circuits, links, psps, epss: the routines of the server's bulk
 * import. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/import_run.h"
#include "store/import_stage.h"
#include "store/imports.h"

enum { MAPPING, SEPARATOR, EMPTY, SKIP_ERRORS, DRY_RUN, REJECTS, WHY, TIME_ZONE, PERSON_KEY };
enum { PIECE = 65536, LINES = 20 };

static const struct audit_by operator= {NULL, "operator", NULL};

/* One import on its way. */
struct bulk {
    struct ctl *ctl;
    struct import_new import;
    int64_t id;
    struct import_counts counts;
    struct person_keys keys; /* none but for accounts */
};

static enum error_code create(struct db *db, void *context)
{
    struct bulk *b = context;
    return imports_create(db, &operator, & b->import, &b->id);
}

static enum error_code commit(struct db *db, void *context)
{
    struct bulk *b = context;
    return imports_commit(db, &operator,(struct import_ref){b->id, IMPORT_SCOPE_ALL});
}

static enum error_code cancel(struct db *db, void *context)
{
    struct bulk *b = context;
    return imports_cancel(db, &operator,(struct import_ref){b->id, IMPORT_SCOPE_ALL});
}

static enum error_code stage_all(struct bulk *b, struct import_stage *s, FILE *f)
{
    static char piece[PIECE];
    enum error_code ec = EC_OK;
    size_t n;
    while (ec == EC_OK && (n = fread(piece, 1, sizeof piece, f)) > 0)
        ec = import_stage_put(s, b->ctl->db, piece, n);
    if (ec == EC_OK && ferror(f))
        return ctl_fail(b->ctl, EC_IO, "%s: %s", b->ctl->argument, strerror(errno));
    return ec == EC_OK ? import_stage_end(s, b->ctl->db, &operator) : ec;
}

static enum error_code stage(struct bulk *b)
{
    struct import_stage *s = NULL;
    FILE *f = fopen(b->ctl->argument, "re");
    if (f == NULL)
        return ctl_fail(b->ctl, EC_IO, "%s: %s", b->ctl->argument, strerror(errno));
    enum error_code ec = db_transact(b->ctl->db, create, b);
    if (ec != EC_OK && strcmp(db_constraint(b->ctl->db), "import_time_zone") == 0)
        (void)!ctl_fail(b->ctl, ec, "there is no time zone '%.60s'", b->import.time_zone);
    if (ec == EC_OK)
        ec = import_run_claim(b->ctl->db, b->id);
    if (ec == EC_OK)
        ec = import_stage_begin(b->ctl->db, &b->keys, b->id, &s);
    if (ec == EC_OK)
        ec = stage_all(b, s, f);
    if (ec != EC_OK && s != NULL) {
        const char *note = import_stage_note(s);
        if (note[0] != '\0')
            (void)!ctl_fail(b->ctl, ec, "%s: %s", b->ctl->argument, note);
        (void)!import_stage_fail(s, b->ctl->db, ec);
    }
    import_stage_free(s);
    fclose(f);
    return ec;
}

static enum error_code work(struct bulk *b)
{
    const struct bulk_run run = {.db = b->ctl->db, .keys = &b->keys};
    enum error_code ec = import_run_work(&run, b->id);
    return ec == EC_OK ? imports_count(b->ctl->db, b->id, &b->counts) : ec;
}

static enum error_code describe(struct bulk *b, const char *what, FILE *to)
{
    char *text = NULL;
    const struct import_look look = {what, LINES};
    enum error_code ec = imports_describe(b->ctl->db, &b->keys, b->id, &look, &text);
    if (ec == EC_OK)
        fputs(text, to);
    free(text);
    return ec;
}

static enum error_code write_rejects(struct bulk *b)
{
    const char *path = b->ctl->options[REJECTS];
    const struct import_ref ref = {b->id, IMPORT_SCOPE_ALL};
    enum error_code ec = EC_OK;
    struct bytes text;
    int64_t row = 0;
    FILE *f = path != NULL ? fopen(path, "wxe") : NULL;
    if (path == NULL)
        return EC_OK;
    if (f == NULL)
        return ctl_fail(b->ctl, EC_IO, "%s: %s", path, strerror(errno));
    bytes_init(&text, IMPORTS_REJECTS_BYTES);
    while ((ec = imports_rejects(b->ctl->db, &b->keys, ref, &row, &text)) == EC_OK &&
           text.len > 0) {
        (void)fwrite(text.at, 1, text.len, f);
        bytes_clear(&text);
    }
    bytes_done(&text);
    if (fclose(f) != 0 && ec == EC_OK)
        ec = ctl_fail(b->ctl, EC_IO, "%s: %s", path, strerror(errno));
    return ec;
}

static enum error_code fail_with_note(struct bulk *b)
{
    char *note = NULL;
    const struct import_look look = {"note", 1};
    enum error_code ec = imports_describe(b->ctl->db, &b->keys, b->id, &look, &note);
    if (ec == EC_OK)
        ec = ctl_fail(b->ctl, EC_CONFLICT, "%s: %s", b->ctl->argument, note);
    free(note);
    return ec;
}

/* What the check found; cancels what is not to be written. */
static enum error_code judge(struct bulk *b, int *ret_go_on)
{
    const struct import_counts *c = &b->counts;
    int refused = c->errors > 0 && b->ctl->options[SKIP_ERRORS] == NULL;
    if (strcmp(c->state, "checked") != 0)
        return fail_with_note(b);
    printf("%" PRId64 " rows, %" PRId64 " new, %" PRId64 " changed, %" PRId64 " unchanged, %" PRId64
           " errors\n",
           c->rows, c->creates, c->updates, c->unchanged, c->errors);
    enum error_code ec = describe(b, "errors", stderr);
    if (ec == EC_OK)
        ec = write_rejects(b);
    if (ec == EC_OK && b->ctl->options[DRY_RUN] != NULL)
        ec = describe(b, "changes", stdout);
    *ret_go_on = ec == EC_OK && !refused && b->ctl->options[DRY_RUN] == NULL;
    if (ec == EC_OK && !*ret_go_on)
        ec = db_transact(b->ctl->db, cancel, b);
    if (ec == EC_OK && refused)
        ec = ctl_fail(b->ctl, EC_FIELDS_INVALID, "%s: has errors; nothing was imported",
                      b->ctl->argument);
    return ec;
}

static enum error_code write_all(struct bulk *b)
{
    enum error_code ec = db_transact(b->ctl->db, commit, b);
    if (ec == EC_OK)
        ec = work(b);
    if (ec == EC_OK && strcmp(b->counts.state, "committed") != 0)
        ec = fail_with_note(b);
    if (ec == EC_OK)
        printf("committed as import %" PRId64 "\n", b->id);
    return ec == EC_OK ? describe(b, "drafts", stdout) : ec;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Accounts have customers, who are sealed. */
static enum error_code load_keys(struct bulk *b, const char *kind)
{
    const char *path = getenv("BPTM_PERSON_KEY");
    int64_t version = 0;
    if (strcmp(kind, "accounts") != 0)
        return EC_OK;
    if (b->ctl->options[PERSON_KEY] != NULL)
        path = b->ctl->options[PERSON_KEY];
    if (path == NULL)
        return ctl_fail(b->ctl, EC_USAGE,
                        "no key of personal data: give --person-key or set BPTM_PERSON_KEY");
    enum error_code ec = ctl_person_keys_of(b->ctl, path, &b->keys, &version);
    if (ec == EC_OK && version == 0)
        ec = ctl_fail(b->ctl, EC_CONFIG,
                      "the database knows no key of personal data yet: bptmctl person-key seal");
    return ec;
}

static enum error_code run(struct ctl *ctl, const char *kind)
{
    struct bulk b = {.ctl = ctl};
    int go_on = 0;
    b.import = (struct import_new){
        .kind = kind,
        .file_name = base_name(ctl->argument),
        .why = ctl->options[WHY] != NULL ? ctl->options[WHY] : "bptmctl import",
        .mapping = ctl->options[MAPPING],
        .separator = ctl->options[SEPARATOR],
        .empty_cells = ctl->options[EMPTY],
        .skip_errors = {1, ctl->options[SKIP_ERRORS] != NULL},
        .time_zone = ctl->options[TIME_ZONE],
    };
    enum error_code ec = load_keys(&b, kind);
    if (ec == EC_OK)
        ec = stage(&b);
    if (ec == EC_OK)
        ec = work(&b);
    if (ec == EC_OK)
        ec = judge(&b, &go_on);
    if (ec == EC_OK && go_on)
        ec = write_all(&b);
    person_keys_done(&b.keys);
    return ec != EC_OK && ctl->note[0] == '\0' ? ctl_fail_db(ctl, ec, ctl->argument) : ec;
}

static enum error_code premises(struct ctl *ctl)
{
    return run(ctl, "premises");
}

static enum error_code accounts(struct ctl *ctl)
{
    return run(ctl, "accounts");
}

static enum error_code circuits(struct ctl *ctl)
{
    return run(ctl, "circuits");
}

static enum error_code links(struct ctl *ctl)
{
    return run(ctl, "links");
}

static enum error_code psps(struct ctl *ctl)
{
    return run(ctl, "psps");
}

static enum error_code epss(struct ctl *ctl)
{
    return run(ctl, "epss");
}

#define OPTION(place, name, argument, help)                                                        \
    {                                                                                              \
        name, CTL_OPTION(place), argument, 0, help, 0                                              \
    }
#define OPTIONS(more)                                                                              \
    {                                                                                              \
        OPTION(MAPPING, "mapping", "COLUMN=FIELD,...", "fields of other columns"),                 \
            OPTION(SEPARATOR, "separator", "NAME", "comma, semicolon, tab or pipe"),               \
            OPTION(EMPTY, "empty", "keep|clear", "what an empty cell means; keep"),                \
            OPTION(SKIP_ERRORS, "skip-errors", NULL, "import the rows without errors"),            \
            OPTION(DRY_RUN, "dry-run", NULL, "show the difference, import nothing"),               \
            OPTION(REJECTS, "rejects", "FILE", "write rows with errors to a new file"),            \
            OPTION(WHY, "why", "TEXT", "for the audit"), more, {0},                                \
    }

#define KEY  OPTION(PERSON_KEY, "person-key", "FILE", "key of personal data; else BPTM_PERSON_KEY")
#define ZONE OPTION(TIME_ZONE, "time-zone", "ZONE", "of times without an offset")

const struct ctl_command ctl_bulk_commands[] = {
    {.words = "import premises",
     .argument = "FILE.csv",
     .doc = "Import premises, and the circuits that feed them.",
     .options = OPTIONS({0}),
     .needs_database = 1,
     .run = premises},
    {.words = "import accounts",
     .argument = "FILE.csv",
     .doc = "Import accounts and their customers.",
     .options = OPTIONS(KEY),
     .needs_database = 1,
     .run = accounts},
    {.words = "import circuits",
     .argument = "FILE.csv",
     .doc = "Import circuits and the lists they are on.",
     .options = OPTIONS({0}),
     .needs_database = 1,
     .run = circuits},
    {.words = "import links",
     .argument = "FILE.csv",
     .doc = "Import which circuit feeds which premise, and when.",
     .options = OPTIONS({0}),
     .needs_database = 1,
     .run = links},
    {.words = "import psps",
     .argument = "FILE.csv",
     .doc = "Import a regulator's roll-up of public safety power shutoffs.",
     .options = OPTIONS(ZONE),
     .required = 1U << TIME_ZONE,
     .needs_database = 1,
     .run = psps},
    {.words = "import epss",
     .argument = "FILE.csv",
     .doc = "Import a regulator's roll-up of outages by fast trip settings.",
     .options = OPTIONS(ZONE),
     .required = 1U << TIME_ZONE,
     .needs_database = 1,
     .run = epss},
    {.words = NULL},
};
