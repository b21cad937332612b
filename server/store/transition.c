/* Changes of an application's state: the one way from C to the table of states and transitions. */
#include "store/transition.h"

#include <stdio.h>

static void take_refusals(const struct db_result *r, struct transition_refusals *ret)
{
    for (size_t i = 0; i < db_rows(r) && ret->count < TRANSITION_REFUSALS_MAX; i++) {
        if (db_get_text(r, i, 0) == NULL)
            continue;
        snprintf(ret->items[ret->count].rule, TRANSITION_RULE_MAX, "%s", db_get_text(r, i, 0));
        snprintf(ret->items[ret->count++].sentence, TRANSITION_SENTENCE_MAX, "%s",
                 db_get_text(r, i, 1));
    }
}

enum error_code transition_query(struct db *db, const struct document_query *q,
                                 struct transition_refusals *ret)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, q->sql, q->params, q->count, &r);
    *ret = (struct transition_refusals){0};
    if (ec == EC_OK)
        take_refusals(r, ret);
    db_result_free(r);
    return ec == EC_OK && ret->count > 0 ? EC_STATE_REFUSED : ec;
}

enum error_code transition_run(struct db *db, const struct audit_by *by, int64_t application_id,
                               const char *action, const char *as, const char *reason,
                               struct transition_refusals *ret)
{
    struct db_param params[] = {db_int(application_id), db_text(action),       db_text(as),
                                db_text(reason),        db_text(by->token_id), db_text(by->role),
                                db_text(by->request_id)};
    struct document_query q = {
        "select m.refused_by, m.sentence from programme.application_move($1, $2, $3, $4,"
        " row($5, $6, $7)::access.actor) m",
        params, 7};
    return transition_query(db, &q, ret);
}
