/* The n-th allocation or statement of the program fails: libc and libpq behind --wrap of the
 * linker. */
#ifndef BPTM_FAULT_H
#define BPTM_FAULT_H

/** How it fails. All but the first are failures of a statement, a COPY or a connection attempt. */
enum fault_kind {
    FAULT_MEMORY,     /* malloc, calloc, realloc, strdup give NULL */
    FAULT_UNSENT,     /* libpq cannot send it */
    FAULT_FULL,       /* the server has no room (53100) */
    FAULT_CONFLICT,   /* serialization failure (40001) */
    FAULT_DATA,       /* the data's fault (22003) */
    FAULT_CUT_BEFORE, /* the connection ends before the server sees it */
    FAULT_CUT_AFTER,  /* the server has done it, and the connection ends before it says so */
    FAULT_COUNT
};

extern const char *const fault_names[FAULT_COUNT];

/** Let the n-th call from now fail, in whatever thread, once; n is from 1. */
void fault_arm(enum fault_kind kind, unsigned n);
/** Let the next call at this place (place.h) fail, once. */
void fault_arm_place(enum fault_kind kind, int place);
/** Nothing fails any more. @return 1 when it did */
int fault_disarm(void);
/** Armed with more calls than there were: how many there were. */
unsigned fault_count(void);
/** What failed last, for people: the statement, or the function and line. */
const char *fault_last(void);

/** This thread's calls do (0) or do not (1) count. A new thread's do. */
void fault_exempt(int is_exempt);

/** Print every place that was seen while armed: `place`, how often it failed, what it is. */
void fault_print_places(void);

#endif
