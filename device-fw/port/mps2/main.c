/* The device on the mps2-an386: samples in, coils out, records to flash, reports to the broker. */
#include <string.h>

#include "board.h"
#include "entropy.h"
#include "frontend.h"
#include "layout.h"
#include "net.h"
#include "node.h"
#include "nvm.h"
#include "slots.h"
#include "stream.h"
#include "version.h"

enum {
    READ_MAX = 512,
    JOURNAL_SECTORS = LAYOUT_JOURNAL_LEN / LAYOUT_SECTOR < JOURNAL_SECTORS_MAX
                          ? LAYOUT_JOURNAL_LEN / LAYOUT_SECTOR
                          : JOURNAL_SECTORS_MAX,
};

static struct settings settings;
static struct flash journal;
static struct node node;
static struct reporter_scratch scratch;
static struct update_port slots;
static char slot_version[MANIFEST_VERSION_TEXT]; /* of the image that runs from a slot */
static struct line_command drive;                /* what coils and lights were told last */
static uint8_t stream_was;                       /* enum stream_state */
static uint8_t dialing; /* the node wants a stream, and there is no address yet */
static uint8_t state_was = TRANSFER_STATE_COUNT;
static uint8_t up_was;

/* ---- start ---- */

static void fail(const char *why)
{
    static const uint8_t fault[STATUS_LED_COUNT] = {[STATUS_LED_UTILITY] = STATUS_BLINK_FAST};

    board_say(why);
    board_say("\n");
    for (;;) { /* the contactors rest on the utility; there is nothing that a reset would mend */
        board_lights(fault, board_ms());
        board_alive();
    }
}

static void load(void)
{
    struct flash whole = nvm_flash();
    struct flash area = flash_area(&whole, LAYOUT_SETTINGS / LAYOUT_SECTOR, SETTINGS_SECTORS);

    if (settings_load(&area, &settings) != EC_OK)
        fail("no settings");
    if (stream_init(&settings) != EC_OK)
        fail("settings without broker or key");
    journal = flash_area(&whole, LAYOUT_JOURNAL / LAYOUT_SECTOR, JOURNAL_SECTORS);
}

extern const uint32_t startup_vectors[];

/* An image that was linked for a slot was started by the loader, which has judged its manifest:
 * that says which version this is. Any other takes no updates. */
static int find_slot(void)
{
    uint32_t base = (uint32_t)(uintptr_t)startup_vectors - LAYOUT_SLOT_MANIFEST;
    uint8_t bytes[MANIFEST_LEN];
    struct manifest m;

    slots = slots_port();
    for (uint32_t s = 0; s < BOOTSEL_SLOTS; s++)
        if (slots.slots[s].address == base &&
            flash_read(&slots.slots[s].flash, 0, bytes, sizeof(bytes)) == 0 &&
            manifest_decode(bytes, &m) == EC_OK) {
            slots.running = s;
            slots.version = m.version;
            manifest_version_text(m.version, slot_version);
            return 1;
        }
    return 0;
}

static void start(void)
{
    const int in_slot = find_slot();
    const struct node_config config = {
        .settings = &settings,
        .journal = &journal,
        .update = in_slot ? &slots : NULL,
        .version = in_slot ? slot_version : firmware_version,
        .boot_cause = board_cause(),
        .scratch = &scratch,
    };

    load();
    entropy_init(settings.seed, 0); /* for the jitter; once more when the start has its number */
    if (node_init(&node, &config, entropy_word()) != EC_OK)
        fail("no journal");
    entropy_init(settings.seed, node.scribe.boot);
    drive.coils = transfer_command_of(&node.transfer);
    board_say("bptm ");
    board_say(node.version);
    board_say(" device ");
    board_say(settings.device);
    board_say(" boot ");
    board_say_number(node.scribe.boot);
    board_say(" cause ");
    board_say_number(board_cause());
    board_say("\n");
}

/* ---- act ---- */

static void act(uint64_t now_ms)
{
    struct qual_sample sample;
    struct node_output out;

    if (!frontend_sample(&sample))
        return;
    node_act(&node, &sample, now_ms, &out);
    drive.coils = out.command;
    memcpy(drive.leds, out.leds, sizeof(drive.leds));
    frontend_drive(&drive);
}

/* ---- report ---- */

static void take(uint64_t now_ms)
{
    uint8_t buf[READ_MAX];
    size_t len;

    while ((len = stream_receive(buf, sizeof(buf))) > 0)
        if (!node_receive(&node, buf, len, now_ms, entropy_word()))
            stream_close();
}

static void give(void)
{
    size_t len, taken;
    const uint8_t *at;

    do {
        at = mqtt_output(&node.mqtt, &len);
        taken = stream_send(at, len);
        mqtt_sent(&node.mqtt, taken);
    } while (taken > 0 && taken < len);
}

/* The stream as the node hears of it: opened and closed once each. */
static void follow_stream(uint64_t now_ms)
{
    enum stream_state is = stream_step();

    if (is == STREAM_OPEN && stream_was != STREAM_OPEN)
        node_opened(&node, now_ms);
    if (is == STREAM_CLOSED && stream_was != STREAM_CLOSED)
        node_closed(&node, now_ms, entropy_word());
    stream_was = (uint8_t)is;
    if (is == STREAM_OPEN)
        take(now_ms);
}

static void dial(uint64_t now_ms)
{
    if (!net_is_up())
        return; /* the node gives up by itself */
    dialing = 0;
    if (stream_open() == 0)
        stream_was = STREAM_OPENING;
    else
        node_closed(&node, now_ms, entropy_word());
}

static void hang_up(uint64_t now_ms)
{
    stream_close(); /* follow_stream() tells the node */
    if (dialing)
        node_closed(&node, now_ms, entropy_word());
    dialing = 0;
}

static void work(uint64_t now_ms)
{
    enum mqtt_want want = node_work(&node, now_ms, entropy_word());

    if (want == MQTT_WANT_DIAL)
        dialing = 1;
    if (want == MQTT_WANT_HANG_UP)
        hang_up(now_ms);
    if (dialing)
        dial(now_ms);
    if (stream_was == STREAM_OPEN)
        give();
}

/* ---- console ---- */

static void tell(uint64_t now_ms)
{
    uint8_t up = (uint8_t)mqtt_is_up(&node.mqtt);

    if (node.transfer.state == state_was && up == up_was)
        return;
    state_was = node.transfer.state;
    up_was = up;
    board_say("[");
    board_say_number(now_ms);
    board_say("] ");
    board_say(transfer_state_name(state_was));
    board_say(up ? " up" : " down");
    board_say(" written ");
    board_say_number(node.journal.written);
    board_say(" receipted ");
    board_say_number(node.journal.released);
    board_say("\n");
}

static int pending(void)
{
    return frontend_pending() || net_pending();
}

int main(void);

int main(void)
{
    board_init();
    start();
    frontend_init();
    net_init();
    for (;;) {
        uint64_t now_ms = board_ms();

        board_alive();
        act(now_ms);
        board_lights(drive.leds, now_ms);
        net_step();
        follow_stream(now_ms);
        work(now_ms);
        tell(now_ms);
        if (node_wants_restart(&node, now_ms))
            board_reset(RECORD_CAUSE_SOFTWARE_RESET);
        board_sleep(pending);
    }
}
