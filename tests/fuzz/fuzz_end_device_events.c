/* Fuzz target: EndDeviceEvents; read whole and in pieces it must give the same events, or be
 * refused. */
#include <stdlib.h>
#include <string.h>

#include "codec/end_device_events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
    uint64_t events, hash;
};

static void add(struct sum *sum, const char *text)
{
    if (strlen(text) > END_DEVICE_EVENTS_FIELD_MAX)
        abort();
    for (; *text != '\0'; text++)
        sum->hash = sum->hash * 31 + (unsigned char)*text;
}

static enum error_code take(void *context, const struct end_device_event *e)
{
    struct sum *sum = context;

    if (e->number != ++sum->events || *e->code == '\0' || e->at_ms < 0)
        abort();
    add(sum, e->id);
    add(sum, e->code);
    add(sum, e->meter);
    add(sum, e->meter_name);
    add(sum, e->usage_point);
    add(sum, e->usage_point_name);
    return EC_OK;
}

static enum error_code read_pieces(const uint8_t *data, size_t size, size_t piece, struct sum *ret)
{
    struct end_device_events *e = NULL;
    enum error_code ec = end_device_events_new(take, ret, &e);

    for (size_t at = 0; at < size && ec == EC_OK; at += piece)
        ec = end_device_events_put(e, (const char *)data + at,
                                   size - at < piece ? size - at : piece);
    if (ec == EC_OK)
        ec = end_device_events_end(e);
    if (e != NULL && ec != EC_OK && *end_device_events_note(e) == '\0')
        abort();
    end_device_events_free(e);
    return ec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sum whole = {0}, pieces = {0};

    if (read_pieces(data, size, size + 1, &whole) != read_pieces(data, size, 3, &pieces) ||
        whole.events != pieces.events || whole.hash != pieces.hash)
        abort();
    return 0;
}
