/* Sending chunks of firmware: bounded, paced, and never in the way of the journal. */
#include "mqtt/deliver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "mqtt/queue.h"
#include "store/firmware_image.h"

enum { WAIT_MS = 100 };

struct deliver {
    struct deliver_env env;
    struct queue *wanted;
    struct db *db; /* NULL until the first request */
    pthread_t thread;
    atomic_int is_stopping;
    int64_t next_ms; /* when the next chunk may go */
    int was_away;
    uint8_t cut[FIRMWARE_WINDOW * FIRMWARE_CHUNK_LEN];
};

/* ---- sending ---- */

/* All devices together get LIMIT_FIRMWARE_CHUNKS_PER_S: what was just sent is paid for before the
 * next request is looked at, and meanwhile the queue is what fills. */
static void pay(struct deliver *d, size_t chunks)
{
    int64_t now_ms = clock_mono_ms();

    if (d->next_ms < now_ms)
        d->next_ms = now_ms;
    d->next_ms += (int64_t)(chunks * 1000 / LIMIT_FIRMWARE_CHUNKS_PER_S);
    while (clock_mono_ms() < d->next_ms && !atomic_load(&d->is_stopping))
        clock_sleep_ms(d->next_ms - clock_mono_ms() < WAIT_MS ? d->next_ms - clock_mono_ms() + 1
                                                              : WAIT_MS);
}

/* @return 0 when the broker takes no more: the device asks again for what it lacks */
static int send_chunk(struct deliver *d, const char *topic, const struct firmware_chunk *c)
{
    uint8_t message[FIRMWARE_CHUNK_MAX];
    size_t len;

    return firmware_chunk_encode(c, message, sizeof(message), &len) == EC_OK &&
           d->env.publish(d->env.broker, topic, message, len, 0);
}

static void send_cut(struct deliver *d, const struct message *m, size_t len)
{
    struct topic t = m->topic;
    char topic[WIRE_TOPIC_MAX];
    size_t sent = 0;

    t.leaf = TOPIC_DOWN_FIRMWARE;
    if (topic_encode(d->env.config->mqtt_root, &t, topic) != EC_OK)
        return;
    for (size_t at = 0; at < len; at += FIRMWARE_CHUNK_LEN) {
        struct firmware_chunk c = {.index = m->firmware->request.first + (uint32_t)sent};
        size_t left = len - at;

        memcpy(c.id, m->firmware->request.id, sizeof(c.id));
        c.bytes = (struct span){d->cut + at,
                                left < FIRMWARE_CHUNK_LEN ? left : (size_t)FIRMWARE_CHUNK_LEN};
        if (!send_chunk(d, topic, &c))
            break;
        sent++;
    }
    tally_add(d->env.tally, TALLY_FIRMWARE_CHUNKS, sent);
    pay(d, sent);
}

/* ---- requests ---- */

static void note_away(struct deliver *d, enum error_code ec, const char *note)
{
    if (!d->was_away)
        log_event(LOG_LEVEL_WARN, "firmware-not-sent", "error", error_slug(ec), "note", note, NULL);
    d->was_away = 1;
}

static void serve(struct deliver *d, struct message *m)
{
    char note[DB_NOTE_MAX] = "";
    enum error_code ec = EC_OK;
    size_t len = 0;

    if (d->db == NULL)
        ec = db_open(d->env.config->database_mqtt, "bptmd firmware", &d->db, note);
    if (ec != EC_OK) {
        note_away(d, ec, note);
        return;
    }
    ec = firmware_image_cut(d->db, m->firmware, d->cut, &len);
    tally_add(d->env.tally, TALLY_MESSAGES_FIRMWARE, 1);
    if (ec == EC_NOT_FOUND) {
        log_event(LOG_LEVEL_WARN, "firmware-not-offered", "device", m->topic.device, NULL);
    } else if (ec != EC_OK) {
        note_away(d, ec, db_note(d->db));
        return;
    }
    d->was_away = 0;
    if (ec == EC_OK && len > 0)
        send_cut(d, m, len);
}

static void *run(void *context)
{
    struct deliver *d = context;
    void *m;

    while (!atomic_load(&d->is_stopping))
        if (queue_take(d->wanted, &m, 1, WAIT_MS, 0) == 1) {
            serve(d, m);
            message_free(m);
        }
    return NULL;
}

void deliver_want(struct deliver *d, struct message *m)
{
    if (queue_put(d->wanted, m, 0))
        return;
    tally_add(d->env.tally, TALLY_DROPPED_FIRMWARE, 1);
    message_free(m);
}

/* ---- start and stop ---- */

static void deliver_free(struct deliver *d)
{
    void *m;

    while (d->wanted != NULL && queue_take(d->wanted, &m, 1, 0, 0) == 1)
        message_free(m);
    queue_free(d->wanted);
    db_close(d->db);
    free(d);
}

enum error_code deliver_start(const struct deliver_env *env, struct deliver **ret)
{
    struct deliver *d = calloc(1, sizeof(*d));
    enum error_code ec;

    if (d == NULL)
        return EC_NO_MEMORY;
    d->env = *env;
    ec = queue_new(LIMIT_FIRMWARE_QUEUE, &d->wanted);
    if (ec == EC_OK && pthread_create(&d->thread, NULL, run, d) != 0)
        ec = EC_IO;
    if (ec != EC_OK) {
        deliver_free(d);
        return ec;
    }
    *ret = d;
    return EC_OK;
}

void deliver_stop(struct deliver *d)
{
    if (d == NULL)
        return;
    atomic_store(&d->is_stopping, 1);
    queue_close(d->wanted);
    pthread_join(d->thread, NULL);
    deliver_free(d);
}
