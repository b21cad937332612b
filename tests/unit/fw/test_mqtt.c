/* The MQTT client against a scripted broker: every byte that it sends and takes is written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt.h"

static const struct mqtt_config config = {
    .client_id = "DEV-1",
    .user = "DEV-1",
    .password = "pw",
    .filter = "r/down/#",
    .will_topic = "r/up/link",
    .keepalive_s = 60,
};

static struct mqtt client;
static struct mqtt_event event;
static uint64_t now_ms;

/* ---- the broker ---- */

static void expect_output(const void *bytes, size_t len)
{
    size_t have;
    const uint8_t *at = mqtt_output(&client, &have);

    assert_int_equal(have, len);
    assert_memory_equal(at, bytes, len);
    mqtt_sent(&client, have);
}

static void drain(void)
{
    size_t have;

    mqtt_output(&client, &have);
    mqtt_sent(&client, have);
}

/* Feed a whole packet; what it means is then in `event`. */
static void feed(const void *bytes, size_t len)
{
    assert_int_equal(mqtt_receive(&client, bytes, len, now_ms, &event), len);
}

#define FEED(...) feed((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void dial(void)
{
    static const uint8_t will[] = {0xa1, 1, 2};

    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_DIAL);
    mqtt_opened(&client, will, sizeof(will), now_ms);
}

static int setup(void **state)
{
    (void)state;
    now_ms = 1000;
    mqtt_init(&client, &config, now_ms, 0);
    return 0;
}

static int connect_up(void **state)
{
    setup(state);
    dial();
    drain();
    FEED(0x20, 2, 0, 0);
    drain();
    FEED(0x90, 3, 0, 1, 1);
    return event.kind == MQTT_EVENT_NONE && mqtt_is_up(&client) ? 0 : -1;
}

static enum error_code publish(uint64_t token, const char *payload)
{
    const struct mqtt_message m = {.topic = "r/up/journal",
                                   .payload = (const uint8_t *)payload,
                                   .len = strlen(payload),
                                   .qos = 1,
                                   .token = token};

    return mqtt_publish(&client, &m, now_ms);
}

/* ---- connecting ---- */

static void test_connect(void **state)
{
    static const uint8_t packet[] = "\x10\x2c\x00\x04MQTT\x04\xec\x00\x3c\x00\x05"
                                    "DEV-1\x00\x09r/up/link\x00\x03\xa1\x01\x02\x00\x05"
                                    "DEV-1\x00\x02pw";

    (void)state;
    dial();
    expect_output(packet, sizeof(packet) - 1);
    FEED(0x20, 2, 1, 0);
    assert_int_equal(event.kind, MQTT_EVENT_CONNECTED);
    assert_true(client.session_present);
    expect_output("\x82\x0d\x00\x01\x00\x08r/down/#\x01", 15);
    FEED(0x90, 3, 0, 1, 1);
    assert_int_equal(event.kind, MQTT_EVENT_NONE);
    assert_true(mqtt_is_up(&client));
}

static void test_refused(void **state)
{
    static const uint8_t refusals[][5] = {
        {0x20, 2, 0, 5},    /* not authorised */
        {0x20, 2, 0, 4},    /* bad password */
        {0x20, 3, 0, 0, 0}, /* not a CONNACK */
        {0xd0, 0},          /* something else first */
        {0x30, 2, 0, 0},
    };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        setup(state);
        dial();
        feed(refusals[i], 2 + refusals[i][1]);
        assert_int_equal(event.kind, MQTT_EVENT_BROKEN);
        assert_false(mqtt_is_up(&client));
    }
}

static void test_subscription_refused(void **state)
{
    (void)state;
    dial();
    FEED(0x20, 2, 0, 0);
    FEED(0x90, 3, 0, 1, 0x80);
    assert_int_equal(event.kind, MQTT_EVENT_BROKEN);
}

static void test_open_timeout(void **state)
{
    (void)state;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_DIAL);
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_NOTHING);
    now_ms += MQTT_OPEN_TIMEOUT_MS;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_HANG_UP);
    mqtt_closed(&client, now_ms, 0);
    now_ms = client.retry_ms;
    dial();
    now_ms += MQTT_OPEN_TIMEOUT_MS; /* a CONNACK that never comes */
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_HANG_UP);
}

/* Delays double, with jitter, up to the limit; a useful connection resets them. */
static void test_backoff(void **state)
{
    uint64_t longest = 0;

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        uint64_t span = i < 9 ? (uint64_t)MQTT_RETRY_MIN_MS << i : MQTT_RETRY_MAX_MS;
        uint64_t wait;

        if (span > MQTT_RETRY_MAX_MS)
            span = MQTT_RETRY_MAX_MS;
        assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_DIAL);
        mqtt_closed(&client, now_ms, i * 2654435761u);
        wait = client.retry_ms - now_ms;
        assert_in_range(wait, span / 4, span);
        longest = wait > longest ? wait : longest;
        assert_int_equal(mqtt_step(&client, client.retry_ms - 1), MQTT_WANT_NOTHING);
        now_ms = client.retry_ms;
    }
    assert_true(longest > MQTT_RETRY_MAX_MS / 2);
    dial();
    FEED(0x20, 2, 0, 0);
    FEED(0x90, 3, 0, 1, 1);
    mqtt_closed(&client, now_ms, 0);
    assert_in_range(client.retry_ms - now_ms, MQTT_RETRY_MIN_MS / 4, MQTT_RETRY_MIN_MS);
}

/* ---- out ---- */

static void test_publish(void **state)
{
    static const struct mqtt_message status = {
        .topic = "r/up/status", .payload = (const uint8_t *)"s", .len = 1};
    static const struct mqtt_message link = {
        .topic = "r/up/link", .payload = (const uint8_t *)"l", .len = 1, .qos = 1, .retain = 1};

    (void)state;
    assert_int_equal(mqtt_publish(&client, &status, now_ms), EC_OK);
    expect_output("\x30\x0e\x00\x0br/up/statuss", 16);
    assert_int_equal(publish(77, "x"), EC_OK);
    expect_output("\x32\x11\x00\x0cr/up/journal\x00\x02x", 19);
    assert_int_equal(mqtt_publish(&client, &link, now_ms), EC_OK);
    expect_output("\x33\x0e\x00\x09r/up/link\x00\x03l", 16);
    FEED(0x40, 2, 0, 2);
    assert_int_equal(event.kind, MQTT_EVENT_ACKED);
    assert_int_equal(event.token, 77);
    FEED(0x40, 2, 0, 2); /* once more: nothing */
    assert_int_equal(event.kind, MQTT_EVENT_NONE);
    FEED(0x40, 2, 0, 99);
    assert_int_equal(event.kind, MQTT_EVENT_NONE);
}

static void test_not_connected(void **state)
{
    (void)state;
    assert_int_equal(publish(1, "x"), EC_UNAVAILABLE);
}

static void test_window(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= MQTT_WINDOW; i++)
        assert_int_equal(publish(i, "x"), EC_OK);
    assert_int_equal(publish(9, "x"), EC_QUEUE_FULL);
    FEED(0x40, 2, 0, 3);
    assert_int_equal(event.token, 2);
    assert_int_equal(publish(9, "x"), EC_OK);
    mqtt_forget(&client, 1);
    assert_int_equal(publish(10, "x"), EC_OK);
}

static void test_output_limit(void **state)
{
    static uint8_t large[WIRE_MESSAGE_MAX];
    struct mqtt_message m = {.topic = "r/up/status", .payload = large, .len = sizeof(large)};
    size_t len;

    (void)state;
    assert_int_equal(mqtt_publish(&client, &m, now_ms), EC_OK);
    assert_int_equal(mqtt_publish(&client, &m, now_ms), EC_QUEUE_FULL);
    mqtt_output(&client, &len);
    assert_true(len <= MQTT_OUT_MAX);
    /* acknowledgements still have room */
    FEED(0x32, 0x10, 0, 11, 'r', '/', 'd', 'o', 'w', 'n', '/', 'x', '/', 'y', 'z', 0, 7, '!');
    assert_int_equal(event.kind, MQTT_EVENT_MESSAGE);
}

/* A lost PUBACK: the same packet goes out again with DUP, and after a few tries the connection is
 * given up. */
static void test_lost_puback(void **state)
{
    uint64_t token;

    (void)state;
    assert_int_equal(publish(5, "x"), EC_OK);
    drain();
    assert_false(mqtt_again(&client, &token));
    for (int i = 0; i < 2; i++) {
        now_ms += MQTT_ACK_TIMEOUT_MS;
        assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_NOTHING);
        assert_true(mqtt_again(&client, &token));
        assert_int_equal(token, 5);
        assert_int_equal(publish(5, "x"), EC_OK);
        expect_output("\x3a\x11\x00\x0cr/up/journal\x00\x02x", 19);
        assert_false(mqtt_again(&client, &token));
    }
    now_ms += MQTT_ACK_TIMEOUT_MS;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_HANG_UP);
}

/* After a reconnect everything without PUBACK goes out again, oldest first, same ids. */
static void test_reconnect(void **state)
{
    uint64_t token;

    (void)state;
    for (uint64_t i = 1; i <= 3; i++) {
        now_ms += 10;
        assert_int_equal(publish(i, "x"), EC_OK);
    }
    FEED(0x40, 2, 0, 3);
    mqtt_closed(&client, now_ms, 0);
    assert_false(mqtt_again(&client, &token));
    now_ms = client.retry_ms;
    dial();
    FEED(0x20, 2, 1, 0);
    drain();
    assert_true(mqtt_again(&client, &token));
    assert_int_equal(token, 1);
    assert_int_equal(publish(1, "x"), EC_OK);
    expect_output("\x3a\x11\x00\x0cr/up/journal\x00\x02x", 19);
    assert_true(mqtt_again(&client, &token));
    assert_int_equal(token, 3);
    mqtt_forget(&client, 3);
    assert_false(mqtt_again(&client, &token));
}

/* ---- in ---- */

static const uint8_t message[] = "\x32\x14\x00\x0er/down/receipt\x00\x07hi\x90\x03\x00\x01\x01";

/* However the bytes are cut, the packets are the same. */
static void test_split(void **state)
{
    enum { LEN = 22, ALL = LEN + 5 };

    for (size_t cut = 0; cut <= ALL; cut++) {
        int messages = 0;

        connect_up(state);
        for (size_t at = 0, end = cut; at < ALL; end = ALL)
            while (at < end) {
                at += mqtt_receive(&client, message + at, end - at, now_ms, &event);
                assert_int_not_equal(event.kind, MQTT_EVENT_BROKEN);
                if (event.kind != MQTT_EVENT_MESSAGE)
                    continue;
                messages++;
                assert_string_equal(event.topic, "r/down/receipt");
                assert_int_equal(event.payload_len, 2);
                assert_memory_equal(event.payload, "hi", 2);
            }
        assert_int_equal(messages, 1);
        expect_output("\x40\x02\x00\x07", 4);
    }
}

static void test_qos0(void **state)
{
    (void)state;
    FEED(0x30, 5, 0, 1, 't', 'h', 'i');
    assert_int_equal(event.kind, MQTT_EVENT_MESSAGE);
    assert_memory_equal(event.payload, "hi", 2);
    expect_output("", 0);
}

/* Too large to keep: acknowledged, so that the broker lets go of it, dropped and counted; the
 * next packet is read as usual. */
static void test_oversize(void **state)
{
    static uint8_t large[3 + 2 + 3 + 2 + 5000] = {0x32};
    size_t body = sizeof(large) - 3;
    size_t taken = 0;

    (void)state;
    large[1] = (uint8_t)(body % 128 | 128);
    large[2] = (uint8_t)(body / 128);
    memcpy(large + 3, "\x00\x03r/x\x01\x02", 7);
    while (taken < sizeof(large)) {
        taken +=
            mqtt_receive(&client, large + taken,
                         sizeof(large) - taken > 700 ? 700 : sizeof(large) - taken, now_ms, &event);
        assert_int_equal(event.kind, MQTT_EVENT_NONE);
    }
    assert_int_equal(client.oversize, 1);
    expect_output("\x40\x02\x01\x02", 4);
    FEED(0x30, 5, 0, 1, 't', 'h', 'i');
    assert_int_equal(event.kind, MQTT_EVENT_MESSAGE);
}

static void test_malformed(void **state)
{
    static const struct {
        uint8_t bytes[12];
        size_t len;
    } rows[] = {
        {{0x30, 0x80, 0x80, 0x80, 0x80}, 5}, /* length of five bytes */
        {{0x30, 0}, 2},                      /* no topic */
        {{0x30, 1, 0}, 3},
        {{0x30, 3, 0, 9, 't'}, 5},       /* topic longer than the packet */
        {{0x32, 4, 0, 1, 't', 0}, 6},    /* no packet id */
        {{0x34, 5, 0, 1, 't', 0, 1}, 7}, /* QoS 2 was never asked for */
        {{0x36, 5, 0, 1, 't', 0, 1}, 7}, /* QoS 3 */
        {{0x40, 1, 0}, 3},               /* PUBACK without id */
        {{0x40, 3, 0, 1, 0}, 5},
        {{0x00, 0}, 2},
        {{0x10, 0}, 2},       /* a client's packet */
        {{0x20, 2, 0, 0}, 4}, /* a second CONNACK */
        {{0xf0, 0}, 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t taken = 0;

        connect_up(state);
        while (taken < rows[i].len && event.kind != MQTT_EVENT_BROKEN)
            taken +=
                mqtt_receive(&client, rows[i].bytes + taken, rows[i].len - taken, now_ms, &event);
        assert_int_equal(event.kind, MQTT_EVENT_BROKEN);
    }
}

/* Any bytes at all: the parser takes them or breaks, and stays inside its buffers. */
static void test_noise(void **state)
{
    uint32_t random = 1;
    uint8_t noise[64];

    for (int round = 0; round < 20000; round++) {
        connect_up(state);
        for (size_t i = 0; i < sizeof(noise); i++) {
            random = random * 1664525u + 1013904223u;
            noise[i] = i == 0 ? (uint8_t)(random >> 24 & 0xf3) : (uint8_t)(random >> 24 & 0x1f);
        }
        for (size_t at = 0; at < sizeof(noise);) {
            at += mqtt_receive(&client, noise + at, sizeof(noise) - at, now_ms, &event);
            if (event.kind == MQTT_EVENT_BROKEN)
                break;
            assert_true(client.in_len <= MQTT_IN_MAX);
        }
    }
}

/* ---- keep-alive, end ---- */

static void test_ping(void **state)
{
    (void)state;
    now_ms += 44000;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_NOTHING);
    expect_output("", 0);
    now_ms += 1000;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_NOTHING);
    expect_output("\xc0\x00", 2);
    FEED(0xd0, 0);
    now_ms += 45000;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_NOTHING);
    expect_output("\xc0\x00", 2);
    now_ms += MQTT_PING_TIMEOUT_MS;
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_HANG_UP);
}

static void test_leave(void **state)
{
    (void)state;
    mqtt_leave(&client, now_ms);
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_NOTHING);
    expect_output("\xe0\x00", 2);
    assert_int_equal(mqtt_step(&client, now_ms), MQTT_WANT_HANG_UP);
    mqtt_closed(&client, now_ms, 0);
    assert_int_equal(mqtt_step(&client, now_ms + 1000000), MQTT_WANT_NOTHING);
    assert_int_equal(client.state, MQTT_STOPPED);
}

#define FRESH(name) cmocka_unit_test_setup(name, setup)
#define UP(name)    cmocka_unit_test_setup(name, connect_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(test_connect),
        FRESH(test_refused),
        FRESH(test_subscription_refused),
        FRESH(test_open_timeout),
        FRESH(test_backoff),
        FRESH(test_not_connected),
        UP(test_publish),
        UP(test_window),
        UP(test_output_limit),
        UP(test_lost_puback),
        UP(test_reconnect),
        UP(test_split),
        UP(test_qos0),
        UP(test_oversize),
        UP(test_malformed),
        UP(test_noise),
        UP(test_ping),
        UP(test_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
