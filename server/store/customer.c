/* Customers: personal data, kept apart from everything else and sealed. */
#include "store/customer.h"

#include <stdlib.h>

#include "store/person.h"

#define SEALED                                                                                     \
    "'name', person.sealed(c.customer_id, 'name', c.name_box),"                                    \
    " 'email', person.sealed(c.customer_id, 'email', c.email_box),"                                \
    " 'phone', person.sealed(c.customer_id, 'phone', c.phone_box),"                                \
    " 'medical_baseline', c.medical_baseline"

#define CUSTOMER                                                                                   \
    "json_build_object('id', c.customer_id, " SEALED ", 'version', c.version,"                     \
    " 'created_at', access.rfc3339(c.created_at), 'erased_at',"                                    \
    " access.rfc3339(c.erased_at))::text"

/* The audit names what is known of a person and how often it was changed, never what it is. */
#define AUDIT                                                                                      \
    "select json_build_object('fields', array_remove(array['medical_baseline',"                    \
    " case when c.name_box is not null then 'name' end,"                                           \
    " case when c.email_box is not null then 'email' end,"                                         \
    " case when c.phone_box is not null then 'phone' end], null), 'version', c.version)::text"     \
    " from person.customer c where c.customer_id = $1"

enum error_code customer_create(struct db *db, const struct person_keys *keys,
                                const struct audit_by *by, const struct customer_new *customer,
                                int64_t *ret_id)
{
    int64_t id = 0;
    struct person_plain person = {0, customer->name, customer->email, customer->phone};
    struct db_param params[] = {document_bool(customer->medical_baseline)};
    struct document_query q = {"insert into person.customer (medical_baseline)"
                               " values (coalesce($1, false)) returning customer_id",
                               params, 1};
    enum error_code ec = document_id(db, &q, &id);
    person.id = id;
    if (ec == EC_OK)
        ec = person_put(db, keys, &person, 1);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "customer.create", id, AUDIT);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code customer_current(struct db *db, const struct person_keys *keys, int64_t id,
                                 char **ret)
{
    char *text = NULL;
    struct db_param params[] = {db_int(id)};
    struct document_query q = {"select json_build_object(" SEALED ")::text from person.customer c"
                               " where c.customer_id = $1 and c.name_box is not null for update",
                               params, 1};
    enum error_code ec = document_get(db, &q, &text);
    if (ec == EC_OK)
        ec = person_open_text(db, keys, &text);
    if (ec == EC_OK)
        *ret = text;
    else
        free(text);
    return ec == EC_NOT_FOUND ? EC_STATE_REFUSED : ec;
}

const struct resource customer_resource = {
    .name = "customer",
    .update = "update person.customer set name_box = $2, email_box = $3, phone_box = $4,"
              " blind = $5::bigint[], medical_baseline = coalesce($6, false),"
              " version = version + 1 where customer_id = $1 and erased_at is null"
              " returning customer_id",
    .get = "select " CUSTOMER " from person.customer c where c.customer_id = $1",
    .audit = AUDIT,
};

enum error_code customer_change(struct db *db, const struct person_keys *keys,
                                const struct audit_by *by, int64_t id,
                                const struct customer_new *customer)
{
    const struct person_plain person = {id, customer->name, customer->email, customer->phone};
    struct person_sealed sealed = {0};
    enum error_code ec = person_seal_row(db, keys, &person, &sealed);
    if (ec == EC_OK) {
        const struct db_param fields[] = {sealed.box[PERSON_NAME], sealed.box[PERSON_EMAIL],
                                          sealed.box[PERSON_PHONE], db_text(sealed.blind),
                                          document_bool(customer->medical_baseline)};
        ec = resource_update(db, by, &customer_resource, id, fields, 5);
    }
    person_sealed_done(&sealed);
    return ec;
}

enum error_code customer_get(struct db *db, int64_t id, char **ret)
{
    return resource_get(db, &customer_resource, id, ret);
}

enum error_code customer_list(struct db *db, const struct person_keys *keys, const char *text,
                              const struct document_page *page, struct document_list *ret)
{
    struct person_search sought;
    person_search(keys, text, &sought);
    struct db_param params[] = {db_text(sought.words), db_text(sought.other), db_text(page->after),
                                db_int(page->limit + 1), db_text(text)};
    struct document_query q = {
        "select " CUSTOMER ", c.customer_id from person.customer c"
        " where ($3::bigint is null or c.customer_id > $3::bigint) and ($5::text is null"
        " or c.blind @> $1::bigint[] or c.blind && $2::bigint[])"
        " order by c.customer_id limit $4",
        params, 5};
    return document_list(db, &q, page, ret);
}
