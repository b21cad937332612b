/* Images of the firmware, offers, and cutting chunks. */
#include "store/firmware_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/audit.h"
#include "store/command_outbox.h"
#include "store/device_read.h"

_Static_assert((int)COMMAND_ARGUMENT_MAX >= (int)FIRMWARE_ARGUMENT_MAX,
               "an offer fits its command");

static const struct audit_by operator_here = {NULL, "operator", NULL};

/* ---- images ---- */

struct put {
    const struct manifest *manifest;
    const uint8_t *bytes, *image;
};

static enum error_code insert_image(struct db *db, const struct put *p, size_t *ret_rows)
{
    const struct manifest *m = p->manifest;
    const struct db_param params[] = {
        db_text(m->hardware),
        db_int(m->version),
        db_int(m->address),
        db_bytes(m->sha512, FIRMWARE_ID_LEN),
        db_bytes(p->bytes, MANIFEST_LEN),
        db_bytes(p->image, m->size),
    };
    struct db_result *r = NULL;
    enum error_code ec =
        db_run(db,
               "insert into fleet.firmware_image as i (hardware, version, address, image_id,"
               " manifest, image) values ($1, $2, $3, $4, $5, $6)"
               " on conflict (hardware, version, address) do update set manifest = i.manifest"
               " where i.manifest = excluded.manifest"
               " returning imported_at = now()",
               params, 6, &r);

    if (ec == EC_OK)
        *ret_rows = db_rows(r) == 0 ? 0 : 1 + (size_t)db_get_bool(r, 0, 0);
    db_result_free(r);
    return ec;
}

static enum error_code put_body(struct db *db, void *context)
{
    const struct put *p = context;
    char object[MANIFEST_HARDWARE_MAX + 48], version[MANIFEST_VERSION_TEXT];
    const struct audit_change change = {"firmware.import", object, NULL, NULL};
    size_t rows = 0;
    enum error_code ec = insert_image(db, p, &rows);

    if (ec != EC_OK || rows == 1) /* the very same was there */
        return ec;
    if (rows == 0)
        return EC_CONFLICT;
    manifest_version_text(p->manifest->version, version);
    snprintf(object, sizeof(object), "%s %s 0x%08" PRIx32, p->manifest->hardware, version,
             p->manifest->address);
    return audit_add(db, &operator_here, &change);
}

enum error_code firmware_image_put(struct db *db, const struct manifest *manifest,
                                   const uint8_t bytes[MANIFEST_LEN], const uint8_t *image)
{
    struct put p = {manifest, bytes, image};

    return db_transact(db, put_body, &p);
}

/* ---- offers ---- */

struct offer {
    const struct firmware_offer *what;
    char *note;
    char hardware[MANIFEST_HARDWARE_MAX + 1];
    uint8_t manifests[FIRMWARE_IMAGES_MAX * MANIFEST_LEN];
    size_t len;
    int64_t counter;
};

static enum error_code take_manifests(const struct db_result *r, struct offer *o)
{
    size_t n = db_rows(r);

    if (n == 0) {
        snprintf(o->note, DB_NOTE_MAX, "no image of this version was imported");
        return EC_NOT_FOUND;
    }
    if (strcmp(db_get_text(r, 0, 0), db_get_text(r, n - 1, 0)) != 0) {
        snprintf(o->note, DB_NOTE_MAX, "this version is there for more than one hardware: %s, %s",
                 db_get_text(r, 0, 0), db_get_text(r, n - 1, 0));
        return EC_FIELDS_INVALID;
    }
    if (n > FIRMWARE_IMAGES_MAX) {
        snprintf(o->note, DB_NOTE_MAX, "there are more than %d images of this version",
                 FIRMWARE_IMAGES_MAX);
        return EC_FIELDS_INVALID;
    }
    snprintf(o->hardware, sizeof(o->hardware), "%s", db_get_text(r, 0, 0));
    for (size_t i = 0; i < n; i++)
        if (db_get_bytes(r, i, 1, o->manifests + i * MANIFEST_LEN, MANIFEST_LEN) != MANIFEST_LEN)
            return EC_INTERNAL;
    o->len = n * MANIFEST_LEN;
    return EC_OK;
}

static enum error_code load_manifests(struct db *db, struct offer *o)
{
    const struct db_param params[] = {db_int(o->what->version), db_text(o->what->hardware)};
    struct db_result *r = NULL;
    enum error_code ec = db_run(db,
                                "select hardware, manifest from fleet.firmware_image"
                                " where version = $1 and ($2::text is null or hardware = $2)"
                                " order by hardware, address limit 64",
                                params, 2, &r);

    if (ec == EC_OK)
        ec = take_manifests(r, o);
    db_result_free(r);
    return ec;
}

static enum error_code put_command(struct db *db, struct offer *o, int64_t device_id)
{
    uint8_t argument[FIRMWARE_ARGUMENT_MAX];
    char arguments[64 + MANIFEST_HARDWARE_MAX + MANIFEST_VERSION_TEXT];
    char version[MANIFEST_VERSION_TEXT];
    struct command_new c = {.device_id = device_id,
                            .code = COMMAND_FIRMWARE,
                            .arguments = arguments,
                            .requested_by = "operator",
                            .expires_in_s = o->what->expires_in_s};
    size_t len = 0;
    enum error_code ec = firmware_argument_encode((struct span){o->manifests, o->len}, argument,
                                                  sizeof(argument), &len);

    if (ec != EC_OK)
        return ec;
    manifest_version_text(o->what->version, version);
    snprintf(arguments, sizeof(arguments), "{\"version\": \"%s\", \"hardware\": \"%s\"}", version,
             o->hardware);
    c.argument = (struct span){argument, len};
    ec = command_outbox_put(db, &c, &o->counter);
    if (ec == EC_STATE_REFUSED)
        snprintf(o->note, DB_NOTE_MAX, "the device is retired, or has too many open commands");
    if (ec != EC_OK)
        return ec;
    const struct audit_change change = {"firmware.offer", o->what->serial, NULL, arguments};
    return audit_add(db, &operator_here, &change);
}

static enum error_code remember_offer(struct db *db, const struct offer *o, int64_t device_id)
{
    const struct db_param params[] = {db_int(device_id), db_text(o->hardware),
                                      db_int(o->what->version), db_int(o->counter)};

    return db_run(db,
                  "insert into fleet.firmware_offer (device_id, hardware, version, counter,"
                  " offered_at) select $1, $2, $3, $4, c.requested_at from fleet.command c"
                  " where c.device_id = $1 and c.counter = $4"
                  " on conflict (device_id) do update set hardware = excluded.hardware,"
                  " version = excluded.version, counter = excluded.counter,"
                  " offered_at = excluded.offered_at, state = null, first_chunk = null,"
                  " asked_at = null",
                  params, 4, NULL);
}

static enum error_code offer_body(struct db *db, void *context)
{
    struct offer *o = context;
    int64_t device_id = 0;
    enum error_code ec = load_manifests(db, o);

    if (ec != EC_OK)
        return ec;
    ec = device_read_id(db, o->what->serial, &device_id);
    if (ec == EC_NOT_FOUND)
        snprintf(o->note, DB_NOTE_MAX, "no device has this serial");
    if (ec == EC_OK)
        ec = put_command(db, o, device_id);
    return ec == EC_OK ? remember_offer(db, o, device_id) : ec;
}

enum error_code firmware_image_offer(struct db *db, const struct firmware_offer *offer,
                                     char *ret_note, int64_t *ret_counter)
{
    struct offer o = {.what = offer, .note = ret_note};
    enum error_code ec;

    ret_note[0] = '\0';
    ec = db_transact(db, offer_body, &o);
    if (ec == EC_OK)
        *ret_counter = o.counter;
    else if (ret_note[0] == '\0')
        snprintf(ret_note, DB_NOTE_MAX, "%s", db_note(db));
    return ec;
}

/* ---- chunks ---- */

static const char cut_sql[] =
    "with noted as (update fleet.firmware_offer o set state = $3, first_chunk = $4,"
    "  asked_at = timestamptz 'epoch' + $8::bigint * interval '1 millisecond'"
    " where o.device_id = $1"
    "  and exists (select from fleet.firmware_image i where i.image_id = $2"
    "   and i.hardware = o.hardware and i.version = o.version)"
    "  and exists (select from fleet.device_key k where k.device_id = $1 and k.kid = $7"
    "   and k.valid_from <= now() and (k.valid_to is null or k.valid_to > now()))"
    " returning 1)"
    " select substring(i.image from $5 for $6) from fleet.firmware_image i"
    " where i.image_id = $2 and exists (select from noted) limit 1"; /* equal ids: equal bytes */

enum error_code firmware_image_cut(struct db *db, const struct firmware_wanted *wanted,
                                   uint8_t *buf, size_t *ret_len)
{
    const struct firmware_request *q = &wanted->request;
    /* chunk 0 is the place of the manifest, before the image; SQL counts from 1 */
    int64_t from = q->count > 0 ? (int64_t)(q->first - 1) * FIRMWARE_CHUNK_LEN + 1 : 1;
    const struct db_param params[] = {
        db_int(wanted->device_id),
        db_bytes(q->id, FIRMWARE_ID_LEN),
        db_int(q->state),
        q->count > 0 ? db_int(q->first) : db_null(),
        db_int(from),
        db_int((int64_t)q->count * FIRMWARE_CHUNK_LEN),
        db_bytes(wanted->kid, WIRE_KID_LEN),
        db_int(wanted->now_ms),
    };
    struct db_result *r = NULL;
    enum error_code ec = db_run(db, cut_sql, params, 8, &r);
    long len = 0;

    if (ec == EC_OK && db_rows(r) == 0)
        ec = EC_NOT_FOUND;
    if (ec == EC_OK)
        len = db_get_bytes(r, 0, 0, buf, (size_t)FIRMWARE_WINDOW * FIRMWARE_CHUNK_LEN);
    if (ec == EC_OK && len < 0)
        ec = EC_INTERNAL;
    if (ec == EC_OK)
        *ret_len = (size_t)len;
    db_result_free(r);
    return ec;
}
