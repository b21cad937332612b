/* Whose record it is: an installer's own are the jobs of the crew that the token names. */
#include "store/ownership.h"

#include "store/document.h"

/* Each gives a row when the record $1 is the crew's ($2). */
static const char *const questions[OWNERSHIP_COUNT] = {
    [OWNERSHIP_APPLICATION] = "select 1 where " OWNERSHIP_JOB("$1::bigint", "$2"),
    [OWNERSHIP_DOCUMENT] = "select 1 from programme.document d where d.document_id = $1::bigint"
                           " and " OWNERSHIP_JOB("d.application_id", "$2"),
    [OWNERSHIP_APPOINTMENT] =
        "select 1 from programme.appointment p where p.appointment_id = $1::bigint"
        " and " OWNERSHIP_JOB("p.application_id", "$2"),
    [OWNERSHIP_PREMISE] =
        "select 1 where exists (select from programme.application o where o.premise_id = $1::bigint"
        " and " OWNERSHIP_JOB("o.application_id", "$2") ")",
    [OWNERSHIP_DEVICE] =
        "select 1 from fleet.device d where d.serial = $1 and " OWNERSHIP_DEVICE("$2"),
};

enum error_code ownership_check(struct db *db, enum ownership of, const char *key, const char *crew)
{
    int64_t found = 0;
    struct db_param params[] = {db_text(key), db_text(crew)};
    if (of == OWNERSHIP_LIST)
        return EC_OK;
    if (questions[of] == NULL)
        return EC_FORBIDDEN;
    struct document_query q = {questions[of], params, 2};
    return document_id(db, &q, &found);
}
