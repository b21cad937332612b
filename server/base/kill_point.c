/* Dying on purpose at a named place, for the kill matrix. */
#include "base/kill_point.h"

#ifdef BPTM_KILL_POINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { NAME_MAX_LEN = 31 };

void kill_point(const char *name)
{
    static atomic_uint visits;
    const char *wanted = getenv("BPTM_KILL_AT");
    char at[NAME_MAX_LEN + 1];
    unsigned n = 1, delay_ms = 0;

    if (wanted == NULL || sscanf(wanted, "%31[^:]:%9u:%9u", at, &n, &delay_ms) < 1 ||
        strcmp(at, name) != 0 || atomic_fetch_add(&visits, 1) + 1 != n)
        return;
    if (delay_ms > 0)
        clock_sleep_ms(delay_ms);
    kill(getpid(), SIGKILL);
}

int kill_point_receipt_first(void)
{
    const char *asked = getenv("BPTM_UNSAFE_RECEIPT_FIRST");

    return asked != NULL && strcmp(asked, "1") == 0;
}

#else

/* ISO C wants a declaration in every file. */
extern int kill_point_is_absent;

#endif
