/* Signing and sending commands, and finding the records that answer them. */
#include "mqtt/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/command_outbox.h"

static enum error_code sign(const struct commands_sender *s, const struct command_due *due,
                            uint8_t ret[WIRE_COMMAND_MAX], size_t *ret_len)
{
    uint8_t payload[WIRE_COMMAND_MAX], scratch[WIRE_SCRATCH_LEN], aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_COMMAND, due->serial, aad_bytes)};
    size_t len;
    enum error_code ec = command_encode(&due->command, payload, sizeof(payload), &len);

    if (ec == EC_OK)
        ec = cose_sign(s->key, aad, (struct span){payload, len}, scratch, ret, WIRE_COMMAND_MAX,
                       ret_len);
    return ec;
}

static int send_one(const struct commands_sender *s, const struct command_due *due)
{
    struct topic topic = {.bucket = due->bucket, .leaf = TOPIC_DOWN_COMMAND};
    uint8_t message[WIRE_COMMAND_MAX];
    char text[WIRE_TOPIC_MAX];
    size_t len;
    enum error_code ec;

    memcpy(topic.device, due->serial, sizeof(topic.device));
    ec = topic_encode(s->root, &topic, text);
    if (ec == EC_OK)
        ec = sign(s, due, message, &len);
    if (ec != EC_OK) {
        log_event(LOG_LEVEL_ERROR, "command-not-signed", "device", due->serial, "error",
                  error_slug(ec), NULL);
        return 0;
    }
    return s->publish(s->broker, text, message, len, 1);
}

enum error_code commands_send(struct db *db, const struct commands_sender *s, int64_t now_ms,
                              size_t *ret_sent)
{
    struct command_due *due = calloc(LIMIT_COMMANDS_PER_TICK, sizeof(*due));
    size_t n = 0, sent = 0;
    enum error_code ec = EC_NO_MEMORY;

    if (due != NULL)
        ec = command_outbox_due(db, now_ms, due, LIMIT_COMMANDS_PER_TICK, &n);
    for (size_t i = 0; ec == EC_OK && i < n; i++)
        if (send_one(s, &due[i]))
            due[sent++] = due[i];
    if (ec == EC_OK)
        ec = command_outbox_sent(db, due, sent, now_ms);
    if (ec == EC_OK)
        *ret_sent = sent;
    free(due);
    return ec;
}

enum error_code commands_close(struct db *db, const struct work *work)
{
    struct command_outcome *outcomes = NULL;
    size_t count, n = 0;
    const struct work_item *items = work_items(work, &count);
    enum error_code ec = EC_OK;

    for (size_t i = 0; i < count; i++)
        n += !items[i].is_refused && items[i].message->journal->batch.has_outcome;
    if (n == 0)
        return EC_OK;
    outcomes = calloc(n, sizeof(*outcomes));
    if (outcomes == NULL)
        return EC_NO_MEMORY;
    n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct journal_batch *b = &items[i].message->journal->batch;

        if (items[i].is_refused || !b->has_outcome || items[i].change.verdict != JOURNAL_NEW)
            continue;
        outcomes[n++] = (struct command_outcome){
            .device_id = b->device_id,
            .from_seq = (int64_t)b->arrival.first_seq,
            .to_seq = (int64_t)(b->arrival.first_seq + b->arrival.count - 1),
        };
    }
    ec = command_outbox_close(db, outcomes, n);
    free(outcomes);
    return ec;
}
