/* Many homes in one process: one epoll loop, one queue of wake-ups, one simulated clock. */
#ifndef BPTM_FLEET_H
#define BPTM_FLEET_H

#include "control.h"
#include "home.h"
#include "queue.h"
#include "script.h"

enum {
    FLEET_HOMES_MAX = 20000,
    FLEET_SPEED_MAX = 100,
    FLEET_LEAVE_MS = 2000, /* of real time, to say good-bye at the end */
};

/** An outage that hits many homes at once; all zero: none. */
struct fleet_storm {
    uint32_t after_s; /* from the start to the loss */
    uint32_t for_s;   /* from the loss to the return */
    uint32_t share;   /* of the homes, per cent */
};

struct fleet_config {
    const char *dir;
    unsigned homes;
    const char *broker;  /* HOST:PORT; NULL: none, and time runs as fast as it can */
    const char *script;  /* path; NULL: none */
    const char *control; /* path of the control socket; NULL: none */
    uint64_t seed;
    double speed;
    uint32_t duration_s; /* of simulated time; 0: until told to stop */
    struct fleet_storm storm;
    int quiet;
    const struct slotfile_factory *factory; /* NULL: homes take no updates */
};

struct fleet {
    struct home_world world;
    struct home *homes;
    unsigned count; /* homes that are open */
    struct queue queue;
    struct control control;
    struct script script;
    int is_offline;      /* no broker, no clock: the same run every time */
    uint64_t offline_ms; /* simulated time then */
    double speed;
    uint64_t start_us; /* of the real clock */
    int dir_fd;        /* locked: one process per folder */
    int signal_fd;
    int stopping;
};

/** Run until the duration is over, `quit`, SIGINT or SIGTERM. Logs what is wrong.
 *  @return EC_OK or the error that ended it */
enum error_code fleet_run(const struct fleet_config *config) MUST_CHECK;

/** Simulated milliseconds since the start. */
uint64_t fleet_now_ms(const struct fleet *f);

/** A home was changed from outside: let it run at once. */
void fleet_wake(struct fleet *f, struct home *h);

#endif
