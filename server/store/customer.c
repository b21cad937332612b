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
        ec = person_open_text(db, keys, &person_text_plain, &text);
    if (ec == EC_OK)
        *ret = text;
    else
        free(text);
    return ec == EC_NOT_FOUND ? EC_STATE_REFUSED : ec;
}

const struct resource customer_resource = {
    .name = "customer",
    .update = "update person.customer set name_box = $2, email_box = $3, phone_box = $4,"
              " blind = $5::bigint[], index_version = $6, medical_baseline = coalesce($7, false),"
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
        const struct db_param fields[] = {
            sealed.box[PERSON_NAME],      sealed.box[PERSON_EMAIL],
            sealed.box[PERSON_PHONE],     db_text(sealed.blind),
            db_int(sealed.index_version), document_bool(customer->medical_baseline)};
        ec = resource_update(db, by, &customer_resource, id, fields, 6);
    }
    person_sealed_done(&sealed);
    return ec;
}

/* The numbers of all accounts that the customer holds or held. */
#define NUMBERS                                                                                    \
    "(select a.number from programme.account a where a.customer_id = $1 union"                     \
    " select a.number from programme.account_past h join programme.account a using (account_id)"   \
    " where h.customer_id = $1)"

/* While an account is held, the next import would bring back who was erased. */
static const char refusal_sql[] =
    "select 'ACCOUNT', format('Account %s is held: enter the move-out first.', a.number)"
    " from programme.account a where a.customer_id = $1 and a.moved_out is null"
    " union all select 'APPLICATION', format('Application %s needs its customer: it is %s.',"
    " a.application_id, replace(a.state, '_', ' ')) from programme.application a"
    " join programme.state s using (state) where a.customer_id = $1 and s.is_live"
    " union all select distinct 'IMPORT', format('Import %s names account %s and has not ended.',"
    " i.import_id, r.cells[i.places[1]]) from programme.import i join person.import_row r"
    " using (import_id) where i.kind = 'accounts' and i.state in ('uploading', 'uploaded',"
    " 'checking', 'checked', 'committing') and btrim(r.cells[i.places[1]]) in " NUMBERS
    " union all select 'UNSEALED', 'The customer is stored in plain: an upgrade has not ended.'"
    " from person.unsealed u where u.customer_id = $1 union all select 'UNSEALED', 'A title is"
    " stored in plain: an upgrade has not ended.' where exists (select from"
    " person.unsealed_document u join programme.document d using (document_id) join"
    " programme.application a using (application_id) where a.customer_id = $1) limit 8";

static const char erase_sql[] =
    "with held as " NUMBERS ", ended as (select import_id, places from programme.import"
    " where kind = 'accounts' and state in ('committed', 'failed', 'cancelled')),"
    " staged as (delete from person.import_row r using ended i where r.import_id = i.import_id"
    " and btrim(r.cells[i.places[1]]) in (select number from held)"
    " returning r.import_id, r.row_no), faults as (delete from person.import_error e"
    " using staged s where e.import_id = s.import_id and e.row_no = s.row_no),"
    " changes as (delete from person.import_change c using ended i"
    " where c.import_id = i.import_id and c.object_key in (select number from held)),"
    " key as (delete from person.person_key where customer_id = $1)"
    " update person.customer set name_box = null, email_box = null, phone_box = null,"
    " blind = null, erased_at = now(), version = version + 1 where customer_id = $1"
    " returning customer_id";

enum error_code customer_erase(struct db *db, const struct audit_by *by, int64_t id,
                               const char *reason, struct transition_refusals *ret)
{
    int64_t is_erased = 0;
    struct audit_by why = *by;
    struct db_param params[] = {db_int(id)};
    struct document_query look = {"select (c.erased_at is not null)::integer from person.customer c"
                                  " where c.customer_id = $1 for update",
                                  params, 1};
    struct document_query refusals = {refusal_sql, params, 1}, erase = {erase_sql, params, 1};
    why.reason = reason;
    enum error_code ec = document_id(db, &look, &is_erased);
    if (ec == EC_OK && !is_erased)
        ec = transition_query(db, &refusals, ret);
    if (ec == EC_OK && !is_erased)
        ec = audit_change_row(db, &why, "customer.erase", id, AUDIT, &erase);
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
    struct db_param params[] = {db_text(sought.words[0]), db_text(sought.words[1]),
                                db_text(sought.other),    db_text(page->after),
                                db_int(page->limit + 1),  db_text(text)};
    struct document_query q = {
        "select " CUSTOMER ", c.customer_id from person.customer c"
        " where ($4::bigint is null or c.customer_id > $4::bigint) and ($6::text is null"
        " or c.blind @> $1::bigint[] or c.blind @> $2::bigint[] or c.blind && $3::bigint[])"
        " order by c.customer_id limit $5",
        params, 6};
    return document_list(db, &q, page, ret);
}
