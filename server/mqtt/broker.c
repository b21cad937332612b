/* The connection to the MQTT broker: an own loop over libmosquitto, so that reading can pause. */
#include "mqtt/broker.h"

#include <errno.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/kill_point.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/pulse.h"
#include "base/rate.h"
#include "mqtt/message.h"

enum { POLL_MS = 200, FULL_POLL_MS = 5, READS = 16 /* at most the least reserve */ };

struct broker {
    const struct config *config;
    struct queue *received;
    struct tally *tally;
    struct mosquitto *mosq;
    pthread_t thread;
    int wake;         /* eventfd: something to send, or a flag changed */
    atomic_int woken; /* it is written and not read yet: once is enough for a whole group */
    int64_t next_connect_ms, backoff_ms;
    struct rate *devices; /* their pace */
    size_t reserve;       /* places of the queue that one read may need */
    atomic_int is_allowed, is_connected, is_stopping;
    atomic_int is_reading; /* messages are taken; else they are dropped, to be sent again */
    atomic_int waiting;    /* published, and not written or (QoS 1) not acknowledged */
    _Atomic int64_t stop_ms;
    struct pulse pulse;
};

/* -- what libmosquitto calls, in the loop's thread ------------------------------------------- */

static void on_connect(struct mosquitto *mosq, void *context, int rc)
{
    struct broker *b = context;
    char filter[CONFIG_TEXT_MAX + 16];

    if (rc != 0) {
        log_event(LOG_LEVEL_WARN, "broker-refused", "reason", mosquitto_connack_string(rc), NULL);
        return;
    }
    snprintf(filter, sizeof(filter), "%s/+/+/up/#", b->config->mqtt_root);
    if (mosquitto_subscribe(mosq, NULL, filter, 1) != MOSQ_ERR_SUCCESS)
        return;
    b->backoff_ms = LIMIT_MQTT_BACKOFF_MS;
    atomic_store(&b->waiting, 0); /* what waited for the connection before went with it */
    atomic_store(&b->is_connected, 1);
    tally_add(b->tally, TALLY_CONNECTS, 1);
    log_event(LOG_LEVEL_INFO, "broker-connected", "host", b->config->mqtt_host, "filter", filter,
              NULL);
}

static void on_subscribe(struct mosquitto *mosq, void *context, int mid, int n, const int *granted)
{
    (void)mosq;
    (void)context;
    (void)mid;
    if (n < 1 || granted[0] > 1)
        log_event(LOG_LEVEL_ERROR, "broker-refused-subscription", NULL);
}

static void on_disconnect(struct mosquitto *mosq, void *context, int rc)
{
    struct broker *b = context;

    (void)mosq;
    if (atomic_exchange(&b->is_connected, 0))
        log_event(rc == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "broker-disconnected", "reason",
                  rc == 0 ? "asked" : mosquitto_strerror(rc), NULL);
}

static void on_publish(struct mosquitto *mosq, void *context, int mid)
{
    struct broker *b = context;

    (void)mosq;
    (void)mid;
    if (atomic_load(&b->waiting) > 0) /* what outlived its connection is not counted any more */
        atomic_fetch_sub(&b->waiting, 1);
}

/* The name of the device is the broker's word: its access list ties it to who is connected. */
static int is_in_pace(struct broker *b, const char *text)
{
    struct topic topic;

    if (topic_decode(b->config->mqtt_root, text, &topic) != EC_OK)
        return 1; /* for quarantine, which has limits of its own */
    return rate_take(b->devices, topic.device, strlen(topic.device), clock_mono_ms()) == 0;
}

/* The loop left room, so the queue is full only in a burst within one read; its devices repeat. */
static void on_message(struct mosquitto *mosq, void *context, const struct mosquitto_message *msg)
{
    struct broker *b = context;
    struct message *m;

    (void)mosq;
    if (!atomic_load(&b->is_reading)) {
        tally_add(b->tally, TALLY_DROPPED_STOP, 1);
        return;
    }
    /* before anything is copied or verified; what is true in it, the device sends again */
    if (!is_in_pace(b, msg->topic)) {
        tally_add(b->tally, TALLY_DROPPED_RATE, 1);
        return;
    }
    if (message_new(b->config->mqtt_root, msg->topic, msg->payload, (size_t)msg->payloadlen,
                    clock_utc_ms(), &m) != EC_OK) {
        tally_add(b->tally, TALLY_DROPPED_MEMORY, 1);
        return;
    }
    if (!queue_put(b->received, m, 0)) {
        tally_add(b->tally, TALLY_DROPPED_QUEUE, 1);
        message_free(m);
    }
    kill_point("after-receive");
}

/* -- the loop -------------------------------------------------------------------------------- */

static int has_room(struct broker *b)
{
    return queue_depth(b->received) + b->reserve <= queue_capacity(b->received);
}

/* Wait longer after each failure, with jitter, so that many servers do not come back at once. */
static void back_off(struct broker *b)
{
    int64_t wait_ms = b->backoff_ms;

    b->next_connect_ms =
        clock_mono_ms() + wait_ms / 2 + (int64_t)randombytes_uniform((uint32_t)wait_ms / 2 + 1);
    b->backoff_ms =
        wait_ms * 2 < LIMIT_MQTT_BACKOFF_MAX_MS ? wait_ms * 2 : LIMIT_MQTT_BACKOFF_MAX_MS;
}

static void connect_broker(struct broker *b)
{
    int rc;

    back_off(b);
    rc = mosquitto_connect_async(b->mosq, b->config->mqtt_host, (int)b->config->mqtt_port,
                                 LIMIT_MQTT_KEEPALIVE_S);
    if (rc != MOSQ_ERR_SUCCESS)
        log_event(LOG_LEVEL_WARN, "broker-unreachable", "host", b->config->mqtt_host, "reason",
                  rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc), NULL);
}

/* libmosquitto reads one packet at a time; a poll for each would cost as much again. */
static void read_some(struct broker *b, int fd)
{
    int left = 1;

    for (int i = 0; i < READS && left > 0; i++) {
        mosquitto_loop_read(b->mosq, 1);
        if (mosquitto_socket(b->mosq) != fd || ioctl(fd, FIONREAD, &left) != 0)
            return;
    }
}

/* libmosquitto writes packet by packet: the cork makes full segments of a group's receipts, so that
   the broker is woken once and not for each. */
static void write_all(struct broker *b, int fd)
{
    int on = 1, off = 0;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
    mosquitto_loop_write(b->mosq, 1);
    if (mosquitto_socket(b->mosq) == fd)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
}

static void wait_and_serve(struct broker *b, int fd)
{
    int may_read = !atomic_load(&b->is_reading) || has_room(b);
    int wants_write = mosquitto_want_write(b->mosq);
    struct pollfd fds[2] = {
        {.fd = b->wake, .events = POLLIN},
        {.fd = fd, .events = (short)((may_read ? POLLIN : 0) | (wants_write ? POLLOUT : 0))},
    };
    uint64_t woken;

    if (poll(fds, fd >= 0 ? 2 : 1, may_read ? POLL_MS : FULL_POLL_MS) < 0)
        return;
    if ((fds[0].revents & POLLIN) && read(b->wake, &woken, sizeof(woken)) < 0)
        return;
    atomic_store(&b->woken, 0); /* before looking for what to write: what comes later wakes again */
    if (fd < 0)
        return;
    if (fds[1].revents & (POLLIN | POLLERR | POLLHUP))
        read_some(b, fd);
    if (mosquitto_socket(b->mosq) == fd && mosquitto_want_write(b->mosq))
        write_all(b, fd);
    mosquitto_loop_misc(b->mosq);
}

/* Stopping: what is published goes out first, for as long as there is time and a connection. */
static int may_end(struct broker *b)
{
    if (!atomic_load(&b->is_stopping))
        return 0;
    return atomic_load(&b->waiting) <= 0 || !atomic_load(&b->is_connected) ||
           clock_mono_ms() >= atomic_load(&b->stop_ms);
}

static void *run(void *context)
{
    struct broker *b = context;

    while (!may_end(b)) {
        int fd = mosquitto_socket(b->mosq);

        pulse_beat(&b->pulse);
        if (!atomic_load(&b->is_allowed) && fd >= 0)
            mosquitto_disconnect(b->mosq);
        else if (atomic_load(&b->is_allowed) && fd < 0 && !atomic_load(&b->is_stopping) &&
                 clock_mono_ms() >= b->next_connect_ms && has_room(b))
            connect_broker(b);
        wait_and_serve(b, mosquitto_socket(b->mosq));
    }
    mosquitto_disconnect(b->mosq);
    if (mosquitto_socket(b->mosq) >= 0)
        mosquitto_loop_write(b->mosq, 1);
    return NULL;
}

static void wake(struct broker *b)
{
    uint64_t one = 1;

    if (atomic_exchange(&b->woken, 1))
        return;
    /* It fails only when the counter is full, and then the loop wakes anyway. */
    if (write(b->wake, &one, sizeof(one)) < 0)
        return;
}

/* -- from other threads ---------------------------------------------------------------------- */

void broker_allow(void *broker, int allowed)
{
    struct broker *b = broker;

    atomic_store(&b->is_allowed, allowed);
    wake(b);
}

int broker_is_connected(void *broker)
{
    return atomic_load(&((struct broker *)broker)->is_connected);
}

int broker_publish(void *broker, const char *topic, const uint8_t *at, size_t len, int qos)
{
    struct broker *b = broker;
    int rc;

    if (!atomic_load(&b->is_connected) || atomic_load(&b->waiting) >= LIMIT_MQTT_OUTGOING)
        return 0;
    atomic_fetch_add(&b->waiting, 1);
    rc = mosquitto_publish(b->mosq, NULL, topic, (int)len, at, qos, false);
    if (rc != MOSQ_ERR_SUCCESS) {
        atomic_fetch_sub(&b->waiting, 1);
        return 0;
    }
    wake(b);
    return 1;
}

int broker_is_alive(struct broker *b, int64_t within_ms)
{
    return pulse_is_fresh(&b->pulse, within_ms);
}

void broker_stop_reading(struct broker *b)
{
    atomic_store(&b->is_reading, 0);
    wake(b);
}

/* -- start and stop -------------------------------------------------------------------------- */

static const char *none_if_empty(const char *text)
{
    return text[0] ? text : NULL;
}

static enum error_code set_password(struct broker *b)
{
    const struct config *c = b->config;
    char password[CONFIG_TEXT_MAX] = "";
    enum error_code ec = EC_OK;

    if (c->mqtt_username[0] == '\0')
        return EC_OK;
    if (c->mqtt_password_file[0] != '\0')
        ec = config_secret(c->mqtt_password_file, sizeof(password), password);
    if (ec != EC_OK)
        log_event(LOG_LEVEL_ERROR, "password-unusable", "file", c->mqtt_password_file, "error",
                  error_slug(ec), NULL);
    else if (mosquitto_username_pw_set(b->mosq, c->mqtt_username, none_if_empty(password)) !=
             MOSQ_ERR_SUCCESS)
        ec = EC_CONFIG;
    sodium_memzero(password, sizeof(password));
    return ec;
}

static enum error_code set_tls(struct broker *b)
{
    const struct config *c = b->config;
    int rc;

    if (c->mqtt_ca_file[0] == '\0')
        return EC_OK;
    rc = mosquitto_tls_set(b->mosq, c->mqtt_ca_file, NULL, none_if_empty(c->mqtt_certificate_file),
                           none_if_empty(c->mqtt_key_file), NULL);
    if (rc == MOSQ_ERR_SUCCESS)
        return EC_OK;
    log_event(LOG_LEVEL_ERROR, "tls-unusable", "reason", mosquitto_strerror(rc), NULL);
    return EC_CONFIG;
}

static enum error_code set_up(struct broker *b)
{
    uint32_t per_s = b->config->mqtt_device_per_s;
    enum error_code ec = rate_new((struct rate_rule){per_s * 60, per_s * LIMIT_MQTT_BURST_S + 1},
                                  LIMIT_RATE_PLACES, &b->devices);

    if (ec != EC_OK)
        return ec;
    b->mosq = mosquitto_new(b->config->mqtt_client_id, false, b);
    if (b->mosq == NULL)
        return EC_NO_MEMORY;
    mosquitto_threaded_set(b->mosq, true);
    /* a lone receipt may not wait until the broker's system acknowledges what went before it */
    mosquitto_int_option(b->mosq, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_callback_set(b->mosq, on_connect);
    mosquitto_subscribe_callback_set(b->mosq, on_subscribe);
    mosquitto_disconnect_callback_set(b->mosq, on_disconnect);
    mosquitto_publish_callback_set(b->mosq, on_publish);
    mosquitto_message_callback_set(b->mosq, on_message);
    ec = set_password(b);
    return ec == EC_OK ? set_tls(b) : ec;
}

static void broker_free(struct broker *b)
{
    if (b->mosq != NULL)
        mosquitto_destroy(b->mosq);
    if (b->wake >= 0)
        close(b->wake);
    rate_free(b->devices);
    free(b);
    mosquitto_lib_cleanup();
}

enum error_code broker_start(const struct config *config, struct queue *received,
                             struct tally *tally, struct broker **ret)
{
    struct broker *b = calloc(1, sizeof(*b));
    enum error_code ec;

    if (b == NULL)
        return EC_NO_MEMORY;
    mosquitto_lib_init();
    b->config = config;
    b->received = received;
    b->tally = tally;
    b->backoff_ms = LIMIT_MQTT_BACKOFF_MS;
    b->reserve = queue_capacity(received) / 4;
    if (b->reserve > LIMIT_INGEST_RESERVE)
        b->reserve = LIMIT_INGEST_RESERVE;
    atomic_store(&b->is_reading, 1);
    pulse_beat(&b->pulse);
    b->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    ec = b->wake < 0 ? EC_IO : set_up(b);
    if (ec == EC_OK && pthread_create(&b->thread, NULL, run, b) != 0)
        ec = EC_IO;
    if (ec != EC_OK) {
        broker_free(b);
        return ec;
    }
    *ret = b;
    return EC_OK;
}

void broker_stop(struct broker *b, int64_t until_ms)
{
    if (b == NULL)
        return;
    atomic_store(&b->stop_ms, until_ms);
    atomic_store(&b->is_stopping, 1);
    wake(b);
    pthread_join(b->thread, NULL);
    broker_free(b);
}
