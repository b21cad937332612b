/* Whose record it is: an installer's own are the jobs of the crew that the token names. */
#ifndef BPTM_OWNERSHIP_H
#define BPTM_OWNERSHIP_H

#include "store/db.h"

enum { OWNERSHIP_CREW_MAX = 81 };

/** The crew of those who work for all of them. */
#define OWNERSHIP_EVERY_CREW "*"

/**
 * A job: the application has an appointment of the crew that was not cancelled. Both arguments are
 * SQL; lists that show a crew its own jobs are narrowed by it.
 */
#define OWNERSHIP_JOB(application, crew)                                                           \
    "exists (select from programme.appointment k where k.application_id = " application            \
    " and k.crew = " crew " and k.status <> 'cancelled')"

/** An assignment `a` to the premise of a job, or of its application. SQL, as above. */
#define OWNERSHIP_ASSIGNMENT(crew)                                                                 \
    "exists (select from programme.application o where (o.application_id = a.application_id"       \
    " or o.premise_id = a.premise_id) and " OWNERSHIP_JOB("o.application_id", crew) ")"

/** A device `d` that is in stock, with the crew or with a job of it. SQL, as above. */
#define OWNERSHIP_DEVICE(crew)                                                                     \
    "not exists (select from fleet.assignment a where a.device_id = d.device_id"                   \
    " and tstzrange(a.assigned_from, a.assigned_to) @> now() and not " OWNERSHIP_ASSIGNMENT(       \
        crew) ") and not exists (select from programme.custody_now h"                              \
              " where h.device_id = d.device_id and h.state not in ('warehouse', 'premise')"       \
              " and h.holder is distinct from " crew ")"

/** What a route's path names, for the question whose it is. */
enum ownership {
    OWNERSHIP_UNSAID, /* nobody's: a caller who is let at own records only is refused */
    OWNERSHIP_LIST,   /* a list: its statement is narrowed */
    OWNERSHIP_APPLICATION,
    OWNERSHIP_DOCUMENT,
    OWNERSHIP_APPOINTMENT,
    OWNERSHIP_PREMISE,
    OWNERSHIP_DEVICE, /* by serial */
    OWNERSHIP_COUNT,
};

/**
 * Is this record the crew's own?
 *
 * @param key  what the path names: an id or a serial; not looked at for a list
 * @return EC_OK; EC_NOT_FOUND for another's record, as for one that does not exist; EC_FORBIDDEN
 *         for OWNERSHIP_UNSAID; or a database error
 */
enum error_code ownership_check(struct db *db, enum ownership of, const char *key,
                                const char *crew) MUST_CHECK;

#endif
