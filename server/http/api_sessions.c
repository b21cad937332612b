/* Sessions that are open: of the caller, and of everybody for operators. */
#define _GNU_SOURCE 1 /* asprintf */
#include <stdio.h>
#include <stdlib.h>

#include "http/api.h"
#include "store/session_list.h"

/* Those that are the caller's: of the token it came with, or of the person that it is. */
static struct session_whose own(const struct request *r)
{
    return (struct session_whose){.token_id = r->caller.token_id, .subject = r->caller.subject};
}

static enum error_code list(const struct request *r, const struct session_whose *whose,
                            struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list found = {0};
    enum error_code ec = session_list(r->db, whose, &page, &found);
    return ec == EC_OK ? reply_list(ret, &found) : ec;
}

static enum error_code end_one(const struct request *r, struct session_whose *whose,
                               struct reply *ret)
{
    int64_t count = 0;
    whose->session_id = request_text(r, "id");
    enum error_code ec = session_end_all(r->db, whose, &r->by, &count);
    ret->status = 204;
    return ec == EC_OK && count == 0 ? EC_NOT_FOUND : ec;
}

static enum error_code end_all(const struct request *r, const struct session_whose *whose,
                               struct reply *ret)
{
    int64_t count = 0;
    enum error_code ec = session_end_all(r->db, whose, &r->by, &count);
    if (ec == EC_OK && asprintf(&ret->body, "{\"ended\":%lld}", (long long)count) < 0) {
        ret->body = NULL;
        ec = EC_NO_MEMORY;
    }
    return ec;
}

enum error_code api_sessions_own(const struct request *r, struct reply *ret)
{
    struct session_whose whose = own(r);
    return list(r, &whose, ret);
}

enum error_code api_sessions_end_own(const struct request *r, struct reply *ret)
{
    struct session_whose whose = own(r);
    return end_one(r, &whose, ret);
}

enum error_code api_sessions_end_others(const struct request *r, struct reply *ret)
{
    struct session_whose whose = own(r);
    whose.but = r->caller.session_id;
    return whose.but[0] != '\0' ? end_all(r, &whose, ret) : EC_NOT_FOUND;
}

enum error_code api_sessions_list(const struct request *r, struct reply *ret)
{
    const char *of = request_text(r, "of");
    struct session_whose whose = {.of = of, .everybody = of == NULL};
    return list(r, &whose, ret);
}

enum error_code api_sessions_end(const struct request *r, struct reply *ret)
{
    struct session_whose whose = {.everybody = 1};
    return end_one(r, &whose, ret);
}

enum error_code api_sessions_end_of(const struct request *r, struct reply *ret)
{
    struct session_whose whose = {.of = request_text(r, "of")};
    return end_all(r, &whose, ret);
}
