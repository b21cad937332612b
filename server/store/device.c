/* Registering a device and putting it into a premise: the rules that must exist once. */
#include "store/device.h"

#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "cose.h"
#include "topic.h"

/* One statement with one number as its parameter. */
static enum error_code run_for(struct db *db, const char *sql, int64_t id, struct db_result **ret)
{
    struct db_param params[] = {db_int(id)};
    return db_run(db, sql, params, 1, ret);
}

/* The serial is taken first: whoever inserts it allots the device id. An id of 0 means it is taken.
 */
static enum error_code take_serial(struct db *db, const char *serial, int64_t *ret)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_text(serial)};
    enum error_code ec = db_run(db,
                                "insert into fleet.device_serial (serial) values ($1)"
                                " on conflict do nothing returning device_id",
                                params, 1, &r);
    if (ec == EC_OK)
        *ret = db_rows(r) == 0 ? 0 : db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

/* A serial that is taken must belong to this very device, by its first key. */
static enum error_code find_same(struct db *db, const struct device_new *device, int64_t *ret)
{
    struct db_result *r = NULL;
    struct db_param params[] = {
        db_text(device->serial),
        db_text(device->model),
        db_text(device->hardware_revision),
        db_bytes(device->public_key, sizeof device->public_key),
    };
    enum error_code ec =
        db_run(db,
               "select d.device_id, d.model = $2 and d.hardware_revision = $3 and k.public_key = $4"
               " from fleet.device_serial s join fleet.device d on d.device_id = s.device_id"
               " join fleet.device_key k on k.device_id = s.device_id"
               " where s.serial = $1 order by k.valid_from limit 1",
               params, 4, &r);
    if (ec == EC_OK && (db_rows(r) == 0 || !db_get_bool(r, 0, 1)))
        ec = EC_CONFLICT;
    if (ec == EC_OK)
        *ret = db_get_int(r, 0, 0);
    db_result_free(r);
    return ec;
}

static enum error_code insert_device(struct db *db, const struct device_new *device, int64_t id)
{
    struct db_param params[] = {
        db_int(id),
        db_text(device->serial),
        db_text(device->model),
        db_text(device->hardware_revision),
        db_int(topic_bucket(device->serial)),
    };
    return db_run(db,
                  "insert into fleet.device"
                  " (device_id, serial, model, hardware_revision, bucket, registered_at)"
                  " values ($1, $2, $3, $4, $5, now())",
                  params, 5, NULL);
}

static enum error_code insert_key(struct db *db, const struct device_new *device, int64_t id)
{
    uint8_t kid[WIRE_KID_LEN];
    cose_kid(device->public_key, kid);
    struct db_param params[] = {
        db_int(id),
        db_bytes(kid, sizeof kid),
        db_bytes(device->public_key, sizeof device->public_key),
    };
    return db_run(db,
                  "insert into fleet.device_key (device_id, kid, public_key, valid_from)"
                  " values ($1, $2, $3, now())",
                  params, 3, NULL);
}

static enum error_code insert_head(struct db *db, const struct device_new *device, int64_t id)
{
    uint8_t hash[WIRE_HASH_LEN];
    chain_start(device->serial, device->public_key, hash);
    struct db_param params[] = {db_int(id), db_bytes(hash, sizeof hash)};
    return db_run(db,
                  "insert into fleet.journal_head (device_id, head_hash, updated_at)"
                  " values ($1, $2, now())",
                  params, 2, NULL);
}

enum error_code device_register(struct db *db, const struct device_new *device,
                                int64_t *ret_device_id, int *ret_created)
{
    if (!topic_device_valid(device->serial, strlen(device->serial)))
        return EC_FIELDS_INVALID;
    int64_t id = 0;
    enum error_code ec = take_serial(db, device->serial, &id);
    int created = id != 0;
    if (ec == EC_OK && !created)
        ec = find_same(db, device, &id);
    if (ec == EC_OK && created)
        ec = insert_device(db, device, id);
    if (ec == EC_OK && created)
        ec = insert_key(db, device, id);
    if (ec == EC_OK && created)
        ec = insert_head(db, device, id);
    if (ec == EC_OK) {
        *ret_device_id = id;
        *ret_created = created;
    }
    return ec;
}

static enum error_code lock_premise(struct db *db, int64_t premise_id)
{
    struct db_result *r = NULL;
    enum error_code ec =
        run_for(db, "select premise_id from programme.premise where premise_id = $1 for update",
                premise_id, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    db_result_free(r);
    return ec;
}

static enum error_code check_device(struct db *db, int64_t device_id)
{
    struct db_result *r = NULL;
    enum error_code ec = run_for(
        db, "select state = 'registered' from fleet.device where device_id = $1", device_id, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK && !db_get_bool(r, 0, 0))
        ec = EC_STATE_REFUSED;
    db_result_free(r);
    return ec;
}

#define RFC3339(column)                                                                            \
    "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* What is in force at the premise or of the device: nothing, the same assignment, or another one.
 */
static enum error_code find_live(struct db *db, const struct device_assignment *a, int *ret_same,
                                 char *ret_from)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(a->device_id), db_int(a->premise_id),
                                db_int(a->application_id)};
    enum error_code ec =
        db_run(db,
               "select device_id = $1 and premise_id = $2 and coalesce(application_id, 0) = $3,"
               " " RFC3339("assigned_from") " from fleet.assignment"
                                            " where (device_id = $1 or premise_id = $2)"
                                            " and (assigned_to is null or assigned_to > now())"
                                            " order by assigned_from limit 2",
               params, 3, &r);
    if (ec == EC_OK && db_rows(r) > 0 && (db_rows(r) > 1 || !db_get_bool(r, 0, 0)))
        ec = EC_CONFLICT;
    if (ec == EC_OK && db_rows(r) == 1)
        snprintf(ret_from, DEVICE_TIME_MAX, "%s", db_get_text(r, 0, 1));
    if (ec == EC_OK)
        *ret_same = db_rows(r) == 1;
    db_result_free(r);
    return ec;
}

/* An application is for one premise. */
static enum error_code check_application(struct db *db, const struct device_assignment *a)
{
    struct db_result *r = NULL;
    struct db_param params[] = {db_int(a->application_id), db_int(a->premise_id)};
    enum error_code ec = db_run(db,
                                "select premise_id = $2 from programme.application"
                                " where application_id = $1 for update",
                                params, 2, &r);
    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK && !db_get_bool(r, 0, 0))
        ec = EC_CONFLICT;
    db_result_free(r);
    return ec;
}

/* A device stays in its premise when an application ends; another one may take it over. */
static enum error_code end_closed(struct db *db, const struct device_assignment *a)
{
    struct db_param params[] = {db_int(a->device_id), db_int(a->premise_id), db_text(a->from),
                                db_int(a->application_id)};
    return db_run(db,
                  "update fleet.assignment f set assigned_to ="
                  " coalesce($3::timestamptz, now()) where f.device_id = $1"
                  " and f.premise_id = $2 and f.assigned_to is null and f.application_id <> $4"
                  " and exists (select from programme.application a"
                  " where a.application_id = f.application_id and a.state = 'closed')",
                  params, 4, NULL);
}

static enum error_code insert_assignment(struct db *db, const struct device_assignment *a,
                                         char *ret_from)
{
    struct db_result *r = NULL;
    struct db_param params[] = {
        db_int(a->device_id),
        db_int(a->premise_id),
        a->application_id == 0 ? db_null() : db_int(a->application_id),
        db_text(a->from),
    };
    enum error_code ec =
        db_run(db,
               "insert into fleet.assignment (device_id, premise_id, application_id, assigned_from)"
               " values ($1, $2, $3, coalesce($4::timestamptz, now()))"
               " returning " RFC3339("assigned_from"),
               params, 4, &r);
    if (ec == EC_OK)
        snprintf(ret_from, DEVICE_TIME_MAX, "%s", db_get_text(r, 0, 0));
    db_result_free(r);
    return ec;
}

/* Unless the ledger has it at this premise already, for an application that ended. */
static enum error_code tell_ledger(struct db *db, const struct audit_by *by,
                                   const struct device_assignment *a,
                                   struct transition_refusals *ret)
{
    struct db_param params[] = {db_int(a->device_id), db_int(a->premise_id)};
    struct document_query q = {"select 1 from programme.custody_now where device_id = $1"
                               " and premise_id = $2",
                               params, 2};
    struct custody_order order = {.device_id = a->device_id,
                                  .action = "install",
                                  .as = "ASSIGNMENT",
                                  .crew = a->crew,
                                  .premise_id = a->premise_id,
                                  .application_id = a->application_id,
                                  .at = a->from};
    int64_t found = 0;
    enum error_code ec = document_id(db, &q, &found);
    return ec == EC_NOT_FOUND ? custody_move(db, by, &order, ret) : ec;
}

enum error_code device_assign(struct db *db, const struct audit_by *by,
                              const struct device_assignment *assignment,
                              struct device_assigned *ret)
{
    int same = 0;
    enum error_code ec = lock_premise(db, assignment->premise_id);
    if (ec == EC_OK)
        ec = check_device(db, assignment->device_id);
    if (ec == EC_OK && assignment->application_id != 0)
        ec = end_closed(db, assignment);
    if (ec == EC_OK)
        ec = find_live(db, assignment, &same, ret->from);
    if (ec == EC_OK)
        ret->created = !same;
    if (ec != EC_OK || same)
        return ec;
    if (assignment->application_id != 0)
        ec = check_application(db, assignment);
    if (ec == EC_OK)
        ec = insert_assignment(db, assignment, ret->from);
    return ec == EC_OK ? tell_ledger(db, by, assignment, &ret->refuse) : ec;
}
