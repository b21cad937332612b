/* What other sources say that may be events of ours: proposed with a score, decided by a person. */
#ifndef BPTM_EVENT_LINK_H
#define BPTM_EVENT_LINK_H

#include "store/resource.h"

/** Conditions of a list; NULL and 0: any. */
struct event_link_filter {
    const char *status; /* "proposed", "confirmed", "refused" */
    const char *source; /* "feed", "psps", "epss", "meter_events" */
    int64_t event_id;
};

/** May be changed: status, reason. */
extern const struct resource event_link_resource;

/** SQL: a link `l` as JSON, with what the other source says from EVENT_LINK_FROM. */
#define EVENT_LINK_JSON                                                                            \
    "json_build_object('id', l.event_link_id, 'event_id', l.event_id, 'source', l.source,"         \
    " 'name', s.name, 'started_at', access.rfc3339(s.started_at),"                                 \
    " 'ended_at', access.rfc3339(s.ended_at), 'customers', s.customers,"                           \
    " 'score', round(l.score::numeric, 3), 'parts', l.parts, 'explained', concat_ws('; ',"         \
    " case when l.parts #> '{place,km}' is not null then (l.parts #>> '{place,km}')"               \
    " || ' km apart' end, case when l.parts #> '{place,homes}' is not null then format("           \
    "'meters at %s of %s homes say so', l.parts #>> '{place,meters}',"                             \
    " l.parts #>> '{place,homes}') end, case when l.parts #> '{time,overlap}' is not null"         \
    " then format('%s %% of the time in common, starts %s minutes apart',"                         \
    " round((l.parts #>> '{time,overlap}')::numeric * 100), l.parts #>> '{time,start_minutes}')"   \
    " end, case l.parts #>> '{circuit,score}' when '1' then 'the same circuit'"                    \
    " when '0' then 'another circuit' end), 'status', l.status, 'reason', l.reason,"               \
    " 'proposed_at', access.rfc3339(l.proposed_at),"                                               \
    " 'decided_at', access.rfc3339(l.decided_at))"

#define EVENT_LINK_FROM                                                                            \
    " from outage.event_link l left join lateral ("                                                \
    "select f.source || ' ' || f.number as name, f.started_at, f.ended_at, f.customers"            \
    " from outage.feed_outage f where l.source = 'feed' and f.source = split_part(l.key, ' ', 1)"  \
    " and f.number = substr(l.key, position(' ' in l.key) + 1) union all"                          \
    " select concat_ws(' ', u.utility, u.event, u.circuit_text), u.out_at, u.restored_at,"         \
    " u.customers from outage.utility_event u where l.source in ('psps', 'epss')"                  \
    " and u.utility_event_id::text = l.key) s on true"

/** A page of links by their ids. */
enum error_code event_link_list(struct db *db, const struct event_link_filter *filter,
                                const struct document_page *page,
                                struct document_list *ret) MUST_CHECK;

#endif
