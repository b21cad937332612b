/* A status: signed snapshot of a device; and the link message, which is not signed. */
#include "status.h"

#include <string.h>

#include "member.h"

enum { KEY_UTC_MS = 3, LAST_KEY = 18 };

#define AT(field) MEMBER_AT(struct status, field)
static const struct member members[] = {
    {1, MEMBER_UINT, AT(boot), .min = 1, .max = UINT32_MAX},
    {2, MEMBER_UINT, AT(mono_ms), .max = INT64_MAX},
    {KEY_UTC_MS, MEMBER_UINT, 1, AT(utc_ms), .max = INT64_MAX},
    {4, MEMBER_UINT, AT(quality), .max = 2},
    {5, MEMBER_UINT, AT(state), .max = UINT8_MAX},
    {6, MEMBER_UINTS, MEMBER_ALL(struct status, leds, uint8_t), .max = STATUS_BLINK_FAST},
    {7, MEMBER_UINT, AT(contactors), .max = STATUS_CLOSED_UTILITY | STATUS_CLOSED_GENERATOR},
    {8, MEMBER_UINTS, MEMBER_ALL(struct status, utility, uint32_t), .max = UINT32_MAX},
    {9, MEMBER_UINTS, MEMBER_ALL(struct status, generator, uint32_t), .max = UINT32_MAX},
    {10, MEMBER_UINT, AT(load_da), .max = UINT32_MAX},
    {11, MEMBER_UINT, AT(mode), .max = STATUS_MODE_FIELD_WORK},
    {12, MEMBER_TEXT, AT(firmware), .max = WIRE_TEXT_MAX},
    {13, MEMBER_UINT, AT(written_through), .max = INT64_MAX},
    {14, MEMBER_UINT, AT(receipted_through), .max = INT64_MAX},
    {15, MEMBER_UINT, AT(fill_permille), .max = 1000},
    {16, MEMBER_UINT, AT(reset_cause), .max = UINT8_MAX},
    {17, MEMBER_UINT, AT(faults), .max = UINT32_MAX},
    {LAST_KEY, MEMBER_UINT, AT(epoch), .max = INT64_MAX},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

enum error_code status_encode(const struct status *s, uint8_t *buf, size_t cap, size_t *ret_len)
{
    uint32_t present = MEMBER_BIT(LAST_KEY + 1) - MEMBER_BIT(1);
    if (s->quality == 0)
        present &= ~MEMBER_BIT(KEY_UTC_MS);
    return member_encode(members, MEMBER_COUNT, s, present, buf, cap, ret_len);
}

enum error_code status_decode(struct span payload, struct status *ret)
{
    struct status s;
    memset(&s, 0, sizeof s);
    uint32_t present;
    enum error_code ec = member_decode(payload, members, MEMBER_COUNT, &s, &present);
    if (ec != EC_OK)
        return ec;
    int has_utc = (present & MEMBER_BIT(KEY_UTC_MS)) != 0;
    if (has_utc != (s.quality != 0))
        return has_utc ? EC_WIRE_RANGE : EC_WIRE_MISSING;
    *ret = s;
    return EC_OK;
}

static const struct member link_members[] = {
    {1, MEMBER_UINT, MEMBER_AT(struct status_link, session), .max = INT64_MAX},
    {2, MEMBER_BOOL, MEMBER_AT(struct status_link, online)},
};

enum error_code status_link_encode(const struct status_link *l, uint8_t *buf, size_t cap,
                                   size_t *ret_len)
{
    return member_encode(link_members, 2, l, MEMBER_BIT(1) | MEMBER_BIT(2), buf, cap, ret_len);
}

enum error_code status_link_decode(struct span payload, struct status_link *ret)
{
    struct status_link l;
    memset(&l, 0, sizeof l);
    uint32_t present;
    enum error_code ec = member_decode(payload, link_members, 2, &l, &present);
    if (ec == EC_OK)
        *ret = l;
    return ec;
}
