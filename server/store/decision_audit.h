/* The auditor of eligibility decisions: each is recomputed from what it keeps. */
#ifndef BPTM_DECISION_AUDIT_H
#define BPTM_DECISION_AUDIT_H

#include "store/db.h"

/** One difference. Texts are borrowed for the call. */
struct decision_audit_difference {
    const char *screening; /* NULL: a decision of an application */
    const char *id;        /* of the decision; within a screening, of the premise */
    const char *rule;      /* code of the rule; NULL: the decision as a whole */
    const char *item;      /* what of it differs */
    const char *stored, *recomputed;
};

/** What an audit is given, and what it has counted. */
struct decision_audit {
    void (*told)(const struct decision_audit_difference *difference, void *context);
    void *context;
    int64_t decisions, screened; /* recomputed so far: of applications, of screenings */
    int64_t unlike;              /* differences so far */
};

/**
 * Recompute every decision that is stored now, page by page, so that memory does not grow with
 * their number: hash, versions, places on those versions, each rule, outcome.
 * @return EC_OK, also when there are differences; a database error
 */
enum error_code decision_audit(struct db *db, struct decision_audit *audit) MUST_CHECK;

#endif
