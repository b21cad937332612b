/* bptmctl retention and hold: dropping what is older than it is kept, and what must not be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/partition.h"
#include "store/retention.h"

enum { DRY_RUN };
enum { CLASS, KEEP };
enum { DEVICE, PREMISE, EVENT, FROM, TO, REASON };

static void print_item(void *context, const struct retention_item *item)
{
    size_t *held = context;
    *held += item->is_held != 0;
    printf("%-13s %-34s before %s  %s\n", item->data_class,
           item->part != NULL ? item->part : "fleet.command", item->to, item->outcome);
}

/* Partitions ahead are made in the same run, so that one timer serves both ends. */
static enum error_code run(struct ctl *ctl)
{
    size_t held = 0, created = 0;
    int dry_run = ctl->options[DRY_RUN] != NULL;
    enum error_code ec = dry_run ? EC_OK : partition_ensure(ctl->db, &created);
    if (ec == EC_OK)
        ec = retention_run(ctl->db, dry_run, print_item, &held);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "retention");
    if (held > 0)
        printf("%zu held\n", held);
    return EC_OK;
}

static enum error_code keep(struct ctl *ctl)
{
    enum error_code ec = retention_keep(ctl->db, ctl->options[CLASS], ctl->options[KEEP]);
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no class '%s': journal, interruptions or commands",
                        ctl->options[CLASS]);
    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "retention");
}

static int is_one_thing(const struct ctl *ctl)
{
    int things = 0;
    for (int i = DEVICE; i <= EVENT; i++)
        things += ctl->options[i] != NULL;
    int ends = (ctl->options[FROM] != NULL) + (ctl->options[TO] != NULL);
    return things + ends / 2 == 1 && ends != 1;
}

static enum error_code place(struct ctl *ctl)
{
    const struct hold_new hold = {ctl->options[DEVICE], ctl->options[PREMISE],
                                  ctl->options[EVENT],  ctl->options[FROM],
                                  ctl->options[TO],     ctl->options[REASON]};
    int64_t id = 0;
    if (!is_one_thing(ctl))
        return ctl_fail(ctl, EC_USAGE, "a hold is on one device, premise or event, or on a period");
    enum error_code ec = hold_place(ctl->db, &hold, &id);
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no such device, premise or event");
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "hold");
    printf("%" PRId64 "\n", id);
    return EC_OK;
}

static enum error_code lift(struct ctl *ctl)
{
    char *end = NULL;
    long long id = strtoll(ctl->argument, &end, 10);
    enum error_code ec = *end == '\0' ? hold_lift(ctl->db, id) : EC_NOT_FOUND;
    if (ec == EC_NOT_FOUND)
        return ctl_fail(ctl, ec, "no hold '%s' in force", ctl->argument);
    return ec == EC_OK ? ec : ctl_fail_db(ctl, ec, "hold");
}

static enum error_code list(struct ctl *ctl)
{
    struct db_result *r = NULL;
    enum error_code ec = hold_list(ctl->db, &r);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "holds");
    for (size_t i = 0; i < db_rows(r); i++)
        printf("%s  %s  %s  placed %s  %s\n", db_get_text(r, i, 0), db_get_text(r, i, 1),
               db_get_text(r, i, 2), db_get_text(r, i, 3),
               db_get_text(r, i, 4) != NULL ? db_get_text(r, i, 4) : "in force");
    db_result_free(r);
    return EC_OK;
}

const struct ctl_command ctl_retention_commands[] = {
    {.words = "retention run",
     .doc = "Drop what is older than its class is kept, unless a hold forbids it.",
     .options = {{"dry-run", CTL_OPTION(DRY_RUN), 0, 0, "say what would be dropped", 0}, {0}},
     .needs_database = 1,
     .run = run},
    {.words = "retention keep",
     .doc = "Say how long a class of data is kept.",
     .options = {{"class", CTL_OPTION(CLASS), "CLASS", 0, "journal, interruptions or commands", 0},
                 {"for", CTL_OPTION(KEEP), "TIME", 0, "such as '10 years'", 0},
                 {0}},
     .required = 1U << CLASS | 1U << KEEP,
     .needs_database = 1,
     .run = keep},
    {.words = "hold place",
     .doc = "Forbid that data is dropped; prints the number of the hold.",
     .options = {{"device", CTL_OPTION(DEVICE), "SERIAL", 0, "all of a device", 0},
                 {"premise", CTL_OPTION(PREMISE), "ID", 0, "all of a premise", 0},
                 {"event", CTL_OPTION(EVENT), "ID", 0, "an outage event with its homes", 0},
                 {"from", CTL_OPTION(FROM), "TIME", 0, "all of a period", 0},
                 {"to", CTL_OPTION(TO), "TIME", 0, "its end", 0},
                 {"reason", CTL_OPTION(REASON), "TEXT", 0, "why, for whoever meets it", 0},
                 {0}},
     .required = 1U << REASON,
     .needs_database = 1,
     .run = place},
    {.words = "hold lift",
     .argument = "ID",
     .doc = "Lift a hold.",
     .needs_database = 1,
     .run = lift},
    {.words = "hold list",
     .doc = "List the holds, those that were lifted as well.",
     .needs_database = 1,
     .run = list},
    {.words = NULL},
};
