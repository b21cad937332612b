/* bptmctl audit: what is stored, recomputed and verified. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "store/audit_seal.h"
#include "store/decision_audit.h"

enum { EXPECT };

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

static void told_fault(const char *fault, void *context)
{
    (void)context;
    printf("%s\n", fault);
}

/* NUMBER:HASH, as a verification printed it once. */
static enum error_code expect(struct ctl *ctl, const char *text, int64_t *faults)
{
    char hash[AUDIT_SEAL_HEX_MAX] = "";
    char *end = NULL;
    long long number = strtoll(text, &end, 10);

    if (number < 1 || *end != ':' ||
        strspn(end + 1, "0123456789abcdef") != AUDIT_SEAL_HEX_MAX - 1 ||
        end[AUDIT_SEAL_HEX_MAX] != '\0')
        return ctl_fail(ctl, EC_USAGE, "'%s' is not NUMBER:HASH", text);
    enum error_code ec = audit_seal_hash(ctl->db, number, hash);
    if (ec != EC_OK && ec != EC_NOT_FOUND)
        return ctl_fail_db(ctl, ec, "audit");
    if (strcmp(hash, end + 1) != 0) {
        printf("seal %lld: %s\n", number,
               ec == EC_OK ? "not the one expected" : "expected, missing");
        ++*faults;
    }
    return EC_OK;
}

static enum error_code verify(struct ctl *ctl)
{
    struct audit_seal_check check = {.told = told_fault};
    enum error_code ec = EC_OK;

    if (ctl->options[EXPECT] != NULL)
        ec = expect(ctl, ctl->options[EXPECT], &check.faults);
    if (ec != EC_OK)
        return ec;
    ec = audit_seal_verify(ctl->db, &check);
    if (ec != EC_OK)
        return ctl_fail_db(ctl, ec, "audit");
    printf("%" PRId64 " seals, %" PRId64 " rows, %" PRId64 " faults\n", check.seals, check.rows,
           check.faults);
    if (check.waiting > 0)
        printf("%" PRId64 " rows not sealed yet, since %s\n", check.waiting, check.waiting_since);
    if (check.newest > 0)
        printf("newest seal %" PRId64 ":%s\n", check.newest, check.newest_hash);
    return check.faults == 0 ? EC_OK
                             : ctl_fail(ctl, EC_CONFLICT, "%" PRId64 " faults", check.faults);
}

const struct ctl_command ctl_audit_commands[] = {
    {.words = "audit decisions",
     .doc = "Recompute every stored decision from what it keeps; fails when one differs.",
     .needs_database = 1,
     .run = decisions},
    {.words = "audit verify",
     .doc =
         "Verify the seals over the audit and every sealed row; fails when one is not as it was.",
     .options = {{"expect", CTL_OPTION(EXPECT), "NUMBER:HASH", 0,
                  "a seal that was printed before and kept elsewhere", 0},
                 {0}},
     .needs_database = 1,
     .run = verify},
    {.words = NULL},
};
