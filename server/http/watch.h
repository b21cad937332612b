/* Deadlines of connections: what trickles in too slowly to be a request, or is never read, is cut.
 */
#ifndef BPTM_WATCH_H
#define BPTM_WATCH_H

#include <stdint.h>

#include "error.h"

struct watch;

/** One connection; lives from watch_add() to watch_remove(). */
struct watch_line;

/** Starts a thread. @return EC_OK; EC_NO_MEMORY */
enum error_code watch_new(struct watch **ret) MUST_CHECK;

/** No line may be left. NULL is allowed. */
void watch_free(struct watch *w);

/** @return a line with a deadline in `for_ms`; NULL when memory ran out */
struct watch_line *watch_add(struct watch *w, int socket, int64_t for_ms);

/** Its next step has begun and has this long. */
void watch_move(struct watch *w, struct watch_line *line, int64_t for_ms);

/** Before the socket is closed, so that another's with the same number is never cut. */
void watch_remove(struct watch *w, struct watch_line *line);

#endif
