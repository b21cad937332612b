/* bptmctl import ruleset, circuit-list, circuits publish: drafts, which a preview shows and puts in
 * force. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl_preview.h"
#include "store/draft.h"

enum { FIRST, SOURCE, FILE_MAX = 8 << 20 };
enum { VERSION, PROGRAMME, YES };

/* A draft on its way. */
struct draft {
    struct ctl *ctl;
    int is_ruleset;
    char *text;
    int64_t number;
};

static enum error_code read_text(struct ctl *ctl, char **ret)
{
    FILE *f = fopen(ctl->argument, "re");
    char *text = f != NULL ? calloc(1, FILE_MAX + 1) : NULL;
    size_t len = text != NULL ? fread(text, 1, FILE_MAX + 1, f) : 0;
    int is_bad = f == NULL || ferror(f);

    if (f != NULL)
        fclose(f);
    if (is_bad || len > FILE_MAX) {
        free(text);
        return ctl_fail(ctl, EC_IO, "%s: %s", ctl->argument,
                        is_bad ? strerror(errno) : "is larger than 8 MiB");
    }
    *ret = text;
    return text != NULL ? EC_OK : EC_NO_MEMORY;
}

static enum error_code draft_body(struct db *db, void *context)
{
    struct draft *d = context;
    const char *const *options = d->ctl->options;
    const struct audit_by by = {NULL, "operator", NULL};
    const struct draft_circuits list = {options[FIRST], options[SOURCE], d->text};

    return d->is_ruleset ? draft_ruleset(db, &by, options[FIRST], d->text, &d->number)
                         : draft_circuit_list(db, &by, &list, &d->number);
}

static enum error_code make(struct ctl *ctl, int is_ruleset)
{
    struct draft d = {.ctl = ctl, .is_ruleset = is_ruleset};
    enum error_code ec = read_text(ctl, &d.text);

    if (ec != EC_OK)
        return ec;
    ec = db_transact(ctl->db, draft_body, &d);
    free(d.text);
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no programme '%s'", ctl->options[FIRST]);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument,
                        db_detail(ctl->db)[0] != '\0' ? db_detail(ctl->db) : db_note(ctl->db));
    printf("version %" PRId64 ", a draft\n", d.number);
    return EC_OK;
}

static enum error_code ruleset(struct ctl *ctl)
{
    return make(ctl, 1);
}

static enum error_code circuit_list(struct ctl *ctl)
{
    return make(ctl, 0);
}

static enum error_code publish(struct ctl *ctl)
{
    return ctl_preview_publish_version(ctl, 0, ctl->options[VERSION], ctl->options[PROGRAMME],
                                       ctl->options[YES] != NULL);
}

const struct ctl_command ctl_draft_commands[] = {
    {.words = "import ruleset",
     .argument = "FILE.json",
     .doc = "Keep a version of a programme's rules as a draft.",
     .options = {{"programme", CTL_OPTION(FIRST), "CODE", 0, "whose rules they are", 0}, {0}},
     .required = 1U << FIRST,
     .needs_database = 1,
     .run = ruleset},
    {.words = "import circuit-list",
     .argument = "FILE.json",
     .doc = "Keep a version of a list of circuits as a draft.",
     .options = {{"designation", CTL_OPTION(FIRST), "CODE", 0, "epss, ...", 0},
                 {"source", CTL_OPTION(SOURCE), "TEXT", 0, "where the list comes from", 0},
                 {0}},
     .required = 1U << FIRST | 1U << SOURCE,
     .needs_database = 1,
     .run = circuit_list},
    {.words = "circuits publish",
     .argument = "DESIGNATION",
     .doc = "Preview a version of a list of circuits, and make it the active one.",
     .options = {{"number", CTL_OPTION(VERSION), "N", 0, "of the version", 0},
                 CTL_PREVIEW_PROGRAMME(PROGRAMME),
                 CTL_PREVIEW_YES(YES),
                 {0}},
     .required = 1U << VERSION,
     .needs_database = 1,
     .run = publish},
    {.words = NULL},
};
