/* The auditor of eligibility decisions: each is recomputed from what it keeps. */
#include "store/decision_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

/* One kind of decisions. Statements: the last id and the number of the next page, its differences.
 */
struct kind {
    const char *page, *differences;
};

static const struct kind of_applications = {
    "select max(d.decision_id), count(*) from (select decision_id from programme.decision"
    " where $1::bigint is null and decision_id > $2 order by decision_id limit $3) d",
    "select * from programme.audit_decision_page($2, $3)"
    " where $1::bigint is null",
};

static const struct kind of_screening = {
    "select max(d.premise_id), count(*) from (select premise_id from programme.screening_decision"
    " where screening_id = $1 and premise_id > $2 order by premise_id limit $3) d",
    "select * from programme.audit_screening_page($1, $2, $3)",
};

struct walk {
    struct db *db;
    struct decision_audit *audit;
    const struct kind *kind;
    const char *screening; /* NULL: none */
};

static void tell(const struct walk *w, const struct decision_audit_difference *difference)
{
    w->audit->unlike++;
    w->audit->told(difference, w->audit->context);
}

/* Inputs that a rule cannot read fail the whole statement: halves, until it is known whose. */
static enum error_code compare(const struct walk *w, int64_t after, int64_t through)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(w->screening), db_int(after), db_int(through)};
    enum error_code ec = db_run(w->db, w->kind->differences, params, 3, &r);

    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        tell(w, &(struct decision_audit_difference){w->screening, db_get_text(r, i, 0),
                                                    db_get_text(r, i, 1), db_get_text(r, i, 2),
                                                    db_get_text(r, i, 3), db_get_text(r, i, 4)});
    db_result_free(r);
    if (ec == EC_OK || !db_data_fault(w->db))
        return ec;
    if (through - after > 1) {
        int64_t middle = after + (through - after) / 2;
        ec = compare(w, after, middle);
        return ec == EC_OK ? compare(w, middle, through) : ec;
    }
    char id[24];
    snprintf(id, sizeof(id), "%" PRId64, through);
    tell(w, &(struct decision_audit_difference){w->screening, id, NULL, "inputs", "cannot be read",
                                                db_note(w->db)});
    return EC_OK;
}

static enum error_code walk(const struct walk *w, int64_t *count)
{
    int64_t after = 0, found = LIMIT_AUDIT_PAGE;
    enum error_code ec = EC_OK;

    while (ec == EC_OK && found == LIMIT_AUDIT_PAGE) {
        struct db_result *r = NULL;
        struct db_param params[] = {db_text(w->screening), db_int(after), db_int(LIMIT_AUDIT_PAGE)};
        int64_t through = after;
        ec = db_run(w->db, w->kind->page, params, 3, &r);
        if (ec != EC_OK)
            break;
        found = db_get_int(r, 0, 1);
        if (found > 0)
            through = db_get_int(r, 0, 0);
        db_result_free(r);
        ec = through > after ? compare(w, after, through) : EC_OK;
        *count += found;
        after = through;
    }
    return ec;
}

/* The number that a screening says it decided, so that a row taken out is missed. */
static enum error_code check_screening(struct db *db, struct decision_audit *audit, const char *id,
                                       const char *said)
{
    struct walk w = {db, audit, &of_screening, id};
    int64_t count = 0;
    char found[24];
    enum error_code ec = walk(&w, &count);

    audit->screened += count;
    snprintf(found, sizeof(found), "%" PRId64, count);
    if (ec == EC_OK && (said == NULL || strcmp(said, found) != 0))
        tell(&w, &(struct decision_audit_difference){id, "all", NULL, "premises",
                                                     said != NULL ? said : "(none)", found});
    return ec;
}

enum error_code decision_audit(struct db *db, struct decision_audit *audit)
{
    struct walk w = {db, audit, &of_applications, NULL};
    struct db_result *r = NULL;
    enum error_code ec = walk(&w, &audit->decisions);

    if (ec == EC_OK)
        ec = db_run(db, "select screening_id, premises from programme.screening order by 1", NULL,
                    0, &r);
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++)
        ec = check_screening(db, audit, db_get_text(r, i, 0), db_get_text(r, i, 1));
    db_result_free(r);
    return ec;
}
