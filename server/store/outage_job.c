/* Work of the timed jobs: deriving outages, rollups, forgetting old answers. */
#include "store/outage_job.h"

static enum error_code run_count(struct db *db, const char *sql, uint32_t number, uint64_t *ret)
{
    const struct db_param params[] = {db_int(number)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, 1, &r);

    if (ec == EC_OK)
        *ret = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code outage_job_derive(struct db *db, uint32_t most, uint64_t *ret_devices)
{
    return run_count(db,
                     "select coalesce(cardinality(p.ids), 0), outage.derive(p.ids)"
                     " from (select array_agg(device_id) as ids"
                     "  from outage.pending($1::integer)) p",
                     most, ret_devices);
}

enum error_code outage_job_events(struct db *db, uint32_t most, uint64_t *ret_places)
{
    return run_count(db, "select outage.derive_events($1::integer)", most, ret_places);
}

enum error_code outage_job_facts(struct db *db, uint32_t most, uint64_t *ret_devices)
{
    return run_count(db, "select outage.derive_facts($1::integer)", most, ret_devices);
}

enum error_code outage_job_match(struct db *db, uint32_t most, uint64_t *ret_events)
{
    return run_count(db, "select outage.match_events($1::integer)", most, ret_events);
}

enum error_code outage_job_alarms(struct db *db, uint32_t most, uint64_t *ret_devices)
{
    return run_count(db, "select outage.watch_journals($1::integer, now())", most, ret_devices);
}

enum error_code outage_job_fleet_alarms(struct db *db)
{
    return db_run(db, "select outage.watch_fleet(now())", NULL, 0, NULL);
}

enum error_code outage_job_watch(struct db *db)
{
    return db_run(db, "select outage.watch(now())", NULL, 0, NULL);
}

enum error_code outage_job_roll_up(struct db *db, uint32_t most, uint64_t *ret_days)
{
    return run_count(db, "select outage.roll_up_due($1::integer)", most, ret_days);
}

enum error_code outage_job_count_served(struct db *db, uint64_t *ret_spans)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, "select outage.count_served()", NULL, 0, &r);

    if (ec == EC_OK)
        *ret_spans = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code outage_job_generators(struct db *db, uint64_t *ret_answers)
{
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select programme.generator_answer_refresh("
                                "programme.generator_field_refresh())",
                                NULL, 0, &r);

    if (ec == EC_OK)
        *ret_answers = (uint64_t)db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code outage_job_forget(struct db *db, uint32_t hours, uint64_t *ret_gone)
{
    return run_count(db,
                     "with gone as (delete from access.idempotency"
                     "  where created_at < now() - $1::bigint * interval '1 hour' returning 1)"
                     " select count(*) from gone",
                     hours, ret_gone);
}
