/* IEC 61968-9 EndDeviceEvents, as XML comes in pieces: events of meters out. No document type, no
 * entities, and never more in memory than the event at hand. */
#ifndef BPTM_END_DEVICE_EVENTS_H
#define BPTM_END_DEVICE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    END_DEVICE_EVENTS_DEPTH_MAX = 32,      /* elements within each other */
    END_DEVICE_EVENTS_FIELD_MAX = 128,     /* bytes of one that is read */
    END_DEVICE_EVENTS_TEXT_MAX = 4096,     /* bytes of text of any other */
    END_DEVICE_EVENTS_MARKUP_MAX = 65536,  /* bytes of one tag, comment or the like */
    END_DEVICE_EVENTS_ATTRIBUTES_MAX = 32, /* of one element */
    END_DEVICE_EVENTS_NOTE_MAX = 256,
};

/** One event, borrowed for the call. Texts are UTF-8, "" where the event does not say. */
struct end_device_event {
    uint64_t number;    /* from 1 */
    unsigned long line; /* where it begins */
    const char *id;     /* mRID of the event */
    const char *code;   /* EndDeviceEventType, such as 3.26.0.47; never "" */
    const char *meter;  /* mRID of the asset; one of the four is there */
    const char *meter_name;
    const char *usage_point;
    const char *usage_point_name;
    int64_t at_ms; /* createdDateTime, since 1970 */
};

/** Takes an event. @return EC_OK, or a code that ends the reading */
typedef enum error_code (*end_device_events_take)(void *context,
                                                  const struct end_device_event *event);

struct end_device_events;

/** @return EC_OK; EC_NO_MEMORY */
enum error_code end_device_events_new(end_device_events_take take, void *context,
                                      struct end_device_events **ret) MUST_CHECK;

/** NULL is allowed. */
void end_device_events_free(struct end_device_events *e);

/**
 * Take the next piece of the document, which may be a bare EndDeviceEvents or a message around one.
 * A failure is final.
 * @return EC_OK; EC_FIELDS_INVALID with end_device_events_note(): not well-formed, a document type,
 *         beyond a limit, an event without what it must say; EC_NO_MEMORY; what `take` returned
 */
enum error_code end_device_events_put(struct end_device_events *e, const char *at,
                                      size_t len) MUST_CHECK;

/** The document ends here. @return as end_device_events_put() */
enum error_code end_device_events_end(struct end_device_events *e) MUST_CHECK;

/** What is wrong with the document, with line and column; "" when nothing is. */
const char *end_device_events_note(const struct end_device_events *e);

#endif
