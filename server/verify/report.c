/* Prints what a check found, as lines for people or as one JSON object. */
#include "verify/report.h"

#include <inttypes.h>
#include <time.h>

static const char *trust(size_t pins)
{
    return pins > 0 ? "pinned" : "claimed";
}

static void print_gaps(FILE *out, const struct check_report *r)
{
    fputs("gaps       ", out);
    for (size_t i = 0; i < r->gap_count; i++)
        fprintf(out, "%s%" PRIu64 "..%" PRIu64 " (%s)", i == 0 ? "" : ", ", r->gaps[i].from,
                r->gaps[i].to,
                r->gap_declared[i] ? "overwritten, says the device" : "not declared");
    fputs(r->gap_count == 0 ? "none\n" : "\n", out);
}

static void print_trust(FILE *out, const struct check_pins *pins)
{
    static const char *const texts[] = {"as the bundle claims, not pinned", "pinned"};
    fprintf(out, "device key %s\nfleet key  %s\n", texts[pins->device_count > 0],
            texts[pins->fleet_count > 0]);
}

static void print_text(FILE *out, const struct check_report *r, const struct check_pins *pins)
{
    fprintf(out, "device     %s\n", r->device);
    fprintf(out, "records    %zu, seq %" PRIu64 "..%" PRIu64 "\n", r->records, r->first_seq,
            r->last_seq);
    fprintf(out, "batches    %zu, %zu records repeated\n", r->batches, r->duplicates);
    fprintf(out, "written    through %" PRIu64 ", says the device\n", r->claimed_seq);
    print_gaps(out, r);
    if (r->receipts > 0)
        fprintf(out, "receipts   %zu, through %" PRIu64 "\n", r->receipts, r->receipted_through);
    else
        fputs("receipts   none\n", out);
    print_trust(out, pins);
    fputs("good\n", out);
}

static void print_json(FILE *out, const struct check_report *r, const struct check_pins *pins)
{
    fprintf(out, "{\"ok\":true,\"device\":\"%s\",\"exported_at_ms\":%" PRId64, r->device,
            r->exported_at_ms);
    fprintf(out, ",\"batches\":%zu,\"records\":%zu,\"duplicates\":%zu", r->batches, r->records,
            r->duplicates);
    fprintf(out, ",\"first_seq\":%" PRIu64 ",\"last_seq\":%" PRIu64 ",\"claimed_seq\":%" PRIu64,
            r->first_seq, r->last_seq, r->claimed_seq);
    fputs(",\"gaps\":[", out);
    for (size_t i = 0; i < r->gap_count; i++)
        fprintf(out, "%s{\"from\":%" PRIu64 ",\"to\":%" PRIu64 ",\"declared\":%s}",
                i == 0 ? "" : ",", r->gaps[i].from, r->gaps[i].to,
                r->gap_declared[i] ? "true" : "false");
    fprintf(out, "],\"receipts\":%zu,\"receipted_through\":%" PRIu64, r->receipts,
            r->receipted_through);
    fprintf(out, ",\"device_key\":\"%s\",\"fleet_key\":\"%s\"}\n", trust(pins->device_count),
            trust(pins->fleet_count));
}

void report_good(FILE *out, int json, const struct check_report *r, const struct check_pins *pins)
{
    (json ? print_json : print_text)(out, r, pins);
}

/* Milliseconds since 1970 as people write a time. */
static const char *moment(int64_t ms, char ret[32])
{
    time_t t = (time_t)(ms / 1000);
    struct tm parts;
    if (gmtime_r(&t, &parts) == NULL || strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        snprintf(ret, 32, "%" PRId64 " ms", ms);
    return ret;
}

/* Text that somebody typed, without what a terminal would obey. */
static void print_source(FILE *out, const char *source)
{
    fputs("source     ", out);
    for (const char *at = source; *at != '\0'; at++)
        fputc((unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at, out);
    fputc('\n', out);
}

void report_list(FILE *out, int json, const struct offline_list_report *r)
{
    char published[32], when[32];
    moment(r->published_ms, published);
    moment(r->signed_ms, when);
    if (json) {
        fprintf(out,
                "{\"ok\":true,\"version\":%" PRIu64 ",\"published_at\":\"%s\",\"signed_at\":\"%s\","
                "\"models\":%zu,\"list_key\":\"pinned\"}\n",
                r->version, published, when, r->models);
        return;
    }
    fprintf(out, "generators version %" PRIu64 ", %zu models\n", r->version, r->models);
    print_source(out, r->source);
    fprintf(out, "published  %s\nsigned     %s\nlist key   pinned\ngood\n", published, when);
}

void report_bad(FILE *out, int json, const char *name, enum error_code ec,
                const struct check_failure *f)
{
    if (json)
        fprintf(out,
                "{\"ok\":false,\"offset\":%zu,\"item\":%zu,\"what\":\"%s\",\"error\":\"%s\","
                "\"text\":\"%s\"}\n",
                f->offset, f->item, f->what, error_slug(ec), error_text(ec));
    else
        fprintf(out, "%s: byte %zu, item %zu, %s: %s: %s\n", name, f->offset, f->item, f->what,
                error_slug(ec), error_text(ec));
}
