/* Eligibility decisions: made by the database, kept for ever, read with their reasons. */
#include "store/decision.h"

#include "store/application.h"

enum error_code decision_make(struct db *db, const struct audit_by *by, int64_t application_id,
                              int64_t *ret_id)
{
    int64_t id = 0;
    struct db_param params[] = {db_int(application_id), db_text(by->token_id), db_text(by->role),
                                db_text(by->request_id)};
    struct document_query q = {"select programme.decide($1, row($2, $3, $4)::access.actor)", params,
                               4};
    enum error_code ec = document_id(db, &q, &id);
    if (ec == EC_OK)
        ec = audit_add_row(
            db, by, "decision.create", id,
            "select json_build_object('application_id', d.application_id, 'outcome', d.outcome,"
            " 'inputs_hash', encode(d.inputs_hash, 'hex'))::text from programme.decision d"
            " where d.decision_id = $1");
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code decision_get(struct db *db, int64_t id, int full, char **ret)
{
    struct db_param params[] = {db_bool(full), db_int(id)};
    struct document_query q = {"select " DECISION_JSON
                               "::text from programme.decision d where d.decision_id = $2",
                               params, 2};
    return document_get(db, &q, ret);
}

enum error_code decision_list(struct db *db, int64_t application_id, int full,
                              const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_bool(full), db_int(application_id), db_text(page->after),
                                db_int(page->limit + 1)};
    struct document_query q = {
        "select " DECISION_JSON
        "::text, d.decision_id from programme.decision d where d.application_id = $2"
        " and ($3::bigint is null or d.decision_id < $3::bigint) order by d.decision_id desc"
        " limit $4",
        params, 4};
    enum error_code ec = application_exists(db, application_id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}
