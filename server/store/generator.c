/* The generator list: search and the verdict on one generator. */
#include "store/generator.h"

enum error_code generator_search(struct db *db, const char *text, int64_t limit,
                                 struct document_list *ret)
{
    struct document_page page = {NULL, limit};
    struct db_param params[] = {db_text(text), db_int(limit)};
    struct document_query q = {
        "select json_build_object('id', s.generator_model_id, 'make', s.make, 'model', s.model,"
        " 'source_type', s.source_type, 'fuels', s.fuels, 'verdict', s.verdict,"
        " 'grade', s.grade, 'status', s.status, 'distance', s.distance, 'score', "
        "round(s.score::numeric, 3))::text, ''"
        " from programme.generator_search($1, $2::integer) s"
        " order by s.distance nulls last, s.score desc, s.make, s.model",
        params, 2};
    return document_list(db, &q, &page, ret);
}

/* The parameters $1..$5 of a site, always first. */
enum { SITE_PARAMS = 5 };

#define SITE                                                                                       \
    "jsonb_strip_nulls(jsonb_build_object('altitude_m',"                                           \
    " coalesce($2::numeric, round($1::numeric * 0.3048, 3)), 'fuel', $3::text,"                    \
    " 'cord_conductors', $4::integer, 'cord_awg', $5::integer))"

static void put_site(const struct generator_site *site, struct db_param ret[SITE_PARAMS])
{
    static const struct generator_site nothing = {NULL, NULL, NULL, NULL, NULL};
    const struct generator_site *s = site != NULL ? site : &nothing;

    ret[0] = db_text(s->altitude_ft);
    ret[1] = db_text(s->altitude_m);
    ret[2] = db_text(s->fuel);
    ret[3] = db_text(s->cord_conductors);
    ret[4] = db_text(s->cord_awg);
}

#define READY(make, model)                                                                         \
    "select body from programme.generator_answer"                                                  \
    " where make = lower(" make ") and model = lower(" model ")"

static enum error_code get_ready(struct db *db, const char *make, const char *model, char **ret)
{
    struct db_param params[] = {db_text(make), db_text(model)};
    struct document_query q = {READY("$1", "$2"), params, 2};
    return document_get(db, &q, ret);
}

void generator_along(const char *make, const char *model, struct token_along *ret)
{
    *ret = (struct token_along){READY("$2", "$3"), {db_text(make), db_text(model)}, 2};
}

enum error_code generator_by_name(struct db *db, const char *make, const char *model,
                                  const struct generator_site *site, char **ret)
{
    struct db_param params[SITE_PARAMS + 2];
    struct document_query q = {"select programme.compatibility_by_name($6, $7, " SITE ")::text",
                               params, SITE_PARAMS + 2};
    enum error_code ec = site == NULL ? get_ready(db, make, model, ret) : EC_NOT_FOUND;

    if (ec != EC_NOT_FOUND)
        return ec;
    put_site(site, params);
    params[SITE_PARAMS] = db_text(make);
    params[SITE_PARAMS + 1] = db_text(model);
    return document_get(db, &q, ret);
}

enum error_code generator_by_text(struct db *db, const char *text,
                                  const struct generator_site *site, char **ret)
{
    struct db_param params[SITE_PARAMS + 1];
    struct document_query q = {"select programme.compatibility_by_text($6, " SITE ")::text", params,
                               SITE_PARAMS + 1};

    put_site(site, params);
    params[SITE_PARAMS] = db_text(text);
    return document_get(db, &q, ret);
}

enum error_code generator_by_label(struct db *db, const struct generator_label *label,
                                   const struct generator_site *site, char **ret)
{
    struct db_param params[SITE_PARAMS + 10];
    const char *const values[] = {
        label->receptacle, label->volts, label->amps,       label->breaker, label->watts,
        label->neutral,    label->gfci,  label->co_shutoff, label->carb,    label->source_type};
    struct document_query q = {
        "select programme.compatibility_by_label(jsonb_strip_nulls(jsonb_build_object("
        "'receptacles', case when $6::text is not null then array[upper($6::text)] end,"
        " 'volts', $7::text, 'rated_a_240v', $8::integer, 'breaker_a', $9::integer,"
        " 'running_w', case when $10::integer is not null then array[$10::integer] end,"
        " 'fuels', case when $3::text is not null then array[$3::text] end,"
        " 'neutral', nullif($11::text, 'unknown'), 'gfci_on_240v', $12::boolean,"
        " 'co_shutoff', $13::boolean, 'carb', $14::boolean, 'source_type', $15::text)), " SITE
        ")::text",
        params, SITE_PARAMS + 10};

    put_site(site, params);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        params[SITE_PARAMS + i] = db_text(values[i]);
    return document_get(db, &q, ret);
}
