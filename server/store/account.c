/* Accounts: who is the customer of record at a premise. */
#include "store/account.h"

#define ACCOUNT                                                                                    \
    "json_build_object('id', a.account_id, 'number', a.number,"                                    \
    " 'premise_id', a.premise_id, 'customer_id', a.customer_id, 'kind', a.kind,"                   \
    " 'active', a.active, 'moved_in', a.moved_in, 'moved_out', a.moved_out, 'past',"               \
    " (select coalesce(json_agg(json_build_object('customer_id', h.customer_id, 'moved_in',"       \
    " h.moved_in, 'moved_out', h.moved_out) order by h.moved_in), '[]')"                           \
    " from programme.account_past h where h.account_id = a.account_id),"                           \
    " 'version', a.version)::text"

#define BY_ID " from programme.account a where a.account_id = $1"

const struct resource account_resource = {
    .name = "account",
    .current =
        "select json_build_object('kind', a.kind, 'active', a.active)::text" BY_ID " for update",
    .update = "update programme.account set kind = $2, active = coalesce($3, true),"
              " version = version + 1 where account_id = $1 and case when coalesce($3, true)"
              " then moved_out is null else not active end returning account_id",
    .get = "select " ACCOUNT BY_ID,
    .audit = "select " ACCOUNT BY_ID,
};

enum error_code account_create(struct db *db, const struct audit_by *by,
                               const struct account_new *account, int64_t *ret_id)
{
    int64_t id = 0;
    struct db_param params[] = {db_text(account->number), document_int(account->premise_id),
                                document_int(account->customer_id), db_text(account->kind),
                                document_bool(account->active)};
    struct document_query q = {
        "insert into programme.account (number, premise_id, customer_id, kind, active)"
        " values ($1, $2, $3, $4, coalesce($5, true)) returning account_id",
        params, 5};
    enum error_code ec = document_id(db, &q, &id);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "account.create", id, account_resource.audit);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code account_get(struct db *db, int64_t id, char **ret)
{
    return resource_get(db, &account_resource, id, ret);
}

enum error_code account_list(struct db *db, const struct account_filter *filter,
                             const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {
        filter->premise_id != 0 ? db_int(filter->premise_id) : db_null(),
        filter->customer_id != 0 ? db_int(filter->customer_id) : db_null(),
        db_text(filter->number),
        db_text(page->after),
        db_int(page->limit + 1),
    };
    struct document_query q = {
        "select " ACCOUNT ", a.account_id from programme.account a"
        " where ($1::bigint is null or a.premise_id = $1) and ($2::bigint is null or"
        " a.customer_id = $2) and ($3::text is null or a.number = $3) and ($4::bigint is null or"
        " a.account_id > $4::bigint) order by a.account_id limit $5",
        params, 5};
    return document_list(db, &q, page, ret);
}

enum error_code account_move_out(struct db *db, const struct audit_by *by, int64_t id,
                                 const char *on)
{
    struct db_param params[] = {db_int(id), db_text(on), db_text(by->token_id), db_text(by->role),
                                db_text(by->request_id)};
    struct document_query q = {
        "select $1::bigint from (select programme.account_move_out($1, coalesce($2::date,"
        " current_date), row($3, $4, $5)::access.actor) offset 0) x",
        params, 5};
    return audit_change_row(db, by, "account.move_out", id, account_resource.audit, &q);
}

enum error_code account_move_in(struct db *db, const struct audit_by *by, int64_t id,
                                int64_t customer_id, const char *on)
{
    struct db_param params[] = {db_int(id), db_int(customer_id), db_text(on)};
    struct document_query q = {
        "select $1::bigint from (select programme.account_move_in($1, $2, coalesce($3::date,"
        " current_date)) offset 0) x",
        params, 3};
    return audit_change_row(db, by, "account.move_in", id, account_resource.audit, &q);
}
