/* bptmctl import ruleset, circuit-list: drafts, which a preview shows and puts in force. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "store/draft.h"

enum { FIRST, SOURCE, FILE_MAX = 8 << 20 };

/* A draft on its way. */
struct draft {
    struct ctl *ctl;
    int is_ruleset;
    const char *text;
    int64_t number;
};

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
    uint8_t *file = NULL;
    size_t len = 0;
    enum error_code ec = ctl_read_file(ctl, FILE_MAX, &file, &len);

    if (ec != EC_OK)
        return ec;
    d.text = (const char *)file;
    ec = db_transact(ctl->db, draft_body, &d);
    free(file);
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
    {.words = NULL},
};
