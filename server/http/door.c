/* The one thread that accepts connections, and gives each to the thread that holds fewest.
 *
 * Threads that all accept by themselves share badly: whoever wakes first takes a whole burst, and
 * keeps it for as long as its connections live. */
#define _GNU_SOURCE 1 /* accept4 */
#include "http/door.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/client.h"

enum { CHAINS = 256, NONE = -1 };

/* What is known of a socket by its number, which the system gives out densely. */
struct place {
    char address[CLIENT_MAX];
    unsigned thread;
    int is_taken;
    int next; /* in the chain of its address */
};

struct door {
    struct door_rules rules;
    int socket, wake;
    door_take take;
    void *context;
    pthread_t thread;
    atomic_int is_shutting;
    atomic_ullong refused;
    pthread_mutex_t lock; /* of what follows */
    struct place *places; /* by number of socket */
    int place_count;
    int chains[CHAINS]; /* the first socket of each */
    unsigned held[DOOR_THREADS_MAX], total, turn;
};

/* -- who holds what; under the lock ------------------------------------------------------------ */

static int *chain_of(struct door *d, const char *address)
{
    unsigned hash = 5381;
    for (; *address != '\0'; address++)
        hash = hash * 33 + (unsigned char)*address;
    return &d->chains[hash % CHAINS];
}

static unsigned of_address(struct door *d, const char *address)
{
    unsigned count = 0;
    for (int s = *chain_of(d, address); s != NONE; s = d->places[s].next)
        count += strcmp(d->places[s].address, address) == 0;
    return count;
}

static void leave(struct door *d, int socket)
{
    struct place *p = socket < d->place_count ? &d->places[socket] : NULL;
    if (p == NULL || !p->is_taken)
        return;
    int *at = chain_of(d, p->address);
    while (*at != socket)
        at = &d->places[*at].next;
    *at = p->next;
    p->is_taken = 0;
    d->held[p->thread]--;
    d->total--;
}

static int grow_to(struct door *d, int socket)
{
    int count = socket + 64;
    if (socket < d->place_count)
        return 1;
    struct place *more = realloc(d->places, (size_t)count * sizeof *more);
    if (more == NULL)
        return 0;
    memset(more + d->place_count, 0, (size_t)(count - d->place_count) * sizeof *more);
    d->places = more;
    d->place_count = count;
    return 1;
}

/* The thread with fewest; of equals the next in turn. */
static unsigned least_busy(struct door *d)
{
    unsigned n = d->rules.threads, least = d->turn % n;
    for (unsigned i = 1; i < n; i++)
        if (d->held[(d->turn + i) % n] < d->held[least])
            least = (d->turn + i) % n;
    d->turn = least + 1;
    return least;
}

static int enter(struct door *d, int socket, const char *address, unsigned *ret_thread)
{
    if (!grow_to(d, socket))
        return 0;
    leave(d, socket); /* the number is free again, so whoever had it has ended without a word */
    if (of_address(d, address) >= d->rules.per_address)
        return 0;
    struct place *p = &d->places[socket];
    int *first = chain_of(d, address);
    memcpy(p->address, address, CLIENT_MAX);
    p->thread = *ret_thread = least_busy(d);
    p->is_taken = 1;
    p->next = *first;
    *first = socket;
    d->held[p->thread]++;
    d->total++;
    return 1;
}

/* -- the thread -------------------------------------------------------------------------------- */

static int has_room(struct door *d)
{
    pthread_mutex_lock(&d->lock);
    int room = d->total < d->rules.connections;
    pthread_mutex_unlock(&d->lock);
    return room;
}

static void let_in(struct door *d, int socket, const struct sockaddr *peer, socklen_t len)
{
    char address[CLIENT_MAX];
    unsigned thread = 0;
    client_of(peer, NULL, "", address);
    pthread_mutex_lock(&d->lock);
    int may = enter(d, socket, address, &thread);
    pthread_mutex_unlock(&d->lock);
    if (!may) {
        atomic_fetch_add(&d->refused, 1);
        close(socket);
    } else if (!d->take(d->context, thread, socket, peer, len)) {
        door_left(d, socket); /* closed, but only this thread gives places by its number */
    }
}

/* Until nobody waits. A machine without descriptors or memory may have some again soon. */
static void accept_all(struct door *d)
{
    while (!atomic_load(&d->is_shutting) && has_room(d)) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof peer;
        int s = accept4(d->socket, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (s >= 0) {
            let_in(d, s, (struct sockaddr *)&peer, len);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        log_event(LOG_LEVEL_WARN, "http_accept_failed", "note", strerror(errno), NULL);
        clock_sleep_ms(LIMIT_HTTP_ACCEPT_PAUSE_MS);
        return;
    }
}

static void *run(void *context)
{
    struct door *d = context;
    while (!atomic_load(&d->is_shutting)) {
        struct pollfd ready[] = {{.fd = d->wake, .events = POLLIN},
                                 {.fd = has_room(d) ? d->socket : -1, .events = POLLIN}};
        eventfd_t times;
        if (poll(ready, 2, -1) < 0)
            continue;
        if (ready[0].revents != 0)
            (void)eventfd_read(d->wake, &times);
        if (ready[1].revents != 0)
            accept_all(d);
    }
    return NULL;
}

/* -- what others see --------------------------------------------------------------------------- */

enum error_code door_new(const struct door_rules *rules, struct door **ret)
{
    struct door *d = calloc(1, sizeof *d);
    if (d == NULL)
        return EC_NO_MEMORY;
    d->rules = *rules;
    d->socket = -1;
    for (int i = 0; i < CHAINS; i++)
        d->chains[i] = NONE;
    d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (d->wake < 0) {
        free(d);
        return EC_IO;
    }
    pthread_mutex_init(&d->lock, NULL);
    *ret = d;
    return EC_OK;
}

enum error_code door_open(struct door *d, int socket, door_take take, void *context)
{
    d->socket = socket;
    d->take = take;
    d->context = context;
    if (pthread_create(&d->thread, NULL, run, d) == 0)
        return EC_OK;
    d->socket = -1;
    return EC_NO_MEMORY;
}

void door_left(struct door *d, int socket)
{
    pthread_mutex_lock(&d->lock);
    int was_full = d->total >= d->rules.connections;
    leave(d, socket);
    pthread_mutex_unlock(&d->lock);
    if (was_full)
        (void)eventfd_write(d->wake, 1);
}

void door_shut(struct door *d)
{
    if (d == NULL || d->socket < 0)
        return;
    atomic_store(&d->is_shutting, 1);
    (void)eventfd_write(d->wake, 1);
    pthread_join(d->thread, NULL);
    close(d->socket);
    d->socket = -1;
}

void door_free(struct door *d)
{
    if (d == NULL)
        return;
    pthread_mutex_destroy(&d->lock);
    close(d->wake);
    free(d->places);
    free(d);
}

unsigned door_held(struct door *d, unsigned thread)
{
    pthread_mutex_lock(&d->lock);
    unsigned held = d->held[thread];
    pthread_mutex_unlock(&d->lock);
    return held;
}

uint64_t door_refused(const struct door *d)
{
    return atomic_load(&d->refused);
}
