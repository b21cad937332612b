/* Commands to devices: put by operators, sent until the device's journal says what became of them.
 */
#ifndef BPTM_COMMAND_OUTBOX_H
#define BPTM_COMMAND_OUTBOX_H

#include "command.h"
#include "store/document.h"

enum { COMMAND_ARGUMENT_MAX = 448, COMMAND_ARGUMENTS_MAX = 512 };

/** A new command; text and bytes are borrowed. */
struct command_new {
    int64_t device_id;
    uint32_t code;
    const char *arguments;    /* JSON object, for people */
    struct span argument;     /* for the device; empty: none */
    const char *requested_by; /* token id, or "sub@iss" */
    int64_t expires_in_s;
};

/**
 * Put a command for a registered device. Call inside db_transact(); the caller writes the audit
 * row.
 * @param ret_counter  set on EC_OK
 * @return EC_OK; EC_STATE_REFUSED when the device is retired or has LIMIT_COMMANDS_OPEN open ones;
 *         EC_DATABASE_RETRY when another one was put at the same time; or a database error
 */
enum error_code command_outbox_put(struct db *db, const struct command_new *command,
                                   int64_t *ret_counter) MUST_CHECK;

/** One command of a device as JSON. @return EC_OK; EC_NOT_FOUND; a database error */
enum error_code command_outbox_get(struct db *db, const char *serial, int64_t counter,
                                   char **ret) MUST_CHECK;

/** The commands of a device, newest first. @return EC_OK; EC_NOT_FOUND without such a device */
enum error_code command_outbox_list(struct db *db, const char *serial,
                                    const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

/** A command to be sent now. */
struct command_due {
    int64_t device_id;
    char serial[WIRE_DEVICE_MAX + 1];
    uint16_t bucket;
    struct command command; /* its argument is in `argument` */
    uint8_t argument[COMMAND_ARGUMENT_MAX];
};

/**
 * The oldest open command of each device that is not known to be offline: never sent, or not for
 * LIMIT_COMMAND_REPEAT_MS (doubling), or not on the device's present connection.
 * @param ret  room for `most`
 */
enum error_code command_outbox_due(struct db *db, int64_t now_ms, struct command_due *ret,
                                   size_t most, size_t *ret_n) MUST_CHECK;

/** It was handed to the broker. */
enum error_code command_outbox_sent(struct db *db, const struct command_due *list, size_t n,
                                    int64_t now_ms) MUST_CHECK;

/** Records that were stored in this transaction, command_done or command_refused among them. */
struct command_outcome {
    int64_t device_id;
    int64_t from_seq, to_seq;
};

/** Close what these records tell of; the first record about a command counts. */
enum error_code command_outbox_close(struct db *db, const struct command_outcome *list,
                                     size_t n) MUST_CHECK;

#endif
