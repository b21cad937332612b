/* Fuzz target: a command as a device gets it, its payload and its argument; what decodes must
 * encode to itself. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_duration(struct span argument)
{
    uint8_t again[16];
    uint32_t ms;
    size_t len = 0;
    if (command_duration_decode(argument, &ms) != EC_OK)
        return;
    if (command_duration_encode(ms, again, sizeof again, &len) != EC_OK)
        abort();
    if (len != argument.len || memcmp(again, argument.at, len) != 0)
        abort();
}

static void try_command(struct span payload)
{
    struct command c;
    uint8_t again[WIRE_MESSAGE_MAX];
    size_t len = 0;
    if (command_decode(payload, &c) != EC_OK)
        return;
    if (command_encode(&c, again, sizeof again, &len) != EC_OK)
        abort();
    if (len != payload.len || memcmp(again, payload.at, len) != 0)
        abort();
    try_duration(c.argument);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cose_sign1 parts;
    try_command((struct span){data, size});
    if (cose_decode(data, size, &parts) == EC_OK)
        try_command(parts.payload);
    return 0;
}
