/* Partitions of the journal by month and of the interruptions by year. */
#include "store/partition.h"

#include <stdio.h>

enum { SQL_LEN = 2048 };

/* One partition to create: its schema, table, name, bounds and by what, as SQL gave them. */
struct partition {
    const char *schema, *parent, *name, *from, *to, *by;
    int created;
};

static enum error_code list_missing(struct db *db, struct db_result **ret)
{
    struct db_param params[] = {db_int(-PARTITION_MONTHS_BEFORE), db_int(PARTITION_MONTHS_AFTER),
                                db_int(PARTITION_YEARS)};

    return db_run(
        db,
        "select distinct p.schema, p.parent, n.name, m.at::date::text,"
        " (m.at + p.step)::date::text, p.by, m.at"
        " from (values ('fleet', 'journal_record', 'part_ts', interval '1 month', 'month'),"
        "   ('fleet', 'journal_batch', 'part_ts', '1 month', 'month'),"
        "   ('outage', 'outage', 'started_at', '1 year', 'year')) p(schema, parent, by, step, unit)"
        " cross join lateral ("
        "   select date_trunc(p.unit, now() + s.n * interval '1 month')"
        "   from generate_series($1::integer, $2::integer) s(n)"
        "   union"
        "   select y.at from (select distinct date_trunc('year', o.started_at) as at"
        "     from outage.outage_default o where o.started_at >= '2000-01-01'"
        "     order by 1 limit $3::bigint) y where p.parent = 'outage') m(at)"
        " cross join lateral (select p.parent || to_char(m.at,"
        "   case p.unit when 'month' then '_\"y\"YYYY\"m\"MM' else '_\"y\"YYYY' end)) n(name)"
        " where to_regclass(p.schema || '.' || n.name) is null"
        " order by p.parent, m.at",
        params, 3, ret);
}

/* The lock is one that an upgrade elsewhere waits for; it may have created the partition by then.
 */
static enum error_code is_missing(struct db *db, const struct partition *p, int *ret)
{
    char sql[SQL_LEN];
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(p->schema), db_text(p->name)};

    snprintf(sql, sizeof(sql), "lock table only %s.%s in share update exclusive mode", p->schema,
             p->parent);
    enum error_code ec = db_run_script(db, sql);
    if (ec == EC_OK)
        ec = db_run(db, "select to_regclass($1 || '.' || $2) is null", params, 2, &r);
    if (ec == EC_OK)
        *ret = db_get_bool(r, 0, 0);
    db_result_free(r);
    return ec;
}

/* Created apart and attached, because the default partition may hold rows of the time; it is
   locked so that no new one comes between moving them and attaching. */
static enum error_code create_body(struct db *db, void *context)
{
    struct partition *p = context;
    char sql[SQL_LEN];
    enum error_code ec = is_missing(db, p, &p->created);

    if (ec != EC_OK || !p->created)
        return ec;
    snprintf(sql, sizeof(sql),
             "lock table %6$s.%1$s_default in access exclusive mode;"
             "create table %6$s.%2$s (like %6$s.%1$s including all excluding identity);"
             "with moved as (delete from %6$s.%1$s_default"
             "  where %5$s >= '%3$s' and %5$s < '%4$s' returning *)"
             " insert into %6$s.%2$s select * from moved;"
             "alter table %6$s.%1$s attach partition %6$s.%2$s"
             " for values from ('%3$s') to ('%4$s')",
             p->parent, p->name, p->from, p->to, p->by, p->schema);
    return db_run_script(db, sql);
}

enum error_code partition_ensure(struct db *db, size_t *ret_created)
{
    struct db_result *r = NULL;
    size_t created = 0;
    enum error_code ec = list_missing(db, &r);

    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        struct partition p = {db_get_text(r, i, 0),
                              db_get_text(r, i, 1),
                              db_get_text(r, i, 2),
                              db_get_text(r, i, 3),
                              db_get_text(r, i, 4),
                              db_get_text(r, i, 5),
                              0};
        ec = db_transact(db, create_body, &p);
        created += ec == EC_OK && p.created;
    }
    if (ec == EC_OK)
        *ret_created = created;
    db_result_free(r);
    return ec;
}
