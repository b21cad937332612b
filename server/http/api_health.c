/* Whether the server lives and is ready, and the description of its interface. */
#include <stdio.h>
#include <string.h>

#include "http/api.h"
#include "http/openapi.h"
#include "store/fleet_read.h"

static enum error_code answer(struct reply *ret, const char *text)
{
    ret->body = strdup(text);
    return ret->body != NULL ? EC_OK : EC_NO_MEMORY;
}

enum error_code api_health_live(const struct request *r, struct reply *ret)
{
    (void)r;
    return answer(ret, "{\"status\":\"ok\"}");
}

enum error_code api_health_openapi(const struct request *r, struct reply *ret)
{
    (void)r;
    ret->type = "application/vnd.oai.openapi+json;version=3.1";
    return answer(ret, openapi_text);
}

/* A stopped job part delays derivations only, so it is told but does not make the server unready.
   The parts as they are written into the answer: `"mqtt":{"ok":false,"reason":"..."}`. */
struct parts {
    char text[1024];
    size_t len;
    int ok;
};

static void add_part(void *context, const char *name, const char *reason, int64_t ok)
{
    struct parts *p = context;
    char one[192];
    int len = snprintf(one, sizeof one, "%s\"%.32s\":{\"ok\":%s,\"reason\":%s%.100s%s}",
                       p->len > 0 ? "," : "", name, ok ? "true" : "false", ok ? "" : "\"",
                       ok ? "null" : reason, ok ? "" : "\"");
    p->ok &= ok != 0 || strcmp(name, "job") == 0;
    if (len > 0 && (size_t)len < sizeof one && p->len + (size_t)len < sizeof p->text) {
        memcpy(p->text + p->len, one, (size_t)len + 1);
        p->len += (size_t)len;
    }
}

enum error_code api_health_ready(const struct request *r, struct reply *ret)
{
    struct parts parts = {.ok = 1};
    char text[sizeof parts.text + 64];
    enum error_code ec = EC_UNAVAILABLE;
    if (r->db != NULL)
        ec = fleet_read_health(r->db, add_part, &parts);
    add_part(&parts, "database", "cannot be reached", ec == EC_OK);
    snprintf(text, sizeof text, "{\"status\":\"%s\",\"parts\":{%s}}",
             parts.ok ? "ready" : "not ready", parts.text);
    ret->status = parts.ok ? 200 : 503;
    return answer(ret, text);
}
