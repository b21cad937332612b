/* What only the server needs of commands: their names, and encoding the numbers of settings. */
#include <string.h>

#include "command.h"

static const char *const names[] = {
#define COMMAND(number, NAME, name) [number] = name,
#include "command.def"
#undef COMMAND
};
enum { NAME_COUNT = sizeof names / sizeof *names };

static const struct {
    const char *name;
    uint8_t key;
    uint32_t min, max;
} settings[] = {
#define SETTING(key, name, min, max, otherwise) {#name, key, min, max},
#include "setting.def"
#undef SETTING
};
_Static_assert(sizeof settings / sizeof *settings == COMMAND_SETTINGS_COUNT, "rows of setting.def");

const char *command_name(unsigned code)
{
    return code < NAME_COUNT ? names[code] : NULL;
}

unsigned command_code_of(const char *name)
{
    for (unsigned code = 1; code < NAME_COUNT; code++)
        if (strcmp(names[code], name) == 0)
            return code;
    return 0;
}

const char *command_setting_name(unsigned i)
{
    return i < COMMAND_SETTINGS_COUNT ? settings[i].name : NULL;
}

enum error_code command_settings_encode(const struct command_settings *s, uint8_t *buf, size_t cap,
                                        size_t *ret_len)
{
    struct cbor_writer w;
    size_t count = 0;

    for (int i = 0; i < COMMAND_SETTINGS_COUNT; i++)
        count += s->present >> i & 1;
    if (count == 0)
        return EC_WIRE_RANGE;
    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, count);
    for (int i = 0; i < COMMAND_SETTINGS_COUNT; i++) {
        if (!(s->present >> i & 1))
            continue;
        if (s->values[i] < settings[i].min || s->values[i] > settings[i].max)
            return EC_WIRE_RANGE;
        cbor_write_uint(&w, settings[i].key);
        cbor_write_uint(&w, s->values[i]);
    }
    return cbor_writer_done(&w, ret_len);
}
