/* bptmctl audit: what is stored, recomputed. */
#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "store/decision_audit.h"

static void told(const struct decision_audit_difference *d, void *context)
{
    (void)context;
    if (d->screening != NULL)
        printf("screening %s premise %s", d->screening, d->id);
    else
        printf("decision %s", d->id);
    printf("%s%s: %s: stored %s, recomputed %s\n", d->rule != NULL ? " rule " : "",
           d->rule != NULL ? d->rule : "", d->item, d->stored, d->recomputed);
}

static enum error_code decisions(struct ctl *ctl)
{
    struct decision_audit audit = {.told = told};
    enum error_code ec = decision_audit(ctl->db, &audit);

    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "decisions");
    printf("%" PRId64 " decisions, %" PRId64 " screened, %" PRId64 " differences\n",
           audit.decisions, audit.screened, audit.unlike);
    return audit.unlike == 0 ? EC_OK
                             : ctl_fail(ctl, EC_CONFLICT, "%" PRId64 " differences", audit.unlike);
}

const struct ctl_command ctl_audit_commands[] = {
    {.words = "audit decisions",
     .doc = "Recompute every stored decision from what it keeps; fails when one differs.",
     .needs_database = 1,
     .run = decisions},
    {.words = NULL},
};
