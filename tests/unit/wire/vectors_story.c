/* The story of the vectors: a home loses the utility, runs on its generator, and returns. */
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

enum { FIELDS = 5 };

/** One record; fields are key, value pairs until key 0. */
struct scene {
    uint16_t kind;
    uint8_t quality;
    uint32_t mono_ms;
    const char *version;
    uint64_t fields[FIELDS][2];
};

#define T0_MS   1767225600000 /* 2026-01-01T00:00:00Z */
#define K(name) RECORD_KEY_##name

static const struct scene scenes[VECTORS_STORY_COUNT] = {
    {RECORD_KIND_BOOT, 0, 12, "0.1.0", {{K(CAUSE), RECORD_CAUSE_POWER_ON}}},
    {RECORD_KIND_TIME_SET, 2, 4000, NULL, {{K(OLD_UTC_MS), 0}, {K(NEW_UTC_MS), T0_MS + 4000}}},
    {RECORD_KIND_SELF_TEST, 2, 5000, NULL, {{K(RESULT), 0}}},
    {RECORD_KIND_CONFIG_APPLIED, 2, 6000, NULL, {{K(COUNTER), 7}}},
    {RECORD_KIND_UTILITY_LOST,
     2,
     3600000,
     NULL,
     {{K(SINCE_MS), 5000}, {K(L1_DV), 0}, {K(L2_DV), 3}, {K(FREQ_CHZ), 0}}},
    {RECORD_KIND_GENERATOR_PRESENT,
     2,
     3725000,
     NULL,
     {{K(SINCE_MS), 100}, {K(L1_DV), 1211}, {K(L2_DV), 1208}, {K(FREQ_CHZ), 6012}}},
    {RECORD_KIND_TRANSFERRED_TO_GENERATOR,
     2,
     3735400,
     NULL,
     {{K(DELAY_MS), 140400},
      {K(SETTING_MS), 15000},
      {K(L1_DV), 1209},
      {K(L2_DV), 1207},
      {K(FREQ_CHZ), 6008}}},
    {RECORD_KIND_OVERLOAD_TRIP, 2, 3900000, NULL, {{K(LOAD_DA), 342}, {K(COUNT), 1}}},
    {RECORD_KIND_UTILITY_RESTORED,
     2,
     9000000,
     NULL,
     {{K(SINCE_MS), 5000}, {K(L1_DV), 1199}, {K(L2_DV), 1201}, {K(FREQ_CHZ), 6000}}},
    {RECORD_KIND_TRANSFERRED_TO_UTILITY,
     2,
     9025300,
     NULL,
     {{K(DELAY_MS), 30300},
      {K(SETTING_MS), 30000},
      {K(CAUSE), RECORD_CAUSE_RETURN_TIMER},
      {K(L1_DV), 1200},
      {K(L2_DV), 1201}}},
    {RECORD_KIND_GENERATOR_ABSENT, 1, 9060000, NULL, {{K(SINCE_MS), 1000}}},
    {RECORD_KIND_TRANSFER_FAILED,
     1,
     9100000,
     NULL,
     {{K(CAUSE), RECORD_CAUSE_OUT_OF_WINDOW}, {K(L1_DV), 980}, {K(L2_DV), 1320}}},
    {RECORD_KIND_FAULT_LATCHED,
     1,
     9200000,
     NULL,
     {{K(CAUSE), RECORD_CAUSE_IMBALANCE}, {K(L1_DV), 1050}, {K(L2_DV), 1340}}},
    {RECORD_KIND_FAULT_CLEARED, 1, 9300000, NULL, {{K(CAUSE), RECORD_CAUSE_IMBALANCE}}},
    {RECORD_KIND_FIELD_WORK_START, 2, 9400000, NULL, {{K(SETTING_MS), 3600000}}},
    {RECORD_KIND_FIELD_WORK_END, 2, 9500000, NULL, {{0, 0}}},
    {RECORD_KIND_COMMAND_DONE, 2, 9600000, NULL, {{K(COUNTER), 8}, {K(COMMAND), 1}}},
    {RECORD_KIND_COMMAND_REFUSED,
     2,
     9700000,
     NULL,
     {{K(CAUSE), RECORD_CAUSE_REPLAYED}, {K(COUNTER), 8}, {K(COMMAND), 1}}},
    {RECORD_KIND_FIRMWARE_STAGED, 2, 9800000, "0.2.0", {{0, 0}}},
    {RECORD_KIND_FIRMWARE_CONFIRMED, 2, 9900000, "0.2.0", {{0, 0}}},
    {RECORD_KIND_FIRMWARE_ROLLED_BACK, 2, 10000000, "0.1.0", {{0, 0}}},
    {RECORD_KIND_RECORDS_OVERWRITTEN, 2, 10100000, NULL, {{K(FROM_SEQ), 5}, {K(TO_SEQ), 9}}},
};

void vectors_story(size_t index, struct record *ret)
{
    const struct scene *s = &scenes[index];
    memset(ret, 0, sizeof *ret);
    ret->seq = index + 1;
    ret->boot = 1;
    ret->mono_ms = s->mono_ms;
    ret->quality = s->quality;
    ret->utc_ms = s->quality == RECORD_QUALITY_NONE ? 0 : T0_MS + s->mono_ms;
    ret->kind = s->kind;
    for (size_t i = 0; i < FIELDS && s->fields[i][0] != 0; i++)
        record_add_uint(ret, (enum record_key)s->fields[i][0], s->fields[i][1]);
    if (s->version != NULL)
        record_add_text(ret, RECORD_KEY_VERSION, s->version, strlen(s->version));
}

size_t vectors_story_encode(size_t index, uint8_t buf[WIRE_RECORD_MAX])
{
    struct record r;
    size_t len = 0;
    vectors_story(index, &r);
    if (record_encode(&r, buf, WIRE_RECORD_MAX, &len) != EC_OK)
        abort();
    return len;
}
