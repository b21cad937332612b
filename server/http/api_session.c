/* Sessions of the web pages: a token for a cookie, who am I, sign out. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "http/api.h"
#include "http/auth.h"
#include "store/session.h"
#include "store/token.h"

struct session_body {
    const char *token;
};

static const struct json_field fields[] = {
    {"token", FIELD_TEXT, 1, 1, 256, .offset = offsetof(struct session_body, token)},
    {NULL},
};

static enum error_code audit(const struct request *r, const char *action, const char *id)
{
    char *after = NULL;
    enum error_code ec = session_get(r->db, id, &after);
    if (ec == EC_OK) {
        struct audit_change change = {.action = action, .object_id = id, .after = after};
        ec = audit_add(r->db, &r->by, &change);
    }
    free(after);
    return ec;
}

static enum error_code open_session(const struct request *r, const struct token_holder *holder,
                                    struct reply *ret)
{
    char text[SESSION_TEXT_LEN + 1] = "", id[SESSION_ID_LEN + 1] = "";
    struct session_new session = {.source = "token", .token_id = holder->token_id};
    struct request by_token = *r;
    by_token.by.token_id = holder->token_id;
    by_token.by.role = holder->role;
    enum error_code ec = session_create(r->db, &session, text, id);
    if (ec == EC_OK)
        ec = audit(&by_token, "session.create", id);
    if (ec == EC_OK)
        ec = session_get(r->db, id, &ret->body);
    if (ec == EC_OK) {
        ret->status = 201;
        auth_set_cookie(r, ret, text, LIMIT_SESSION_H * 3600);
    }
    sodium_memzero(text, sizeof text);
    return ec;
}

enum error_code api_session_create(const struct request *r, struct reply *ret)
{
    struct session_body b = {0};
    struct json_document *document = NULL;
    struct token_holder holder;
    enum error_code ec = request_decode(r, fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = token_check(r->db, b.token, strlen(b.token), NULL, &holder, NULL);
    if (ec == EC_OK)
        ec = open_session(r, &holder, ret);
    json_document_free(document);
    return ec;
}

enum error_code api_session_get(const struct request *r, struct reply *ret)
{
    const struct caller *c = &r->caller;
    if (c->session_id[0] == '\0' && c->subject[0] != '\0') {
        struct session_told told = {c->subject, c->role_name, c->issued_s, c->expires_s};
        return session_tell(r->db, &told, &ret->body);
    }
    return session_get(r->db, r->caller.session_id, &ret->body);
}

enum error_code api_session_end(const struct request *r, struct reply *ret)
{
    const char *id = r->caller.session_id;
    if (id[0] == '\0')
        return EC_NOT_FOUND;
    enum error_code ec = session_end(r->db, id);
    if (ec == EC_OK)
        ec = audit(r, "session.end", id);
    if (ec == EC_OK) {
        ret->status = 204;
        auth_set_cookie(r, ret, "", 0);
    }
    return ec;
}
