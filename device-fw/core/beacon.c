/* When a status is due, and the two messages that are not journal records. */
#include "beacon.h"

#include <string.h>

#include "flash.h"

void beacon_init(struct beacon *b, uint32_t boot)
{
    memset(b, 0, sizeof(*b));
    b->session = (uint64_t)boot << 16;
}

void beacon_soon(struct beacon *b, uint64_t now_ms)
{
    b->due_ms = now_ms;
}

static size_t encode_link(const struct beacon *b, int online, uint8_t ret[BEACON_LINK_LEN])
{
    const struct status_link link = {.session = b->session, .online = online};
    size_t len = 0;

    if (status_link_encode(&link, ret, BEACON_LINK_LEN, &len) != EC_OK)
        return 0;
    return len;
}

size_t beacon_will(struct beacon *b, uint8_t ret[BEACON_LINK_LEN])
{
    b->session++;
    return encode_link(b, 0, ret);
}

void beacon_connected(struct beacon *b, uint64_t now_ms)
{
    b->link_due = 1;
    b->online = 1;
    b->due_ms = now_ms + BEACON_SOON_MS;
}

void beacon_link(struct beacon *b, const struct beacon_context *c, int online, uint64_t now_ms)
{
    uint8_t payload[BEACON_LINK_LEN];
    struct mqtt_message m = {.topic = c->topic_link,
                             .payload = payload,
                             .qos = 1,
                             .retain = 1,
                             .token = BEACON_LINK_TOKEN};

    b->online = (uint8_t)online;
    m.len = encode_link(b, online, payload);
    b->link_due = mqtt_publish(c->mqtt, &m, now_ms) == EC_QUEUE_FULL;
}

/* What a change of makes a status worth sending at once. */
static uint32_t digest(const struct status *s)
{
    uint8_t shown[STATUS_LED_COUNT + 7];

    memcpy(shown, s->leds, STATUS_LED_COUNT);
    shown[STATUS_LED_COUNT] = s->state;
    shown[STATUS_LED_COUNT + 1] = s->contactors;
    shown[STATUS_LED_COUNT + 2] = s->mode;
    flash_put32(shown + STATUS_LED_COUNT + 3, s->faults);
    return flash_crc(0, shown, sizeof(shown));
}

static void send_status(const struct beacon_context *c, const struct status *status,
                        uint64_t now_ms)
{
    uint8_t payload[WIRE_STATUS_MAX];
    uint8_t aad[WIRE_AAD_MAX];
    size_t aad_len = cose_aad(COSE_STATUS, c->settings->device, aad);
    struct mqtt_message m = {.topic = c->topic_status, .payload = c->message};
    size_t len;

    if (status_encode(status, payload, sizeof(payload), &len) == EC_OK &&
        cose_sign(c->key, (struct span){aad, aad_len}, (struct span){payload, len}, c->signing,
                  c->message, WIRE_STATUS_MAX, &m.len) == EC_OK)
        (void)!mqtt_publish(c->mqtt, &m, now_ms); /* QoS 0: the next one says it all again */
}

void beacon_step(struct beacon *b, const struct beacon_context *c, const struct status *status,
                 uint64_t now_ms, uint32_t random)
{
    uint32_t shown = digest(status);

    if (!mqtt_is_up(c->mqtt))
        return;
    if (b->link_due)
        beacon_link(b, c, b->online, now_ms);
    if (shown != b->shown && b->due_ms > now_ms + BEACON_SOON_MS) {
        uint64_t soon_ms = now_ms + BEACON_SOON_MS;
        uint64_t apart_ms = b->sent_ms + BEACON_APART_MS;

        b->due_ms = soon_ms > apart_ms ? soon_ms : apart_ms;
    }
    b->shown = shown;
    if (now_ms < b->due_ms)
        return;
    send_status(c, status, now_ms);
    b->sent_ms = now_ms;
    b->due_ms = now_ms + c->settings->status_ms / 4 * 3 + random % (c->settings->status_ms / 2);
}
