/* Opening the homes, the loop, and the end. */
#include <config.h>

#include "fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "provision.h"

enum {
    EVENTS_MAX = 256, /* taken from epoll at once */
    FILES_SPARE = 64, /* beside the three of each home */
};

static uint64_t clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t fleet_now_ms(const struct fleet *f)
{
    if (f->is_offline)
        return f->offline_ms;
    return (uint64_t)((double)(clock_us() - f->start_us) * f->speed / 1000);
}

void fleet_wake(struct fleet *f, struct home *h)
{
    h->due_ms = fleet_now_ms(f);
    queue_set(&f->queue, h->number - 1, h->due_ms);
}

/* ---- start ---- */

static enum error_code resolve(const char *broker, struct home_world *ret)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    const char *colon = strrchr(broker, ':');
    char host[256];
    int bad;

    if (colon == NULL || colon == broker || (size_t)(colon - broker) >= sizeof(host)) {
        fprintf(stderr, "error=usage broker must be HOST:PORT, not '%s'\n", broker);
        return EC_USAGE;
    }
    memcpy(host, broker, (size_t)(colon - broker));
    host[colon - broker] = '\0';
    bad = getaddrinfo(host, colon + 1, &hints, &found);
    if (bad != 0) {
        fprintf(stderr, "error=io could not resolve '%s': %s\n", broker, gai_strerror(bad));
        return EC_IO;
    }
    memcpy(&ret->broker, found->ai_addr, found->ai_addrlen);
    ret->broker_len = found->ai_addrlen;
    freeaddrinfo(found);
    return EC_OK;
}

static enum error_code raise_file_limit(unsigned homes)
{
    const rlim_t need = 3 * (rlim_t)homes + FILES_SPARE;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return EC_IO;
    if (limit.rlim_cur >= need)
        return EC_OK;
    limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
    if (limit.rlim_cur < need || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        fprintf(stderr, "error=io %u homes need %llu open files, the limit is %llu\n", homes,
                (unsigned long long)need, (unsigned long long)limit.rlim_max);
        return EC_IO;
    }
    return EC_OK;
}

/* Two processes on the same flash images would be two devices with one identity. */
static enum error_code lock_dir(struct fleet *f, const char *dir)
{
    f->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->dir_fd < 0) {
        fprintf(stderr, "error=io could not open '%s': %s\n", dir, strerror(errno));
        return EC_IO;
    }
    if (flock(f->dir_fd, LOCK_EX | LOCK_NB) != 0) {
        fprintf(stderr, "error=conflict '%s' is in use by another process\n", dir);
        return EC_CONFLICT;
    }
    return EC_OK;
}

static enum error_code watch_signals(struct fleet *f)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = f};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    f->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (f->signal_fd < 0 || epoll_ctl(f->world.epoll_fd, EPOLL_CTL_ADD, f->signal_fd, &e) != 0)
        return EC_IO;
    return EC_OK;
}

static enum error_code open_homes(struct fleet *f, const struct fleet_config *c)
{
    char path[PROVISION_PATH_MAX];

    f->homes = calloc(c->homes, sizeof(*f->homes));
    if (f->homes == NULL || !queue_init(&f->queue, c->homes)) {
        fprintf(stderr, "error=no-memory for %u homes\n", c->homes);
        return EC_NO_MEMORY;
    }
    for (unsigned i = 0; i < c->homes; i++) {
        enum error_code ec = provision_path(c->dir, i + 1, path);

        if (ec == EC_OK)
            ec = home_init(&f->homes[i], &f->world, i + 1, path, c->seed);
        if (ec != EC_OK) {
            fprintf(stderr, "error=%s could not start home %u from '%s'\n", error_slug(ec), i + 1,
                    path);
            home_done(&f->homes[i]);
            return ec;
        }
        f->count = i + 1;
        queue_set(&f->queue, i, f->homes[i].due_ms);
    }
    return EC_OK;
}

/* Customers do not all react at once: within seconds of the loss, and of the return. */
static void plan_storm(struct fleet *f, const struct fleet_storm *storm)
{
    uint64_t off_ms = (uint64_t)storm->after_s * 1000 + 1;
    uint64_t on_ms = off_ms + (uint64_t)storm->for_s * 1000;

    if (storm->for_s == 0)
        return;
    for (unsigned i = 0; i < f->count; i++) {
        struct home *h = &f->homes[i];
        uint64_t late_ms = h->random % 8000;

        if ((h->random >> 16) % 100 >= storm->share)
            continue;
        h->plan_ms[HOME_PLAN_UTILITY_OFF] = off_ms + late_ms % 500;
        h->plan_ms[HOME_PLAN_GENERATOR_START] = off_ms + 2000 + late_ms;
        h->plan_ms[HOME_PLAN_UTILITY_ON] = on_ms + late_ms % 1000;
        h->plan_ms[HOME_PLAN_GENERATOR_STOP] = on_ms + h->settings.return_ms + 5000 + late_ms;
    }
}

/* ---- loop ---- */

static void run_due(struct fleet *f, uint64_t now_ms)
{
    for (;;) {
        unsigned i = queue_first(&f->queue);

        if (f->homes[i].due_ms > now_ms)
            return;
        home_run(&f->homes[i], now_ms);
        queue_set(&f->queue, i, f->homes[i].due_ms);
    }
}

static uint64_t next_due_ms(const struct fleet *f)
{
    uint64_t home_ms = f->homes[queue_first(&f->queue)].due_ms;
    uint64_t step_ms = script_due_ms(&f->script);

    return step_ms < home_ms ? step_ms : home_ms;
}

static int wait_ms(const struct fleet *f)
{
    uint64_t now_ms = fleet_now_ms(f);
    uint64_t due_ms = next_due_ms(f);

    if (due_ms <= now_ms)
        return 0;
    return (int)ceil((double)(due_ms - now_ms) / f->speed);
}

static void poll_once(struct fleet *f)
{
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(f->world.epoll_fd, events, EVENTS_MAX, wait_ms(f));
    uint64_t now_ms = fleet_now_ms(f);

    for (int i = 0; i < n; i++) {
        void *ptr = events[i].data.ptr;

        if (ptr == f)
            f->stopping = 1;
        else if (control_owns(&f->control, ptr))
            control_ready(&f->control, ptr);
        else
            home_socket(ptr, events[i].events, now_ms);
    }
    script_run(&f->script, f, now_ms);
    run_due(f, now_ms);
}

/* From one due time to the next: nothing here asks a clock or a socket. */
static void run_offline(struct fleet *f, uint64_t end_ms)
{
    while (!f->stopping && next_due_ms(f) < end_ms) {
        f->offline_ms = next_due_ms(f);
        script_run(&f->script, f, f->offline_ms);
        run_due(f, f->offline_ms);
    }
}

static void leave(struct fleet *f)
{
    uint64_t end_us = clock_us() + FLEET_LEAVE_MS * 1000;
    unsigned left = 0;

    for (unsigned i = 0; i < f->count; i++)
        home_leave(&f->homes[i], fleet_now_ms(f));
    while (left < f->count && clock_us() < end_us) {
        poll_once(f);
        for (left = 0; left < f->count && home_left(&f->homes[left]);)
            left++;
    }
}

static void close_all(struct fleet *f)
{
    control_done(&f->control);
    script_done(&f->script);
    for (unsigned i = 0; i < f->count; i++)
        home_done(&f->homes[i]);
    free(f->homes);
    queue_done(&f->queue);
    if (f->signal_fd >= 0)
        close(f->signal_fd);
    if (f->world.epoll_fd >= 0)
        close(f->world.epoll_fd);
    if (f->dir_fd >= 0)
        close(f->dir_fd);
    free(f);
}

static enum error_code start(struct fleet *f, const struct fleet_config *c)
{
    enum error_code ec = c->broker != NULL ? resolve(c->broker, &f->world) : EC_OK;

    if (ec == EC_OK && c->script != NULL)
        ec = script_load(&f->script, c->script, c->homes, c->seed);
    if (ec == EC_OK)
        ec = raise_file_limit(c->homes);
    if (ec == EC_OK)
        ec = lock_dir(f, c->dir);
    if (ec != EC_OK)
        return ec;
    f->world.quiet = c->quiet;
    f->world.factory = c->factory;
    f->world.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (f->world.epoll_fd < 0 || watch_signals(f) != EC_OK) {
        fprintf(stderr, "error=io could not set up the event loop: %s\n", strerror(errno));
        return EC_IO;
    }
    ec = open_homes(f, c);
    if (ec != EC_OK)
        return ec;
    ec = control_init(&f->control, f, c->control);
    if (ec != EC_OK) {
        fprintf(stderr, "error=%s could not listen on '%s': %s\n", error_slug(ec), c->control,
                strerror(errno));
        return ec;
    }
    plan_storm(f, &c->storm);
    f->start_us = clock_us();
    fprintf(stderr, "event=ready homes=%u broker=%s\n", f->count,
            c->broker != NULL ? c->broker : "none");
    return EC_OK;
}

enum error_code fleet_run(const struct fleet_config *c)
{
    struct fleet *f = calloc(1, sizeof(*f));
    uint64_t end_ms = c->duration_s != 0 ? (uint64_t)c->duration_s * 1000 : UINT64_MAX;
    enum error_code ec;

    if (f == NULL)
        return EC_NO_MEMORY;
    f->dir_fd = f->signal_fd = f->world.epoll_fd = -1;
    f->speed = c->speed;
    f->is_offline = c->broker == NULL;
    ec = start(f, c);
    if (ec == EC_OK && f->is_offline) {
        run_offline(f, end_ms);
    } else if (ec == EC_OK) {
        while (!f->stopping && fleet_now_ms(f) < end_ms)
            poll_once(f);
        leave(f);
        fprintf(stderr, "event=stopped homes=%u\n", f->count);
    }
    close_all(f);
    return ec;
}
