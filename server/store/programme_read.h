/* Reading what programmes rest on: rulesets, map layers, circuits. */
#ifndef BPTM_PROGRAMME_READ_H
#define BPTM_PROGRAMME_READ_H

#include "store/document.h"

/** SQL of a ruleset `s` as JSON. */
#define RULESET_JSON                                                                               \
    "json_build_object('version', s.version, 'title', s.title,"                                    \
    " 'state', s.state, 'valid_from', s.valid_from, 'valid_to', s.valid_to, 'rules', s.rules,"     \
    " 'published_at', case when s.state = 'published' then access.rfc3339(s.published_at) end)"

/** SQL of a programme `g` as JSON, with the ruleset in force today and the season whose places are
 *  given out. */
#define PROGRAMME_JSON                                                                             \
    "json_build_object('code', g.code, 'name', g.name, 'kind', g.kind, 'grandfathering', "         \
    "g.grandfathering,"                                                                            \
    " 'created_at', access.rfc3339(g.created_at), 'deadlines', (select"                            \
    " coalesce(json_object_agg(l.state, l.days order by l.state), '{}')"                           \
    " from programme.state_deadline l where l.programme_id = g.programme_id), 'season', (select"   \
    " json_build_object('season', y.season, 'quota', y.quota, 'reserved', y.reserved)"             \
    " from programme.season(g.programme_id) y), 'ruleset', (select " RULESET_JSON                  \
    " from programme.ruleset s where s.programme_id = g.programme_id and s.state = 'published'"    \
    " and daterange(s.valid_from, s.valid_to) @> current_date))"

/** Programmes with the ruleset in force today, by code. */
enum error_code programme_read_list(struct db *db, const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

/** Rulesets of a programme, newest version first. @return EC_NOT_FOUND without such a programme */
enum error_code programme_read_rulesets(struct db *db, const char *code,
                                        const struct document_page *page,
                                        struct document_list *ret) MUST_CHECK;

/** Versions of map layers, by id. */
enum error_code programme_read_layers(struct db *db, const struct document_page *page,
                                      struct document_list *ret) MUST_CHECK;

/** Circuits with the lists they are on today, by circuit id; metered: only with a meter of ours. */
enum error_code programme_read_circuits(struct db *db, int metered,
                                        const struct document_page *page,
                                        struct document_list *ret) MUST_CHECK;

#endif
