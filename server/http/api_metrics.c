/* Figures for Prometheus, in its text format. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/api.h"
#include "http/door.h"
#include "http/exchange.h"
#include "http/tls.h"
#include "store/fleet_read.h"

/* The text grows in memory; `family` is the one whose HELP and TYPE were written last. */
struct page {
    FILE *out;
    char family[96];
};

static void family(struct page *p, const char *name, const char *type, const char *help)
{
    if (strcmp(p->family, name) == 0)
        return;
    snprintf(p->family, sizeof p->family, "%s", name);
    fprintf(p->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label_value(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        if (*text == '\n')
            fputs("\\n", out);
        else
            fputc(*text, out);
    }
}

/* "bptm_" + the counter's own name in the alphabet of metrics + "_total". */
static void counter_name(const char *name, char ret[96])
{
    snprintf(ret, 96, "bptm_%.80s_total", name);
    for (char *c = ret; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *c) == NULL)
            *c = '_';
}

/* What the label of a counter or gauge tells apart; a reason unless the name is here. */
static const char *label_name(const char *name)
{
    static const struct {
        const char *name, *label;
    } labels[] = {
        {"messages", "kind"},  {"batches", "kind"},           {"webhook_tries", "result"},
        {"webhooks", "state"}, {"webhook_messages", "state"}, {"unsealed", "kind"},
    };
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i].name, name) == 0)
            return labels[i].label;
    return "reason";
}

/* One sample of the family that was begun. */
static void sample(struct page *p, const char *name, const char *label, int64_t value)
{
    fputs(p->family, p->out);
    if (label[0] != '\0') {
        fprintf(p->out, "{%s=\"", label_name(name));
        label_value(p->out, label);
        fputs("\"}", p->out);
    }
    fprintf(p->out, " %" PRId64 "\n", value);
}

static void add_counter(void *context, const char *name, const char *label, int64_t value)
{
    struct page *p = context;
    char metric[96];
    counter_name(name, metric);
    family(p, metric, "counter", "Running total, kept over restarts.");
    sample(p, name, label, value);
}

static void add_total(void *context, const char *name, const char *label, int64_t value)
{
    static const struct {
        const char *name, *metric, *help;
    } totals[] = {
        {"audit_unsealed", "bptm_audit_unsealed_seconds",
         "Age of the oldest row of the audit that has no seal; 0 when all have one."},
        {"devices", "bptm_journal_devices", "Devices with a journal."},
        {"claimed", "bptm_journal_claimed_records", "Records that devices say they wrote."},
        {"stored", "bptm_journal_stored_records", "Records stored."},
        {"overwritten", "bptm_journal_overwritten_records",
         "Records that devices declared overwritten."},
        {"unaccounted", "bptm_journal_unaccounted_records",
         "Records claimed, neither stored nor overwritten."},
        {"online", "bptm_devices_online", "Devices that the broker last said are connected."},
        {"quarantined", "bptm_quarantine_messages", "Messages kept in quarantine."},
        {"queue", "bptm_ingest_queue_messages", "Messages between the broker and the writer."},
        {"queue_max", "bptm_ingest_queue_limit", "Messages that the queue holds at most."},
        {"webhooks", "bptm_webhooks",
         "Subscribers of webhooks; why they are disabled, or enabled."},
        {"webhook_messages", "bptm_webhook_messages",
         "Messages to subscribers that wait or were given up."},
        {"webhook_oldest", "bptm_webhook_oldest_seconds",
         "Age of the oldest message that waits for a subscriber."},
        {"revocation_due", "bptm_devices_revocation_due",
         "Devices lost, stolen or scrapped that the broker still lets in."},
        {"unsealed", "bptm_person_unsealed",
         "Customers, notes and titles in plain, until bptmctl person-key seal."},
    };
    struct page *p = context;
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        if (strcmp(totals[i].name, name) != 0)
            continue;
        family(p, totals[i].metric, "gauge", totals[i].help);
        sample(p, name, label, value);
    }
}

static void add_part(void *context, const char *name, const char *reason, int64_t ok)
{
    struct page *p = context;
    (void)reason;
    family(p, "bptm_part_up", "gauge", "1 while a part of the server is well.");
    fputs("bptm_part_up{part=\"", p->out);
    label_value(p->out, name);
    fprintf(p->out, "\"} %" PRId64 "\n", ok);
}

static void add_route(struct page *p, const struct stats *s, const struct route *route, int index)
{
    static const char metric[] = "bptm_http_requests_total";
    for (int class = 0; class < STATS_CLASSES; class ++) {
        uint64_t n = stats_answers(s, index, class);
        if (n == 0)
            continue;
        family(p, metric, "counter", "Answers, by route and class of status.");
        fprintf(p->out, "%s{method=\"%s\",route=\"%s\",code=\"%dxx\"} %" PRIu64 "\n", metric,
                route != NULL ? route_method_name(route->method) : "",
                route != NULL ? route->path : "", class + 1, n);
    }
}

static void add_http(struct page *p, const struct http_server *s)
{
    uint64_t micros = 0, count = 0;
    for (size_t i = 0; i < s->route_count; i++)
        add_route(p, s->stats, &s->routes[i], (int)i);
    add_route(p, s->stats, NULL, -1);
    stats_time(s->stats, &micros, &count);
    family(p, "bptm_http_request_duration_seconds", "summary", "Time from head to answer.");
    fprintf(p->out,
            "bptm_http_request_duration_seconds_sum %.6f\n"
            "bptm_http_request_duration_seconds_count %" PRIu64 "\n",
            (double)micros / 1e6, count);
}

static void add_connections(struct page *p, const struct http_server *s)
{
    family(p, "bptm_http_connections", "gauge", "Connections that a thread holds.");
    for (unsigned t = 0; t < s->config->http_threads; t++)
        fprintf(p->out, "bptm_http_connections{thread=\"%u\"} %u\n", t, door_held(s->door, t));
    family(p, "bptm_http_connections_refused_total", "counter",
           "Connections closed at once, their address having too many.");
    fprintf(p->out, "bptm_http_connections_refused_total %" PRIu64 "\n", door_refused(s->door));
}

static void add_certificate(struct page *p, struct tls *tls)
{
    if (tls == NULL)
        return;
    family(p, "bptm_http_certificate_ends_seconds", "gauge",
           "When the certificate ends, in seconds since 1970.");
    fprintf(p->out, "bptm_http_certificate_ends_seconds %" PRId64 "\n", tls_ends_s(tls));
}

static void add_tokens(struct page *p, const struct oidc_figures *f)
{
    static const char metric[] = "bptm_oidc_tokens_total";
    family(p, metric, "counter", "Tokens of the identity provider, by what came of them.");
    for (int v = 0; v < JWS_VERDICTS; v++)
        if (f->tokens[v] > 0)
            fprintf(p->out, "%s{result=\"%s\"} %" PRIu64 "\n", metric,
                    jws_verdict_name((enum jws_verdict)v), f->tokens[v]);
    fprintf(p->out, "%s{result=\"no-keys\"} %" PRIu64 "\n", metric, f->unjudged);
}

static void add_oidc(struct page *p, struct oidc *oidc)
{
    struct oidc_figures f;
    if (oidc == NULL)
        return;
    oidc_figures(oidc, &f);
    add_tokens(p, &f);
    family(p, "bptm_oidc_fetches_total", "counter", "Fetches of the identity provider's keys.");
    fprintf(p->out,
            "bptm_oidc_fetches_total{result=\"ok\"} %" PRIu64 "\n"
            "bptm_oidc_fetches_total{result=\"failed\"} %" PRIu64 "\n",
            f.fetched, f.failed);
    family(p, "bptm_oidc_sign_ins_total", "counter", "People who came back from the provider.");
    for (int i = 0; i < OIDC_SIGN_INS; i++)
        if (f.sign_ins[i] > 0)
            fprintf(p->out, "bptm_oidc_sign_ins_total{result=\"%s\"} %" PRIu64 "\n",
                    oidc_sign_in_name((enum oidc_sign_in)i), f.sign_ins[i]);
    if (f.age_s < 0)
        return;
    family(p, "bptm_oidc_keys_age_seconds", "gauge", "Since the keys were fetched.");
    fprintf(p->out, "bptm_oidc_keys_age_seconds %" PRId64 "\n", f.age_s);
}

enum error_code api_metrics_get(const struct request *r, struct reply *ret)
{
    size_t len = 0;
    struct page p = {.out = open_memstream(&ret->body, &len)};
    if (p.out == NULL)
        return EC_NO_MEMORY;
    enum error_code ec = fleet_read_counters(r->db, add_counter, &p);
    if (ec == EC_OK)
        ec = fleet_read_totals(r->db, add_total, &p);
    if (ec == EC_OK)
        ec = fleet_read_gauges(r->db, add_total, &p);
    if (ec == EC_OK)
        ec = fleet_read_health(r->db, add_part, &p);
    add_http(&p, r->server);
    add_connections(&p, r->server);
    add_certificate(&p, r->server->tls);
    add_oidc(&p, r->server->oidc);
    int written = fclose(p.out) == 0;
    ret->type = "text/plain; version=0.0.4; charset=utf-8";
    return ec == EC_OK && !written ? EC_NO_MEMORY : ec;
}
