/* Versions of the generator list: drafts, publication by a second person, what differs. */
#include "store/generator_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LIST                                                                                       \
    "json_build_object('version', l.version, 'source', l.source, 'state', l.state,"                \
    " 'active', l.active, 'models', (select count(*) from programme.generator_model m"             \
    " where m.generator_list_id = l.generator_list_id), 'imported_by', l.imported_by,"             \
    " 'imported_at', access.rfc3339(l.imported_at), 'published_by', l.published_by,"               \
    " 'published_at', access.rfc3339(l.published_at))::text"

void generator_list_by(const struct audit_by *by, const char *login,
                       char ret[GENERATOR_LIST_BY_MAX])
{
    if (by->token_id != NULL)
        snprintf(ret, GENERATOR_LIST_BY_MAX, "token:%s", by->token_id);
    else if (by->subject != NULL)
        snprintf(ret, GENERATOR_LIST_BY_MAX, "oidc:%s", by->subject);
    else
        snprintf(ret, GENERATOR_LIST_BY_MAX, "local:%s", login);
}

enum error_code generator_list_page(struct db *db, const struct document_page *page,
                                    struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {"select " LIST ", l.version from programme.generator_list l"
                               " where $1::bigint is null or l.version < $1::bigint"
                               " order by l.version desc limit $2",
                               params, 2};
    return document_list(db, &q, page, ret);
}

enum error_code generator_list_get(struct db *db, int64_t version, char **ret)
{
    struct db_param params[] = {db_int(version)};
    struct document_query q = {
        "select " LIST " from programme.generator_list l where l.version = $1::bigint", params, 1};
    return document_get(db, &q, ret);
}

enum error_code generator_list_difference(struct db *db, int64_t version, char **ret)
{
    struct db_param params[] = {db_int(version)};
    struct document_query q = {
        "select (select programme.generator_list_difference_document(l.generator_list_id))::text"
        " from programme.generator_list l where l.version = $1::bigint",
        params, 1};
    return document_get(db, &q, ret);
}

static enum error_code audit(struct db *db, const struct audit_by *by, const char *action,
                             int64_t version)
{
    char id[24], *after = NULL;
    enum error_code ec = generator_list_get(db, version, &after);

    snprintf(id, sizeof(id), "%" PRId64, version);
    if (ec == EC_OK) {
        const struct audit_change change = {action, id, NULL, after};
        ec = audit_add(db, by, &change);
    }
    free(after);
    return ec;
}

enum error_code generator_list_discard(struct db *db, const struct audit_by *by, int64_t version)
{
    struct db_param params[] = {db_int(version)};
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "with gone as (update programme.generator_list set state = 'discarded'"
               " where version = $1::bigint and state = 'draft' returning 1)"
               " select exists (select from gone),"
               " exists (select from programme.generator_list where version = $1::bigint)",
               params, 1, &r);

    if (ec == EC_OK && !db_get_bool(r, 0, 0))
        ec = db_get_bool(r, 0, 1) ? EC_STATE_REFUSED : EC_NOT_FOUND;
    db_result_free(r);
    return ec == EC_OK ? audit(db, by, "generator_list.discard", version) : ec;
}

static enum error_code model_exists(struct db *db, int64_t model_id)
{
    int64_t found = 0;
    struct db_param params[] = {db_int(model_id)};
    struct document_query q = {"select generator_model_id from programme.generator_model"
                               " where generator_model_id = $1",
                               params, 1};
    return document_id(db, &q, &found);
}

enum error_code generator_list_affected(struct db *db, int64_t model_id,
                                        const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_int(model_id), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('application_id', a.application_id, 'programme', a.programme,"
        " 'state', a.state, 'premise_id', a.premise_id, 'premise_code', a.premise_code,"
        " 'generator', json_build_object('make', a.generator_make, 'model', a.generator_model),"
        " 'device', a.serial)::text, a.application_id"
        " from programme.generator_affected($1) a"
        " where $2::bigint is null or a.application_id > $2::bigint"
        " order by a.application_id limit $3",
        params, 3};
    enum error_code ec = model_exists(db, model_id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}
