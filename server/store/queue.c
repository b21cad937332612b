/* What enrolment staff work through: the queue, and what is known of one application or place. */
#include "store/queue.h"

#include "store/application.h"

/* The states of the index application_queue. */
#define IN_QUEUE                                                                                   \
    "a.state not in ('ineligible', 'installed', 'closed', 'withdrawn', 'removed',"                 \
    " 'rejected_on_site')"

#define DUE                                                                                        \
    "(select a.state_since + make_interval(days => l.days) from programme.state_deadline l"        \
    " where l.programme_id = a.programme_id and l.state = a.state)"

/* Microseconds since 1970: the first half of the key; the second is the id. */
#define MICROS "(extract(epoch from a.state_since) * 1000000)::bigint"

#define MISSING                                                                                    \
    "(select coalesce(json_agg(json_build_object('code', m.code, 'sentence', m.sentence)), '[]')"  \
    " from programme.application_missing(a.application_id) m)"

enum error_code queue_list(struct db *db, const struct queue_filter *filter,
                           const struct document_page *page, struct document_list *ret)
{
    struct person_search sought;
    person_search(filter->keys, filter->text, &sought);
    struct db_param params[] = {
        db_text(filter->state),      db_text(page->after),      db_int(page->limit + 1),
        db_text(filter->programme),  db_text(filter->assignee), db_bool(filter->is_unassigned),
        db_bool(filter->is_overdue), db_text(filter->text),     db_text(sought.words[0]),
        db_text(sought.words[1]),    db_text(sought.other),
    };
    struct document_query q = {
        "select json_build_object('id', a.application_id, 'programme', g.code, 'state', a.state,"
        " 'state_since', access.rfc3339(a.state_since), 'due_at', access.rfc3339(" DUE "),"
        " 'assignee', a.assignee, 'premise_id', a.premise_id, 'address', concat_ws(', ',"
        " p.address, p.city), 'customer_name', (select person.sealed(u.customer_id, 'name', "
        "u.name_box)"
        " from person.customer u where u.customer_id = a.customer_id), 'missing', " MISSING
        ")::text, " MICROS " || '.' || a.application_id from programme.application a"
        " join programme.programme g using (programme_id)"
        " join programme.premise p using (premise_id) where " IN_QUEUE
        " and ($1::text is null or a.state = $1) and ($2::text is null or (a.state_since,"
        " a.application_id) > (timestamptz 'epoch' + split_part($2, '.', 1)::bigint"
        " * interval '1 microsecond', split_part($2, '.', 2)::bigint))"
        " and ($4::text is null or g.code = $4) and ($5::text is null or a.assignee = $5)"
        " and (not $6::boolean or a.assignee is null)"
        " and (not $7::boolean or " DUE " < now())"
        " and ($8::text is null or a.application_id in (select f.application_id"
        " from programme.application_search($8, $9::bigint[], $10::bigint[], $11::bigint[]) f))"
        " order by a.state_since, a.application_id limit $3",
        params, 11};
    return document_list(db, &q, page, ret);
}

enum error_code queue_states(struct db *db, char **ret)
{
    struct document_query q = {
        "select json_build_object('items', coalesce(json_agg(json_build_object('state', s.state,"
        " 'meaning', s.meaning, 'count', coalesce(c.n, 0), 'overdue', coalesce(c.late, 0),"
        " 'unassigned', coalesce(c.free, 0), 'oldest_at', access.rfc3339(c.oldest))"
        " order by s.n), '[]'))::text from programme.state s left join (select a.state,"
        " count(*) as n, count(*) filter (where a.state_since + make_interval(days => l.days)"
        " < now()) as late, count(*) filter (where a.assignee is null) as free,"
        " min(a.state_since) as oldest from programme.application a"
        " left join programme.state_deadline l using (programme_id, state) group by 1) c"
        " using (state)",
        NULL, 0};
    return document_get(db, &q, ret);
}

enum error_code queue_audit(struct db *db, int64_t application_id, const struct document_page *page,
                            struct document_list *ret)
{
    struct db_param params[] = {db_int(application_id), db_text(page->after),
                                db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('id', a.audit_id, 'at', access.rfc3339(a.at), 'by', t.label,"
        " 'role', a.role, 'action', a.action, 'before', a.before, 'after', a.after,"
        " 'reason', a.reason, 'request_id', a.request_id)::text, a.audit_id from access.audit a"
        " left join access.token t using (token_id)"
        " where (a.object_id = $1::bigint::text and a.action like 'application.%'"
        " or a.action = 'decision.create' and a.object_id in (select d.decision_id::text"
        " from programme.decision d where d.application_id = $1)"
        " or a.action = 'override.create' and a.object_id in (select "
        "o.application_override_id::text"
        " from programme.application_override o where o.application_id = $1))"
        " and ($2::bigint is null or a.audit_id < $2::bigint) order by a.audit_id desc limit $3",
        params, 3};
    enum error_code ec = application_exists(db, application_id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code queue_surroundings(struct db *db, int64_t premise_id, int64_t radius_m, char **ret)
{
    struct db_param params[] = {db_int(premise_id), db_int(radius_m)};
    struct document_query q = {"select programme.surroundings($1, $2::integer)::text", params, 2};
    return document_get(db, &q, ret);
}
