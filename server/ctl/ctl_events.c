/* bptmctl import psps, import epss, import meter-events: what a utility did to its circuits and
 * told its regulator, and what its meters say. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/import_events.h"
#include "store/import_meters.h"

enum { TIME_ZONE, DRY_RUN, SKIP_ERRORS };

static void tell(void *context, int64_t line, const char *field, const char *value,
                 const char *reason)
{
    (void)context;
    fprintf(stderr, "row %" PRId64 ", %s: '%s' %s\n", line, field, value, reason);
}

static enum error_code run(struct ctl *ctl, const char *kind)
{
    struct import_events_result result = {0};
    char note[IMPORT_EVENTS_NOTE_MAX] = "";
    struct import_events what = {
        .file = fopen(ctl->argument, "r"),
        .kind = kind,
        .time_zone = ctl->options[TIME_ZONE],
        .dry_run = ctl->options[DRY_RUN] != NULL,
        .skip_errors = ctl->options[SKIP_ERRORS] != NULL,
    };
    if (what.file == NULL)
        return ctl_fail(ctl, EC_IO, "%s: cannot be opened", ctl->argument);
    enum error_code ec = import_events(ctl->db, &what, tell, NULL, &result, note);
    fclose(what.file);
    if (ec != EC_OK && result.rows == 0)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, note[0] != '\0' ? note : error_text(ec));
    printf("%" PRIu64 " rows, %" PRIu64 " errors, %" PRIu64 " changes, %" PRIu64
           " of circuits that are not known, %" PRIu64 " doubtful\n",
           result.rows, result.errors, result.kept, result.unmatched, result.doubtful);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %" PRIu64 " errors: nothing was imported", ctl->argument,
                        result.errors);
    return EC_OK;
}

static enum error_code psps(struct ctl *ctl)
{
    return run(ctl, "psps");
}

static enum error_code epss(struct ctl *ctl)
{
    return run(ctl, "epss");
}

static enum error_code run_meters(struct ctl *ctl)
{
    struct import_meters_result result = {0};
    char note[IMPORT_METERS_NOTE_MAX] = "";
    FILE *file = fopen(ctl->argument, "r");

    if (file == NULL)
        return ctl_fail(ctl, EC_IO, "%s: cannot be opened", ctl->argument);
    enum error_code ec = import_meters(ctl->db, file, &result, note);
    fclose(file);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, note[0] != '\0' ? note : error_text(ec));
    printf("%" PRIu64 " events, %" PRIu64 " changes, %" PRIu64 " of other codes, %" PRIu64
           " of no home of ours\n",
           result.events, result.kept, result.unmapped, result.unmatched);
    return EC_OK;
}

#define OPTION(place, name, argument, help)                                                        \
    {                                                                                              \
        name, CTL_OPTION(place), argument, 0, help, 0                                              \
    }
#define OPTIONS                                                                                    \
    {                                                                                              \
        OPTION(TIME_ZONE, "time-zone", "ZONE", "of times without an offset"),                      \
            OPTION(DRY_RUN, "dry-run", NULL, "say what is wrong, import nothing"),                 \
            OPTION(SKIP_ERRORS, "skip-errors", NULL, "import the rows without errors"), {0},       \
    }

const struct ctl_command ctl_events_commands[] = {
    {.words = "import psps",
     .argument = "FILE.csv",
     .doc = "Import a regulator's roll-up of public safety power shutoffs.",
     .options = OPTIONS,
     .required = 1U << TIME_ZONE,
     .needs_database = 1,
     .run = psps},
    {.words = "import epss",
     .argument = "FILE.csv",
     .doc = "Import a regulator's roll-up of outages by fast trip settings.",
     .options = OPTIONS,
     .required = 1U << TIME_ZONE,
     .needs_database = 1,
     .run = epss},
    {.words = "import meter-events",
     .argument = "FILE.xml",
     .doc = "Import what the utility's meters say: EndDeviceEvents of IEC 61968-9.",
     .options = {{0}},
     .needs_database = 1,
     .run = run_meters},
    {.words = NULL},
};
