/* A connection string as PostgreSQL's own programs may be given it. */
#include "store/conninfo.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char at[CONNINFO_MAX];
    size_t len;
    int is_full;
};

static void put_char(struct text *t, char c)
{
    if (t->len + 1 < sizeof(t->at))
        t->at[t->len++] = c;
    else
        t->is_full = 1;
    t->at[t->len] = '\0';
}

static void put(struct text *t, const char *s, const char *escaped)
{
    for (; *s != '\0'; s++) {
        if (strchr(escaped, *s) != NULL)
            put_char(t, '\\');
        put_char(t, *s);
    }
}

static void put_option(struct text *t, const char *keyword, const char *value)
{
    put(t, t->len > 0 ? " " : "", "");
    put(t, keyword, "");
    put(t, "='", "");
    put(t, value, "\\'");
    put_char(t, '\'');
}

static int is_secret(const PQconninfoOption *o)
{
    return strchr(o->dispchar, '*') != NULL;
}

/* What goes by the environment; 0 when a secret has no place there. */
static int export_option(const PQconninfoOption *o)
{
    if (is_secret(o) || strcmp(o->keyword, "host") == 0)
        return o->envvar != NULL && setenv(o->envvar, o->val, 1) == 0;
    return 1;
}

/* Session options of the string, or else of the environment, which it would hide. */
static void put_session_options(struct text *t, const char *given, const char *more)
{
    const char *first = given != NULL ? given : getenv("PGOPTIONS");
    char both[CONNINFO_MAX];

    if (first == NULL)
        first = "";
    if (more == NULL)
        more = "";
    int len = snprintf(both, sizeof(both), "%s%s%s", first, *first && *more ? " " : "", more);
    if ((size_t)len >= sizeof(both))
        t->is_full = 1;
    if (both[0] != '\0')
        put_option(t, "options", both);
}

static enum error_code refuse(char *ret_note, const char *what, const char *why)
{
    snprintf(ret_note, CONNINFO_NOTE_MAX, "%s %s", what, why);
    ret_note[strcspn(ret_note, "\r\n")] = '\0';
    return EC_CONFIG;
}

static enum error_code convert(const PQconninfoOption *options, const struct conninfo_extra *extra,
                               struct text *ret, char *ret_note)
{
    const char *session = NULL;

    put_option(ret, "dbname", extra->database);
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (o->val == NULL || strcmp(o->keyword, "dbname") == 0)
            continue;
        if (!export_option(o))
            return refuse(ret_note, o->keyword, "cannot be handed to another program");
        if (strcmp(o->keyword, "options") == 0)
            session = o->val;
        else if (!is_secret(o))
            put_option(ret, o->keyword, o->val);
    }
    put_session_options(ret, session, extra->options);
    return ret->is_full ? refuse(ret_note, "the connection string", "is too long") : EC_OK;
}

enum error_code conninfo_for_child(const char *conninfo, const struct conninfo_extra *extra,
                                   char ret[CONNINFO_MAX], char *ret_note)
{
    struct text text = {.len = 0};
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    enum error_code ec = EC_NO_MEMORY;

    if (options != NULL)
        ec = convert(options, extra, &text, ret_note);
    else if (message != NULL)
        ec = refuse(ret_note, "the connection string is not valid:", message);
    if (ec == EC_OK)
        memcpy(ret, text.at, text.len + 1);
    PQconninfoFree(options);
    PQfreemem(message);
    return ec;
}
