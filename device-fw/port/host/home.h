/* One simulated home: the device's core, its flash, the house around it, a socket to the broker. */
#ifndef BPTM_HOME_H
#define BPTM_HOME_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "flashfile.h"
#include "node.h"
#include "plant.h"
#include "slotfile.h"

/** How the home is connected. */
enum home_link_state {
    HOME_LINK_UP,
    HOME_LINK_DOWN, /* the broker cannot be reached */
    HOME_LINK_DEAF, /* what it sends is lost: receipts, acknowledgements */
};

/** What all homes of a process share. */
struct home_world {
    struct sockaddr_storage broker;
    socklen_t broker_len;
    int epoll_fd;
    int quiet;                              /* 1: only errors are logged */
    const struct slotfile_factory *factory; /* NULL: homes without slots, which take no update */
    struct reporter_scratch scratch;
};

/** Things that a storm does to a home, each at its time (0: not planned). */
enum home_plan {
    HOME_PLAN_UTILITY_OFF,
    HOME_PLAN_GENERATOR_START,
    HOME_PLAN_UTILITY_ON,
    HOME_PLAN_GENERATOR_STOP,
    HOME_PLAN_COUNT
};

struct home {
    unsigned number; /* from 1 */
    struct home_world *world;
    struct flashfile flash;
    struct slotfile slots;
    struct settings settings;
    struct node node;
    struct plant plant;
    struct transfer_command command;
    uint64_t boot_ms; /* simulated time of the device's start */
    uint64_t seen_ms; /* simulated time of the last step */
    uint64_t due_ms;  /* simulated time of the next */
    uint64_t random;
    int fd; /* to the broker; -1: none */
    uint8_t connecting;
    uint8_t want_write;
    uint8_t shown_state;
    uint8_t shown_up;
    uint8_t link;       /* enum home_link_state */
    uint8_t flapping;   /* 1: the utility comes and goes */
    uint8_t fragile;    /* 1: the generator dies under load */
    uint64_t loaded_ms; /* since when a fragile one carries the home; 0: it does not */
    uint64_t plan_ms[HOME_PLAN_COUNT];
};

/** Open the flash image, load the settings, start the device. Logs what is wrong.
 *  @return EC_OK or the error */
enum error_code home_init(struct home *h, struct home_world *world, unsigned number,
                          const char *path, uint64_t seed) MUST_CHECK;

/** Close everything; accepts a home that home_init() refused. */
void home_done(struct home *h);

/** Run the home until now_ms of simulated time; h->due_ms is then when it wants to run again. */
void home_run(struct home *h, uint64_t now_ms);

/** The socket is ready: `events` as epoll gives them. */
void home_socket(struct home *h, uint32_t events, uint64_t now_ms);

/** Power off and on: the contactors go to rest, the core starts from flash. */
enum error_code home_reboot(struct home *h, uint64_t now_ms) MUST_CHECK;

/** Cut, deafen or mend the link to the broker. */
void home_link(struct home *h, enum home_link_state state);

/** Say good-bye to the broker. home_left() is 1 when that is done. */
void home_leave(struct home *h, uint64_t now_ms);
int home_left(const struct home *h);

/** One line of key=value about the home. @return its length, below cap */
size_t home_describe(const struct home *h, char *buf, size_t cap);

#endif
