/* Reading what backup power did. */
#ifndef BPTM_BENEFIT_READ_H
#define BPTM_BENEFIT_READ_H

#include "store/document.h"

enum { BENEFIT_READ_GROUPS_MAX = 5000 }; /* rows of one answer */

/** What is asked for; NULL: all. Dates are YYYY-MM-DD, `to` not included. */
struct benefit_read_query {
    const char *from, *to;
    const char *by; /* "month,area,circuit,programme,generator,model,firmware": any of them */
    const char *area, *circuit, *programme, *generator, *model, *firmware;
};

/**
 * The benefit of backup power, in all or by group.
 * @param full  0: nothing of groups with few homes, as outage.disclosure has it
 * @return EC_OK; EC_PARAMETER_INVALID: more than BENEFIT_READ_GROUPS_MAX groups
 */
enum error_code benefit_read(struct db *db, const struct benefit_read_query *q, int full,
                             char **ret) MUST_CHECK;

#endif
