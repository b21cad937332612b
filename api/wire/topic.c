/* Topics: bptm/1/{bucket}/{device}/up/... and .../down/... */
#include "topic.h"

#include <sodium/crypto_hash_sha256.h>
#include <string.h>

static const char *const leaves[TOPIC_LEAF_COUNT] = {
    [TOPIC_UP_JOURNAL] = "up/journal",
    [TOPIC_UP_STATUS] = "up/status",
    [TOPIC_UP_LINK] = "up/link",
    [TOPIC_DOWN_RECEIPT] = "down/receipt",
    [TOPIC_DOWN_COMMAND] = "down/command",
    [TOPIC_DOWN_CONFIG] = "down/config",
    [TOPIC_DOWN_FIRMWARE] = "down/firmware",
    [TOPIC_UP_FIRMWARE] = "up/firmware",
};

uint16_t topic_bucket(const char *device)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)device, strlen(device));
    return (uint16_t)((hash[0] << 8 | hash[1]) % WIRE_BUCKET_COUNT);
}

int topic_device_valid(const char *device, size_t len)
{
    if (len < WIRE_DEVICE_MIN || len > WIRE_DEVICE_MAX)
        return 0;
    for (size_t i = 0; i < len; i++) {
        char c = device[i];
        int alnum = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (c != '-' || i == 0))
            return 0;
    }
    return 1;
}

/* Decimal without leading zeros, below the number of buckets. @return characters read, or 0 */
static size_t read_bucket(const char *at, uint16_t *ret)
{
    unsigned value = 0;
    size_t n = 0;
    while (n < 4 && at[n] >= '0' && at[n] <= '9')
        value = value * 10 + (unsigned)(at[n++] - '0');
    if (n == 0 || value >= WIRE_BUCKET_COUNT || (n > 1 && at[0] == '0'))
        return 0;
    *ret = (uint16_t)value;
    return n;
}

static int find_leaf(const char *at, enum topic_leaf *ret)
{
    for (int i = 0; i < TOPIC_LEAF_COUNT; i++) {
        if (strcmp(leaves[i], at) == 0) {
            *ret = (enum topic_leaf)i;
            return 1;
        }
    }
    return 0;
}

enum error_code topic_decode(const char *root, const char *topic, struct topic *ret)
{
    struct topic t;
    memset(&t, 0, sizeof t);
    size_t root_len = strlen(root);
    if (strncmp(topic, root, root_len) != 0 || topic[root_len] != '/')
        return EC_TOPIC_INVALID;
    const char *at = topic + root_len + 1;
    size_t digits = read_bucket(at, &t.bucket);
    if (digits == 0 || at[digits] != '/')
        return EC_TOPIC_INVALID;
    at += digits + 1;
    const char *slash = strchr(at, '/');
    if (slash == NULL || !topic_device_valid(at, (size_t)(slash - at)))
        return EC_TOPIC_INVALID;
    memcpy(t.device, at, (size_t)(slash - at));
    if (!find_leaf(slash + 1, &t.leaf) || t.bucket != topic_bucket(t.device))
        return EC_TOPIC_INVALID;
    *ret = t;
    return EC_OK;
}

/* Append to a string of WIRE_TOPIC_MAX bytes. @return the new length; WIRE_TOPIC_MAX when full */
static size_t append(char *buf, size_t len, const char *text)
{
    size_t n = strlen(text);
    if (n >= WIRE_TOPIC_MAX - len)
        return WIRE_TOPIC_MAX;
    memcpy(buf + len, text, n + 1);
    return len + n;
}

enum error_code topic_encode(const char *root, const struct topic *t, char ret[WIRE_TOPIC_MAX])
{
    if ((unsigned)t->leaf >= TOPIC_LEAF_COUNT || t->bucket >= WIRE_BUCKET_COUNT)
        return EC_TOPIC_INVALID;
    char digits[5] = "";
    size_t first = sizeof digits - 1;
    unsigned bucket = t->bucket;
    do
        digits[--first] = (char)('0' + bucket % 10);
    while ((bucket /= 10) != 0);

    char buf[WIRE_TOPIC_MAX];
    const char *parts[] = {root, "/", digits + first, "/", t->device, "/", leaves[t->leaf]};
    size_t len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && len < WIRE_TOPIC_MAX; i++)
        len = append(buf, len, parts[i]);
    if (len == WIRE_TOPIC_MAX)
        return EC_WIRE_BUFFER;
    memcpy(ret, buf, len + 1);
    return EC_OK;
}
