/* bptmctl import feed: the outages of a utility's own system. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/import_feed.h"

enum { FEED, NAME, TIME_ZONE, CUSTOMERS };

static enum error_code run_feed(struct ctl *ctl)
{
    struct import_feed_result result = {0};
    char note[IMPORT_FEED_NOTE_MAX] = "";
    long customers = 0;

    if (ctl->options[CUSTOMERS] != NULL &&
        !ctl_number(ctl, "customers", ctl->options[CUSTOMERS], 1, INT_MAX, &customers))
        return EC_USAGE;
    struct import_feed feed = {
        .file = fopen(ctl->argument, "r"),
        .code = ctl->options[FEED],
        .name = ctl->options[NAME],
        .time_zone = ctl->options[TIME_ZONE],
        .customers_served = customers,
    };
    if (feed.file == NULL)
        return ctl_fail(ctl, EC_IO, "%s: cannot be opened", ctl->argument);
    enum error_code ec = import_feed(ctl->db, &feed, &result, note);
    fclose(feed.file);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, note[0] != '\0' ? note : error_text(ec));
    printf("%" PRIu64 " rows, %" PRIu64 " changes, %" PRIu64 " doubtful\n", result.rows,
           result.changed, result.doubtful);
    return EC_OK;
}

const struct ctl_command ctl_feed_commands[] = {
    {.words = "import feed",
     .argument = "FILE.csv",
     .doc = "Import the outages of a utility's feed and make its indices.",
     .options = {{"feed", CTL_OPTION(FEED), "CODE", 0, "which feed", 0},
                 {"name", CTL_OPTION(NAME), "TEXT", 0, "what it is called; for a new one", 0},
                 {"time-zone", CTL_OPTION(TIME_ZONE), "ZONE", 0,
                  "whose days count; for a new one, such as America/Los_Angeles", 0},
                 {"customers", CTL_OPTION(CUSTOMERS), "N", 0, "customers served; for a new one", 0},
                 {0}},
     .required = 1U << FEED,
     .needs_database = 1,
     .run = run_feed},
    {.words = NULL},
};
