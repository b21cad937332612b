/* The directory of a ZIP file (APPNOTE 6.3, 4.3.12 and 4.3.16), as far as it decides about trust.
 */
#include "codec/xlsx_guard.h"

#include <string.h>

enum {
    END_SIZE = 22,
    END_SEARCH = END_SIZE + 65535, /* a comment may follow it */
    ENTRY_SIZE = 46,
    IS_ENCRYPTED = 1,
    STORED = 0,
    DEFLATED = 8,
};

/** Sums over the entries. */
struct sums {
    uint64_t packed, unpacked;
    int has_workbook;
};

static uint32_t get16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const uint8_t *at)
{
    return get16(at) | get16(at + 2) << 16;
}

int xlsx_guard_is_zip(const uint8_t *at, size_t len)
{
    return len >= 4 && memcmp(at, "PK\3\4", 4) == 0;
}

/* The last record that can be the end of the directory. */
static const uint8_t *find_end(const uint8_t *at, size_t len)
{
    size_t least = len > END_SEARCH ? len - END_SEARCH : 0;
    for (size_t i = len >= END_SIZE ? len - END_SIZE + 1 : 0; i > least; i--)
        if (memcmp(at + i - 1, "PK\5\6", 4) == 0)
            return at + i - 1;
    return NULL;
}

static int is_named(const uint8_t *name, size_t len, const char *wanted)
{
    return len == strlen(wanted) && memcmp(name, wanted, len) == 0;
}

static int ends_with(const uint8_t *name, size_t len, const char *wanted)
{
    size_t n = strlen(wanted);
    return len >= n && memcmp(name + len - n, wanted, n) == 0;
}

/* @return what is wrong with an entry; NULL when nothing is */
static const char *judge_entry(const uint8_t *entry, const uint8_t *name, size_t name_len,
                               struct sums *sums)
{
    uint32_t packed = get32(entry + 20);
    uint32_t unpacked = get32(entry + 24);
    uint32_t method = get16(entry + 10);

    if (get16(entry + 8) & IS_ENCRYPTED)
        return "it is encrypted; save it without a password";
    if (method != STORED && method != DEFLATED)
        return "it is packed by a method that spreadsheets do not use";
    if (ends_with(name, name_len, "vbaProject.bin"))
        return "it has macros; save it as .xlsx";
    if (unpacked > XLSX_RATIO_FROM && unpacked / XLSX_RATIO_MAX > packed)
        return "an entry would unpack to more than 200 times its size";
    sums->packed += packed;
    sums->unpacked += unpacked;
    sums->has_workbook |= is_named(name, name_len, "xl/workbook.xml");
    return sums->unpacked > XLSX_UNPACKED_MAX ? "it would unpack to more than 64 MiB" : NULL;
}

static const char *judge(const uint8_t *at, size_t len)
{
    const uint8_t *end = find_end(at, len);
    struct sums sums = {0, 0, 0};
    const char *note = NULL;

    if (end == NULL)
        return "its end is missing; was it copied whole?";
    size_t count = get16(end + 10);
    size_t from = get32(end + 16);
    size_t stop = (size_t)(end - at);
    if (count == 0 || count > XLSX_ENTRIES_MAX)
        return "it has no entries, or more than 256";
    for (size_t i = 0; i < count && note == NULL; i++) {
        if (from > stop || stop - from < ENTRY_SIZE || memcmp(at + from, "PK\1\2", 4) != 0)
            return "its directory is damaged";
        size_t name_len = get16(at + from + 28);
        size_t rest = name_len + get16(at + from + 30) + get16(at + from + 32);
        if (stop - from - ENTRY_SIZE < rest)
            return "its directory is damaged";
        note = judge_entry(at + from, at + from + ENTRY_SIZE, name_len, &sums);
        from += ENTRY_SIZE + rest;
    }
    if (note == NULL && sums.packed > len)
        note = "its entries share bytes";
    if (note == NULL && !sums.has_workbook)
        note = "it is not an XLSX workbook";
    return note;
}

enum error_code xlsx_guard(const uint8_t *at, size_t len, const char **ret_note)
{
    const char *note = len > XLSX_BYTES_MAX ? "it is larger than 16 MiB" : judge(at, len);
    if (note == NULL)
        return EC_OK;
    *ret_note = note;
    return EC_FIELDS_INVALID;
}
