/* Named places where the server dies on purpose; nothing at all without --enable-kill-points. */
#ifndef BPTM_KILL_POINT_H
#define BPTM_KILL_POINT_H

#include <config.h> /* BPTM_KILL_POINTS */

#ifdef BPTM_KILL_POINTS

/**
 * Die here by SIGKILL when the environment says so: BPTM_KILL_AT=name[:n[:delay_ms]] means the n-th
 * time (1) that any thread comes to the point `name`, and so many milliseconds (0) later, while the
 * other threads go on.
 */
void kill_point(const char *name);

/** 1 with BPTM_UNSAFE_RECEIPT_FIRST=1: publish receipts before the commit. The promise is then
 *  broken; a test must notice. */
int kill_point_receipt_first(void);

#else

static inline void kill_point(const char *name)
{
    (void)name;
}

static inline int kill_point_receipt_first(void)
{
    return 0;
}

#endif
#endif
