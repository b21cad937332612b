/* A whole device on the bench: core, flash, house, and a broker with a server behind it, in
 * simulated time. */
#ifndef RIG_H
#define RIG_H

#include "flash_model.h"
#include "node.h"
#include "plant.h"
#include "topic.h"

enum {
    RIG_SECTOR_LEN = 2048,
    RIG_SECTORS = 8,
    RIG_RECORDS_MAX = 4096,
    RIG_MESSAGES_MAX = 512,
};

/** What the server does with a batch. */
enum rig_server {
    RIG_ANSWERS,
    RIG_SILENT, /* stores it, and the receipt is lost */
    RIG_DEAF,   /* never gets it */
    RIG_WRONG_HASH,
    RIG_WRONG_DEVICE,
    RIG_FOREIGN, /* signs with another key */
    RIG_GARBAGE,
    RIG_OLD_EPOCH,
    RIG_AHEAD, /* claims what was never written */
};

/** A record that the server has stored. */
struct rig_record {
    uint8_t bytes[WIRE_RECORD_MAX];
    struct record record; /* borrows bytes */
    uint8_t hash[WIRE_HASH_LEN];
    int stored;
    int overwritten; /* declared lost by the device */
};

/** A batch as it came. */
struct rig_message {
    uint64_t first_seq;
    size_t count;
    size_t len;
    uint32_t crc;
    uint64_t at_ms;
    int dup;
};

struct rig {
    struct flash_model flash;
    struct flash_model store; /* of the settings */
    struct settings settings;
    struct reporter_scratch scratch;
    struct node node;
    struct plant plant;
    struct node_output out;
    uint64_t now_ms;  /* simulated */
    uint64_t boot_ms; /* of the device's start */
    uint64_t due_ms;
    uint32_t random;
    int period_ms; /* of sampling; 0: as the node asks */
    int frozen;    /* 1: the front end delivers no samples */
    unsigned both_commanded;

    int network; /* 1: the broker can be reached */
    int open;    /* the transport is open */
    int no_puback;
    enum rig_server server;
    uint64_t epoch;
    uint32_t pace_ms;
    uint32_t answer_ms; /* age of the receipt when it arrives */
    uint64_t head;      /* of the server */
    struct cose_key fleet;
    const struct update_port *update; /* for the next start; NULL: no slots */
    void (*on_request)(struct rig *r, const struct firmware_request *request);
    struct rig_record records[RIG_RECORDS_MAX]; /* by seq */
    struct rig_message messages[RIG_MESSAGES_MAX];
    unsigned message_count;
    unsigned status_count;
    struct status status;    /* last one */
    struct status_link link; /* last one */
    unsigned bad_messages;   /* that the server could not verify */
};

/** A new device with default settings, connected to everything; the house is at rest. */
void rig_init(struct rig *r);

/** The device starts on the flash as it is. */
void rig_boot(struct rig *r, enum record_cause cause);

/** Time passes. */
void rig_run(struct rig *r, uint32_t ms);

/** The server publishes on a leaf of the device: bytes as they are. */
void rig_publish(struct rig *r, enum topic_leaf leaf, const uint8_t *at, size_t len);

/** The server publishes on down/command: bytes as they are. */
void rig_publish_command(struct rig *r, const uint8_t *at, size_t len);

/** Sign a command for the device. @param key  NULL: the fleet's. @return its length, at most
 *  WIRE_COMMAND_MAX */
size_t rig_sign_command(const struct rig *r, const struct command *c, const struct cose_key *key,
                        uint8_t ret[WIRE_COMMAND_MAX]);

/** The server's clock, UTC. */
uint64_t rig_utc_ms(const struct rig *r);

/** The kinds of stored records from a seq on, as text: "boot time_set utility_lost". */
const char *rig_kinds(const struct rig *r, uint64_t from_seq);

/** A number field of a stored record; fails the test when it is missing. */
uint64_t rig_field(const struct rig *r, uint64_t seq, enum record_key key);

/** seq of the last stored record of a kind; 0: none. */
uint64_t rig_last(const struct rig *r, enum record_kind kind);

/** The server forgets everything above a head, as after a restore. */
void rig_server_forgets(struct rig *r, uint64_t head);

/** Bring a device into ON_GENERATOR in an outage. */
void rig_to_generator(struct rig *r);

#endif
