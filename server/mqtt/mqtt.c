/* The journal part of bptmd: puts its pieces together and takes them apart in order. */
#include "mqtt/mqtt.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "mqtt/broker.h"
#include "mqtt/deliver.h"
#include "mqtt/message.h"
#include "mqtt/worker.h"
#include "mqtt/writer.h"

struct mqtt_part {
    struct cose_key key; /* of the fleet */
    struct tally *tally;
    struct keys *keys;
    struct queue *received, *understood;
    struct deliver *deliver;
    struct workers *workers;
    struct broker *broker;
    struct writer *writer;
};

static enum error_code load_key(const char *path, struct cose_key *ret)
{
    char hex[2 * WIRE_SEED_LEN + 2] = "";
    uint8_t seed[WIRE_SEED_LEN];
    size_t len = 0;
    enum error_code ec = config_secret(path, sizeof(hex), hex);

    if (ec == EC_OK &&
        (strlen(hex) != 2 * WIRE_SEED_LEN ||
         sodium_hex2bin(seed, sizeof(seed), hex, strlen(hex), NULL, &len, NULL) != 0 ||
         len != sizeof(seed)))
        ec = EC_CONFIG;
    if (ec == EC_OK)
        cose_key_init(ret, seed);
    else
        log_event(LOG_LEVEL_ERROR, "receipt-key-unusable", "file", path, "error", error_slug(ec),
                  NULL);
    sodium_memzero(seed, sizeof(seed));
    sodium_memzero(hex, sizeof(hex));
    return ec;
}

static enum error_code start_deliver(struct mqtt_part *p, const struct config *config)
{
    const struct deliver_env env = {config, p->tally, p->broker, broker_publish};

    return deliver_start(&env, &p->deliver);
}

static enum error_code start_pieces(struct mqtt_part *p, const struct config *config)
{
    struct writer_env env = {
        .config = config,
        .key = &p->key,
        .publish = broker_publish,
        .allow = broker_allow,
        .is_connected = broker_is_connected,
    };
    enum error_code ec = tally_new(&p->tally);

    if (ec == EC_OK)
        ec = keys_new(config->database_mqtt, &p->keys);
    if (ec == EC_OK)
        ec = queue_new(config->ingest_queue, &p->received);
    /* small: what is understood is larger than what was received */
    if (ec == EC_OK)
        ec = queue_new(2 * (size_t)config->ingest_group, &p->understood);
    if (ec == EC_OK)
        ec = broker_start(config, p->received, p->tally, &p->broker);
    if (ec == EC_OK)
        ec = start_deliver(p, config);
    if (ec == EC_OK)
        ec = workers_start(config->ingest_workers, p->received, p->understood, p->keys, p->tally,
                           p->deliver, &p->workers);
    env.keys = p->keys;
    env.received = p->received;
    env.understood = p->understood;
    env.tally = p->tally;
    env.broker = p->broker;
    return ec == EC_OK ? writer_start(&env, &p->writer) : ec;
}

enum error_code mqtt_start(const struct config *config, struct mqtt_part **ret)
{
    struct mqtt_part *p = calloc(1, sizeof(*p));
    enum error_code ec;

    if (p == NULL)
        return EC_NO_MEMORY;
    ec = load_key(config->receipt_key_file, &p->key);
    if (ec == EC_OK)
        ec = start_pieces(p, config);
    if (ec != EC_OK) {
        mqtt_stop(p);
        return ec;
    }
    *ret = p;
    return EC_OK;
}

int mqtt_is_alive(struct mqtt_part *p, int64_t within_ms)
{
    return broker_is_alive(p->broker, within_ms) && writer_is_alive(p->writer, within_ms);
}

static void empty(struct queue *q)
{
    void *message;

    while (q != NULL && queue_take(q, &message, 1, 0, 0) > 0)
        message_free(message);
}

static void close_queue(struct queue *q)
{
    if (q != NULL)
        queue_close(q);
}

void mqtt_stop(struct mqtt_part *p)
{
    int64_t asked_ms = clock_mono_ms();

    if (p == NULL)
        return;
    if (p->broker != NULL)
        broker_stop_reading(p->broker);
    close_queue(p->received);
    workers_stop(p->workers);
    deliver_stop(p->deliver);
    close_queue(p->understood);
    writer_stop(p->writer, asked_ms);
    broker_stop(p->broker, asked_ms + LIMIT_INGEST_STOP_MS);
    empty(p->received);
    empty(p->understood);
    queue_free(p->received);
    queue_free(p->understood);
    keys_free(p->keys);
    tally_free(p->tally);
    cose_key_done(&p->key);
    free(p);
}
