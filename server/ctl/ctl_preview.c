/* Putting drafts in force: previewed first, and printed. */
#include "ctl/ctl_preview.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/preview_run.h"

enum { PROGRAMMES_MAX = 64, CODE_MAX = 41, LOOK_MS = 250 };

/* One publication on its way. */
struct job {
    const struct preview_new *drafts;
    const struct ctl_publisher *by;
    const char *programme;
    int64_t id;
};

static enum error_code make(struct db *db, void *context)
{
    struct job *job = context;
    struct preview_new preview = *job->drafts;
    preview.programme = job->programme;
    return preview_create(db, &job->by->by, &preview, &job->id);
}

static enum error_code put(struct db *db, void *context)
{
    struct job *job = context;
    return preview_publish(db, &job->by->by, job->by->who, job->id);
}

/* EC_OK when it is done, EC_NOT_FOUND while it is not. */
static enum error_code look(struct ctl *ctl, const struct job *job)
{
    const struct db_param params[] = {db_int(job->id)};
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(ctl->db,
               "select v.state in ('waiting', 'running'), v.state = 'done', v.state,"
               " coalesce(': ' || v.note, '') from programme.preview v where v.preview_id = $1",
               params, 1, &r);
    if (ec == EC_OK && db_get_bool(r, 0, 0))
        ec = EC_NOT_FOUND;
    else if (ec == EC_OK && !db_get_bool(r, 0, 1))
        ec = ctl_fail(ctl, EC_STATE_REFUSED, "the preview for %s is %s%s", job->programme,
                      db_get_text(r, 0, 2), db_get_text(r, 0, 3));
    db_result_free(r);
    return ec;
}

/* The server may do it, and need not run: whoever is free does the oldest that waits. */
static enum error_code wait_done(struct ctl *ctl, const struct job *job)
{
    const struct bulk_run run = {.db = ctl->db};
    enum error_code ec;

    while ((ec = look(ctl, job)) == EC_NOT_FOUND) {
        int64_t id = 0;
        ec = preview_run_next(ctl->db, &id);
        if (ec == EC_NOT_FOUND) {
            clock_sleep_ms(LOOK_MS);
            continue;
        }
        if (ec == EC_OK) {
            ec = preview_run_work(&run, id);
            enum error_code released = preview_run_release(ctl->db, id);
            ec = ec == EC_OK ? released : ec;
        }
        if (ec != EC_OK)
            return ec;
    }
    return ec;
}

/* Codes of the programmes that it is previewed for. */
static enum error_code find_programmes(struct db *db, const char *wanted, size_t *ret_count,
                                       char ret[PROGRAMMES_MAX][CODE_MAX])
{
    struct db_param params[] = {db_text(wanted), db_int(PROGRAMMES_MAX)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db,
        "select p.code from programme.programme p where p.code = $1 or $1::text is null and exists"
        " (select from programme.ruleset r where r.programme_id = p.programme_id and r.state ="
        " 'published' and daterange(r.valid_from, r.valid_to) @> current_date) order by p.code"
        " limit $2",
        params, 2, &r);
    *ret_count = ec == EC_OK ? db_rows(r) : 0;
    for (size_t i = 0; i < *ret_count; i++)
        snprintf(ret[i], CODE_MAX, "%s", db_get_text(r, i, 0));
    db_result_free(r);
    return ec;
}

static enum error_code show(struct db *db, const struct job *job)
{
    struct db_param params[] = {db_int(job->id)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(
        db,
        "select format('%s: of %s premises %s are eligible now and %s then; %s move in, %s out"
        " (%s with a device), %s otherwise; %s keep what was decided', $2::text,"
        " c ->> 'premises', c ->> 'eligible_before', c ->> 'eligible_after', c ->> 'in',"
        " c ->> 'out', c ->> 'hardware_out', c ->> 'other', c ->> 'kept')"
        " from (select v.counts as c from programme.preview v where v.preview_id = $1) v"
        " union all (select format('  %s %s: %s -> %s%s%s', c.direction, p.code, c.before,"
        " c.after, case when c.has_hardware then ', has a device' end, case when c.is_kept then"
        " ', kept' end) from programme.preview_change c join programme.premise p using"
        " (premise_id) where c.preview_id = $1 order by c.has_hardware desc, p.code limit 20)",
        (struct db_param[]){params[0], db_text(job->programme)}, 2, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        printf("%s\n", db_get_text(r, i, 0));
    db_result_free(r);
    return ec;
}

static enum error_code refuse(struct ctl *ctl, enum error_code ec, const char *what)
{
    const char *detail = db_detail(ctl->db);
    if (ctl->note[0] != '\0')
        return ec;
    if (ec == EC_FIELDS_INVALID && detail[0] != '\0')
        return ctl_fail(ctl, ec, "%s: is not there", detail);
    return ctl_fail(ctl, ec, "%s: %s", what, detail[0] != '\0' ? detail : error_text(ec));
}

enum error_code ctl_preview_publish(struct ctl *ctl, const struct preview_new *drafts,
                                    const struct ctl_publisher *by, int yes, const char *what)
{
    static char codes[PROGRAMMES_MAX][CODE_MAX];
    struct job job = {.drafts = drafts, .by = by};
    size_t count = 0;
    enum error_code ec = find_programmes(ctl->db, drafts->programme, &count, codes);
    if (ec == EC_OK && count == 0)
        return ctl_fail(ctl, EC_STATE_REFUSED, "%s",
                        drafts->programme != NULL
                            ? "there is no such programme"
                            : "no programme has rules in force that it could be previewed by");
    for (size_t i = 0; i < count && ec == EC_OK; i++) {
        job.programme = codes[i];
        ec = db_transact(ctl->db, make, &job);
        if (ec == EC_OK)
            ec = wait_done(ctl, &job);
        if (ec == EC_OK)
            ec = show(ctl->db, &job);
    }
    if (ec == EC_OK && !yes)
        return ctl_fail(ctl, EC_USAGE, "%s is not in force: look at this, and say --yes", what);
    if (ec == EC_OK)
        ec = db_transact(ctl->db, put, &job);
    return ec == EC_OK ? ec : refuse(ctl, ec, what);
}

/* -- circuits publish, zones publish --------------------------------------------------------- */

enum { VERSION, PROGRAMME, YES };

/* A version of a list of circuits or of a layer of zones, which the argument names. */
static enum error_code publish(struct ctl *ctl, int is_layer)
{
    const struct ctl_publisher by = {{NULL, "operator", NULL}, NULL};
    const char *code = ctl->argument, *kind = is_layer ? "layer" : "list";
    char named[CODE_MAX + 32], what[CODE_MAX + 40];
    long number = 0;

    if (!ctl_number(ctl, "--number", ctl->options[VERSION], 1, INT32_MAX, &number))
        return EC_USAGE;
    if (strlen(code) >= CODE_MAX ||
        strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(code))
        return ctl_fail(ctl, EC_USAGE, "%s '%.60s': not [a-z0-9-]{2,40}", kind, code);
    snprintf(named, sizeof named, "{\"%s\": \"%ld\"}", code, number);
    snprintf(what, sizeof what, "version %ld of %s '%s'", number, kind, code);
    const struct preview_new drafts = {.programme = ctl->options[PROGRAMME],
                                       .zone_layers = is_layer ? named : NULL,
                                       .circuit_lists = is_layer ? NULL : named};
    return ctl_preview_publish(ctl, &drafts, &by, ctl->options[YES] != NULL, what);
}

static enum error_code publish_circuits(struct ctl *ctl)
{
    return publish(ctl, 0);
}

static enum error_code publish_zones(struct ctl *ctl)
{
    return publish(ctl, 1);
}

#define OF_A_VERSION                                                                               \
    .options = {{"number", CTL_OPTION(VERSION), "N", 0, "of the version", 0},                      \
                CTL_PREVIEW_PROGRAMME(PROGRAMME),                                                  \
                CTL_PREVIEW_YES(YES),                                                              \
                {0}},                                                                              \
    .required = 1U << VERSION, .needs_database = 1

const struct ctl_command ctl_preview_commands[] = {
    {.words = "circuits publish",
     .argument = "DESIGNATION",
     .doc = "Preview a version of a list of circuits, and make it the active one.",
     OF_A_VERSION,
     .run = publish_circuits},
    {.words = "zones publish",
     .argument = "LAYER",
     .doc = "Preview a version of a map layer, and make it the active one.",
     OF_A_VERSION,
     .run = publish_zones},
    {.words = NULL},
};
