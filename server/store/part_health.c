/* How a part of the server is, for other processes to read. */
#include "store/part_health.h"

enum error_code part_health_put(struct db *db, const char *part, const char *holder,
                                const char *detail)
{
    const struct db_param params[] = {db_text(part), db_text(holder), db_text(detail)};

    return db_run(db,
                  "insert into fleet.part_health (part, holder, at, detail)"
                  " values ($1, $2, now(), $3::jsonb)"
                  " on conflict (part) do update set holder = excluded.holder, at = excluded.at,"
                  " detail = excluded.detail",
                  params, 3, NULL);
}
