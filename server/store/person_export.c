/* All that is held of one person, for the person: the documents of REST, put together. */
#include "store/person_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "store/application.h"
#include "store/customer.h"
#include "store/decision.h"
#include "store/part.h"

enum { ID_TEXT_MAX = 24 };

static void put(struct bytes *b, const char *text)
{
    bytes_put(b, text, strlen(text));
}

/* `,"name":` and the text, which is freed. */
static enum error_code put_member(struct bytes *b, const char *name, enum error_code ec, char *text)
{
    if (ec == EC_OK) {
        put(b, ",\"");
        put(b, name);
        put(b, "\":");
        put(b, text);
    }
    free(text);
    return ec;
}

static const struct {
    const char *name;
    const struct part *part;
} parts[] = {
    {"notes", &part_note},         {"attestations", &part_attestation},
    {"documents", &part_document}, {"appointments", &part_appointment},
    {"visits", &part_visit},       {"commissionings", &part_commissioning},
    {"removals", &part_removal},   {"overrides", &part_override},
};

/* More than anybody has entered of one application. */
static const struct document_page whole = {.limit = LIMIT_EXPORT_PARTS};

static enum error_code put_application(struct db *db, int64_t id, struct bytes *b)
{
    struct document_list list = {0};
    char *text = NULL;
    enum error_code ec = application_get(db, id, "enrolment", &text);
    if (ec == EC_OK)
        put(b, "{\"application\":");
    if (ec == EC_OK)
        put(b, text);
    free(text);
    if (ec == EC_OK) {
        ec = application_events(db, id, &whole, &list);
        ec = put_member(b, "events", ec, list.text);
    }
    list.text = NULL;
    if (ec == EC_OK) {
        ec = decision_list(db, id, 1, &whole, &list);
        ec = put_member(b, "decisions", ec, list.text);
    }
    for (size_t i = 0; ec == EC_OK && i < sizeof parts / sizeof *parts; i++) {
        list.text = NULL;
        ec = part_list(db, parts[i].part, id, &whole, &list);
        ec = put_member(b, parts[i].name, ec, list.text);
    }
    put(b, "}");
    return ec;
}

static enum error_code put_applications(struct db *db, int64_t customer_id, struct bytes *b)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(customer_id)};
    enum error_code ec = db_run(db,
                                "select application_id from programme.application"
                                " where customer_id = $1 order by application_id",
                                params, 1, &r);
    put(b, ",\"applications\":[");
    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        if (i > 0)
            put(b, ",");
        ec = put_application(db, db_get_int(r, i, 0), b);
    }
    put(b, "]");
    db_result_free(r);
    return ec;
}

/* What is of no application, by the customer's id. */
static const struct {
    const char *name, *sql;
} others[] = {
    {"accounts",
     "select coalesce(json_agg(json_build_object('number', a.number, 'kind', a.kind,"
     " 'premise_id', p.premise_id, 'premise_code', p.code, 'address', concat_ws(', ', p.address,"
     " p.city, p.postal_code), 'moved_in', h.moved_in, 'moved_out', h.moved_out)"
     " order by h.moved_in), '[]')::text from (select account_id, moved_in, moved_out"
     " from programme.account where customer_id = $1 union all select account_id, moved_in,"
     " moved_out from programme.account_past where customer_id = $1) h"
     " join programme.account a using (account_id) join programme.premise p using (premise_id)"},
    {"changes",
     "select coalesce(json_agg(json_build_object('at', access.rfc3339(a.at), 'action', a.action,"
     " 'role', a.role, 'before', a.before, 'after', a.after, 'reason', a.reason)"
     " order by a.audit_id), '[]')::text from access.audit a where a.object_id = $1::bigint::text"
     " and a.action in ('customer.create', 'customer.change', 'customer.erase')"},
    {"reads",
     "select coalesce(json_agg(json_build_object('at', access.rfc3339(a.at), 'role', a.role,"
     " 'token_id', a.token_id, 'subject', a.subject, 'path', a.after -> 'path', 'fields',"
     " a.after -> 'fields', 'reason', a.reason) order by a.audit_id), '[]')::text"
     " from access.audit a where a.action = 'customer.read'"
     " and a.after -> 'customers' @> to_jsonb($1::bigint)"},
};

enum error_code person_export(struct db *db, int64_t customer_id, char **ret)
{
    struct bytes b;
    struct db_param params[] = {db_int(customer_id)};
    char *text = NULL;
    enum error_code ec = customer_get(db, customer_id, &text);
    bytes_init(&b, LIMIT_EXPORT_PIECE);
    if (ec == EC_OK)
        put(&b, "{\"customer\":");
    if (ec == EC_OK)
        put(&b, text);
    free(text);
    for (size_t i = 0; ec == EC_OK && i < sizeof others / sizeof *others; i++) {
        struct document_query q = {others[i].sql, params, 1};
        text = NULL;
        ec = document_get(db, &q, &text);
        ec = put_member(&b, others[i].name, ec, text);
    }
    if (ec == EC_OK)
        ec = put_applications(db, customer_id, &b);
    bytes_put(&b, "}", 2);
    if (ec == EC_OK)
        ec = bytes_check(&b);
    if (ec == EC_OK)
        *ret = (char *)b.at;
    else
        bytes_done(&b);
    return ec;
}
