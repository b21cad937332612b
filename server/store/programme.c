/* Programmes and their seasons: made and changed by the operator. Reading: store/programme_read.h.
 */
#include "store/programme.h"

#include "store/programme_read.h"

#define DAYS                                                                                       \
    "(values ('draft', $3::integer), ('submitted', $4), ('in_review', $5), ('needs_information',"  \
    " $6), ('eligible', $7), ('waitlisted', $8), ('approved', $9), ('scheduled', $10),"            \
    " ('installable', $11)) v(state, days)"

#define AUDIT_PROGRAMME                                                                            \
    "select json_build_object('code', g.code, 'name', g.name, 'kind', g.kind, 'grandfathering', "  \
    "g.grandfathering, 'deadlines',"                                                               \
    " (select json_object_agg(l.state, l.days) from programme.state_deadline l"                    \
    " where l.programme_id = g.programme_id))::text from programme.programme g"                    \
    " where g.programme_id = $1"

const struct resource programme_resource = {
    .name = "programme",
    .current = "select json_build_object('name', g.name, 'grandfathering', g.grandfathering, "
               "'deadlines', (select"
               " coalesce(json_object_agg(l.state, l.days), '{}') from programme.state_deadline l"
               " where l.programme_id = g.programme_id))::text from programme.programme g"
               " where g.programme_id = $1 for update",
    .update =
        "with kept as (insert into programme.state_deadline (programme_id, state, days)"
        " select $1, v.state, v.days from " DAYS " where v.days is not null"
        " on conflict (programme_id, state) do update set days = excluded.days), gone as"
        " (delete from programme.state_deadline l using " DAYS " where l.programme_id = $1"
        " and l.state = v.state and v.days is null)"
        " update programme.programme set name = $2, grandfathering = $12 where programme_id = $1"
        " returning programme_id",
    .get = "select " PROGRAMME_JSON "::text from programme.programme g where g.programme_id = $1",
    .audit = AUDIT_PROGRAMME,
};

#define YEAR                                                                                       \
    "json_build_object('id', y.programme_year_id, 'programme', (select g.code"                     \
    " from programme.programme g where g.programme_id = y.programme_id), 'season', y.season,"      \
    " 'quota', y.quota, 'reserved', y.reserved, 'waiting', (select count(*)"                       \
    " from programme.application a where a.programme_id = y.programme_id"                          \
    " and a.state = 'waitlisted'), 'opens_on', y.opens_on, 'closes_on', y.closes_on,"              \
    " 'created_at', access.rfc3339(y.created_at))::text"
#define FROM_YEAR " from programme.programme_year y where y.programme_year_id = $1"

const struct resource programme_year_resource = {
    .name = "programme_year",
    .current = "select json_build_object('quota', y.quota, 'opens_on', y.opens_on, 'closes_on',"
               " y.closes_on)::text" FROM_YEAR " for update",
    .update = "update programme.programme_year set quota = $2, opens_on = $3, closes_on = $4"
              " where programme_year_id = $1 returning programme_year_id",
    .get = "select " YEAR FROM_YEAR,
    .audit = "select (to_jsonb(y) - 'created_at')::text" FROM_YEAR,
};

enum error_code programme_id(struct db *db, const char *code, int64_t *ret)
{
    struct db_param params[] = {db_text(code)};
    struct document_query q = {"select programme_id from programme.programme where code = $1",
                               params, 1};
    return document_id(db, &q, ret);
}

enum error_code programme_create(struct db *db, const struct audit_by *by, const char *code,
                                 const char *name, const char *kind, int64_t *ret_id)
{
    struct db_param params[] = {db_text(code), db_text(name), db_text(kind)};
    struct document_query q = {"insert into programme.programme (code, name, kind)"
                               " values ($1, $2, $3) returning programme_id",
                               params, 3};
    enum error_code ec = document_id(db, &q, ret_id);
    return ec == EC_OK ? audit_add_row(db, by, "programme.create", *ret_id, AUDIT_PROGRAMME) : ec;
}

enum error_code programme_year_create(struct db *db, const struct audit_by *by,
                                      int64_t programme_id, const struct programme_year_new *year,
                                      int64_t *ret_id)
{
    struct db_param params[] = {db_int(programme_id), document_int(year->season),
                                document_int(year->quota), db_text(year->opens_on),
                                db_text(year->closes_on)};
    struct document_query q = {
        "insert into programme.programme_year (programme_id, season, quota, opens_on, closes_on)"
        " values ($1, $2, $3, $4, $5) returning programme_year_id",
        params, 5};
    enum error_code ec = document_id(db, &q, ret_id);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "programme_year.create", *ret_id, programme_year_resource.audit);
    return ec == EC_OK ? programme_year_promote(db, by, *ret_id) : ec;
}

enum error_code programme_year_promote(struct db *db, const struct audit_by *by, int64_t year_id)
{
    struct db_param params[] = {db_int(year_id), db_text(by->token_id), db_text(by->role),
                                db_text(by->request_id)};
    return db_run(db,
                  "select programme.quota_promote(y.programme_id, row($2, $3, $4)::access.actor)"
                  " from programme.programme_year y where y.programme_year_id = $1",
                  params, 4, NULL);
}

enum error_code programme_year_list(struct db *db, int64_t programme_id,
                                    const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_int(programme_id), db_text(page->after),
                                db_int(page->limit + 1)};
    struct document_query q = {
        "select " YEAR ", y.programme_year_id from programme.programme_year y"
        " where y.programme_id = $1 and ($2::bigint is null or y.programme_year_id > $2::bigint)"
        " order by y.programme_year_id limit $3",
        params, 3};
    return document_list(db, &q, page, ret);
}
