/* Applications to a programme. Their decisions are in store/decision.h. */
#include "store/application.h"

#include <stdio.h>

#include "store/decision.h"
#include "store/ownership.h"

#define APPLICATION                                                                                \
    "'id', a.application_id, 'programme', g.code, 'premise_id', a.premise_id,"                     \
    " 'account_id', a.account_id, 'customer_id', a.customer_id, 'generator', "                     \
    "json_build_object('make',"                                                                    \
    " a.generator_make, 'model', a.generator_model),"                                              \
    " 'attestations', json_build_object('owner_or_permission', a.owner_or_permission,"             \
    " 'access_agreed', a.access_agreed, 'survey_agreed', a.survey_agreed,"                         \
    " 'medical_needs_not_compromised', a.medical_needs_not_compromised,"                           \
    " 'medical_needs_met_in_shutoff', a.medical_needs_met_in_shutoff),"                            \
    " 'prior_rebate', a.prior_rebate, 'state', a.state,"                                           \
    " 'state_since', access.rfc3339(a.state_since), 'state_reason', a.state_reason,"               \
    " 'due_at', (select access.rfc3339(a.state_since + make_interval(days => l.days))"             \
    " from programme.state_deadline l where l.programme_id = a.programme_id"                       \
    " and l.state = a.state), 'eligible_at', access.rfc3339(a.eligible_at),"                       \
    " 'season', (select y.season from programme.programme_year y"                                  \
    " where y.programme_year_id = a.programme_year_id), 'waitlist_position',"                      \
    " case a.state when 'waitlisted' then (select count(*) from programme.application w"           \
    " where w.programme_id = a.programme_id and w.state = 'waitlisted'"                            \
    " and (w.eligible_at, w.application_id) <= (a.eligible_at, a.application_id)) end,"            \
    " 'assignee', a.assignee, 'version', a.version,"                                               \
    " 'created_at', access.rfc3339(a.created_at)"

static enum error_code insert(struct db *db, const struct application_new *a, int64_t *ret_id)
{
    struct db_param params[] = {
        db_text(a->programme),
        document_int(a->premise_id),
        document_int(a->account_id),
        db_text(a->generator_make),
        db_text(a->generator_model),
        document_bool(a->owner_or_permission),
        document_bool(a->access_agreed),
        document_bool(a->survey_agreed),
        document_bool(a->medical_needs_not_compromised),
        document_bool(a->medical_needs_met_in_shutoff),
        document_bool(a->prior_rebate),
    };
    struct document_query q = {
        "insert into programme.application (programme_id, premise_id, account_id,"
        " generator_make, generator_model, owner_or_permission, access_agreed,"
        " survey_agreed, medical_needs_not_compromised, medical_needs_met_in_shutoff,"
        " prior_rebate, state, customer_id) select g.programme_id, $2, $3, $4, $5, $6, $7, $8, $9,"
        " $10, coalesce($11, false), 'draft', (select c.customer_id from programme.account c"
        " where c.account_id = $3) from programme.programme g where g.code = $1"
        " returning application_id",
        params, 11};
    return document_id(db, &q, ret_id);
}

const struct resource application_resource = {
    .name = "application",
    .current = "select json_build_object('generator', json_build_object('make', a.generator_make,"
               " 'model', a.generator_model), 'prior_rebate', a.prior_rebate, 'assignee',"
               " a.assignee)::text from programme.application a where a.application_id = $1"
               " for update",
    .update = "update programme.application a set generator_make = $2, generator_model = $3,"
              " prior_rebate = coalesce($4, false), assignee = $5, version = a.version + 1"
              " where a.application_id = $1 and (a.state in ('draft', 'submitted', 'in_review',"
              " 'needs_information', 'ineligible') or (a.generator_make, a.generator_model,"
              " a.prior_rebate) = ($2, $3, coalesce($4, false))) returning a.application_id",
    .audit = "select json_build_object('generator_make', a.generator_make, 'generator_model',"
             " a.generator_model, 'prior_rebate', a.prior_rebate, 'assignee', a.assignee, 'state',"
             " a.state, 'version', a.version)::text from programme.application a"
             " where a.application_id = $1",
};

enum error_code application_state(struct db *db, int64_t id, char ret[APPLICATION_STATE_MAX])
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(id)};
    enum error_code ec =
        db_run(db, "select state from programme.application where application_id = $1 for update",
               params, 1, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK)
        snprintf(ret, APPLICATION_STATE_MAX, "%s", db_get_text(r, 0, 0));
    db_result_free(r);
    return ec;
}

enum error_code application_merge(struct db *db, const struct audit_by *by, int64_t kept_id,
                                  int64_t merged_id, const char *reason,
                                  struct transition_refusals *ret)
{
    struct db_param params[] = {db_int(kept_id),       db_int(merged_id), db_text(reason),
                                db_text(by->token_id), db_text(by->role), db_text(by->request_id)};
    struct document_query q = {
        "select m.refused_by, m.sentence from programme.application_merge($1, $2, $3,"
        " row($4, $5, $6)::access.actor) m",
        params, 6};
    return transition_query(db, &q, ret);
}

enum error_code application_exists(struct db *db, int64_t id)
{
    int64_t found = 0;
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select application_id from programme.application where application_id = $1", params, 1};
    return document_id(db, &q, &found);
}

enum error_code application_customer(struct db *db, int64_t id, int64_t *ret)
{
    struct db_param params[] = {db_int(id)};
    struct document_query q = {
        "select customer_id from programme.application where application_id = $1", params, 1};
    return document_id(db, &q, ret);
}

/* Each box of the form becomes an attestation of its own. */
static enum error_code attest(struct db *db, const struct audit_by *by, int64_t id,
                              const char *terms_version)
{
    struct db_param params[] = {db_int(id), db_text(by->token_id), db_text(by->role),
                                db_text(terms_version)};
    return db_run(
        db,
        "insert into programme.attestation (application_id, kind, agreed, token_id, role,"
        " terms_version) select a.application_id, v.kind, v.agreed, $2, $3, $4"
        " from programme.application a cross join lateral (values"
        " ('owner_or_permission', a.owner_or_permission), ('access', a.access_agreed),"
        " ('survey', a.survey_agreed),"
        " ('medical_needs_not_compromised', a.medical_needs_not_compromised),"
        " ('medical_needs_met_in_shutoff', a.medical_needs_met_in_shutoff)) v(kind, agreed)"
        " where a.application_id = $1 and v.agreed is not null",
        params, 4, NULL);
}

enum error_code application_create(struct db *db, const struct audit_by *by,
                                   const struct application_new *application, int64_t *ret_id)
{
    int64_t id = 0;
    enum error_code ec = insert(db, application, &id);
    if (ec == EC_OK)
        ec = attest(db, by, id, application->terms_version);
    if (ec == EC_OK)
        ec = audit_add_row(db, by, "application.create", id,
                           "select (to_jsonb(a) - 'medical_needs_not_compromised' -"
                           " 'medical_needs_met_in_shutoff')::text from programme.application a"
                           " where a.application_id = $1");
    if (ec == EC_OK)
        *ret_id = id;
    return ec;
}

#define ACTIONS                                                                                    \
    "(select coalesce(json_agg(json_build_object('action', t.action, 'to', t.to_state,"            \
    " 'needs_reason', t.needs_reason, 'allowed', t.refusals = '[]', 'refusals', t.refusals)"       \
    " order by t.action), '[]') from programme.application_action(a.application_id, $3) t"         \
    " where t.roles && '{enrolment,installer,operator}')"

#define DUPLICATES                                                                                 \
    "(select coalesce(json_agg(json_build_object('application_id', d.application_id, 'state',"     \
    " d.state, 'matched', d.matched) order by d.application_id), '[]')"                            \
    " from programme.duplicate(a.application_id) d)"

enum error_code application_get(struct db *db, int64_t id, const char *role, char **ret)
{
    struct db_param params[] = {db_bool(1), db_int(id), db_text(role)};
    struct document_query q = {
        "select json_build_object(" APPLICATION ", 'decision', (select " DECISION_JSON
        " from programme.decision d where d.application_id = a.application_id"
        " order by d.decision_id desc limit 1), 'duplicates', " DUPLICATES ", 'merged',"
        " array(select m.merged_id from programme.application_merge m"
        " where m.kept_id = a.application_id order by 1), 'actions', " ACTIONS
        ")::text from programme.application a"
        " join programme.programme g using (programme_id) where a.application_id = $2",
        params, 3};
    return document_get(db, &q, ret);
}

enum error_code application_events(struct db *db, int64_t id, const struct document_page *page,
                                   struct document_list *ret)
{
    struct db_param params[] = {db_int(id), db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('id', e.application_event_id, 'at', access.rfc3339(e.at),"
        " 'action', e.action, 'from', e.from_state, 'to', e.to_state, 'reason', e.reason,"
        " 'role', e.role, 'token_id', e.token_id)::text, e.application_event_id"
        " from programme.application_event e where e.application_id = $1"
        " and ($2::bigint is null or e.application_event_id > $2::bigint)"
        " order by e.application_event_id limit $3",
        params, 3};
    enum error_code ec = application_exists(db, id);
    return ec == EC_OK ? document_list(db, &q, page, ret) : ec;
}

enum error_code application_list(struct db *db, const struct application_filter *filter,
                                 const struct document_page *page, struct document_list *ret)
{
    struct person_search sought;
    person_search(filter->keys, filter->text, &sought);
    struct db_param params[] = {
        db_text(filter->state),
        db_text(page->after),
        db_int(page->limit + 1),
        db_text(filter->programme),
        db_text(filter->assignee),
        filter->premise_id != 0 ? db_int(filter->premise_id) : db_null(),
        db_bool(filter->is_overdue),
        db_text(filter->text),
        db_bool(filter->with_names),
        db_text(filter->crew),
        filter->with_names ? db_text(sought.words[0]) : db_null(),
        filter->with_names ? db_text(sought.words[1]) : db_null(),
        filter->with_names ? db_text(sought.other) : db_null(),
    };
    struct document_query q = {
        "select json_build_object(" APPLICATION
        ", 'address', concat_ws(', ', p.address, p.city), 'customer_name', (select"
        " person.sealed(u.customer_id, 'name', u.name_box) from person.customer u where "
        "u.customer_id = a.customer_id and $9::boolean),"
        " 'outcome', (select d.outcome from programme.decision d"
        " where d.application_id = a.application_id order by d.decision_id desc"
        " limit 1))::text, a.application_id from programme.application a"
        " join programme.programme g using (programme_id) join programme.premise p using"
        " (premise_id) where ($1::text is null or a.state = $1) and ($2::bigint is null or"
        " a.application_id > $2::bigint) and ($4::text is null or g.code = $4)"
        " and ($5::text is null or a.assignee = $5) and ($6::bigint is null or a.premise_id = $6)"
        " and (not $7::boolean or exists (select from programme.state_deadline l"
        " where l.programme_id = a.programme_id and l.state = a.state"
        " and a.state_since + make_interval(days => l.days) < now()))"
        " and ($8::text is null or a.application_id in (select f.application_id"
        " from programme.application_search($8, $11::bigint[], $12::bigint[], $13::bigint[]) f)) "
        "and ($10::text "
        "is null"
        " or " OWNERSHIP_JOB("a.application_id", "$10") ") order by a.application_id limit $3",
        params, 13};
    return document_list(db, &q, page, ret);
}
