/* What other sources say that may be events of ours. */
#include "store/event_link.h"

const struct resource event_link_resource = {
    .name = "event_link",
    .current = "select json_build_object('status', l.status, 'reason', l.reason)::text"
               " from outage.event_link l where l.event_link_id = $1 for update",
    .update = "update outage.event_link set status = $2, reason = $3,"
              " decided_at = case when $2 <> 'proposed' then now() end"
              " where event_link_id = $1 returning event_link_id",
    .get = "select " EVENT_LINK_JSON "::text" EVENT_LINK_FROM " where l.event_link_id = $1",
    .audit = "select json_build_object('event_id', l.event_id, 'source', l.source, 'key', l.key,"
             " 'status', l.status, 'reason', l.reason)::text"
             " from outage.event_link l where l.event_link_id = $1",
};

enum error_code event_link_list(struct db *db, const struct event_link_filter *filter,
                                const struct document_page *page, struct document_list *ret)
{
    struct db_param params[] = {
        db_text(filter->status),
        db_text(filter->source),
        filter->event_id != 0 ? db_int(filter->event_id) : db_null(),
        db_text(page->after),
        db_int(page->limit + 1),
    };
    struct document_query q = {
        "select " EVENT_LINK_JSON "::text, l.event_link_id" EVENT_LINK_FROM
        " where ($1::text is null or l.status = $1) and ($2::text is null or l.source = $2)"
        " and ($3::bigint is null or l.event_id = $3)"
        " and ($4::text is null or l.event_link_id > $4::bigint)"
        " order by l.event_link_id limit $5",
        params, 5};
    return document_list(db, &q, page, ret);
}
