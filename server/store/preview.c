/* Previews: who moves in or out by drafts, before they are in force. */
#include "store/preview.h"

#include "base/limits.h"

#define LAYERS(ids)                                                                                \
    "(select coalesce(json_agg(json_build_object('code', l.code, 'version', l.version)"            \
    " order by l.code), '[]') from programme.zone_layer l where l.zone_layer_id = any (v." ids     \
    "))"
#define LISTS(ids)                                                                                 \
    "(select coalesce(json_agg(json_build_object('designation', l.designation, 'version',"         \
    " l.version) order by l.designation), '[]') from programme.circuit_list l"                     \
    " where l.circuit_list_id = any (v." ids "))"
#define SIDE(ruleset, layers, lists, generators)                                                   \
    "json_build_object('ruleset', (select r.version from programme.ruleset r"                      \
    " where r.ruleset_id = v." ruleset                                                             \
    "), 'zone_layers', " LAYERS(layers) ", 'circuit_lists', " LISTS(                               \
        lists) ", 'generator_list', (select g.version from programme.generator_list g"             \
               " where g.generator_list_id = v." generators "))"

#define BEFORE                                                                                     \
    SIDE("ruleset_before_id", "zone_layer_before_ids", "circuit_list_before_ids",                  \
         "generator_list_before_id")
#define AFTER SIDE("ruleset_id", "zone_layer_ids", "circuit_list_ids", "generator_list_id")

#define PREVIEW                                                                                    \
    "json_build_object('id', v.preview_id, 'programme', (select g.code from programme.programme g" \
    " where g.programme_id = v.programme_id), 'grandfathering', (select g.grandfathering"          \
    " from programme.programme g where g.programme_id = v.programme_id), 'state', v.state,"        \
    " 'note', v.note, 'before', " BEFORE ", 'after', " AFTER ", 'quota', v.quota,"                 \
    " 'decided_on', v.decided_on, 'counts', v.counts,"                                             \
    " 'created_at', access.rfc3339(v.created_at), 'started_at', access.rfc3339(v.started_at),"     \
    " 'ended_at', access.rfc3339(v.ended_at), 'published_at', access.rfc3339(v.published_at),"     \
    " 'decided_again', v.decided_again)::text"

#define AUDITED                                                                                    \
    "select json_build_object('ruleset_id', v.ruleset_id, 'zone_layer_ids', v.zone_layer_ids,"     \
    " 'circuit_list_ids', v.circuit_list_ids, 'generator_list_id', v.generator_list_id,"           \
    " 'decided_again', v.decided_again)::text from programme.preview v where v.preview_id = $1"

enum error_code preview_create(struct db *db, const struct audit_by *by,
                               const struct preview_new *preview, int64_t *ret_id)
{
    int64_t id = 0;
    struct db_param params[] = {db_text(preview->programme),
                                document_int(preview->ruleset),
                                db_text(preview->zone_layers),
                                db_text(preview->circuit_lists),
                                document_int(preview->generator_list),
                                document_int(preview->quota),
                                db_text(by->token_id),
                                db_text(by->role),
                                db_text(by->request_id),
                                db_int(LIMIT_PREVIEWS)};
    struct document_query q = {
        "select programme.preview_ask($1, $2::integer, $3::jsonb, $4::jsonb, $5::integer,"
        " $6::integer, row($7, $8, $9)::access.actor, $10::integer)",
        params, 10};
    enum error_code ec = document_id(db, &q, &id);

    if (ec == EC_OK)
        ec = audit_add_row(db, by, "preview.create", id, AUDITED);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code preview_get(struct db *db, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select " PREVIEW " from programme.preview v where v.preview_id = $1", params, 1};
    return document_get(db, &q, ret);
}

enum error_code preview_list(struct db *db, const struct document_page *page,
                             struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {"select " PREVIEW ", v.preview_id from programme.preview v"
                               " where $1::bigint is null or v.preview_id < $1::bigint"
                               " order by v.preview_id desc limit $2",
                               params, 2};
    return document_list(db, &q, page, ret);
}

enum error_code preview_changes(struct db *db, int64_t id, const char *direction, int hardware,
                                const struct document_page *page, struct document_list *ret)
{
    int64_t found = 0;
    struct db_param params[] = {db_int(id), db_text(direction), db_bool(hardware),
                                db_text(page->after), db_int(page->limit + 1)};
    struct document_query there = {"select preview_id from programme.preview where preview_id = $1",
                                   params, 1};
    struct document_query q = {
        "select json_build_object('premise_id', c.premise_id, 'code', p.code, 'before', c.before,"
        " 'after', c.after, 'direction', c.direction, 'application_id', c.application_id,"
        " 'has_hardware', c.has_hardware, 'is_kept', c.is_kept)::text, c.premise_id"
        " from programme.preview_change c join programme.premise p using (premise_id)"
        " where c.preview_id = $1 and ($2::text is null or c.direction = $2)"
        " and (not $3::boolean or c.has_hardware)"
        " and ($4::bigint is null or c.premise_id > $4::bigint) order by c.premise_id limit $5",
        params, 5};
    enum error_code ec = document_id(db, &there, &found);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code preview_cancel(struct db *db, const struct audit_by *by, int64_t id)
{
    const struct db_param params[] = {db_int(id)};
    const struct document_query there = {
        "select preview_id from programme.preview where preview_id = $1", params, 1};
    const struct document_query q = {
        "update programme.preview v set state = 'cancelled', ended_at = now()"
        " where v.preview_id = $1 and v.state in ('waiting', 'running') returning v.preview_id",
        params, 1};
    int64_t found = 0;
    enum error_code ec = document_id(db, &there, &found);

    if (ec != EC_OK)
        return ec;
    ec = document_id(db, &q, &found);
    if (ec == EC_NOT_FOUND)
        return EC_STATE_REFUSED;
    return ec == EC_OK ? audit_add_row(db, by, "preview.cancel", id, AUDITED) : ec;
}

enum error_code preview_publish(struct db *db, const struct audit_by *by, const char *who,
                                int64_t id)
{
    struct db_param params[] = {db_int(id), db_text(by->token_id), db_text(by->role),
                                db_text(by->request_id), db_text(who)};
    enum error_code ec =
        db_run(db, "select programme.preview_publish($1, row($2, $3, $4)::access.actor, $5)",
               params, 5, NULL);
    return ec == EC_OK ? audit_add_row(db, by, "preview.publish", id, AUDITED) : ec;
}
