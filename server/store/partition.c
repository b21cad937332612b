/* Monthly partitions of the journal. */
#include "store/partition.h"

#include <stdio.h>

enum { SQL_LEN = 2048 };

/* One partition to create: its table, name and bounds, as SQL gave them. */
struct partition {
    const char *parent, *name, *from, *to;
    int created;
};

static enum error_code list_missing(struct db *db, struct db_result **ret)
{
    struct db_param params[] = {db_int(-PARTITION_MONTHS_BEFORE), db_int(PARTITION_MONTHS_AFTER)};

    return db_run(
        db,
        "select p.parent, n.name, m.at::date::text,"
        " (m.at + interval '1 month')::date::text"
        " from (values ('journal_record'), ('journal_batch')) p(parent)"
        " cross join generate_series($1::integer, $2::integer) s(n)"
        " cross join lateral (select date_trunc('month', now())"
        "   + s.n * interval '1 month') m(at)"
        " cross join lateral (select p.parent || to_char(m.at, '_\"y\"YYYY\"m\"MM')) n(name)"
        " where to_regclass('fleet.' || n.name) is null"
        " order by p.parent, m.at",
        params, 2, ret);
}

/* The lock is one that an upgrade elsewhere waits for; it may have created the partition by then.
 */
static enum error_code is_missing(struct db *db, const struct partition *p, int *ret)
{
    char sql[SQL_LEN];
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(p->name)};

    snprintf(sql, sizeof(sql), "lock table only fleet.%s in share update exclusive mode",
             p->parent);
    enum error_code ec = db_run_script(db, sql);
    if (ec == EC_OK)
        ec = db_run(db, "select to_regclass('fleet.' || $1) is null", params, 1, &r);
    if (ec == EC_OK)
        *ret = db_get_bool(r, 0, 0);
    db_result_free(r);
    return ec;
}

/* Created apart and attached, because the default partition may hold rows of the month; it is
   locked so that no new one comes between moving them and attaching. */
static enum error_code create_body(struct db *db, void *context)
{
    struct partition *p = context;
    char sql[SQL_LEN];
    enum error_code ec = is_missing(db, p, &p->created);

    if (ec != EC_OK || !p->created)
        return ec;
    snprintf(sql, sizeof(sql),
             "lock table fleet.%1$s_default in access exclusive mode;"
             "create table fleet.%2$s (like fleet.%1$s including all);"
             "with moved as (delete from fleet.%1$s_default"
             "  where part_ts >= '%3$s' and part_ts < '%4$s' returning *)"
             " insert into fleet.%2$s select * from moved;"
             "alter table fleet.%1$s attach partition fleet.%2$s"
             " for values from ('%3$s') to ('%4$s')",
             p->parent, p->name, p->from, p->to);
    return db_run_script(db, sql);
}

enum error_code partition_ensure(struct db *db, size_t *ret_created)
{
    struct db_result *r = NULL;
    size_t created = 0;
    enum error_code ec = list_missing(db, &r);

    for (size_t i = 0; ec == EC_OK && i < db_rows(r); i++) {
        struct partition p = {db_get_text(r, i, 0), db_get_text(r, i, 1), db_get_text(r, i, 2),
                              db_get_text(r, i, 3), 0};
        ec = db_transact(db, create_body, &p);
        created += ec == EC_OK && p.created;
    }
    if (ec == EC_OK)
        *ret_created = created;
    db_result_free(r);
    return ec;
}
