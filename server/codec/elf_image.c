/* Taking the loadable segments out of an ELF file (System V ABI, chapters 4 and 5). */
#include "codec/elf_image.h"

#include <string.h>

enum {
    HEADER_LEN = 52,
    AT_CLASS = 4, /* 1: 32 bits */
    AT_DATA = 5,  /* 1: little-endian */
    AT_PHOFF = 28,
    AT_PHENTSIZE = 42,
    AT_PHNUM = 44,
    SEGMENT_LEN = 32, /* of its entry: type, offset, vaddr, paddr, filesz, ... */
    SEGMENT_LOAD = 1,
    SEGMENTS_MAX = 64,
};

struct segment {
    uint32_t type, offset, address, size;
};

static uint32_t get(const uint8_t *at, int bytes)
{
    uint32_t v = 0;

    for (int i = 0; i < bytes; i++)
        v |= (uint32_t)at[i] << 8 * i;
    return v;
}

int elf_image_is(const uint8_t *at, size_t len)
{
    return len >= 4 && memcmp(at,
                              "\x7f"
                              "ELF",
                              4) == 0;
}

/* Segments that bring bytes. One that begins with the file's own head (linked without -n) would put
 * that into flash. @return how many; 0 when the table is not to be used */
static size_t read_segments(const uint8_t *at, size_t len, struct segment ret[SEGMENTS_MAX])
{
    uint32_t table = get(at + AT_PHOFF, 4), count = get(at + AT_PHNUM, 2);
    size_t found = 0;

    if (get(at + AT_PHENTSIZE, 2) != SEGMENT_LEN || count > SEGMENTS_MAX || table > len ||
        (size_t)count * SEGMENT_LEN > len - table)
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = at + table + (size_t)i * SEGMENT_LEN;
        struct segment s = {get(entry, 4), get(entry + 4, 4), get(entry + 12, 4),
                            get(entry + 16, 4)};

        if (s.type != SEGMENT_LOAD || s.size == 0)
            continue;
        if (s.offset < HEADER_LEN || s.offset > len || s.size > len - s.offset ||
            s.address > UINT32_MAX - s.size)
            return 0;
        ret[found++] = s;
    }
    return found;
}

enum error_code elf_image_flatten(const uint8_t *at, size_t len, uint8_t *buf, size_t cap,
                                  size_t *ret_len, uint32_t *ret_address)
{
    struct segment segments[SEGMENTS_MAX];
    uint32_t from = UINT32_MAX, to = 0;
    size_t count;

    if (len < HEADER_LEN || !elf_image_is(at, len) || at[AT_CLASS] != 1 || at[AT_DATA] != 1)
        return EC_WIRE_TYPE;
    count = read_segments(at, len, segments);
    if (count == 0)
        return EC_WIRE_RANGE;
    for (size_t i = 0; i < count; i++) {
        uint32_t end = segments[i].address + segments[i].size;

        from = segments[i].address < from ? segments[i].address : from;
        to = end > to ? end : to;
    }
    if (to - from > cap)
        return EC_WIRE_TOO_LARGE;
    memset(buf, 0xff, to - from);
    for (size_t i = 0; i < count; i++)
        memcpy(buf + (segments[i].address - from), at + segments[i].offset, segments[i].size);
    *ret_len = to - from;
    *ret_address = from;
    return EC_OK;
}
