/* Eligibility decisions: made by the database, kept for ever, read with their reasons. */
#ifndef BPTM_DECISION_H
#define BPTM_DECISION_H

#include "store/audit.h"

/** SQL of a decision `d` as JSON; $1::boolean: with inputs and the rule that speaks of a person's
 *  health. */
#define DECISION_JSON                                                                              \
    "json_build_object('id', d.decision_id, 'application_id', d.application_id,"                   \
    " 'ruleset', (select json_build_object('programme', g.code, 'version', s.version,"             \
    " 'title', s.title) from programme.ruleset s join programme.programme g using"                 \
    " (programme_id) where s.ruleset_id = d.ruleset_id), 'zone_layers',"                           \
    " (select coalesce(json_agg(json_build_object('code', l.code, 'version', l.version)"           \
    " order by l.code), '[]') from programme.zone_layer l"                                         \
    " where l.zone_layer_id = any (d.zone_layer_ids)), 'circuit_lists',"                           \
    " (select coalesce(json_agg(json_build_object('designation', c.designation, 'version',"        \
    " c.version) order by c.designation), '[]') from programme.circuit_list c"                     \
    " where c.circuit_list_id = any (d.circuit_list_ids)), 'is_near_boundary',"                    \
    " d.is_near_boundary, 'generator_list_version',"                                               \
    " (select v.version from programme.generator_list v"                                           \
    " where v.generator_list_id = d.generator_list_id), 'outcome', d.outcome,"                     \
    " 'decided_at', access.rfc3339(d.decided_at),"                                                 \
    " 'inputs_hash', encode(d.inputs_hash, 'hex'),"                                                \
    " 'inputs', case when $1::boolean then d.inputs end,"                                          \
    " 'rules', (select coalesce(json_agg(json_build_object('position', r.position,"                \
    " 'code', r.code, 'result', r.result, 'evidence', r.evidence, 'sentence', r.sentence)"         \
    " order by r.position), '[]') from programme.decision_rule r"                                  \
    " where r.decision_id = d.decision_id"                                                         \
    " and ($1::boolean or not r.evidence ? 'medical_baseline')))"

/**
 * Decide an application now and write the audit row. Call inside db_transact().
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED when it cannot move to the outcome or no ruleset
 * was in force on its day, db_detail() says which; or a database error
 */
enum error_code decision_make(struct db *db, const struct audit_by *by, int64_t application_id,
                              int64_t *ret_id) MUST_CHECK;

/**
 * @param full  0: without the inputs and the rule about a person's health
 * @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error
 */
enum error_code decision_get(struct db *db, int64_t id, int full, char **ret) MUST_CHECK;

/** Decisions of an application, newest first. */
enum error_code decision_list(struct db *db, int64_t application_id, int full,
                              const struct document_page *page,
                              struct document_list *ret) MUST_CHECK;

#endif
