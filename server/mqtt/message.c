/* A message on its way. */
#include "mqtt/message.h"

#include <stdlib.h>
#include <string.h>

enum error_code message_new(const char *root, const char *topic, const void *payload, size_t size,
                            int64_t received_ms, struct message **ret)
{
    size_t len = size > LIMIT_QUARANTINE_PAYLOAD ? LIMIT_QUARANTINE_PAYLOAD : size;
    size_t topic_len = strnlen(topic, LIMIT_MQTT_TOPIC_LEN);
    struct message *m = malloc(sizeof(*m) + len + topic_len + 1);
    enum error_code ec;

    if (m == NULL)
        return EC_NO_MEMORY;
    memset(m, 0, sizeof(*m));
    m->received_ms = received_ms;
    m->size = size;
    m->len = len;
    if (len > 0)
        memcpy(m->payload, payload, len);
    m->topic_text = (char *)m->payload + len;
    for (size_t i = 0; i < topic_len; i++)
        m->topic_text[i] = (char)(topic[i] >= ' ' && topic[i] < 0x7f ? topic[i] : '?');
    m->topic_text[topic_len] = '\0';
    ec = topic_decode(root, topic, &m->topic);
    if (ec == EC_OK && size > WIRE_MESSAGE_MAX)
        ec = EC_WIRE_TOO_LARGE;
    if (ec != EC_OK)
        message_refuse(m, ec);
    *ret = m;
    return EC_OK;
}

static void forget_parts(struct message *m)
{
    if (m->kind == MESSAGE_JOURNAL && m->journal != NULL) {
        bytes_done(&m->journal->batch.row_bytes);
        free(m->journal);
    }
    if (m->kind == MESSAGE_STATUS)
        free(m->status);
    if (m->kind == MESSAGE_FIRMWARE)
        free(m->firmware);
}

void message_free(struct message *m)
{
    if (m == NULL)
        return;
    forget_parts(m);
    free(m);
}

void message_refuse(struct message *m, enum error_code reason)
{
    forget_parts(m);
    m->kind = MESSAGE_REFUSED;
    m->reason = reason;
}
