/* Accounts: who is the customer of record at a premise. */
#include "store/account.h"

#define ACCOUNT                                                                                    \
    "json_build_object('id', a.account_id, 'number', a.number,"                                    \
    " 'premise_id', a.premise_id, 'customer_id', a.customer_id, 'kind', a.kind,"                   \
    " 'active', a.active)::text from programme.account a where a.account_id = $1"

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
        ec = audit_add_row(db, by, "account.create", id, "select " ACCOUNT);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code account_get(struct db *db, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {"select " ACCOUNT, params, 1};
    return document_get(db, &q, ret);
}
