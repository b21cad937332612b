/* bptmctl device: making meters, by the code that makes simulated ones. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "provision.h"

enum { OUT, COUNT, PREFIX, FLEET_KEY, MODEL, HARDWARE, BROKER, ROOT, PSK };
enum { COUNT_MAX = 20000 };

/* A text of the settings that an option gives; the manifest is a CSV file. */
static int take_text(struct ctl *ctl, int option, const char *name, size_t max, char *ret)
{
    const char *text = ctl->options[option];

    if (text == NULL)
        return 1;
    if (*text == '\0' || strlen(text) > max || strpbrk(text, ",\"\r\n") != NULL) {
        (void)!ctl_fail(ctl, EC_USAGE,
                        "--%s must be 1..%zu characters without quotes, commas and newlines", name,
                        max);
        return 0;
    }
    memcpy(ret, text, strlen(text) + 1);
    return 1;
}

static int take_fleet_key(struct ctl *ctl, struct settings *s)
{
    const char *text = ctl->options[FLEET_KEY], *end = NULL;
    size_t len = 0;

    s->fleet_key_count = 1;
    if (sodium_hex2bin(s->fleet_keys[0], WIRE_KEY_LEN, text, strlen(text), NULL, &len, &end) == 0 &&
        len == WIRE_KEY_LEN && *end == '\0')
        return 1;
    (void)!ctl_fail(ctl, EC_USAGE, "--fleet-key must be %d hex digits", 2 * WIRE_KEY_LEN);
    return 0;
}

/* Secrets go to files of mode 0600 and are never printed. */
static enum error_code provision(struct ctl *ctl)
{
    struct settings s;
    struct provision_config c = {.dir = ctl->options[OUT],
                                 .serial_prefix = ctl->options[PREFIX],
                                 .blobs = 1,
                                 .psk = ctl->options[PSK] != NULL,
                                 .settings = &s};
    long count = 1;
    enum error_code ec;

    settings_init(&s);
    if (!take_text(ctl, MODEL, "model", SETTINGS_MODEL_MAX, s.model) ||
        !take_text(ctl, HARDWARE, "hardware", SETTINGS_MODEL_MAX, s.hardware) ||
        !take_text(ctl, BROKER, "broker", SETTINGS_BROKER_MAX, s.broker) ||
        !take_text(ctl, ROOT, "mqtt-root", SETTINGS_ROOT_MAX, s.root) || !take_fleet_key(ctl, &s) ||
        (ctl->options[COUNT] != NULL &&
         !ctl_number(ctl, "--count", ctl->options[COUNT], 1, COUNT_MAX, &count)))
        return EC_USAGE;
    c.homes = (unsigned)count;
    ec = provision_run(&c);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", c.dir, error_text(ec));
    printf("%ld devices, manifest %s/manifest.csv\n", count, c.dir);
    return EC_OK;
}

const struct ctl_command ctl_device_commands[] = {
    {.words = "device provision",
     .doc = "Make serial numbers, keys and settings of new meters, and their manifest.",
     .options = {{"out", CTL_OPTION(OUT), "DIR", 0, "new or empty folder", 0},
                 {"count", CTL_OPTION(COUNT), "N", 0, "meters, 1..20000 (1)", 0},
                 {"prefix", CTL_OPTION(PREFIX), "TEXT", 0, "of the serials, five digits follow", 0},
                 {"fleet-key", CTL_OPTION(FLEET_KEY), "HEX", 0, "public key of the fleet", 0},
                 {"model", CTL_OPTION(MODEL), "TEXT", 0, "device model", 0},
                 {"hardware", CTL_OPTION(HARDWARE), "TEXT", 0, "hardware revision", 0},
                 {"broker", CTL_OPTION(BROKER), "HOST:PORT", 0, "of MQTT", 0},
                 {"mqtt-root", CTL_OPTION(ROOT), "TOPIC", 0, "of the topics (bptm/1)", 0},
                 {"psk", CTL_OPTION(PSK), NULL, 0, "a key for TLS, too", 0},
                 {0}},
     .required = 1U << OUT | 1U << PREFIX | 1U << FLEET_KEY | 1U << MODEL | 1U << HARDWARE,
     .run = provision},
    {.words = NULL},
};
