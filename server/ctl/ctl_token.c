/* bptmctl token: access tokens of the REST API. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/audit.h"
#include "store/token.h"

enum { ROLE, LABEL, DAYS, CREW, DEFAULT_DAYS = 365 };

static enum error_code audit(struct db *db, const char *action, const char *id)
{
    const struct audit_by by = {NULL, "operator", NULL};
    const struct audit_change change = {action, id, NULL, NULL};
    return audit_add(db, &by, &change);
}

struct creation {
    struct token_new token;
    char text[TOKEN_TEXT_LEN + 1];
    char id[TOKEN_ID_LEN + 1];
};

static enum error_code create_body(struct db *db, void *context)
{
    struct creation *c = context;
    enum error_code ec = token_create(db, &c->token, c->text, c->id);
    return ec == EC_OK ? audit(db, "token.create", c->id) : ec;
}

/* The token alone goes to standard output, so that it can be piped into its file. */
static enum error_code create(struct ctl *ctl)
{
    long days = DEFAULT_DAYS;

    if (ctl->options[DAYS] != NULL &&
        !ctl_number(ctl, "--days", ctl->options[DAYS], 1, TOKEN_DAYS_MAX, &days))
        return EC_USAGE;
    struct creation c = {
        .token = {ctl->options[ROLE], ctl->options[LABEL], (int)days, ctl->options[CREW]}};
    enum error_code ec = db_transact(ctl->db, create_body, &c);
    if (ec == EC_OK)
        printf("%s\n", c.text);
    sodium_memzero(&c, sizeof(c));
    if (ec == EC_FIELDS_INVALID)
        return ctl_fail(ctl, ec,
                        "the role must be enrolment, installer, analyst, operator or admin, "
                        "the label 1..120 characters, and an installer, alone, has --crew, 1..80 "
                        "characters or '*' for every crew");
    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "token");
}

static enum error_code list(struct ctl *ctl)
{
    struct db_result *r = NULL;
    enum error_code ec = token_list(ctl->db, &r);

    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "tokens");
    for (size_t i = 0; i < db_rows(r); i++)
        printf("%s  %-7s  %-9s  %s  %s  %s%s%s\n", db_get_text(r, i, 0), db_get_text(r, i, 5),
               db_get_text(r, i, 1), db_get_text(r, i, 3), db_get_text(r, i, 4),
               db_get_text(r, i, 2), db_get_text(r, i, 6)[0] != '\0' ? "  crew " : "",
               db_get_text(r, i, 6));
    db_result_free(r);
    return EC_OK;
}

static enum error_code revoke_body(struct db *db, void *context)
{
    const char *id = context;
    enum error_code ec = token_revoke(db, id);
    return ec == EC_OK ? audit(db, "token.revoke", id) : ec;
}

static enum error_code revoke(struct ctl *ctl)
{
    char id[TOKEN_ID_LEN + 1];

    snprintf(id, sizeof(id), "%s", ctl->argument);
    enum error_code ec = db_transact(ctl->db, revoke_body, id);
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no token '%s'", ctl->argument);
    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "token");
}

const struct ctl_command ctl_token_commands[] = {
    {.words = "token create",
     .doc = "Make an access token and print it, this once.",
     .options = {{"role", CTL_OPTION(ROLE), "ROLE", 0,
                  "enrolment, installer, analyst, operator or admin", 0},
                 {"label", CTL_OPTION(LABEL), "TEXT", 0, "what it is for", 0},
                 {"crew", CTL_OPTION(CREW), "NAME", 0,
                  "of an installer: whose jobs; '*' is every crew's", 0},
                 {"days", CTL_OPTION(DAYS), "N", 0, "until it expires; 365", 0},
                 {0}},
     .required = 1U << ROLE | 1U << LABEL,
     .needs_database = 1,
     .run = create},
    {.words = "token list",
     .doc = "List the access tokens: id, state, role, created, expires, label, crew.",
     .needs_database = 1,
     .run = list},
    {.words = "token revoke",
     .argument = "ID",
     .doc = "Revoke an access token.",
     .needs_database = 1,
     .run = revoke},
    {.words = NULL},
};
