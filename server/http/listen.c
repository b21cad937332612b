/* The socket that the REST server listens on. */
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

static int listen_at(const struct addrinfo *a)
{
    int on = 1;
    int s = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (s < 0)
        return -1;
    (void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, a->ai_addr, a->ai_addrlen) == 0 && listen(s, LIMIT_HTTP_BACKLOG) == 0)
        return s;
    int why = errno;
    close(s);
    errno = why;
    return -1;
}

enum error_code listen_open(const struct config *c, int *ret)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV | AI_NUMERICHOST};
    struct addrinfo *found = NULL;
    char port[16];
    snprintf(port, sizeof port, "%u", (unsigned)c->http_port);
    int rc = getaddrinfo(c->http_address, port, &hints, &found);
    int s = rc == 0 ? listen_at(found) : -1;
    const char *note = rc != 0 ? gai_strerror(rc) : strerror(errno);
    if (found != NULL)
        freeaddrinfo(found);
    if (s < 0) {
        log_event(LOG_LEVEL_ERROR, "http_listen_failed", "address", c->http_address, "port", port,
                  "note", note, NULL);
        return EC_IO;
    }
    *ret = s;
    return EC_OK;
}

unsigned listen_port(int s)
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;
    char port[16] = "0";
    if (getsockname(s, (struct sockaddr *)&a, &len) == 0)
        (void)getnameinfo((struct sockaddr *)&a, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return (unsigned)strtoul(port, NULL, 10);
}

/* Written beside and renamed, so that a reader never sees half a number. */
enum error_code listen_tell(const char *path, unsigned port)
{
    char temporary[CONFIG_TEXT_MAX + 8];
    if (path[0] == '\0')
        return EC_OK;
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *f = fopen(temporary, "w");
    if (f == NULL)
        return EC_IO;
    int written = fprintf(f, "%u\n", port) > 0;
    if (fclose(f) != 0 || !written || rename(temporary, path) != 0)
        return EC_IO;
    return EC_OK;
}
