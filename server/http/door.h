/* The one thread that accepts connections, and gives each to the thread that holds fewest. */
#ifndef BPTM_DOOR_H
#define BPTM_DOOR_H

#include <stdint.h>
#include <sys/socket.h>

#include "error.h"

enum { DOOR_THREADS_MAX = 64 };

struct door;

/**
 * Takes a connection over, and closes the socket whether it can or not.
 * @param thread  0..threads-1, whose it is to be
 * @param socket  does not block
 * @return 0 when it could not
 */
typedef int (*door_take)(void *context, unsigned thread, int socket, const struct sockaddr *peer,
                         socklen_t len);

struct door_rules {
    unsigned threads;     /* 1..DOOR_THREADS_MAX */
    unsigned connections; /* at one time; more wait until one has ended */
    unsigned per_address; /* of one address, as client_of() has it; more are closed at once */
};

/** @return EC_OK; EC_IO, EC_NO_MEMORY */
enum error_code door_new(const struct door_rules *rules, struct door **ret) MUST_CHECK;

/**
 * Starts the thread.
 * @param socket  that listens and does not block; door_shut() closes it
 * @param take    called by that thread, until door_shut()
 * @return EC_OK; EC_NO_MEMORY: the socket is the caller's still
 */
enum error_code door_open(struct door *d, int socket, door_take take, void *context) MUST_CHECK;

/** A connection that was taken ends; called before its socket is closed. */
void door_left(struct door *d, int socket);

/** Accept no more. Connections that were taken stay. NULL, and one never opened, are allowed. */
void door_shut(struct door *d);

/** After door_shut(), when no connection is left. NULL is allowed. */
void door_free(struct door *d);

/** Connections that a thread holds now. */
unsigned door_held(struct door *d, unsigned thread);

/** Connections that were closed at once so far, their address having too many. */
uint64_t door_refused(const struct door *d);

#endif
