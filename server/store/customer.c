/* Customers: personal data, kept apart from everything else. */
#include "store/customer.h"

enum error_code customer_create(struct db *db, const struct audit_by *by,
                                const struct customer_new *customer, int64_t *ret_id)
{
    int64_t id = 0;
    struct db_param params[] = {db_text(customer->name), db_text(customer->email),
                                db_text(customer->phone),
                                document_bool(customer->medical_baseline)};
    struct document_query q = {"insert into person.customer (name, email, phone, medical_baseline)"
                               " values ($1, $2, $3, coalesce($4, false)) returning customer_id",
                               params, 4};
    enum error_code ec = document_id(db, &q, &id);
    if (ec == EC_OK)
        ec = audit_add_row(
            db, by, "customer.create", id,
            "select json_build_object('fields', json_agg(f.key order by f.key))::text"
            " from person.customer c, jsonb_each(to_jsonb(c)) f where c.customer_id = $1"
            " and f.value <> 'null'");
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code customer_get(struct db *db, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select json_build_object('id', c.customer_id, 'name', c.name, 'email', c.email,"
        " 'phone', c.phone, 'medical_baseline', c.medical_baseline,"
        " 'created_at', access.rfc3339(c.created_at))::text from person.customer c"
        " where c.customer_id = $1",
        params, 1};
    return document_get(db, &q, ret);
}
