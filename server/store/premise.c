/* Premises: where a meter is, and which circuit feeds it. */
#include "store/premise.h"

#include "store/ownership.h"

#define PREMISE                                                                                    \
    "json_build_object('id', p.premise_id, 'code', p.code, 'address', p.address,"                  \
    " 'city', p.city, 'postal_code', p.postal_code, 'longitude', st_x(p.geom),"                    \
    " 'latitude', st_y(p.geom), 'meter_number', p.meter_number,"                                   \
    " 'meter_form', p.meter_form, 'service_amps', p.service_amps,"                                 \
    " 'service_voltage', p.service_voltage, 'circuit_id', (select c.circuit_id"                    \
    " from programme.premise_circuit c where c.premise_id = p.premise_id"                          \
    " and daterange(c.valid_from, c.valid_to) @> current_date), 'transformer_id',"                 \
    " (select t.transformer_id from programme.premise_transformer t"                               \
    " where t.premise_id = p.premise_id"                                                           \
    " and daterange(t.valid_from, t.valid_to) @> current_date), 'version', p.version,"             \
    " 'created_at', access.rfc3339(p.created_at), 'duplicates', array(select o.premise_id"         \
    " from programme.premise o where programme.address_key(o.address, o.postal_code) ="            \
    " programme.address_key(p.address, p.postal_code) and o.premise_id <> p.premise_id"            \
    " order by 1 limit 20))::text"

#define AUDIT                                                                                      \
    "select (to_jsonb(p) - 'address' - 'city' - 'postal_code' - 'geom')::text"                     \
    " from programme.premise p where p.premise_id = $1"

static enum error_code insert(struct db *db, const struct premise_new *p, int64_t *ret_id)
{
    struct db_param params[] = {
        db_text(p->code),
        db_text(p->address),
        db_text(p->city),
        db_text(p->postal_code),
        document_real(p->longitude),
        document_real(p->latitude),
        db_text(p->meter_number),
        db_text(p->meter_form),
        document_int(p->service_amps),
        db_text(p->service_voltage),
    };
    struct document_query q = {
        "insert into programme.premise (code, address, city, postal_code, geom,"
        " meter_number, meter_form, service_amps, service_voltage)"
        " values ($1, $2, $3, $4, st_setsrid(st_makepoint($5::double precision, $6::double"
        " precision), 4326), $7, $8, $9, $10) returning premise_id",
        params, 10};
    return document_id(db, &q, ret_id);
}

static enum error_code insert_circuit(struct db *db, int64_t id, const char *circuit_id)
{
    struct db_param params[] = {db_int(id), db_text(circuit_id)};
    if (circuit_id == NULL)
        return EC_OK;
    return db_run(db,
                  "insert into programme.premise_circuit (premise_id, circuit_id, valid_from)"
                  " values ($1, $2, current_date)",
                  params, 2, NULL);
}

enum error_code premise_create(struct db *db, const struct audit_by *by,
                               const struct premise_new *premise, int64_t *ret_id)
{
    int64_t id = 0;
    enum error_code ec = insert(db, premise, &id);
    if (ec == EC_OK)
        ec = insert_circuit(db, id, premise->circuit_id);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "premise.create", id, AUDIT);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

const struct resource premise_resource = {
    .name = "premise",
    .current = "select json_build_object('address', p.address, 'city', p.city, 'postal_code',"
               " p.postal_code, 'longitude', st_x(p.geom), 'latitude', st_y(p.geom),"
               " 'meter_number', p.meter_number, 'meter_form', p.meter_form, 'service_amps',"
               " p.service_amps, 'service_voltage', p.service_voltage)::text"
               " from programme.premise p where p.premise_id = $1 for update",
    .update = "update programme.premise set address = $2, city = $3, postal_code = $4,"
              " geom = st_setsrid(st_makepoint($5::double precision, $6::double precision), 4326),"
              " meter_number = $7, meter_form = $8, service_amps = $9, service_voltage = $10,"
              " version = version + 1 where premise_id = $1 returning premise_id",
    .get = "select " PREMISE " from programme.premise p where p.premise_id = $1",
    .audit = AUDIT,
};

static enum error_code end_link(struct db *db, int64_t id, const struct premise_link *link)
{
    struct db_param params[] = {db_int(id), db_text(link->from)};
    return db_run(db,
                  link->is_transformer
                      ? "update programme.premise_transformer set valid_to = $2::date"
                        " where premise_id = $1 and valid_from < $2::date"
                        " and (valid_to is null or valid_to > $2::date)"
                      : "update programme.premise_circuit set valid_to = $2::date"
                        " where premise_id = $1 and valid_from < $2::date"
                        " and (valid_to is null or valid_to > $2::date)",
                  params, 2, NULL);
}

static enum error_code add_link(struct db *db, int64_t id, const struct premise_link *link)
{
    struct db_param params[] = {db_int(id), db_text(link->to), db_text(link->from)};
    return db_run(db,
                  link->is_transformer
                      ? "with known as (insert into programme.transformer (transformer_id)"
                        " values ($2) on conflict do nothing) insert into"
                        " programme.premise_transformer (premise_id, transformer_id, valid_from)"
                        " values ($1, $2, $3)"
                      : "insert into programme.premise_circuit (premise_id, circuit_id,"
                        " valid_from) values ($1, $2, $3)",
                  params, 3, NULL);
}

#define LINKS                                                                                      \
    "select 'circuit' as kind, c.circuit_id as id, c.valid_from, c.valid_to"                       \
    " from programme.premise_circuit c where c.premise_id = $1 union all"                          \
    " select 'transformer', t.transformer_id, t.valid_from, t.valid_to"                            \
    " from programme.premise_transformer t where t.premise_id = $1"

enum error_code premise_link(struct db *db, const struct audit_by *by, int64_t id,
                             const struct premise_link *link)
{
    enum error_code ec = premise_exists(db, id);
    if (ec == EC_OK)
        ec = end_link(db, id, link);
    if (ec == EC_OK)
        ec = add_link(db, id, link);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "premise.link", id,
                           "select json_agg(to_jsonb(l) order by l.kind, l.valid_from)::text"
                           " from (" LINKS ") l where l.valid_to is null");
    return ec;
}

enum error_code premise_links(struct db *db, int64_t id, const struct document_page *page,
                              struct document_list *ret)
{
    struct db_param params[] = {db_int(id), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {"select to_json(l)::text, l.kind || ' ' || l.valid_from from (" LINKS
                               ") l"
                               " where $2::text is null or l.kind || ' ' || l.valid_from > $2"
                               " order by l.kind || ' ' || l.valid_from limit $3",
                               params, 3};
    enum error_code ec = premise_exists(db, id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code premise_get(struct db *db, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select " PREMISE " from programme.premise p where p.premise_id = $1", params, 1};
    return document_get(db, &q, ret);
}

enum error_code premise_exists(struct db *db, int64_t id)
{
    int64_t found = 0;
    struct db_param params[] = {db_int(id)};
    struct document_query q = {"select premise_id from programme.premise where premise_id = $1",
                               params, 1};
    return document_id(db, &q, &found);
}

enum error_code premise_list(struct db *db, const char *text, const char *crew,
                             const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(text), db_text(page->after), db_int(page->limit + 1),
                                db_text(crew)};
    struct document_query q = {
        "select " PREMISE
        ", p.premise_id from programme.premise p where ($2::bigint is null or p.premise_id >"
        " $2::bigint) and ($1::text is null or lower(p.code || ' ' || p.address || ' ' || p.city"
        " || ' ' || p.postal_code || ' ' || coalesce(p.meter_number, '')) like '%' ||"
        " replace(replace(replace(lower($1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%')"
        " and ($4::text is null or exists (select from programme.application o"
        " where o.premise_id = p.premise_id and " OWNERSHIP_JOB(
            "o.application_id", "$4") "))"
                                      " order by p.premise_id limit $3",
        params, 4};
    return document_list(db, &q, page, ret);
}
