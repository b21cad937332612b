/* Alarms: reading them, and what a person makes of one. */
#include "store/alarm.h"

#include <string.h>

#define STATE                                                                                      \
    "case when a.cleared_at is not null then 'cleared'"                                            \
    " when a.acknowledged_at is not null then 'acknowledged' else 'raised' end"
#define ALARM                                                                                      \
    "'id', a.alarm_id, 'kind', a.kind, 'severity', r.severity, 'means', r.means,"                  \
    " 'state', " STATE ", 'device', d.serial, 'premise_id', a.premise_id,"                         \
    " 'since', access.rfc3339(a.since), 'detail', a.detail,"                                       \
    " 'raised_at', access.rfc3339(a.raised_at),"                                                   \
    " 'acknowledged_at', access.rfc3339(a.acknowledged_at),"                                       \
    " 'acknowledged_by', a.acknowledged_by, 'cleared_at', access.rfc3339(a.cleared_at),"           \
    " 'cleared_by', a.cleared_by"
#define ALARM_FROM                                                                                 \
    " from outage.alarm a join outage.alarm_rule r using (kind) join fleet.device d using "        \
    "(device_id)"

enum error_code alarm_list(struct db *db, const struct alarm_filter *f,
                           const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {db_text(f->state),  db_text(f->kind),     db_text(f->severity),
                                db_text(f->device), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object(" ALARM ")::text, a.alarm_id" ALARM_FROM
        " where ($1::text is null or " STATE " = $1) and ($2::text is null or a.kind = $2)"
        " and ($3::text is null or r.severity = $3) and ($4::text is null or d.serial = $4)"
        " and ($5::bigint is null or a.alarm_id < $5::bigint) order by a.alarm_id desc limit $6",
        params, 6};
    return document_list(db, &q, page, ret);
}

enum error_code alarm_get(struct db *db, int64_t id, char **ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select json_build_object(" ALARM ", 'history', (select json_agg(json_build_object("
        "'at', access.rfc3339(e.at), 'event', e.event, 'by', e.by, 'note', e.note,"
        " 'detail', e.detail) order by e.number)"
        " from outage.alarm_event e where e.alarm_id = a.alarm_id))::text" ALARM_FROM
        " where a.alarm_id = $1",
        params, 1};
    return document_get(db, &q, ret);
}

enum error_code alarm_answer(struct db *db, const struct audit_by *by, int64_t id,
                             const char *event, const char *note)
{
    const char *action = strcmp(event, "cleared") == 0 ? "alarm.clear" : "alarm.acknowledge";
    struct db_param params[] = {db_int(id), db_text(event),
                                db_text(by->token_id != NULL  ? by->token_id
                                        : by->subject != NULL ? by->subject
                                                              : by->role),
                                db_text(note)};
    struct document_query q = {"select outage.alarm_answer($1, $2, $3, $4)", params, 4};
    return audit_change_row(
        db, by, action, id,
        "select json_build_object(" ALARM ")::text" ALARM_FROM " where a.alarm_id = $1", &q);
}
