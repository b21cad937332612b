/* Reading what programmes rest on: rulesets, map layers, circuits. */
#include "store/programme_read.h"

enum error_code programme_read_list(struct db *db, const struct document_page *page,
                                    struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select " PROGRAMME_JSON "::text, g.code"
        " from programme.programme g where ($1::text is null or g.code > $1) order by g.code"
        " limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}

static enum error_code check_programme(struct db *db, const char *code)
{
    int64_t id = 0;
    struct db_param params[] = {db_text(code)};
    struct document_query q = {"select programme_id from programme.programme where code = $1",
                               params, 1};
    return document_id(db, &q, &id);
}

enum error_code programme_read_rulesets(struct db *db, const char *code,
                                        const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(code), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select " RULESET_JSON
        "::text, s.version from programme.ruleset s join programme.programme g using"
        " (programme_id) where g.code = $1 and ($2::bigint is null or s.version < $2::bigint)"
        " order by s.version desc limit $3",
        params, 3};
    enum error_code ec = check_programme(db, code);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code programme_read_layers(struct db *db, const struct document_page *page,
                                      struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('id', l.zone_layer_id, 'code', l.code,"
        " 'version', l.version, 'source', l.source, 'state', l.state, 'active', l.active, "
        "'area_km2', l.area_km2,"
        " 'imported_at', access.rfc3339(l.imported_at), 'zones', (select count(*)"
        " from programme.zone z where z.zone_layer_id = l.zone_layer_id))::text,"
        " l.zone_layer_id from programme.zone_layer l where ($1::bigint is null or"
        " l.zone_layer_id > $1::bigint) order by l.zone_layer_id limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}

enum error_code programme_read_circuits(struct db *db, int metered,
                                        const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1), db_bool(metered)};
    struct document_query q = {
        "select json_build_object('id', c.circuit_id, 'name', c.name, 'designations',"
        " (select coalesce(json_agg(json_build_object('designation', d.designation,"
        " 'valid_from', d.valid_from, 'valid_to', d.valid_to) order by d.designation), '[]')"
        " from programme.circuit_designation d where d.circuit_id = c.circuit_id"
        " and daterange(d.valid_from, d.valid_to) @> current_date))::text, c.circuit_id"
        " from programme.circuit c where ($1::text is null or c.circuit_id > $1)"
        " and (not $3::boolean or exists (select from programme.premise_circuit p"
        " join fleet.assignment a using (premise_id) where p.circuit_id = c.circuit_id"
        " and daterange(p.valid_from, p.valid_to) @> (now() at time zone 'UTC')::date"
        " and tstzrange(a.assigned_from, a.assigned_to) @> now()))"
        " order by c.circuit_id limit $2",
        params, 3};
    return document_list(db, &q, page, ret);
}
