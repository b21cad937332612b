/* The settings blob: a table of texts, keys and numbers, and two slots in flash. */
#include "settings.h"

#include <stddef.h>
#include <string.h>

#include "topic.h"

/* The power-cut test replaces this, to show that it would notice a slot written over itself. */
#ifndef SETTINGS_OTHER_SLOT
#define SETTINGS_OTHER_SLOT(slot) (1 - (slot))
#endif

#define AT(member) offsetof(struct settings, member)

static const struct settings_number numbers[] = {
#define SETTING(key, name, min, max, otherwise) {AT(name), key, min, max, otherwise},
#include "setting.def"
#undef SETTING
};

static const struct {
    uint32_t offset;
    uint32_t key;
    uint32_t max; /* characters */
} texts[] = {
    {AT(device), 1, WIRE_DEVICE_MAX},      {AT(root), 2, SETTINGS_ROOT_MAX},
    {AT(password), 3, WIRE_TEXT_MAX},      {AT(model), 4, SETTINGS_MODEL_MAX},
    {AT(hardware), 5, SETTINGS_MODEL_MAX}, {AT(broker), 8, SETTINGS_BROKER_MAX},
};

enum {
    COUNT_NUMBERS = sizeof(numbers) / sizeof(numbers[0]),
    COUNT_TEXTS = sizeof(texts) / sizeof(texts[0]),
    KEY_SEED = 6,
    KEY_FLEET = 7,
    KEY_PSK = 9,
    COUNT_BYTES = 3,         /* members that are byte strings */
    SLOT_MAGIC = 0x53505442, /* "BTPS" */
    SLOT_HEAD = 16,          /* magic, generation, length, crc */
};

static uint32_t *number_at(struct settings *s, const struct settings_number *n)
{
    return (uint32_t *)((char *)s + n->offset);
}

static uint32_t number_of(const struct settings *s, const struct settings_number *n)
{
    return *(const uint32_t *)((const char *)s + n->offset);
}

size_t settings_numbers(const struct settings_number **ret)
{
    *ret = numbers;
    return COUNT_NUMBERS;
}

void settings_init(struct settings *s)
{
    memset(s, 0, sizeof(*s));
    memcpy(s->root, WIRE_PROTOCOL, sizeof(WIRE_PROTOCOL));
    for (size_t i = 0; i < COUNT_NUMBERS; i++)
        *number_at(s, &numbers[i]) = numbers[i].otherwise;
}

enum error_code settings_check(const struct settings *s)
{
    if (!topic_device_valid(s->device, strlen(s->device)) || s->root[0] == '\0' ||
        s->fleet_key_count < 1 || s->fleet_key_count > SETTINGS_FLEET_KEYS_MAX ||
        (s->psk_len != 0 && s->psk_len != SETTINGS_PSK_LEN))
        return EC_CONFIG;
    for (size_t i = 0; i < COUNT_NUMBERS; i++) {
        uint32_t v = number_of(s, &numbers[i]);

        if (v < numbers[i].min || v > numbers[i].max)
            return EC_CONFIG;
    }
    return EC_OK;
}

enum error_code settings_encode(const struct settings *s, uint8_t *buf, size_t cap, size_t *ret_len)
{
    struct cbor_writer w;

    cbor_writer_init(&w, buf, cap);
    cbor_write_map(&w, COUNT_TEXTS + COUNT_BYTES + COUNT_NUMBERS);
    for (size_t i = 0; i < COUNT_TEXTS; i++) {
        const char *text = (const char *)s + texts[i].offset;

        cbor_write_uint(&w, texts[i].key);
        cbor_write_tstr(&w, text, strlen(text));
    }
    cbor_write_uint(&w, KEY_SEED);
    cbor_write_bstr(&w, s->seed, sizeof(s->seed));
    cbor_write_uint(&w, KEY_FLEET);
    cbor_write_bstr(&w, s->fleet_keys[0], (size_t)s->fleet_key_count * WIRE_KEY_LEN);
    cbor_write_uint(&w, KEY_PSK);
    cbor_write_bstr(&w, s->psk, s->psk_len);
    for (size_t i = 0; i < COUNT_NUMBERS; i++) {
        cbor_write_uint(&w, numbers[i].key);
        cbor_write_uint(&w, number_of(s, &numbers[i]));
    }
    return cbor_writer_done(&w, ret_len);
}

static enum error_code read_text(struct cbor_reader *r, size_t i, struct settings *s)
{
    struct span text;
    enum error_code ec = cbor_read_tstr(r, &text);
    char *to = (char *)s + texts[i].offset;

    if (ec != EC_OK)
        return ec;
    if (text.len > texts[i].max || memchr(text.at, '\0', text.len) != NULL)
        return EC_CONFIG;
    memcpy(to, text.at, text.len);
    to[text.len] = '\0';
    return EC_OK;
}

static enum error_code read_keys(struct cbor_reader *r, uint64_t key, struct settings *s)
{
    struct span bytes;
    enum error_code ec = cbor_read_bstr(r, &bytes);

    if (ec != EC_OK)
        return ec;
    if (key == KEY_SEED && bytes.len == sizeof(s->seed)) {
        memcpy(s->seed, bytes.at, bytes.len);
        return EC_OK;
    }
    if (key == KEY_PSK && (bytes.len == 0 || bytes.len == sizeof(s->psk))) {
        memcpy(s->psk, bytes.at, bytes.len);
        s->psk_len = (uint32_t)bytes.len;
        return EC_OK;
    }
    if (key != KEY_FLEET || bytes.len > sizeof(s->fleet_keys) || bytes.len % WIRE_KEY_LEN != 0)
        return EC_CONFIG;
    memcpy(s->fleet_keys, bytes.at, bytes.len);
    s->fleet_key_count = (uint32_t)(bytes.len / WIRE_KEY_LEN);
    return EC_OK;
}

static enum error_code read_number(struct cbor_reader *r, size_t i, struct settings *s)
{
    uint64_t v;
    enum error_code ec = cbor_read_uint(r, &v);

    if (ec == EC_OK && v > UINT32_MAX)
        ec = EC_CONFIG;
    if (ec == EC_OK)
        *number_at(s, &numbers[i]) = (uint32_t)v;
    return ec;
}

/* `only_numbers`: whoever says it may not touch who the device is, nor whom it trusts. */
static enum error_code read_member(struct cbor_reader *r, int only_numbers, struct settings *s)
{
    uint64_t key;
    enum error_code ec = cbor_read_uint(r, &key);

    if (ec != EC_OK)
        return ec;
    for (size_t i = 0; i < COUNT_NUMBERS; i++)
        if (numbers[i].key == key)
            return read_number(r, i, s);
    if (only_numbers)
        return EC_CONFIG;
    if (key == KEY_SEED || key == KEY_FLEET || key == KEY_PSK)
        return read_keys(r, key, s);
    for (size_t i = 0; i < COUNT_TEXTS; i++)
        if (texts[i].key == key)
            return read_text(r, i, s);
    return cbor_skip(r);
}

/* Members over what *s says. */
static enum error_code read_members(struct span map, int only_numbers, struct settings *s)
{
    struct cbor_reader r;
    size_t members;
    enum error_code ec;

    cbor_reader_init(&r, map.at, map.len);
    ec = cbor_read_map(&r, &members);
    while (ec == EC_OK && members-- > 0)
        ec = read_member(&r, only_numbers, s);
    if (ec == EC_OK && cbor_reader_left(&r) != 0)
        ec = EC_WIRE_TRAILING;
    return ec == EC_OK ? settings_check(s) : ec;
}

enum error_code settings_decode(struct span blob, struct settings *ret)
{
    struct settings s;
    enum error_code ec;

    settings_init(&s);
    ec = read_members(blob, 0, &s);
    if (ec == EC_OK)
        *ret = s;
    return ec;
}

enum error_code settings_change(struct settings *s, struct span argument)
{
    struct settings changed = *s;
    enum error_code ec = read_members(argument, 1, &changed);

    if (ec == EC_OK)
        *s = changed;
    return ec;
}

/* ---- slots ---- */

static uint32_t padded(uint32_t len)
{
    return (len + FLASH_UNIT - 1) / FLASH_UNIT * FLASH_UNIT;
}

/* The CRC stands in the head but is made over the whole slot, and the head is programmed last. */
static uint32_t slot_crc(uint32_t generation, const uint8_t *blob, uint32_t len)
{
    uint8_t head[8];

    flash_put32(head, generation);
    flash_put32(head + 4, len);
    return flash_crc(flash_crc(0, head, sizeof(head)), blob, len);
}

static int slot_read(const struct flash *area, uint32_t slot, uint8_t blob[SETTINGS_BLOB_MAX],
                     uint32_t *ret_generation, uint32_t *ret_len)
{
    uint8_t head[SLOT_HEAD];
    uint32_t at = slot * area->sector_len;
    uint32_t len;

    if (flash_read(area, at, head, sizeof(head)) != 0 || flash_get32(head) != SLOT_MAGIC)
        return -1;
    len = flash_get32(head + 8);
    if (len > SETTINGS_BLOB_MAX || flash_read(area, at + SLOT_HEAD, blob, len) != 0 ||
        slot_crc(flash_get32(head + 4), blob, len) != flash_get32(head + 12))
        return -1;
    *ret_generation = flash_get32(head + 4);
    *ret_len = len;
    return 0;
}

static int newest_slot(const struct flash *area, uint8_t blob[SETTINGS_BLOB_MAX], uint32_t *ret,
                       uint32_t *ret_generation, uint32_t *ret_len)
{
    uint32_t generation[SETTINGS_SECTORS] = {0};
    uint32_t len;

    for (uint32_t s = 0; s < SETTINGS_SECTORS; s++)
        if (slot_read(area, s, blob, &generation[s], &len) != 0)
            generation[s] = 0;
    *ret = generation[1] > generation[0];
    if (generation[*ret] == 0)
        return -1;
    return slot_read(area, *ret, blob, ret_generation, ret_len);
}

enum error_code settings_load(const struct flash *area, struct settings *ret)
{
    uint8_t blob[SETTINGS_BLOB_MAX];
    uint32_t slot, generation, len;

    if (area->sector_count < SETTINGS_SECTORS ||
        newest_slot(area, blob, &slot, &generation, &len) != 0)
        return EC_NOT_FOUND;
    return settings_decode((struct span){blob, len}, ret);
}

enum error_code settings_store(const struct flash *area, const struct settings *s)
{
    uint8_t blob[SETTINGS_BLOB_MAX + FLASH_UNIT] = {0};
    uint8_t head[SLOT_HEAD];
    uint32_t slot = 1, generation = 0, old_len, at;
    size_t len;

    if (settings_check(s) != EC_OK || area->sector_count < SETTINGS_SECTORS)
        return EC_CONFIG;
    if (newest_slot(area, blob, &slot, &generation, &old_len) != 0)
        slot = 1;
    slot = SETTINGS_OTHER_SLOT(slot);
    memset(blob, 0, sizeof(blob));
    if (settings_encode(s, blob, SETTINGS_BLOB_MAX, &len) != EC_OK)
        return EC_CONFIG;
    flash_put32(head, SLOT_MAGIC);
    flash_put32(head + 4, generation + 1);
    flash_put32(head + 8, (uint32_t)len);
    flash_put32(head + 12, slot_crc(generation + 1, blob, (uint32_t)len));
    at = slot * area->sector_len;
    if (flash_erase(area, slot) != 0 ||
        flash_program_checked(area, at + SLOT_HEAD, blob, padded((uint32_t)len)) != 0 ||
        flash_program_checked(area, at, head, sizeof(head)) != 0)
        return EC_FLASH;
    return EC_OK;
}
