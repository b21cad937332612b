/* Keys of devices in memory: a table of small sets, so that room is bounded and look-up is short.
 */
#include "mqtt/keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { WAYS = 8, SETS = LIMIT_KEYS / WAYS };

struct entry {
    char serial[WIRE_DEVICE_MAX + 1]; /* "": free */
    int64_t loaded_ms;
    struct device_keys keys;
};

struct keys {
    pthread_mutex_t lock;    /* of the table and the budget */
    pthread_mutex_t db_lock; /* of the connection; never taken while `lock` is held */
    const char *conninfo;
    struct db *db;
    int64_t second;           /* which the budget is for */
    unsigned refreshes;       /* in that second */
    unsigned char next[SETS]; /* the way to give up next */
    struct entry entries[SETS][WAYS];
};

enum error_code keys_new(const char *conninfo, struct keys **ret)
{
    struct keys *k = calloc(1, sizeof(*k));

    if (k == NULL)
        return EC_NO_MEMORY;
    pthread_mutex_init(&k->lock, NULL);
    pthread_mutex_init(&k->db_lock, NULL);
    k->conninfo = conninfo;
    *ret = k;
    return EC_OK;
}

void keys_free(struct keys *k)
{
    if (k == NULL)
        return;
    db_close(k->db);
    pthread_mutex_destroy(&k->lock);
    pthread_mutex_destroy(&k->db_lock);
    free(k);
}

/* FNV-1a */
static size_t set_of(const char *serial)
{
    uint32_t h = 2166136261u;

    for (; *serial != '\0'; serial++)
        h = (h ^ (uint8_t)*serial) * 16777619u;
    return h % SETS;
}

static struct entry *find(struct keys *k, const char *serial)
{
    struct entry *set = k->entries[set_of(serial)];

    for (size_t i = 0; i < WAYS; i++)
        if (strcmp(set[i].serial, serial) == 0)
            return &set[i];
    return NULL;
}

/* Unknown devices make room first. */
static struct entry *make_room(struct keys *k, const char *serial)
{
    size_t set = set_of(serial);

    for (size_t i = 0; i < WAYS; i++)
        if (k->entries[set][i].keys.device_id == 0)
            return &k->entries[set][i];
    return &k->entries[set][k->next[set]++ % WAYS];
}

static void remember(struct keys *k, const char *serial, const struct device_keys *keys)
{
    struct entry *e;

    pthread_mutex_lock(&k->lock);
    e = find(k, serial);
    if (e == NULL)
        e = make_room(k, serial);
    memcpy(e->serial, serial, strlen(serial) + 1);
    e->keys = *keys;
    e->loaded_ms = clock_mono_ms();
    pthread_mutex_unlock(&k->lock);
}

static enum error_code load(struct keys *k, const char *serial, struct device_keys *ret)
{
    char note[DB_NOTE_MAX] = "";
    enum error_code ec = EC_OK;

    pthread_mutex_lock(&k->db_lock);
    if (k->db == NULL)
        ec = db_open(k->conninfo, "bptmd mqtt keys", &k->db, note);
    if (ec == EC_OK)
        ec = device_key_load(k->db, serial, ret);
    if (ec != EC_OK)
        log_event(LOG_LEVEL_WARN, "keys-unavailable", "error", error_slug(ec), "note",
                  k->db ? db_note(k->db) : note, NULL);
    pthread_mutex_unlock(&k->db_lock);
    if (ec == EC_OK)
        remember(k, serial, ret);
    return ec == EC_OK || ec == EC_NO_MEMORY ? ec : EC_DATABASE;
}

/* One more look-up that a stranger may have caused. */
static int within_budget(struct keys *k, int64_t now_ms)
{
    if (k->second != now_ms / 1000) {
        k->second = now_ms / 1000;
        k->refreshes = 0;
    }
    return k->refreshes++ < LIMIT_KEYS_REFRESH_PER_S;
}

enum error_code keys_get(struct keys *k, const char *serial, struct device_keys *ret)
{
    int64_t now_ms = clock_mono_ms();
    int is_known = 0;
    const struct entry *e;

    pthread_mutex_lock(&k->lock);
    e = find(k, serial);
    if (e != NULL) {
        is_known = e->keys.device_id != 0 || now_ms - e->loaded_ms < LIMIT_KEYS_REFRESH_MS ||
                   !within_budget(k, now_ms);
        *ret = e->keys;
    }
    pthread_mutex_unlock(&k->lock);
    return is_known ? EC_OK : load(k, serial, ret);
}

enum error_code keys_refresh(struct keys *k, const char *serial, struct device_keys *ret)
{
    int64_t now_ms = clock_mono_ms();
    const struct entry *e;
    int may_load;

    pthread_mutex_lock(&k->lock);
    e = find(k, serial);
    may_load =
        (e == NULL || now_ms - e->loaded_ms >= LIMIT_KEYS_REFRESH_MS) && within_budget(k, now_ms);
    pthread_mutex_unlock(&k->lock);
    return may_load ? load(k, serial, ret) : keys_get(k, serial, ret);
}

void keys_forget(struct keys *k, const char *serial)
{
    struct entry *e;

    pthread_mutex_lock(&k->lock);
    e = find(k, serial);
    if (e != NULL)
        memset(e, 0, sizeof(*e));
    pthread_mutex_unlock(&k->lock);
}
