/* What belongs to an application: notes, attestations, documents, appointments, visits, removals,
 * commissionings, overrides. */
#include "store/part.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/application.h"

/* How rows `x` of a table are read: by id, and those of an application by pages. */
#define READ(table, key, json)                                                                     \
    .row.get = "select json_build_object(" json ")::text from " table " x where x." key " = $1",   \
    .list = "select json_build_object(" json ")::text, x." key " from " table                      \
            " x where x.application_id = $1 and ($2::bigint is null or x." key " > $2::bigint)"    \
            " order by x." key " limit $3"

/* The one who acts, whom an insert reads the rest beside. */
#define ACTOR "with by as (select $2::uuid as token_id, $3::text as role, $4::text as request_id) "

#define BY "'role', x.role, 'token_id', x.token_id"

const struct part part_note = {
    .row.name = "note",
    .insert = ACTOR "insert into person.application_note (application_id, token_id, role, text_box)"
                    " select $1, by.token_id, by.role, $5 from by returning application_note_id",
    READ("person.application_note", "application_note_id",
         "'id', x.application_note_id, 'application_id', x.application_id, 'at',"
         " access.rfc3339(x.at), 'text', (select person.sealed(a.customer_id, 'note', x.text_box)"
         " from programme.application a where a.application_id = x.application_id), " BY),
    .row.audit = "select json_build_object('application_id', x.application_id)::text"
                 " from person.application_note x where x.application_note_id = $1",
};

const struct part part_attestation = {
    .row.name = "attestation",
    .insert = "select programme.attest($1, $5, $6, $7, $8, $9, row($2, $3, $4)::access.actor)",
    READ("programme.attestation", "attestation_id",
         "'id', x.attestation_id, 'application_id', x.application_id, 'kind', x.kind, 'agreed',"
         " x.agreed, 'terms_version', x.terms_version, 'given_by', x.given_by, 'given_at',"
         " access.rfc3339(x.given_at), " BY),
    .row.audit = "select json_build_object('application_id', x.application_id, 'terms_version',"
                 " x.terms_version, 'kind', case when x.kind not like 'medical%' then x.kind end,"
                 " 'agreed', case when x.kind not like 'medical%' then x.agreed end)::text"
                 " from programme.attestation x where x.attestation_id = $1",
};

const struct part part_document = {
    .row.name = "document",
    .insert =
        ACTOR "insert into programme.document (application_id, kind, title_box, reference, sha256)"
              " select $1, $5, $6, $7, decode($8, 'hex') from by returning document_id",
    .row.update = "update programme.document set kind = $2, title_box = $3, reference = $4,"
                  " sha256 = decode($5, 'hex'), version = version + 1 where document_id = $1 "
                  "returning document_id",
    .row.current =
        "select json_build_object('kind', x.kind, 'title', person.sealed(k.customer_id, 'title',"
        " x.title_box), 'reference', x.reference, 'sha256', encode(x.sha256, 'hex'))::text"
        " from programme.document x join programme.application a using (application_id)"
        " join person.person_key k using (customer_id)"
        " where x.document_id = $1 for update of x",
    READ("programme.document", "document_id",
         "'id', x.document_id, 'application_id', x.application_id, 'kind', x.kind, 'title',"
         " (select person.sealed(a.customer_id, 'title', x.title_box) from programme.application a"
         " where a.application_id = x.application_id), 'reference', x.reference, 'sha256', "
         "encode(x.sha256, 'hex'), 'version',"
         " x.version, 'received_at', access.rfc3339(x.received_at)"),
    .row.audit = "select json_build_object('application_id', x.application_id, 'kind', x.kind,"
                 " 'sha256', encode(x.sha256, 'hex'), 'version', x.version)::text"
                 " from programme.document x where x.document_id = $1",
};

const struct part part_appointment = {
    .row.name = "appointment",
    .insert =
        ACTOR "insert into programme.appointment (application_id, purpose, starts_at, ends_at,"
              " crew, status) select $1, $5, $6, $7, $8, coalesce($9, 'planned') from by"
              " returning appointment_id",
    .row.update = "update programme.appointment set purpose = $2, starts_at = $3, ends_at = $4,"
                  " crew = $5, status = coalesce($6, 'planned'), version = version + 1"
                  " where appointment_id = $1 returning appointment_id",
    .row.current =
        "select json_build_object('purpose', x.purpose, 'starts_at',"
        " access.rfc3339(x.starts_at), 'ends_at', access.rfc3339(x.ends_at), 'crew', x.crew,"
        " 'status', x.status)::text from programme.appointment x"
        " where x.appointment_id = $1 for update",
    READ("programme.appointment", "appointment_id",
         "'id', x.appointment_id, 'application_id', x.application_id, 'purpose', x.purpose,"
         " 'starts_at', access.rfc3339(x.starts_at), 'ends_at', access.rfc3339(x.ends_at), 'crew',"
         " x.crew, 'status', x.status, 'version', x.version, 'created_at',"
         " access.rfc3339(x.created_at)"),
    .row.audit = "select (to_jsonb(x) - 'created_at')::text from programme.appointment x"
                 " where x.appointment_id = $1",
};

const struct part part_visit = {
    .row.name = "visit",
    .insert = ACTOR
    ", kept as (update programme.appointment t set status = 'done', version = t.version + 1"
    " where t.appointment_id = (select p.appointment_id from programme.appointment p"
    " where p.application_id = $1 and p.status = 'planned' order by p.starts_at limit 1)"
    " returning t.appointment_id)"
    " insert into programme.field_visit (application_id, token_id, role, visited_at, crew,"
    " licence, socket_form, panel_amps, result, reason, appointment_id) select $1,"
    " by.token_id, by.role, coalesce($5, now()), $6, $7, $8, $9, $10, $11,"
    " (select k.appointment_id from kept k) from by returning field_visit_id",
    READ("programme.field_visit", "field_visit_id",
         "'id', x.field_visit_id, 'application_id', x.application_id, 'appointment_id',"
         " x.appointment_id, 'visited_at', access.rfc3339(x.visited_at), 'crew', x.crew, 'licence',"
         " x.licence, 'socket_form', x.socket_form, 'panel_amps', x.panel_amps, 'result', x.result,"
         " 'reason', x.reason, " BY),
    .row.audit = "select (to_jsonb(x) - 'token_id' - 'role')::text from programme.field_visit x"
                 " where x.field_visit_id = $1",
};

const struct part part_removal = {
    .row.name = "removal",
    .insert = "select programme.remove_device($1, $5, $6, $7, row($2, $3, $4)::access.actor)",
    READ("programme.removal", "removal_id",
         "'id', x.removal_id, 'application_id', x.application_id, 'device', (select d.serial"
         " from fleet.device d where d.device_id = x.device_id), 'removed_at',"
         " access.rfc3339(x.removed_at), 'reason', x.reason, 'condition', x.condition, " BY),
    .row.audit = "select (to_jsonb(x) - 'token_id' - 'role')::text from programme.removal x"
                 " where x.removal_id = $1",
};

const struct part part_commissioning = {
    .row.name = "commissioning",
    .insert = "select i from programme.commission($1, $5, $6, row($2, $3, $4)::access.actor) i"
              " where i is not null",
    READ("programme.commissioning", "commissioning_id",
         "'id', x.commissioning_id, 'application_id', x.application_id, 'device', (select d.serial"
         " from fleet.device d where d.device_id = x.device_id), 'done_at',"
         " access.rfc3339(x.done_at), 'lamps_seen_at', access.rfc3339(x.lamps_seen_at),"
         " 'self_test_seq', x.self_test_seq, 'transfer_seq', x.transfer_seq, 'return_seq',"
         " x.return_seq, " BY),
    .row.audit = "select (to_jsonb(x) - 'token_id' - 'role')::text from programme.commissioning x"
                 " where x.commissioning_id = $1",
};

const struct part part_override = {
    .row.name = "override",
    .insert = "select i from programme.override_add($1, $5, $6, $7, $8, row($2, $3,"
              " $4)::access.actor) i where i is not null",
    READ("programme.application_override", "application_override_id",
         "'id', x.application_override_id, 'application_id', x.application_id, 'code', x.code,"
         " 'result', x.result, 'reason', x.reason, 'created_at', access.rfc3339(x.created_at),"
         " 'expires_at', case when x.result <> 'none' then access.rfc3339(x.expires_at) end, " BY),
    .row.audit = "select (to_jsonb(x) - 'token_id' - 'role')::text"
                 " from programme.application_override x where x.application_override_id = $1",
};

/* One record of `c` as JSON; null when there is none. */
#define CHECKED(name, more)                                                                        \
    "case when c." name "_seq is not null then json_build_object('seq', c." name "_seq, 'at',"     \
    " access.rfc3339(c." name "_at), 'receipted', c." name "_seq <= c.receipted" more ") end"

/* clang-format off */
static const char check_sql[] =
    "select json_build_object('application_id', a.application_id, 'device', (select d.serial"
    " from fleet.device d where d.device_id = c.device_id), 'since', access.rfc3339(c.since),"
    " 'receipted', coalesce(c.receipted, 0),"
    " 'self_test', " CHECKED("self_test", ", 'passed', c.self_test_result = 0")
    ", 'transfer', " CHECKED("transfer", "") ", 'return', " CHECKED("return", "")
    ", 'lacking', (select coalesce(json_agg(json_build_object('code', f.code, 'sentence',"
    " f.sentence)), '[]') from programme.meter_check_failure(a.application_id) f))::text"
    " from programme.application a left join programme.meter_check(a.application_id) c on true"
    " where a.application_id = $1";
/* clang-format on */

enum error_code part_document_current(struct db *db, const struct person_keys *keys, int64_t id,
                                      char **ret)
{
    char *text = NULL;
    enum error_code ec = resource_current(db, &part_document.row, id, &text);
    if (ec == EC_OK)
        ec = person_open_text(db, keys, &person_text_plain, &text);
    if (ec == EC_OK)
        *ret = text;
    else
        free(text);
    return ec == EC_NOT_FOUND ? EC_STATE_REFUSED : ec;
}

enum error_code part_document_application(struct db *db, int64_t id, int64_t *ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select application_id from programme.document where document_id = $1", params, 1};
    return document_id(db, &q, ret);
}

enum error_code part_meter_check(struct db *db, int64_t application_id, char **ret)
{
    struct db_param params[] = {db_int(application_id)};
    struct document_query q = {check_sql, params, 1};
    return document_get(db, &q, ret);
}

/* Microseconds since 1970: the first half of the key; the second is the id. */
#define MICROS "(extract(epoch from x.starts_at) * 1000000)::bigint"

enum error_code part_appointments(struct db *db, const struct part_appointment_filter *filter,
                                  const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(filter->status), db_text(page->after),
                                db_int(page->limit + 1), db_text(filter->from),
                                db_text(filter->to),     db_text(filter->crew)};
    struct document_query q = {
        "select json_build_object('id', x.appointment_id, 'application_id', x.application_id,"
        " 'purpose', x.purpose, 'starts_at', access.rfc3339(x.starts_at), 'ends_at',"
        " access.rfc3339(x.ends_at), 'crew', x.crew, 'status', x.status, 'state', a.state,"
        " 'premise_id', a.premise_id, 'address', p.address, 'city', p.city, 'postal_code',"
        " p.postal_code, 'generator', json_build_object('make', a.generator_make, 'model',"
        " a.generator_model))::text, " MICROS " || '.' || x.appointment_id"
        " from programme.appointment x join programme.application a using (application_id)"
        " join programme.premise p using (premise_id)"
        " where ($1::text is null or x.status = $1) and ($2::text is null or (x.starts_at,"
        " x.appointment_id) > (timestamptz 'epoch' + split_part($2, '.', 1)::bigint"
        " * interval '1 microsecond', split_part($2, '.', 2)::bigint))"
        " and ($4::timestamptz is null or x.ends_at >= $4)"
        " and ($5::timestamptz is null or x.starts_at < $5) and ($6::text is null or x.crew = $6)"
        " order by x.starts_at, x.appointment_id limit $3",
        params, 6};
    return document_list(db, &q, page, ret);
}

enum error_code part_create(struct db *db, const struct audit_by *by, const struct part *part,
                            int64_t application_id, const struct db_param *fields, size_t n,
                            int64_t *ret_id)
{
    char action[40];
    int64_t id = 0;
    struct db_param params[4 + RESOURCE_FIELDS_MAX] = {
        db_int(application_id), db_text(by->token_id), db_text(by->role), db_text(by->request_id)};
    struct document_query q = {part->insert, params, 4 + n};
    assert(n <= RESOURCE_FIELDS_MAX);
    memcpy(params + 4, fields, n * sizeof *fields);
    enum error_code ec = application_exists(db, application_id);
    if (ec != EC_OK)
        return ec;
    ec = document_id(db, &q, &id);
    if (ec == EC_NOT_FOUND)
        return EC_STATE_REFUSED;
    snprintf(action, sizeof action, "%s.create", part->row.name);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, action, id, part->row.audit);
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

enum error_code part_list(struct db *db, const struct part *part, int64_t application_id,
                          const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_int(application_id), db_text(page->after),
                                db_int(page->limit + 1)};
    struct document_query q = {part->list, params, 3};
    enum error_code ec = application_exists(db, application_id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}
