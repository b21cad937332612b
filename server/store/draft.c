/* Drafts of rulesets and lists of circuits. */
#include "store/draft.h"

#include <inttypes.h>
#include <stdio.h>

#include "store/programme_read.h"

#define CIRCUIT_LIST                                                                               \
    "json_build_object('id', l.circuit_list_id, 'designation', l.designation, 'version',"          \
    " l.version, 'source', l.source, 'state', l.state, 'active', l.active, 'circuits', (select"    \
    " count(distinct e.circuit_id) from programme.circuit_list_entry e"                            \
    " where e.circuit_list_id = l.circuit_list_id))::text"

static enum error_code keep(struct db *db, const struct audit_by *by, const char *action,
                            const char *name, const struct document_query *q, int64_t *ret_version)
{
    char id[80];
    int64_t version = 0;
    enum error_code ec = document_id(db, q, &version);
    if (ec != EC_OK)
        return ec;
    snprintf(id, sizeof id, "%.40s %" PRId64, name, version);
    const struct audit_change change = {action, id, NULL, NULL};
    ec = audit_add(db, by, &change);
    if (ec == EC_OK)
        *ret_version = version;
    return ec;
}

enum error_code draft_ruleset(struct db *db, const struct audit_by *by, const char *programme,
                              const char *document, int64_t *ret_version)
{
    struct db_param params[] = {db_text(programme), db_text(document)};
    struct document_query q = {"select programme.ruleset_draft($1, $2::jsonb)", params, 2};
    return keep(db, by, "ruleset.draft", programme, &q, ret_version);
}

enum error_code draft_circuit_list(struct db *db, const struct audit_by *by,
                                   const struct draft_circuits *list, int64_t *ret_version)
{
    struct db_param params[] = {db_text(list->designation), db_text(list->source),
                                db_text(list->circuits)};
    struct document_query q = {"select programme.circuit_list_draft($1, $2, $3::jsonb)", params, 3};
    return keep(db, by, "circuit_list.draft", list->designation, &q, ret_version);
}

enum error_code draft_ruleset_get(struct db *db, const char *programme, int64_t version, char **ret)
{
    struct db_param params[] = {db_text(programme), db_int(version)};
    struct document_query q = {"select " RULESET_JSON "::text from programme.ruleset s"
                               " join programme.programme g using (programme_id)"
                               " where g.code = $1 and s.version = $2::bigint",
                               params, 2};
    return document_get(db, &q, ret);
}

enum error_code draft_circuit_list_get(struct db *db, const char *designation, int64_t version,
                                       char **ret)
{
    struct db_param params[] = {db_text(designation), db_int(version)};
    struct document_query q = {"select " CIRCUIT_LIST " from programme.circuit_list l"
                               " where l.designation = $1 and l.version = $2::bigint",
                               params, 2};
    return document_get(db, &q, ret);
}

enum error_code draft_circuit_lists(struct db *db, const struct document_page *page,
                                    struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {"select " CIRCUIT_LIST ", l.circuit_list_id"
                               " from programme.circuit_list l where $1::bigint is null"
                               " or l.circuit_list_id > $1::bigint order by l.circuit_list_id"
                               " limit $2",
                               params, 2};
    return document_list(db, &q, page, ret);
}
