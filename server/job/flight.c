/* One try to deliver a webhook: what libcurl is told, and what it says came of it. */
#include "job/flight.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/public_address.h"
#include "codec/webhook_sign.h"

static int may_go(const void *context, const struct sockaddr *address)
{
    const struct flight *f = context;
    return public_address_is(address) ||
           public_address_within(address, f->config->webhook_networks);
}

static int take(void *context, const char *at, size_t len)
{
    struct flight *f = context;
    (void)at;
    f->body_len += len;
    return f->body_len <= LIMIT_WEBHOOK_BODY;
}

/* Without a value libcurl leaves the header out. */
static int add_header(struct flight *f, const char *name, const char *value)
{
    char line[256];
    snprintf(line, sizeof line, "%s:%s%s", name, value[0] != '\0' ? " " : "", value);
    struct curl_slist *more = curl_slist_append(f->headers, line);
    if (more != NULL)
        f->headers = more;
    return more != NULL;
}

static int add_headers(struct flight *f)
{
    char signatures[WEBHOOK_SECRETS * (WEBHOOK_SIGN_MAX + 1)] = "", one[WEBHOOK_SIGN_MAX];
    char text[32];
    const struct webhook_task *t = &f->task;
    int64_t now_s = (int64_t)time(NULL);

    for (size_t i = 0; i < t->secret_count; i++) {
        size_t len = strlen(signatures);
        webhook_sign(t->secrets[i].bytes, t->secrets[i].len, t->id, now_s, t->payload, one);
        snprintf(signatures + len, sizeof signatures - len, "%s%s", i > 0 ? " " : "", one);
    }
    snprintf(text, sizeof text, "%lld", (long long)now_s);
    return add_header(f, "webhook-id", t->id) && add_header(f, "webhook-timestamp", text) &&
           add_header(f, "webhook-signature", signatures) &&
           add_header(f, "content-type", "application/json") && add_header(f, "expect", "") &&
           add_header(f, "accept", "");
}

static CURLcode set_request(struct flight *f)
{
    CURL *e = f->easy;
    CURLcode code = call_out_set(&f->call, e);
    code = code ? code : curl_easy_setopt(e, CURLOPT_PRIVATE, f);
    code = code ? code : curl_easy_setopt(e, CURLOPT_HTTPHEADER, f->headers);
    code = code ? code : curl_easy_setopt(e, CURLOPT_POSTFIELDS, f->task.payload);
    /* a connection that is used again was opened for another flight, whose data is gone */
    code = code ? code : curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
    return code;
}

enum error_code flight_make(struct flight *f)
{
    f->body_len = 0;
    f->call = (struct call_out){.url = f->task.url,
                                .ca_file = f->config->webhook_ca_file,
                                .may_be_plain = strcmp(f->config->webhook_unencrypted, "yes") == 0,
                                .connect_ms = LIMIT_WEBHOOK_CONNECT_MS,
                                .total_ms = LIMIT_WEBHOOK_TOTAL_MS,
                                .head_max = LIMIT_WEBHOOK_HEAD,
                                .may_go = may_go,
                                .take = take,
                                .context = f};
    f->easy = curl_easy_init();
    if (f->easy == NULL || !add_headers(f) || set_request(f) != CURLE_OK)
        return EC_NO_MEMORY;
    return EC_OK;
}

static const char *why(const struct flight *f, CURLcode code)
{
    static const struct {
        CURLcode code;
        const char *word;
    } words[] = {
        {CURLE_URL_MALFORMAT, "url"},
        {CURLE_UNSUPPORTED_PROTOCOL, "protocol"},
        {CURLE_COULDNT_RESOLVE_HOST, "unresolved"},
        {CURLE_COULDNT_CONNECT, "unreachable"},
        {CURLE_OPERATION_TIMEDOUT, "timeout"},
        {CURLE_PEER_FAILED_VERIFICATION, "certificate"},
        {CURLE_SSL_CACERT_BADFILE, "certificate"},
        {CURLE_SSL_CONNECT_ERROR, "tls"},
        {CURLE_WRITE_ERROR, "answer"},
        {CURLE_WEIRD_SERVER_REPLY, "answer"},
    };
    if (f->call.is_forbidden)
        return "address";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].code == code)
            return words[i].word;
    return "broken";
}

struct webhook_outcome flight_outcome(const struct flight *f, CURLcode code)
{
    struct webhook_outcome ret = {0};
    curl_off_t after_s = 0;
    int is_cut = code == CURLE_WRITE_ERROR && f->body_len > LIMIT_WEBHOOK_BODY;

    /* the status stands before the body, of which there was too much */
    if (code == CURLE_OK || is_cut)
        curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &ret.status);
    if (ret.status == 0) {
        ret.error = why(f, code);
        return ret;
    }
    if (curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &after_s) == CURLE_OK && after_s > 0)
        ret.retry_after_s =
            after_s < LIMIT_WEBHOOK_RETRY_AFTER_S ? (int64_t)after_s : LIMIT_WEBHOOK_RETRY_AFTER_S;
    return ret;
}

void flight_done(struct flight *f)
{
    curl_easy_cleanup(f->easy);
    curl_slist_free_all(f->headers);
    f->easy = NULL;
    f->headers = NULL;
    webhook_outbox_done(&f->task);
}
