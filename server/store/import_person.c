/* The persons of an import of accounts. */
#include "store/import_person.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum error_code import_person_offer(struct db *db, const struct person_keys *keys,
                                    const struct import_span *span)
{
    char *text = NULL;
    const struct db_param params[] = {db_int(span->import_id), db_int(span->first),
                                      db_int(span->last)};
    const struct document_query q = {
        "select coalesce(json_agg(json_build_object('customer_id', c.customer_id,"
        " 'name', person.sealed(c.customer_id, 'name', c.name_box),"
        " 'email', person.sealed(c.customer_id, 'email', c.email_box),"
        " 'phone', person.sealed(c.customer_id, 'phone', c.phone_box))), '[]')::text"
        " from person.customer c where c.customer_id in (select a.customer_id"
        " from programme.import_value($1, $2::integer, $3::integer) g"
        " join programme.account a on a.number = g.v[1])",
        params, 3};
    enum error_code ec = document_get(db, &q, &text);
    if (ec == EC_OK)
        ec = person_open_text(db, keys, &text);
    if (ec == EC_OK) {
        const struct db_param offer[] = {db_text(text)};
        ec = db_run(db, "select set_config('bptm.persons', $1, true)", offer, 1, NULL);
    }
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    free(text);
    return ec;
}

/* Of each customer what the row gives, and what was opened of it for the rest. */
#define OR_STORED(member, name)                                                                    \
    "case when c.after ? '" member "' then c.after ->> '" member "' else o." name " end"

static const char changed_sql[] = "select distinct on (a.customer_id) a.customer_id, " OR_STORED(
    "customer_name",
    "name") ", " OR_STORED("email",
                           "email") ", " OR_STORED("phone",
                                                   "phone") " from person.import_change c join "
                                                            "programme.account a on a.number = "
                                                            "c.object_key"
                                                            " join person.customer u using "
                                                            "(customer_id)"
                                                            " left join "
                                                            "jsonb_to_recordset(current_setting('"
                                                            "bptm.persons')::jsonb)"
                                                            " o(customer_id bigint, name text, "
                                                            "email text, phone text) using "
                                                            "(customer_id)"
                                                            " where c.import_id = $1 and c.row_no "
                                                            "between $2 and $3 and u.erased_at is "
                                                            "null"
                                                            " and c.after ?| "
                                                            "array['customer_name', 'email', "
                                                            "'phone'] order by a.customer_id, "
                                                            "c.row_no";

enum error_code import_person_seal(struct db *db, const struct person_keys *keys,
                                   const struct import_span *span)
{
    struct db_result *r = NULL;
    const struct db_param params[] = {db_int(span->import_id), db_int(span->first),
                                      db_int(span->last)};
    enum error_code ec = db_run(db, changed_sql, params, 3, &r);
    size_t n = ec == EC_OK ? db_rows(r) : 0;
    struct person_plain *persons = calloc(n + 1, sizeof *persons);
    if (ec == EC_OK && persons == NULL)
        ec = EC_NO_MEMORY;
    for (size_t i = 0; i < n && persons != NULL; i++)
        persons[i] = (struct person_plain){db_get_int(r, i, 0), db_get_text(r, i, 1),
                                           db_get_text(r, i, 2), db_get_text(r, i, 3)};
    if (ec == EC_OK)
        ec = person_put(db, keys, persons, n);
    free(persons);
    db_result_free(r);
    return ec;
}
