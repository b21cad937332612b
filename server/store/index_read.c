/* Reading reliability indices (IEEE 1366) and what they rest on. */
#include "store/index_read.h"

/* What the numbers of the enrolled homes are not, said with every answer of theirs. */
#define BIAS                                                                                       \
    "case s.kind when 'meters' then 'Of the homes of the programme only: chosen for high fire "    \
    "risk"                                                                                         \
    " or many outages, so no estimate of the whole utility.' else 'Of the whole utility, as its"   \
    " feed says; groups show what they add to the whole.' end"

#define SOURCE_FROM " from outage.source s where s.code = $1"

/* Parameters that more than one statement takes. */
#define BASIS(from, to)                                                                            \
    "coalesce(" from "::date, ($2::date - interval '5 years')::date), coalesce(" to                \
    "::date, $2::date)"

enum error_code index_read_sources(struct db *db, const struct document_page *page,
                                   struct document_list *ret)
{
    struct db_param params[] = {db_text(page->after), db_int(page->limit + 1)};
    struct document_query q = {
        "select json_build_object('code', s.code, 'name', s.name, 'kind', s.kind,"
        " 'time_zone', s.time_zone, 'customers_served', s.customers_served,"
        " 'momentary_minutes', extract(epoch from s.momentary) / 60, 'note', " BIAS ","
        " 'first_day', d.first_day, 'last_day', d.last_day)::text, s.code"
        " from outage.source s left join lateral (select min(i.day) as first_day,"
        " max(i.day) as last_day from outage.index_day i where i.source = s.code) d on true"
        " where ($1::text is null or s.code > $1) order by s.code limit $2",
        params, 2};
    return document_list(db, &q, page, ret);
}

/* A member of an answer, of row `r`: null where too few homes are served. */
#define TOLD(name, value)     ", '" name "', case when r.is_told then " value " end"
#define WHOLE(name)           TOLD(#name, "r." #name)
#define ROUNDED(name, digits) TOLD(#name, "round(r." #name "::numeric, " #digits ")")

/* clang-format off */
static const char indices_sql[] =
    "with row as (select i.*, outage.told($12::boolean, i.customers_served, w) as is_told"
    " from outage.indices($1, $2::date, $3::date, coalesce(string_to_array($4, ','), '{}'), $5, $6,"
    " $7, coalesce($8, 'with'), $9::date, $10::date) i cross join outage.disclosure w"
    " limit $11::bigint + 1)"
    " select case when (select count(*) from row) <= $11::bigint then json_build_object("
    "'source', s.code, 'note', " BIAS ", 'from', $2::date, 'to', $3::date,"
    " 'major_event_days', coalesce($8, 'with'), 'items', (select coalesce(json_agg("
    "json_build_object('month', to_char(r.month, 'YYYY-MM'), 'area', r.area,"
    " 'circuit_id', r.circuit_id, 'cause', r.cause, 'days', r.days"
    ROUNDED(customers_served, 3) WHOLE(interruptions) WHOLE(customer_interruptions)
    ROUNDED(customer_minutes, 3) WHOLE(momentary_events) WHOLE(unended)
    ROUNDED(saidi, 6) ROUNDED(saifi, 6) ROUNDED(caidi, 6) ROUNDED(asai, 9) ROUNDED(maifi_e, 6)
    ")), '[]') from row r))::text end" SOURCE_FROM;

static const char customers_sql[] =
    "select json_build_object('source', s.code, 'note', " BIAS ", 'from', $2::date,"
    " 'to', $3::date, 'major_event_days', coalesce($6, 'with'), 'n', $9::integer,"
    " 'above', $10::boolean, 'hours', $11::integer"
    ROUNDED(customers_served, 3) WHOLE(customers_interrupted) WHOLE(customer_interruptions)
    WHOLE(customers_n) WHOLE(customers_s) ROUNDED(cemi_n, 6) ROUNDED(celid_s, 6) ROUNDED(caifi, 6)
    ")::text from outage.source s, lateral (select i.*, i.cemi as cemi_n,"
    " outage.told($12::boolean, i.customers_served, w) as is_told"
    " from outage.customer_indices(s.code, $2::date, $3::date, $9::integer, $10::boolean,"
    " $11::double precision, $4, $5, coalesce($6, 'with'), $7::date, $8::date) i,"
    " outage.disclosure w) r where s.code = $1";
/* clang-format on */

/* One group more than an answer may have is asked for, to know whether there are too many. */
enum error_code index_read_indices(struct db *db, const struct index_read_query *q, int full,
                                   char **ret)
{
    struct db_param params[] = {
        db_text(q->source),
        db_text(q->from),
        db_text(q->to),
        db_text(q->by),
        db_text(q->area),
        db_text(q->circuit),
        db_text(q->cause),
        db_text(q->major),
        db_text(q->basis_from),
        db_text(q->basis_to),
        db_int(INDEX_READ_GROUPS_MAX),
        db_bool(full),
    };
    struct document_query query = {indices_sql, params, 12};
    char *text = NULL;
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, "select 1 from outage.source where code = $1", params, 1, &r);

    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    db_result_free(r);
    if (ec == EC_OK) {
        ec = document_get(db, &query, &text);
        if (ec == EC_NOT_FOUND)
            ec = EC_PARAMETER_INVALID;
    }
    if (ec == EC_OK)
        *ret = text;
    return ec;
}

enum error_code index_read_customers(struct db *db, const struct index_read_query *q, int full,
                                     char **ret)
{
    struct db_param params[] = {
        db_text(q->source),  db_text(q->from),       db_text(q->to),         db_text(q->area),
        db_text(q->circuit), db_text(q->major),      db_text(q->basis_from), db_text(q->basis_to),
        db_int(q->n),        db_bool(q->above != 0), db_int(q->hours),       db_bool(full),
    };
    struct document_query query = {customers_sql, params, 12};
    return document_get(db, &query, ret);
}

/* Of as few homes as the indices are not told of, neither in the basis nor in the period, only the
   days that were asked for. */
/* clang-format off */
static const char major_sql[] =
    "select json_build_object('source', s.code, 'note', " BIAS ", 'from', $2::date,"
    " 'to', $3::date, 'basis', json_build_object('from', b.from_day, 'to', b.to_day"
    WHOLE(days) WHOLE(interruptions) ")"
    ROUNDED(alpha, 6) ROUNDED(beta, 6) ROUNDED(t_med, 6)
    TOLD("days", "(select coalesce(json_agg(json_build_object('day', d.day,"
         " 'saidi', round(d.saidi::numeric, 6)) order by d.day), '[]')"
         " from outage.major_event_days(s.code, $2::date, $3::date, b.from_day, b.to_day) d)")
    ")::text from outage.source s cross join outage.disclosure w"
    " cross join lateral (select " BASIS("$4", "$5") ") b (from_day, to_day)"
    " cross join lateral (select t.*, $6::boolean or (select bool_and(outage.told(false,"
    " i.customers_served, w)) from (values (b.from_day, b.to_day), ($2::date, $3::date)) p(f, t)"
    " cross join lateral outage.indices(s.code, p.f, p.t) i) as is_told"
    " from outage.major_event_threshold(s.code, b.from_day, b.to_day) t) r where s.code = $1";
/* clang-format on */

enum error_code index_read_major(struct db *db, const struct index_read_query *q, int full,
                                 char **ret)
{
    struct db_param params[] = {
        db_text(q->source),     db_text(q->from),     db_text(q->to),
        db_text(q->basis_from), db_text(q->basis_to), db_bool(full),
    };
    struct document_query query = {major_sql, params, 6};
    return document_get(db, &query, ret);
}
