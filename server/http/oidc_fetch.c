/* Asking the identity provider: one request by libcurl, within limits. */
#include "http/oidc_fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/call_out.h"
#include "base/limits.h"

static int is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)a;
        return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)a;
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

struct asking {
    const struct oidc_fetch *fetch;
    struct bytes *body;
};

/* Unencrypted only to the address of this machine, whatever name it was reached by. */
static int may_go(const void *context, const struct sockaddr *address)
{
    const struct asking *asking = context;
    return strncmp(asking->fetch->url, "https://", 8) == 0 || is_loopback(address);
}

static int take(void *context, const char *at, size_t len)
{
    struct asking *asking = context;
    bytes_put(asking->body, at, len);
    return bytes_check(asking->body) == EC_OK;
}

static int look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct asking *asking = context;
    (void)a, (void)b, (void)c, (void)d;
    return asking->fetch->stopping != NULL && atomic_load(asking->fetch->stopping);
}

static CURLcode set_request(CURL *e, struct call_out *call, struct asking *asking)
{
    const struct oidc_fetch *f = asking->fetch;
    CURLcode code = call_out_set(call, e);
    code = code ? code : curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
    code = code ? code : curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, look);
    code = code ? code : curl_easy_setopt(e, CURLOPT_XFERINFODATA, asking);
    if (code == CURLE_OK && f->form != NULL)
        code = curl_easy_setopt(e, CURLOPT_POSTFIELDS, f->form);
    if (code == CURLE_OK && f->authorization != NULL)
        code = curl_easy_setopt(e, CURLOPT_USERPWD, f->authorization);
    return code;
}

enum error_code oidc_fetch(const struct oidc_fetch *f, struct bytes *ret, const char **ret_why)
{
    struct asking asking = {.fetch = f, .body = ret};
    struct call_out call = {.url = f->url,
                            .ca_file = f->config->oidc_ca_file,
                            .may_be_plain = strcmp(f->config->oidc_unencrypted, "loopback") == 0,
                            .connect_ms = LIMIT_OIDC_CONNECT_MS,
                            .total_ms = LIMIT_OIDC_TOTAL_MS,
                            .head_max = LIMIT_OIDC_HEAD,
                            .may_go = may_go,
                            .take = take,
                            .context = &asking};
    long status = 0;
    CURL *e = curl_easy_init();
    CURLcode code = e != NULL ? set_request(e, &call, &asking) : CURLE_OUT_OF_MEMORY;
    bytes_clear(ret);
    if (code == CURLE_OK)
        code = curl_easy_perform(e);
    if (code == CURLE_OK)
        curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(e);
    if (status == 200)
        return EC_OK;
    *ret_why = call.is_forbidden  ? "http to an address that is not loopback"
               : code != CURLE_OK ? curl_easy_strerror(code)
                                  : "the answer is not 200";
    return status / 100 == 4 ? EC_FORBIDDEN : EC_UNAVAILABLE;
}
