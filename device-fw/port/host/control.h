/* The control socket: one command per line, one line of answer. */
#ifndef BPTM_CONTROL_H
#define BPTM_CONTROL_H

#include <stddef.h>

#include "error.h"

struct fleet;

enum {
    CONTROL_CLIENTS_MAX = 8,
    CONTROL_LINE_MAX = 256,
    CONTROL_ANSWER_MAX = 512,
};

struct control_client {
    int fd; /* -1: free */
    size_t len;
    char line[CONTROL_LINE_MAX];
};

struct control {
    struct fleet *fleet;
    int listen_fd; /* -1: no control socket */
    char path[108];
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

/** Listen on a unix stream socket (mode 0600). A socket that a dead process left is replaced.
 *  @param path  NULL: no control socket
 *  @return EC_OK; EC_USAGE for a path that is too long; EC_IO */
enum error_code control_init(struct control *c, struct fleet *fleet, const char *path) MUST_CHECK;
void control_done(struct control *c);

/** 1 when the epoll pointer belongs to the control socket. */
int control_owns(const struct control *c, const void *ptr);

/** Something is ready on it. */
void control_ready(struct control *c, void *ptr);

/** 1 when there is such a command for homes, as in a line "HOME object verb"; verb may be NULL. */
int control_knows(const char *object, const char *verb);

/** Execute one line and write the answer, NUL-terminated, without a newline. */
void control_execute(struct control *c, char *line, char answer[CONTROL_ANSWER_MAX]);

#endif
