/* What every HTTP request of ours is bound by, told to libcurl. */
#include "base/call_out.h"

#include <sys/socket.h>

#include <config.h> /* name and version */

/* The address that is really connected to, so that a name that answers otherwise the second time
   leads nowhere else. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct call_out *c = context;
    if (purpose != CURLSOCKTYPE_IPCXN || !c->may_go(c->context, &a->addr)) {
        c->is_forbidden = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* What the head says is libcurl's to read; here it is only measured. */
static size_t take_head(char *at, size_t size, size_t n, void *context)
{
    struct call_out *c = context;
    (void)at;
    c->head_len += size * n;
    return c->head_len <= c->head_max ? size * n : 0;
}

static size_t take_body(char *at, size_t size, size_t n, void *context)
{
    const struct call_out *c = context;
    return c->take(c->context, at, size * n) ? size * n : 0;
}

static CURLcode set_way(const struct call_out *c, CURL *e)
{
    const char *protocols = c->may_be_plain ? "https,http" : "https";
    CURLcode code = curl_easy_setopt(e, CURLOPT_URL, c->url);
    code = code ? code : curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, protocols);
    code = code ? code : curl_easy_setopt(e, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    code = code ? code : curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    code = code ? code : curl_easy_setopt(e, CURLOPT_PROXY, ""); /* none of the environment */
    code = code ? code : curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK && c->ca_file[0] != '\0')
        code = curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
    return code;
}

CURLcode call_out_set(struct call_out *c, CURL *e)
{
    CURLcode code = set_way(c, e);
    code = code ? code : curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, c->connect_ms);
    code = code ? code : curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, c->total_ms);
    code = code ? code : curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    code = code ? code : curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, c);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_head);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
    code = code ? code : curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    code = code ? code : curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
    return code;
}
