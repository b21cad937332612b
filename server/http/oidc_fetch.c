/* Asking the identity provider: one request by libcurl, within limits. */
#include "http/oidc_fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "config.h"

struct asking {
    const struct oidc_fetch *fetch;
    struct bytes *body;
    size_t head_len;
    int is_forbidden;
};

static int is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)a;
        return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)a;
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* Unencrypted only to the address of this machine, whatever name it was reached by. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct asking *asking = context;
    int is_plain = strncmp(asking->fetch->url, "https://", 8) != 0;
    if (purpose != CURLSOCKTYPE_IPCXN || (is_plain && !is_loopback(&a->addr))) {
        asking->is_forbidden = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_head(char *at, size_t size, size_t n, void *context)
{
    struct asking *asking = context;
    (void)at;
    asking->head_len += size * n;
    return asking->head_len <= LIMIT_OIDC_HEAD ? size * n : 0;
}

static size_t take_body(char *at, size_t size, size_t n, void *context)
{
    struct asking *asking = context;
    bytes_put(asking->body, at, size * n);
    return bytes_check(asking->body) == EC_OK ? size * n : 0;
}

static int look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct asking *asking = context;
    (void)a, (void)b, (void)c, (void)d;
    return asking->fetch->stopping != NULL && atomic_load(asking->fetch->stopping);
}

static CURLcode set_request(CURL *e, const struct oidc_fetch *f)
{
    int has_http = strcmp(f->config->oidc_unencrypted, "loopback") == 0;
    const char *ca_file = f->config->oidc_ca_file;
    CURLcode code = curl_easy_setopt(e, CURLOPT_URL, f->url);
    code =
        code ? code : curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, has_http ? "https,http" : "https");
    code = code ? code : curl_easy_setopt(e, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    code = code ? code : curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    code = code ? code : curl_easy_setopt(e, CURLOPT_PROXY, ""); /* none of the environment */
    code = code ? code : curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK && ca_file[0] != '\0')
        code = curl_easy_setopt(e, CURLOPT_CAINFO, ca_file);
    if (code == CURLE_OK && f->form != NULL)
        code = curl_easy_setopt(e, CURLOPT_POSTFIELDS, f->form);
    if (code == CURLE_OK && f->authorization != NULL)
        code = curl_easy_setopt(e, CURLOPT_USERPWD, f->authorization);
    return code;
}

static CURLcode set_limits(CURL *e, struct asking *asking)
{
    CURLcode code = curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_OIDC_CONNECT_MS);
    code = code ? code : curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)LIMIT_OIDC_TOTAL_MS);
    code = code ? code : curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    code = code ? code : curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, asking);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_head);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HEADERDATA, asking);
    code = code ? code : curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
    code = code ? code : curl_easy_setopt(e, CURLOPT_WRITEDATA, asking);
    code = code ? code : curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
    code = code ? code : curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, look);
    code = code ? code : curl_easy_setopt(e, CURLOPT_XFERINFODATA, asking);
    return code;
}

enum error_code oidc_fetch(const struct oidc_fetch *f, struct bytes *ret, const char **ret_why)
{
    struct asking asking = {.fetch = f, .body = ret};
    long status = 0;
    CURL *e = curl_easy_init();
    CURLcode code = e != NULL ? set_request(e, f) : CURLE_OUT_OF_MEMORY;
    bytes_clear(ret);
    if (code == CURLE_OK)
        code = set_limits(e, &asking);
    if (code == CURLE_OK)
        code = curl_easy_perform(e);
    if (code == CURLE_OK)
        curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(e);
    if (status == 200)
        return EC_OK;
    *ret_why = asking.is_forbidden ? "http to an address that is not loopback"
               : code != CURLE_OK  ? curl_easy_strerror(code)
                                   : "the answer is not 200";
    return status / 100 == 4 ? EC_FORBIDDEN : EC_UNAVAILABLE;
}
