/* The way to the broker as a stream of bytes. One of stream_plain.c and stream_tls.c is linked. */
#ifndef BPTM_STREAM_H
#define BPTM_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

enum stream_state { STREAM_CLOSED, STREAM_OPENING, STREAM_OPEN };

/** @param s  borrowed for good: broker, device id, key for TLS
 *  @return EC_OK; EC_CONFIG when they do not do, such as TLS without a key */
enum error_code stream_init(const struct settings *s) MUST_CHECK;

/** Begin to open. @return 0; -1 when that cannot be now */
int stream_open(void);

/** Work on it; call it often. A stream that the other side ended is CLOSED when all is taken. */
enum stream_state stream_step(void);

/** As many bytes as are taken or have come; 0 is no error, see stream_step(). While a call took
 *  fewer bytes than it was given, the next one begins with the rest. */
size_t stream_send(const uint8_t *at, size_t len);
size_t stream_receive(uint8_t *to, size_t cap);

/** End it, if it is open. */
void stream_close(void);

#endif
