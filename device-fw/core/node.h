/* A device: sources, switch, lights, journal and reporting tied together. */
#ifndef BPTM_NODE_H
#define BPTM_NODE_H

#include "beacon.h"
#include "led.h"
#include "mqtt.h"
#include "order.h"
#include "overload.h"
#include "qual.h"
#include "reporter.h"
#include "scribe.h"
#include "settings.h"
#include "transfer.h"
#include "update.h"

enum {
    NODE_FAST_MS = 20,   /* sample again in: something is being decided */
    NODE_WATCH_MS = 100, /* a timer runs */
    NODE_REST_MS = 250,  /* nothing moves */
    NODE_KEEPALIVE_S = 120,
    NODE_FIELD_WORK_MAX_MS = COMMAND_FIELD_WORK_MAX_MS,
};

/** Everything that a node starts from; borrowed, `settings` is copied. */
struct node_config {
    const struct settings *settings;
    const struct flash *journal; /* area of the journal */
    const struct flash *store;   /* area of the settings, copied; NULL: they cannot be changed */
    const char *version;         /* of the firmware, static */
    const struct update_port *update; /* NULL: this machine cannot be updated */
    enum record_cause boot_cause;
    struct reporter_scratch *scratch; /* may be shared with other nodes of the same thread */
};

struct node {
    struct settings settings;
    struct flash store; /* sector_count 0: none */
    struct cose_key key;
    struct journal journal;
    struct clock clock;
    struct scribe scribe;
    struct reporter reporter;
    struct beacon beacon;
    struct mqtt mqtt;
    struct update update;
    uint64_t boot_seq; /* of the boot record of this start; 0: it could not be written */
    struct qual qual;
    struct transfer transfer;
    struct overload overload;
    struct transfer_input input; /* of the last step */
    struct qual_timers timers;
    struct transfer_config switch_config;
    uint64_t field_work_ms;          /* end of the field-work mode; 0: not in it */
    uint64_t identify_ms;            /* end of the identify pattern */
    uint64_t lamps_ms;               /* end of the lamp test */
    struct transfer_command command; /* what the contactors were told last */
    uint32_t later;                  /* commands set aside because there is no clock yet */
    uint8_t reset;                   /* service reset asked for */
    uint8_t leds[STATUS_LED_COUNT];
    const char *version;
    struct reporter_scratch *scratch;
    char topic_journal[WIRE_TOPIC_MAX];
    char topic_status[WIRE_TOPIC_MAX];
    char topic_link[WIRE_TOPIC_MAX];
    char topic_receipt[WIRE_TOPIC_MAX];
    char topic_request[WIRE_TOPIC_MAX]; /* up/firmware */
    char topic_chunk[WIRE_TOPIC_MAX];   /* down/firmware */
    char topic_down[WIRE_TOPIC_MAX];    /* filter of everything that comes down */
};

/** What the port does after node_act(). */
struct node_output {
    struct transfer_command command;
    uint8_t leds[STATUS_LED_COUNT];
    uint32_t sample_ms; /* when to sample next */
};

/*
 * The order of work, for every port, in one thread. now_ms is the time since the start.
 *
 *   node_act()   with a fresh sample: decides. The port drives coils and lights at once.
 *   node_work()  afterwards: writes records, then reports. Nothing here delays a coil.
 *
 * Without fresh samples node_act() is not called, and the switch stands as it is: what was not
 * seen does not count as unbroken, nor as dead time.
 */

/**
 * Mount the journal and write the boot record.
 * @param random  32 random bits, for the jitter of the first connect
 * @return EC_OK; EC_CONFIG; EC_FLASH
 */
enum error_code node_init(struct node *n, const struct node_config *config,
                          uint32_t random) MUST_CHECK;

/** Wipe the keys. */
void node_done(struct node *n);

/** Decide on one sample; never writes flash, never signs. */
void node_act(struct node *n, const struct qual_sample *sample, uint64_t now_ms,
              struct node_output *ret);

/** Remember and report. @param random 32 random bits. @return what to do with the transport */
enum mqtt_want node_work(struct node *n, uint64_t now_ms, uint32_t random);

/** The transport opened, closed (or could not open), delivered bytes. The result of
 *  node_receive() is 0 when the transport has to be closed. */
void node_opened(struct node *n, uint64_t now_ms);
void node_closed(struct node *n, uint64_t now_ms, uint32_t random);
int node_receive(struct node *n, const uint8_t *at, size_t len, uint64_t now_ms, uint32_t random);

/** Say good-bye: link offline and DISCONNECT are queued; node_work() then wants to hang up. */
void node_leave(struct node *n, uint64_t now_ms);

/** Service: clear contact faults if the contacts look right; field-work mode for a time, 0 ends
 *  it; all lights blink for a time. */
void node_reset(struct node *n);
void node_field_work(struct node *n, uint32_t duration_ms, uint64_t now_ms);
void node_identify(struct node *n, uint32_t duration_ms, uint64_t now_ms);

/** Light all lamps, test what can be tested without moving a contactor, and write the record.
 *  @return what failed, bits of enum selftest_failure */
uint32_t node_self_test(struct node *n, uint64_t now_ms);

/** 1 when the port should restart the machine: the loader has a new version to start, or one on
 *  trial has waited too long. Only at rest on a good utility. */
int node_wants_restart(const struct node *n, uint64_t now_ms);

/** Snapshot as a status message says it. */
void node_status(const struct node *n, uint64_t now_ms, struct status *ret);

#endif
