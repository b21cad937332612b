/* Customers: personal data, kept apart from everything else. */
#include "store/customer.h"

#define CUSTOMER                                                                                   \
    "json_build_object('id', c.customer_id, 'name', c.name, 'email', c.email, 'phone', c.phone,"   \
    " 'medical_baseline', c.medical_baseline, 'version', c.version,"                               \
    " 'created_at', access.rfc3339(c.created_at))::text"

/* The audit names what is known of a person and how often it was changed, never what it is. */
#define AUDIT                                                                                      \
    "select json_build_object('fields', (select json_agg(f.key order by f.key)"                    \
    " from jsonb_each(to_jsonb(c)) f where f.value <> 'null'), 'version', c.version)::text"        \
    " from person.customer c where c.customer_id = $1"

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
        ec = audit_add_row(db, by, "customer.create", id, AUDIT);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

const struct resource customer_resource = {
    .name = "customer",
    .current = "select json_build_object('name', c.name, 'email', c.email, 'phone', c.phone,"
               " 'medical_baseline', c.medical_baseline)::text from person.customer c"
               " where c.customer_id = $1 for update",
    .update = "update person.customer set name = $2, email = $3, phone = $4,"
              " medical_baseline = coalesce($5, false), version = version + 1"
              " where customer_id = $1 returning customer_id",
    .get = "select " CUSTOMER " from person.customer c where c.customer_id = $1",
    .audit = AUDIT,
};

enum error_code customer_get(struct db *db, int64_t id, char **ret)
{
    return resource_get(db, &customer_resource, id, ret);
}

enum error_code customer_list(struct db *db, const char *text, const struct document_page *page,
                              struct document_list *ret)
{
    struct db_param params[] = {db_text(text), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select " CUSTOMER
        ", c.customer_id from person.customer c where ($2::bigint is null or c.customer_id >"
        " $2::bigint) and ($1::text is null or lower(c.name) like '%' ||"
        " replace(replace(replace(lower($1), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%')"
        " order by c.customer_id limit $3",
        params, 3};
    return document_list(db, &q, page, ret);
}
