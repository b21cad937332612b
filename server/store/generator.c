/* The generator list: search and the verdict on one model. */
#include "store/generator.h"

enum error_code generator_search(struct db *db, const char *text, int64_t limit,
                                 struct document_list *ret)
{
    struct document_page page = {NULL, limit};
    struct db_param params[] = {db_text(text), db_int(limit)};
    struct document_query q = {
        "select json_build_object('make', s.make, 'model', s.model,"
        " 'source_type', s.source_type, 'fuels', s.fuels, 'verdict', s.verdict,"
        " 'grade', s.grade, 'score', round(s.score::numeric, 3))::text, ''"
        " from programme.generator_search($1, $2::integer) s"
        " order by s.score desc, s.make, s.model",
        params, 2};
    return document_list(db, &q, &page, ret);
}

enum error_code generator_verdict(struct db *db, const char *make, const char *model, char **ret)
{
    struct db_param params[] = {db_text(make), db_text(model)};
    struct document_query q = {
        "select json_build_object('make', c.make, 'model', c.model,"
        " 'source_type', c.source_type, 'listed', c.generator_model_id is not null,"
        " 'verdict', c.verdict, 'grade', c.grade, 'rules', c.rules, 'evidence', c.evidence,"
        " 'list', (select json_build_object( 'version', l.version, 'source', l.source,"
        " 'imported_at', access.rfc3339(l.imported_at)) from programme.generator_list l"
        " where l.generator_list_id = c.generator_list_id))::text"
        " from programme.compatibility(null::bigint, $1, $2) c",
        params, 2};
    return document_get(db, &q, ret);
}
