/* Who runs a part that may run once only. */
#include "store/lease.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"

void lease_init(struct lease *l, const char *name)
{
    char host[48] = "";

    *l = (struct lease){.name = name};
    gethostname(host, sizeof(host) - 1);
    snprintf(l->holder, sizeof(l->holder), "%s/%ld/%08x", host, (long)getpid(),
             randombytes_random());
}

static enum error_code run_lease(struct db *db, const char *sql, const struct lease *l,
                                 int64_t number, int64_t *ret)
{
    const struct db_param params[] = {db_text(l->name), db_text(l->holder), db_int(l->token),
                                      db_int(number)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, sql, params, 4, &r);

    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_CONFLICT;
    if (ec == EC_OK)
        *ret = db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

enum error_code lease_take(struct db *db, struct lease *l)
{
    return run_lease(db,
                     "insert into fleet.lease as l (name, holder, token, until)"
                     " values ($1, $2, $3::bigint + 1, now() + $4::bigint * interval '1 second')"
                     " on conflict (name) do update set holder = excluded.holder,"
                     " token = l.token + 1, until = excluded.until where l.until < now()"
                     " returning token",
                     l, LIMIT_LEASE_S, &l->token);
}

enum error_code lease_renew(struct db *db, struct lease *l)
{
    int64_t token = l->token;
    enum error_code ec =
        run_lease(db,
                  "update fleet.lease set until = now() + $4::bigint * interval '1 second'"
                  " where name = $1 and holder = $2 and token = $3 returning token",
                  l, LIMIT_LEASE_S, &token);

    if (ec == EC_CONFLICT)
        l->token = 0;
    return ec;
}

enum error_code lease_check(struct db *db, const struct lease *l)
{
    int64_t token;

    return run_lease(db,
                     "select token from fleet.lease where name = $1 and holder = $2 and token = $3"
                     " and $4::bigint = 0",
                     l, 0, &token);
}

enum error_code lease_release(struct db *db, struct lease *l)
{
    int64_t token;
    enum error_code ec =
        run_lease(db,
                  "update fleet.lease set until = now() - $4::bigint * interval '1 second'"
                  " where name = $1 and holder = $2 and token = $3 returning token",
                  l, 1, &token);

    l->token = 0;
    return ec == EC_CONFLICT ? EC_OK : ec;
}
