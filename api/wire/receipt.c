/* A receipt: what the server has committed. */
#include "receipt.h"

#include <string.h>

#include "member.h"
#include "topic.h"

enum {
    KEY_RESEND_FROM = 6,
    KEY_PACE_MS = 7,
    REQUIRED = MEMBER_BIT(1) | MEMBER_BIT(2) | MEMBER_BIT(3) | MEMBER_BIT(4) | MEMBER_BIT(5),
};

#define AT(field) MEMBER_AT(struct receipt, field)
static const struct member members[] = {
    {1, MEMBER_TEXT, AT(device), .min = WIRE_DEVICE_MIN, .max = WIRE_DEVICE_MAX},
    {2, MEMBER_UINT, AT(through_seq), .max = INT64_MAX},
    {3, MEMBER_BYTES, AT(head_hash)},
    {4, MEMBER_UINT, AT(server_ms), .max = INT64_MAX},
    {5, MEMBER_UINT, AT(epoch), .max = INT64_MAX},
    {KEY_RESEND_FROM, MEMBER_UINT, 1, AT(resend_from), .min = 1, .max = INT64_MAX},
    {KEY_PACE_MS, MEMBER_UINT, 1, AT(pace_ms), .min = 1, .max = WIRE_PACE_MAX_MS},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

enum error_code receipt_encode(const struct receipt *r, uint8_t *buf, size_t cap, size_t *ret_len)
{
    if (!topic_device_valid(r->device, strnlen(r->device, sizeof r->device)))
        return EC_WIRE_RANGE;
    uint32_t present = REQUIRED;
    if (r->resend_from != 0)
        present |= MEMBER_BIT(KEY_RESEND_FROM);
    if (r->pace_ms != 0)
        present |= MEMBER_BIT(KEY_PACE_MS);
    return member_encode(members, MEMBER_COUNT, r, present, buf, cap, ret_len);
}

enum error_code receipt_decode(struct span payload, struct receipt *ret)
{
    struct receipt r;
    memset(&r, 0, sizeof r);
    uint32_t present;
    enum error_code ec = member_decode(payload, members, MEMBER_COUNT, &r, &present);
    if (ec != EC_OK)
        return ec;
    if (!topic_device_valid(r.device, strlen(r.device)))
        return EC_WIRE_RANGE;
    *ret = r;
    return EC_OK;
}
