/* Commands to devices, over REST: what may be asked for, and what became of it. */
#include <inttypes.h>
#include <stdio.h>

#include "http/api.h"
#include "store/command_outbox.h"
#include "store/device_read.h"

enum { EXPIRES_DEFAULT_S = 3600, EXPIRES_MIN_S = 60, EXPIRES_MAX_S = 604800 };

struct command_body {
    const char *command;
    struct optional_int duration_ms;
    struct optional_int settings[COMMAND_SETTINGS_COUNT];
    struct optional_int expires_in_s;
};

/* The rows of setting.def, by their place in it. */
enum setting {
#define SETTING(key, name, min, max, otherwise) SETTING_##name,
#include "setting.def"
#undef SETTING
};

static const struct json_field fields[] = {
    {"command", FIELD_WORD, 1, .choices = "read identify settings field_work self_test",
     .offset = offsetof(struct command_body, command)},
    {"duration_ms", FIELD_INT, 0, 0, COMMAND_FIELD_WORK_MAX_MS,
     .offset = offsetof(struct command_body, duration_ms)},
#define SETTING(key, name, min, max, otherwise)                                                    \
    {#name, FIELD_INT, 0,                                                                          \
     min,   max,       .offset = offsetof(struct command_body, settings[SETTING_##name])},
#include "setting.def"
#undef SETTING
    {"expires_in_s", FIELD_INT, 0, EXPIRES_MIN_S, EXPIRES_MAX_S,
     .offset = offsetof(struct command_body, expires_in_s)},
    {NULL},
};

/* What a crew may ask of a meter at its job; the timers are the operator's. */
static int is_for_crew(unsigned code)
{
    static const unsigned allowed[] = {COMMAND_READ, COMMAND_IDENTIFY, COMMAND_FIELD_WORK,
                                       COMMAND_SELF_TEST};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (allowed[i] == code)
            return 1;
    return 0;
}

/* What a body asks for, once for people and once for the device. */
struct arguments {
    char text[COMMAND_ARGUMENTS_MAX];
    uint8_t bytes[COMMAND_ARGUMENT_MAX];
    size_t len;
};

static enum error_code take_duration(const struct command_body *b, int64_t max_ms,
                                     struct arguments *ret, struct reply *reply)
{
    if (!b->duration_ms.is_set)
        return reply_refuse(reply, EC_FIELDS_INVALID, "/duration_ms",
                            "is required by this command");
    if (b->duration_ms.value > max_ms)
        return reply_refuse(reply, EC_FIELDS_INVALID, "/duration_ms",
                            "is more than this command takes");
    snprintf(ret->text, sizeof ret->text, "{\"duration_ms\": %" PRId64 "}", b->duration_ms.value);
    return command_duration_encode((uint32_t)b->duration_ms.value, ret->bytes, sizeof ret->bytes,
                                   &ret->len);
}

static enum error_code take_settings(const struct command_body *b, struct arguments *ret,
                                     struct reply *reply)
{
    struct command_settings s = {0};
    size_t len = 0;
    for (unsigned i = 0; i < COMMAND_SETTINGS_COUNT; i++) {
        if (!b->settings[i].is_set)
            continue;
        s.values[i] = (uint32_t)b->settings[i].value;
        len += (size_t)snprintf(ret->text + len, sizeof ret->text - len, "%s\"%s\": %" PRIu32,
                                s.present ? ", " : "{", command_setting_name(i), s.values[i]);
        s.present |= 1u << i;
    }
    if (s.present == 0)
        return reply_refuse(reply, EC_FIELDS_INVALID, "/command", "needs at least one setting");
    snprintf(ret->text + len, sizeof ret->text - len, "}");
    return command_settings_encode(&s, ret->bytes, sizeof ret->bytes, &ret->len);
}

/* Members that the command has no use for are mistakes, too. */
static enum error_code check_unused(const struct command_body *b, unsigned code, struct reply *ret)
{
    char pointer[JSON_POINTER_MAX];
    int has_duration = code == COMMAND_IDENTIFY || code == COMMAND_FIELD_WORK;
    if (b->duration_ms.is_set && !has_duration)
        return reply_refuse(ret, EC_FIELDS_INVALID, "/duration_ms", "is not for this command");
    for (unsigned i = 0; i < COMMAND_SETTINGS_COUNT && code != COMMAND_SETTINGS; i++) {
        if (!b->settings[i].is_set)
            continue;
        snprintf(pointer, sizeof pointer, "/%s", command_setting_name(i));
        return reply_refuse(ret, EC_FIELDS_INVALID, pointer, "is for the command settings only");
    }
    return EC_OK;
}

static enum error_code take_arguments(const struct command_body *b, unsigned code,
                                      struct arguments *ret, struct reply *reply)
{
    enum error_code ec = check_unused(b, code, reply);
    if (ec != EC_OK)
        return ec;
    if (code == COMMAND_IDENTIFY)
        return take_duration(b, COMMAND_IDENTIFY_MAX_MS, ret, reply);
    if (code == COMMAND_FIELD_WORK)
        return take_duration(b, COMMAND_FIELD_WORK_MAX_MS, ret, reply);
    if (code == COMMAND_SETTINGS)
        return take_settings(b, ret, reply);
    return EC_OK;
}

static enum error_code put(const struct request *r, const struct command_body *b, struct reply *ret)
{
    struct arguments a = {.text = "{}"};
    struct command_new c = {
        .code = command_code_of(b->command),
        .arguments = a.text,
        .requested_by = r->by.token_id != NULL ? r->by.token_id : r->caller.subject,
        .expires_in_s = b->expires_in_s.is_set ? b->expires_in_s.value : EXPIRES_DEFAULT_S,
    };
    const char *serial = request_text(r, "serial");
    int64_t counter = 0;
    enum error_code ec = device_read_id(r->db, serial, &c.device_id);
    if (ec == EC_OK && !request_has_role(r, ROLE_OPERATOR) && !is_for_crew(c.code))
        ec = reply_refuse(ret, EC_FIELDS_INVALID, "/command", "is for operators only");
    if (ec == EC_OK)
        ec = take_arguments(b, c.code, &a, ret);
    c.argument = (struct span){a.bytes, a.len};
    if (ec == EC_OK)
        ec = command_outbox_put(r->db, &c, &counter);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the device is retired, or has too many open commands";
    if (ec == EC_OK)
        ec = command_outbox_get(r->db, serial, counter, &ret->body);
    if (ec != EC_OK)
        return ec;
    ret->status = 201;
    snprintf(ret->location, sizeof ret->location, "/v1/devices/%s/commands/%" PRId64, serial,
             counter);
    struct audit_change change = {"device.command", serial, NULL, ret->body};
    return audit_add(r->db, &r->by, &change);
}

enum error_code api_command_create(const struct request *r, struct reply *ret)
{
    struct command_body b = {0};
    struct json_document *document = NULL;
    enum error_code ec = request_decode(r, fields, &b, ret, &document);
    if (ec == EC_OK)
        ec = put(r, &b, ret);
    json_document_free(document);
    return ec;
}

enum error_code api_command_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = command_outbox_list(r->db, request_text(r, "serial"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_command_get(const struct request *r, struct reply *ret)
{
    return command_outbox_get(r->db, request_text(r, "serial"), request_int(r, "counter", 0),
                              &ret->body);
}
