/* Access tokens, over REST: who am I, list, create, revoke. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/api.h"
#include "store/token.h"
#include "store/token_read.h"

enum { DAYS_DEFAULT = 90 };

struct token_body {
    const char *role, *label, *crew;
    struct optional_int days;
};

static const struct json_field fields[] = {
    {"role", FIELD_WORD, 1, .choices = "enrolment installer analyst operator admin",
     .offset = offsetof(struct token_body, role)},
    {"label", FIELD_TEXT, 1, 1, 120, .offset = offsetof(struct token_body, label)},
    {"crew", FIELD_TEXT, 0, 1, 80, .offset = offsetof(struct token_body, crew)},
    {"days", FIELD_INT, 0, 1, TOKEN_DAYS_MAX, .offset = offsetof(struct token_body, days)},
    {NULL},
};

enum error_code api_token_me(const struct request *r, struct reply *ret)
{
    if (r->caller.token_id[0] == '\0')
        return EC_NOT_FOUND; /* GET /v1/session tells who calls by the identity provider */
    return token_read_get(r->db, r->caller.token_id, NULL, &ret->body);
}

enum error_code api_token_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = token_read_list(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

static enum error_code audit(const struct request *r, const char *action, const char *token_id)
{
    char *after = NULL;
    enum error_code ec = token_read_get(r->db, token_id, NULL, &after);
    if (ec == EC_OK) {
        struct audit_change change = {action, token_id, NULL, after};
        ec = audit_add(r->db, &r->by, &change);
    }
    free(after);
    return ec;
}

static enum error_code check_crew(const struct token_body *b, struct reply *ret)
{
    int is_installer = strcmp(b->role, "installer") == 0;
    if (is_installer == (b->crew != NULL))
        return EC_OK;
    return reply_refuse(ret, EC_FIELDS_INVALID, "/crew",
                        is_installer ? "an installer's token names the crew whose jobs it is for; "
                                       "* is every crew"
                                     : "only an installer has a crew");
}

enum error_code api_token_create(const struct request *r, struct reply *ret)
{
    struct token_body b = {0};
    struct json_document *document = NULL;
    char text[TOKEN_TEXT_LEN + 1] = "", id[TOKEN_ID_LEN + 1] = "";
    enum error_code ec = request_decode(r, fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = check_crew(&b, ret);
    if (ec == EC_OK) {
        struct token_new t = {b.role, b.label, b.days.is_set ? (int)b.days.value : DAYS_DEFAULT,
                              b.crew};
        ec = token_create(r->db, &t, text, id);
    }
    if (ec == EC_OK)
        ec = audit(r, "token.create", id);
    if (ec == EC_OK)
        ec = token_read_get(r->db, id, text, &ret->body);
    if (ec == EC_OK)
        ret->status = 201;
    sodium_memzero(text, sizeof text);
    json_document_free(document);
    return ec;
}

enum error_code api_token_revoke(const struct request *r, struct reply *ret)
{
    const char *id = request_text(r, "id");
    enum error_code ec = token_revoke(r->db, id);
    if (ec == EC_OK)
        ec = audit(r, "token.revoke", id);
    if (ec == EC_OK)
        ret->status = 204;
    return ec;
}
