/* A command: what the fleet's operator tells a device, the payload of a `down/command` message. */
#ifndef BPTM_COMMAND_H
#define BPTM_COMMAND_H

#include "cbor.h"
#include "wire.h"

/** What a device can be told; from COMMAND_SWITCHING on: what would switch power, refused for ever.
 */
enum command_code {
#define COMMAND(number, NAME, name) COMMAND_##NAME = number,
#include "command.def"
#undef COMMAND
    COMMAND_SWITCHING = 32,
};

enum {
    COMMAND_CODE_MAX = 255,
    COMMAND_IDENTIFY_MAX_MS = 600000,
    COMMAND_FIELD_WORK_MAX_MS = 43200000,
    COMMAND_SETTING_KEY = 16, /* of the first number of setting.def */
    COMMAND_SETTINGS_COUNT = 9,
};

struct command {
    uint64_t counter;     /* from 1, higher with every command to the device */
    uint64_t expires_ms;  /* UTC: not to be done later */
    uint32_t code;        /* enum command_code, or a newer one */
    struct span argument; /* encoded map of the code; empty: none. Borrowed */
};

/** Numbers of the command `settings`: row i of setting.def when bit i of `present` is set. */
struct command_settings {
    uint32_t present;
    uint32_t values[COMMAND_SETTINGS_COUNT];
};

/** Encode. @return EC_OK; EC_WIRE_RANGE for a value the CDDL does not allow; EC_WIRE_BUFFER */
enum error_code command_encode(const struct command *c, uint8_t *buf, size_t cap,
                               size_t *ret_len) MUST_CHECK;

/**
 * Decode. The argument is one well-formed map, not looked into: what it means is the code's.
 * @return EC_OK or an EC_WIRE_ error; `ret` untouched on failure
 */
enum error_code command_decode(struct span payload, struct command *ret) MUST_CHECK;

/** Argument of `identify` and `field_work`: {1: duration_ms}. Errors as above. */
enum error_code command_duration_encode(uint32_t duration_ms, uint8_t *buf, size_t cap,
                                        size_t *ret_len) MUST_CHECK;
enum error_code command_duration_decode(struct span argument, uint32_t *ret) MUST_CHECK;

/** Argument of `settings`: {16..24: number}, as in the blob of a device, which reads it there. */
enum error_code command_settings_encode(const struct command_settings *s, uint8_t *buf, size_t cap,
                                        size_t *ret_len) MUST_CHECK;

/** Name of row i of setting.def ("fail_ms"); static. */
const char *command_setting_name(unsigned i);

/** Name of a code ("field_work"), and the code of a name; NULL and 0 for what there is none. */
const char *command_name(unsigned code);
unsigned command_code_of(const char *name);

#endif
