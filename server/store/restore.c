/* What a backup and a restore ask of the database around PostgreSQL's own programs. */
#include "store/restore.h"

#include <stdio.h>

enum error_code restore_look(struct db *db, struct restore_target *ret)
{
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "select current_database(), coalesce((select n.nspname from pg_namespace n"
               " where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')"
               " and not exists (select 1 from pg_depend d where d.objid = n.oid"
               "  and d.classid = 'pg_namespace'::regclass and d.deptype = 'e')"
               " order by n.nspname = 'fleet' desc, 1 limit 1), '')",
               NULL, 0, &r);

    if (ec == EC_OK) {
        snprintf(ret->database, sizeof(ret->database), "%s", db_get_text(r, 0, 0));
        snprintf(ret->schema, sizeof(ret->schema), "%s", db_get_text(r, 0, 1));
    }
    db_result_free(r);
    return ec;
}

enum error_code restore_close(struct db *db)
{
    return db_run_script(db, "do $$ begin execute format('alter database %I"
                             " set default_transaction_read_only = on', current_database());"
                             " end $$");
}

enum error_code restore_may_write(struct db *db)
{
    return db_run_script(db, "set default_transaction_read_only = off");
}

enum error_code restore_open(struct db *db)
{
    enum error_code ec = restore_may_write(db);

    if (ec != EC_OK)
        return ec;
    return db_run_script(db, "do $$ begin execute format('alter database %I"
                             " reset default_transaction_read_only', current_database());"
                             " end $$");
}

enum error_code restore_users(struct db *db, char *ret)
{
    struct db_result *r = NULL;
    /* autovacuum and its like have no user; what else a session is, not everybody may see */
    enum error_code ec =
        db_run(db,
               "select coalesce(string_agg(distinct usename, ', '), '') from pg_stat_activity"
               " where datname = current_database() and pid <> pg_backend_pid()"
               " and usesysid is not null",
               NULL, 0, &r);

    if (ec == EC_OK)
        snprintf(ret, RESTORE_USERS_MAX, "%s", db_get_text(r, 0, 0));
    db_result_free(r);
    return ec;
}
