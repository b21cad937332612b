/* bptmctl import meter-events: what the meters of a utility say. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "store/import_meters.h"

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

const struct ctl_command ctl_events_commands[] = {
    {.words = "import meter-events",
     .argument = "FILE.xml",
     .doc = "Import what the utility's meters say: EndDeviceEvents of IEC 61968-9.",
     .options = {{0}},
     .needs_database = 1,
     .run = run_meters},
    {.words = NULL},
};
