/* Start of a device, the step that acts, the work that remembers and reports. */
#include "node.h"

#include <string.h>

#include "chain.h"
#include "node_update.h"
#include "selftest.h"
#include "topic.h"

static const struct transfer_config switch_times = {
    .start_ms = 300,
    .open_ms = 500,
    .close_ms = 500,
    .lost_ms = 500,
    .both_ms = 100,
    .weld_ms = 1000,
};

/* ---- start ---- */

static void take_settings(struct node *n, const struct settings *s)
{
    n->settings = *s;
    n->timers = (struct qual_timers){s->fail_ms, s->gen_ms, s->return_ms, s->ride_ms};
    n->switch_config = switch_times;
    n->switch_config.dwell_ms = (uint16_t)s->dwell_ms;
    n->switch_config.stays = s->policy == SETTINGS_STAYS;
}

static enum error_code make_topics(struct node *n)
{
    struct topic t = {.bucket = topic_bucket(n->settings.device)};
    const struct {
        enum topic_leaf leaf;
        char *to;
    } topics[] = {
        {TOPIC_UP_JOURNAL, n->topic_journal},  {TOPIC_UP_STATUS, n->topic_status},
        {TOPIC_UP_LINK, n->topic_link},        {TOPIC_DOWN_RECEIPT, n->topic_receipt},
        {TOPIC_UP_FIRMWARE, n->topic_request}, {TOPIC_DOWN_FIRMWARE, n->topic_chunk},
    };
    char *leaf;

    memcpy(t.device, n->settings.device, sizeof(t.device));
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        enum error_code ec;

        t.leaf = topics[i].leaf;
        ec = topic_encode(n->settings.root, &t, topics[i].to);
        if (ec != EC_OK)
            return ec;
    }
    memcpy(n->topic_down, n->topic_receipt, sizeof(n->topic_down));
    leaf = strrchr(n->topic_down, '/');
    memcpy(leaf, "/#", 3);
    return EC_OK;
}

static void start_mqtt(struct node *n, uint32_t random)
{
    const struct mqtt_config config = {
        .client_id = n->settings.device,
        .user = n->settings.device,
        .password = n->settings.password,
        .filter = n->topic_down,
        .will_topic = n->topic_link,
        .keepalive_s = NODE_KEEPALIVE_S,
    };

    mqtt_init(&n->mqtt, &config, 0, random % (n->settings.jitter_ms + 1));
}

enum error_code node_init(struct node *n, const struct node_config *config, uint32_t random)
{
    uint8_t start[WIRE_HASH_LEN];
    enum error_code ec = settings_check(config->settings);

    if (ec != EC_OK)
        return ec;
    memset(n, 0, sizeof(*n));
    take_settings(n, config->settings);
    n->version = config->version;
    n->scratch = config->scratch;
    if (config->store != NULL)
        n->store = *config->store;
    ec = make_topics(n);
    if (ec != EC_OK)
        return EC_CONFIG;
    cose_key_init(&n->key, n->settings.seed);
    chain_start(n->settings.device, n->key.public_key, start);
    ec = journal_mount(&n->journal, config->journal, start);
    if (ec != EC_OK)
        return ec;
    clock_init(&n->clock);
    qual_init(&n->qual, 0);
    overload_init(&n->overload);
    scribe_init(&n->scribe, &n->journal, &n->clock, config->boot_cause);
    transfer_init(&n->transfer, scribe_note_of(&n->scribe) & SCRIBE_FAULTS);
    n->boot_seq = scribe_boot(&n->scribe, n->version, 0);
    node_update_init(n, config->update);
    if (scribe_note_of(&n->scribe) & SCRIBE_FIELD_WORK)
        scribe_field_work(&n->scribe, 0, 0, 0); /* it does not outlive a start */
    reporter_init(&n->reporter, &n->journal);
    beacon_init(&n->beacon, n->scribe.boot);
    start_mqtt(n, random);
    return EC_OK;
}

void node_done(struct node *n)
{
    cose_key_done(&n->key);
    memset(n->settings.seed, 0, sizeof(n->settings.seed));
    memset(n->settings.password, 0, sizeof(n->settings.password));
    memset(n->settings.psk, 0, sizeof(n->settings.psk));
}

/* ---- act ---- */

static void judge(struct node *n, uint64_t now_ms, uint32_t dt_ms)
{
    struct transfer_input *in = &n->input;
    int carrying = n->transfer.state == TRANSFER_ON_GENERATOR;

    qual_judge(&n->qual, &n->timers, now_ms, in);
    overload_step(&n->overload, n->qual.sample.load_da, carrying, in->generator_live,
                  n->settings.cool_ms, dt_ms);
    in->tripped = (uint8_t)overload_tripped(&n->overload);
    in->locked_out = (uint8_t)overload_locked_out(&n->overload);
    in->field_work = n->field_work_ms > now_ms;
    in->reset = n->reset;
    n->reset = 0;
}

static void show(struct node *n, uint64_t now_ms)
{
    const struct led_view view = {
        .state = n->transfer.state,
        .faults = n->transfer.faults,
        .utility_present = (uint8_t)qual_is(&n->qual, QUAL_UTILITY_GOOD),
        .generator_present = n->input.generator_present,
        .generator_live = n->input.generator_live,
        .tripped = n->input.tripped,
        .load_da = n->qual.sample.load_da,
        .identify = n->identify_ms > now_ms,
        .lamp_test = n->lamps_ms > now_ms,
    };

    led_show(&view, n->leds);
}

/* How soon the next sample matters: at once while something is decided, soon while a timer runs
 * towards a transfer, late at rest. */
static uint32_t pace(const struct node *n)
{
    int utility = qual_is(&n->qual, QUAL_UTILITY_GOOD);

    if (qual_unsettled(&n->qual) || transfer_moving(&n->transfer))
        return NODE_FAST_MS;
    if (n->transfer.state == TRANSFER_ON_UTILITY ? !utility && n->input.generator_live
                                                 : utility || n->transfer.faults != 0)
        return NODE_WATCH_MS;
    return NODE_REST_MS;
}

void node_act(struct node *n, const struct qual_sample *sample, uint64_t now_ms,
              struct node_output *ret)
{
    uint64_t gap_ms = now_ms - n->qual.last_ms;
    uint32_t dt_ms = gap_ms < QUAL_GAP_MS ? (uint32_t)gap_ms : 0;

    qual_step(&n->qual, sample, now_ms);
    judge(n, now_ms, dt_ms);
    ret->command = transfer_step(&n->transfer, &n->switch_config, &n->input, dt_ms);
    n->command = ret->command;
    show(n, now_ms);
    memcpy(ret->leds, n->leds, sizeof(ret->leds));
    ret->sample_ms = pace(n);
}

/* ---- remember and report ---- */

static struct reporter_context reporting(struct node *n)
{
    return (struct reporter_context){&n->journal, &n->mqtt,         &n->clock, &n->settings,
                                     &n->key,     n->topic_journal, n->scratch};
}

static struct beacon_context signalling(struct node *n)
{
    return (struct beacon_context){&n->mqtt,           &n->settings,  &n->key,
                                   n->topic_status,    n->topic_link, n->scratch->message,
                                   n->scratch->signing};
}

static void remember(struct node *n, uint64_t now_ms)
{
    const struct scribe_view view = {
        .qual = &n->qual,
        .transfer = &n->transfer,
        .overload = &n->overload,
        .input = &n->input,
        .forth_ms = n->settings.fail_ms + n->settings.gen_ms,
        .back_ms = n->settings.return_ms,
    };

    scribe_observe(&n->scribe, &view, now_ms);
    if (n->field_work_ms != 0 && now_ms >= n->field_work_ms)
        node_field_work(n, 0, now_ms);
    if (!transfer_moving(&n->transfer)) /* an erase takes time; not while the switch moves */
        journal_idle(&n->journal);
    scribe_lost(&n->scribe, now_ms);
}

static void send_again(struct node *n, const struct reporter_context *c, uint64_t now_ms)
{
    struct beacon_context b = signalling(n);
    uint64_t token;

    if (!mqtt_again(&n->mqtt, &token))
        return;
    if (token == BEACON_LINK_TOKEN)
        beacon_link(&n->beacon, &b, n->beacon.online, now_ms);
    else
        reporter_again(&n->reporter, c, token, now_ms);
}

enum mqtt_want node_work(struct node *n, uint64_t now_ms, uint32_t random)
{
    struct reporter_context c = reporting(n);
    struct beacon_context b = signalling(n);
    enum mqtt_want want;

    remember(n, now_ms);
    node_update_step(n, now_ms, random);
    want = mqtt_step(&n->mqtt, now_ms);
    if (want == MQTT_WANT_NOTHING && mqtt_is_up(&n->mqtt)) {
        struct status status;

        send_again(n, &c, now_ms);
        reporter_step(&n->reporter, &c, now_ms, random);
        node_status(n, now_ms, &status);
        beacon_step(&n->beacon, &b, &status, now_ms, random);
    }
    return want;
}

/* ---- orders ---- */

static uint32_t order_read(struct node *n, const struct command *o, uint64_t now_ms)
{
    (void)o;
    beacon_soon(&n->beacon, now_ms);
    return 0;
}

static uint32_t order_identify(struct node *n, const struct command *o, uint64_t now_ms)
{
    uint32_t duration_ms;

    if (command_duration_decode(o->argument, &duration_ms) != EC_OK ||
        duration_ms > COMMAND_IDENTIFY_MAX_MS)
        return RECORD_CAUSE_OUT_OF_LIMITS;
    node_identify(n, duration_ms, now_ms);
    return 0;
}

static uint32_t order_field_work(struct node *n, const struct command *o, uint64_t now_ms)
{
    uint32_t duration_ms;

    if (command_duration_decode(o->argument, &duration_ms) != EC_OK)
        return RECORD_CAUSE_OUT_OF_LIMITS;
    node_field_work(n, duration_ms, now_ms);
    return 0;
}

/* Timers change only while the home rests on a good utility: a shorter one would otherwise end a
 * wait at once, and the network would have switched. */
static uint32_t order_settings(struct node *n, const struct command *o, uint64_t now_ms)
{
    struct settings changed = n->settings;

    if (settings_change(&changed, o->argument) != EC_OK)
        return RECORD_CAUSE_OUT_OF_LIMITS;
    if (n->transfer.state != TRANSFER_ON_UTILITY || !qual_is(&n->qual, QUAL_UTILITY_GOOD))
        return RECORD_CAUSE_NOT_AT_REST;
    if (n->store.sector_count == 0 || settings_store(&n->store, &changed) != EC_OK)
        return RECORD_CAUSE_NOT_STORED;
    take_settings(n, &changed);
    scribe_config_applied(&n->scribe, o->counter, now_ms);
    return 0;
}

static uint32_t order_self_test(struct node *n, const struct command *o, uint64_t now_ms)
{
    (void)o;
    node_self_test(n, now_ms);
    return 0;
}

/* @return 0, or the cause of a refusal */
static uint32_t (*const orders[])(struct node *n, const struct command *o, uint64_t now_ms) = {
    [COMMAND_READ] = order_read,           [COMMAND_IDENTIFY] = order_identify,
    [COMMAND_SETTINGS] = order_settings,   [COMMAND_FIELD_WORK] = order_field_work,
    [COMMAND_SELF_TEST] = order_self_test, [COMMAND_FIRMWARE] = node_update_offer,
};

static uint32_t carry_out(struct node *n, const struct command *o, uint64_t now_ms)
{
    if (o->code >= sizeof(orders) / sizeof(orders[0]) || orders[o->code] == NULL)
        return RECORD_CAUSE_UNSUPPORTED;
    return orders[o->code](n, o, now_ms);
}

static void on_order(struct node *n, struct span message, uint64_t now_ms)
{
    const struct order_context c = {&n->settings, &n->clock, n->journal.counter,
                                    n->scratch->signing};
    struct command o;
    uint32_t cause;

    switch (order_judge(&c, message, now_ms, &o, &cause)) {
    case ORDER_LATER:
        n->later++;
        break;
    case ORDER_FOREIGN:
        scribe_command(&n->scribe, NULL, 0, now_ms);
        break;
    case ORDER_GOOD:
        cause = carry_out(n, &o, now_ms);
        scribe_command(&n->scribe, &o, cause, now_ms);
        break;
    case ORDER_REFUSED:
        scribe_command(&n->scribe, &o, cause, now_ms);
        break;
    }
}

/* ---- transport ---- */

void node_opened(struct node *n, uint64_t now_ms)
{
    uint8_t will[BEACON_LINK_LEN];
    size_t len = beacon_will(&n->beacon, will);

    mqtt_opened(&n->mqtt, will, len, now_ms);
}

void node_closed(struct node *n, uint64_t now_ms, uint32_t random)
{
    mqtt_closed(&n->mqtt, now_ms, random);
}

static void on_message(struct node *n, const struct mqtt_event *e, uint64_t now_ms)
{
    const struct span message = {e->payload, e->payload_len};
    struct reporter_context c = reporting(n);
    struct clock_step step;
    int stepped;

    if (strcmp(e->topic, n->topic_chunk) == 0) {
        node_update_chunk(n, message, now_ms);
        return;
    }
    if (strcmp(e->topic, n->topic_receipt) != 0) {
        on_order(n, message, now_ms);
        return;
    }
    if (reporter_receipt(&n->reporter, &c, message, now_ms, &stepped, &step) == REPORTER_ACCEPTED)
        node_update_receipted(n);
    if (stepped)
        scribe_time_set(&n->scribe, &step, now_ms);
}

int node_receive(struct node *n, const uint8_t *at, size_t len, uint64_t now_ms, uint32_t random)
{
    while (len > 0) {
        struct mqtt_event e;
        size_t taken = mqtt_receive(&n->mqtt, at, len, now_ms, &e);

        at += taken;
        len -= taken;
        if (e.kind == MQTT_EVENT_BROKEN || taken == 0)
            return 0;
        if (e.kind == MQTT_EVENT_CONNECTED) {
            reporter_connected(&n->reporter, now_ms, random);
            beacon_connected(&n->beacon, now_ms);
        }
        if (e.kind == MQTT_EVENT_MESSAGE)
            on_message(n, &e, now_ms);
    }
    return 1;
}

void node_leave(struct node *n, uint64_t now_ms)
{
    struct beacon_context b = signalling(n);

    if (mqtt_is_up(&n->mqtt))
        beacon_link(&n->beacon, &b, 0, now_ms);
    mqtt_leave(&n->mqtt, now_ms);
}

/* ---- service ---- */

void node_reset(struct node *n)
{
    n->reset = 1;
}

void node_field_work(struct node *n, uint32_t duration_ms, uint64_t now_ms)
{
    int was = n->field_work_ms != 0;

    if (duration_ms > NODE_FIELD_WORK_MAX_MS)
        duration_ms = NODE_FIELD_WORK_MAX_MS;
    n->field_work_ms = duration_ms != 0 ? now_ms + duration_ms : 0;
    if (duration_ms != 0 || was)
        scribe_field_work(&n->scribe, duration_ms != 0, duration_ms, now_ms);
}

void node_identify(struct node *n, uint32_t duration_ms, uint64_t now_ms)
{
    n->identify_ms = duration_ms != 0 ? now_ms + duration_ms : 0;
}

uint32_t node_self_test(struct node *n, uint64_t now_ms)
{
    const struct selftest t = {
        .command = &n->command,
        .input = &n->input,
        .sample_age_ms = now_ms - n->qual.last_ms,
        .journal = &n->journal,
        .settings = n->store.sector_count != 0 ? &n->store : NULL,
        .key = &n->key,
        .memory = n->scratch->payload,
        .signing = n->scratch->signing,
    };
    uint32_t result = selftest_run(&t);

    n->lamps_ms = now_ms + SELFTEST_LAMPS_MS;
    scribe_self_test(&n->scribe, result, now_ms);
    return result;
}

void node_status(const struct node *n, uint64_t now_ms, struct status *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->boot = n->scribe.boot;
    ret->mono_ms = now_ms;
    ret->utc_ms = clock_utc_ms(&n->clock, now_ms);
    ret->quality = (uint8_t)clock_quality(&n->clock, now_ms);
    ret->state = n->transfer.state;
    memcpy(ret->leds, n->leds, sizeof(ret->leds));
    ret->contactors = (uint8_t)((n->input.utility_closed ? STATUS_CLOSED_UTILITY : 0) |
                                (n->input.generator_closed ? STATUS_CLOSED_GENERATOR : 0));
    ret->utility = n->qual.sample.utility;
    ret->generator = n->qual.sample.generator;
    ret->load_da = n->qual.sample.load_da;
    ret->mode = n->field_work_ms > now_ms ? STATUS_MODE_FIELD_WORK : STATUS_MODE_NORMAL;
    memcpy(ret->firmware, n->version, strnlen(n->version, WIRE_TEXT_MAX));
    ret->written_through = n->journal.written;
    ret->receipted_through = n->journal.released;
    ret->fill_permille = journal_fill_permille(&n->journal);
    ret->reset_cause = n->scribe.boot_cause;
    ret->faults = n->transfer.faults;
    ret->epoch = n->journal.epoch;
}
