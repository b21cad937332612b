/* bptm-sim: the command line of the simulator. */
#include <config.h>

#include <argp.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fleet.h"
#include "provision.h"

const char *argp_program_version = "bptm-sim " PACKAGE_VERSION;

enum { STORM_S_MAX = 7 * 86400, OPTION_NUMBER = 0x200 };

/* What the command line says, for both commands. */
struct options {
    struct provision_config provision;
    struct fleet_config fleet;
    struct settings settings;
    const char *image;
    int has_firmware_key;
    struct slotfile_factory factory;
    const char *fleet_key;
    int offline;
};

static unsigned long number(struct argp_state *state, const char *name, const char *arg,
                            unsigned long min, unsigned long max)
{
    char *end;
    unsigned long v;

    errno = 0;
    v = strtoul(arg, &end, 10);
    if (*arg < '0' || *arg > '9' || *end != '\0' || errno != 0 || v < min || v > max)
        argp_error(state, "--%s must be %lu..%lu, not '%s'", name, min, max, arg);
    return v;
}

static void text(struct argp_state *state, const char *name, const char *arg, size_t max, char *ret)
{
    if (*arg == '\0' || strlen(arg) > max || strpbrk(arg, ",\"\r\n") != NULL)
        argp_error(state, "--%s must be 1..%zu characters without quotes, commas and newlines",
                   name, max);
    memcpy(ret, arg, strlen(arg) + 1);
}

static void common(struct argp_state *state, int key, char *arg)
{
    struct options *o = state->input;

    if (key == 'd')
        o->provision.dir = o->fleet.dir = arg;
    else if (key == 'n')
        o->provision.homes = o->fleet.homes =
            (unsigned)number(state, "homes", arg, 1, FLEET_HOMES_MAX);
}

/* ---- provision ---- */

/* One option per number of the settings, made from their table. */
enum { SETTINGS_OPTIONS_MAX = 16 };

static void set_number(struct argp_state *state, struct options *o, size_t i, const char *arg)
{
    const struct settings_number *numbers;

    settings_numbers(&numbers);
    *(uint32_t *)((char *)&o->settings + numbers[i].offset) = (uint32_t)number(
        state, command_setting_name((unsigned)i), arg, numbers[i].min, numbers[i].max);
}

static void public_key(struct argp_state *state, const char *name, const char *arg,
                       uint8_t ret[WIRE_KEY_LEN])
{
    size_t len;
    const char *end;

    if (sodium_hex2bin(ret, WIRE_KEY_LEN, arg, strlen(arg), NULL, &len, &end) != 0 ||
        len != WIRE_KEY_LEN || *end != '\0')
        argp_error(state, "--%s must be %d hex digits", name, 2 * WIRE_KEY_LEN);
}

static void fleet_key(struct argp_state *state, struct options *o, const char *arg)
{
    public_key(state, "fleet-key", arg, o->settings.fleet_keys[0]);
    o->settings.fleet_key_count = 1;
    o->fleet_key = arg;
}

static error_t parse_provision(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'd':
    case 'n':
        common(state, key, arg);
        return 0;
    case 'p':
        o->provision.serial_prefix = arg;
        return 0;
    case 's':
        o->provision.seeded = strcmp(arg, "random") != 0;
        if (o->provision.seeded)
            o->provision.seed = number(state, "seed", arg, 0, UINT32_MAX);
        return 0;
    case 'k':
        fleet_key(state, o, arg);
        return 0;
    case 'm':
        text(state, "model", arg, SETTINGS_MODEL_MAX, o->settings.model);
        return 0;
    case 'w':
        text(state, "hardware", arg, SETTINGS_MODEL_MAX, o->settings.hardware);
        return 0;
    case 'r':
        text(state, "mqtt-root", arg, SETTINGS_ROOT_MAX, o->settings.root);
        return 0;
    case 'b':
        text(state, "broker", arg, SETTINGS_BROKER_MAX, o->settings.broker);
        return 0;
    case 't':
        o->provision.psk = 1;
        return 0;
    case ARGP_KEY_END:
        if (o->provision.dir == NULL || o->provision.homes == 0 || o->fleet_key == NULL)
            argp_error(state, "--dir, --homes and --fleet-key are required");
        return 0;
    default:
        if (key < OPTION_NUMBER || key >= OPTION_NUMBER + SETTINGS_OPTIONS_MAX)
            return ARGP_ERR_UNKNOWN;
        set_number(state, o, (size_t)(key - OPTION_NUMBER), arg);
        return 0;
    }
}

static const struct argp_option provision_options[] = {
    {"dir", 'd', "DIR", 0, "folder for the files; made when missing", 0},
    {"homes", 'n', "N", 0, "number of homes, 1..20000", 0},
    {"serial-prefix", 'p', "TEXT", 0, "serial is this and five digits (BPTM-SIM-)", 0},
    {"seed", 's', "S", 0, "make keys from a number, for trials; default: random", 0},
    {"fleet-key", 'k', "HEX", 0, "public key that signs receipts", 0},
    {"model", 'm', "TEXT", 0, "device model (BPTM-REF-1)", 0},
    {"hardware", 'w', "TEXT", 0, "hardware revision (sim)", 0},
    {"mqtt-root", 'r', "TOPIC", 0, "root of the topics (bptm/1)", 0},
    {"broker", 'b', "HOST:PORT", 0, "broker that a device dials by itself (not bptm-sim)", 0},
    {"psk", 't', NULL, 0, "a key for TLS each, listed in the file psk", 0},
    {0},
};

/* The options of the table above and one for each number of the settings. */
static void number_options(struct argp_option *to, size_t max, char (*doc)[96])
{
    const struct settings_number *numbers;
    size_t count = settings_numbers(&numbers);

    for (size_t i = 0; i < count && i < max; i++) {
        snprintf(doc[i], sizeof(doc[i]), "%u..%u (%u)", numbers[i].min, numbers[i].max,
                 numbers[i].otherwise);
        to[i] = (struct argp_option){
            command_setting_name((unsigned)i), OPTION_NUMBER + (int)i, "N", 0, doc[i], 1,
        };
    }
}

static int run_provision(int argc, char **argv)
{
    enum { BASE = sizeof(provision_options) / sizeof(provision_options[0]) - 1 };
    struct argp_option options[BASE + SETTINGS_OPTIONS_MAX + 1] = {0};
    char doc[SETTINGS_OPTIONS_MAX][96];
    const struct argp argp = {
        .options = options,
        .parser = parse_provision,
        .doc = "Make flash images, manifest.csv and passwd for simulated homes.\v"
               "Times are in milliseconds. policy 0 returns to the utility by itself, 1 stays on "
               "the generator until it stops. Existing files are never overwritten.",
    };
    struct options o = {.provision.serial_prefix = "BPTM-SIM-"};
    enum error_code ec;

    memcpy(options, provision_options, sizeof(provision_options[0]) * BASE);
    number_options(options + BASE, SETTINGS_OPTIONS_MAX, doc);
    settings_init(&o.settings);
    memcpy(o.settings.model, "BPTM-REF-1", sizeof("BPTM-REF-1"));
    memcpy(o.settings.hardware, "sim", sizeof("sim"));
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    o.provision.settings = &o.settings;
    ec = provision_run(&o.provision);
    return ec == EC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- run ---- */

static const struct argp_option run_options[] = {
    {"dir", 'd', "DIR", 0, "folder that 'provision' filled", 0},
    {"homes", 'n', "N", 0, "number of homes, 1..20000", 0},
    {"broker", 'b', "HOST:PORT", 0, "MQTT broker", 0},
    {"control", 'c', "PATH", 0, "unix socket for commands (see the manual)", 0},
    {"seed", 's', "S", 0, "of jitter and noise (1)", 0},
    {"speed", 'x', "X", 0, "simulated seconds per second, 0.1..100 (1)", 0},
    {"duration", 't', "S", 0, "stop after S simulated seconds", 0},
    {"storm", 'o', "AFTER:FOR[:SHARE]", 0,
     "after AFTER seconds the utility is lost for FOR seconds in SHARE % of the homes (100)", 0},
    {"image", 'i', "FILE", 0, "signed firmware for slot A: new homes start on it", 0},
    {"firmware-key", 'f', "HEX", 0, "public key that signs firmware; with --image", 0},
    {"script", 'e', "FILE", 0, "what happens to which homes, and when (see the manual)", 0},
    {"offline", 'O', NULL, 0, "no broker; as fast as it goes, the same for the same seed", 0},
    {"quiet", 'q', NULL, 0, "log errors only", 0},
    {0},
};

static double speed(struct argp_state *state, const char *arg)
{
    char *end;
    double v = strtod(arg, &end);

    if (*end != '\0' || end == arg || !(v >= 0.1 && v <= FLEET_SPEED_MAX))
        argp_error(state, "--speed must be 0.1..%d, not '%s'", FLEET_SPEED_MAX, arg);
    return v;
}

static void storm(struct argp_state *state, const char *arg, struct fleet_storm *ret)
{
    unsigned after, length, share = 100;
    char rest;

    if ((sscanf(arg, "%7u:%7u%c", &after, &length, &rest) != 2 &&
         sscanf(arg, "%7u:%7u:%3u%c", &after, &length, &share, &rest) != 3) ||
        strchr(arg, '-') != NULL || after > STORM_S_MAX || length < 1 || length > STORM_S_MAX ||
        share < 1 || share > 100)
        argp_error(state, "--storm must be AFTER:FOR[:SHARE] with seconds up to %d and per cent",
                   STORM_S_MAX);
    *ret = (struct fleet_storm){after, length, share};
}

static error_t parse_run(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'd':
    case 'n':
        common(state, key, arg);
        return 0;
    case 'b':
        o->fleet.broker = arg;
        return 0;
    case 'c':
        o->fleet.control = arg;
        return 0;
    case 's':
        o->fleet.seed = number(state, "seed", arg, 0, UINT32_MAX);
        return 0;
    case 'x':
        o->fleet.speed = speed(state, arg);
        return 0;
    case 't':
        o->fleet.duration_s = (uint32_t)number(state, "duration", arg, 1, 10 * 365 * 86400);
        return 0;
    case 'o':
        storm(state, arg, &o->fleet.storm);
        return 0;
    case 'q':
        o->fleet.quiet = 1;
        return 0;
    case 'e':
        o->fleet.script = arg;
        return 0;
    case 'O':
        o->offline = 1;
        return 0;
    case 'i':
        o->image = arg;
        return 0;
    case 'f':
        public_key(state, "firmware-key", arg, o->factory.key);
        o->has_firmware_key = 1;
        return 0;
    case ARGP_KEY_END:
        if (o->offline && (o->fleet.broker != NULL || o->fleet.duration_s == 0))
            argp_error(state, "--offline takes a --duration and no --broker");
        if (o->fleet.dir == NULL || o->fleet.homes == 0 || (o->fleet.broker == NULL && !o->offline))
            argp_error(state, "--dir, --homes and --broker are required");
        if ((o->image != NULL) != o->has_firmware_key)
            argp_error(state, "--image and --firmware-key go together");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The image stays for as long as the process: homes are made from it. */
static int read_image(struct options *o)
{
    static uint8_t image[SLOTFILE_SLOT_SECTORS * SLOTFILE_SECTOR_LEN];
    FILE *f = fopen(o->image, "re");

    if (f == NULL)
        return 0;
    o->factory.image = image;
    o->factory.image_len = fread(image, 1, sizeof(image), f);
    o->fleet.factory = &o->factory;
    return fclose(f) == 0 && o->factory.image_len > MANIFEST_SPACE;
}

static int run_fleet(int argc, char **argv)
{
    const struct argp argp = {
        .options = run_options,
        .parser = parse_run,
        .doc = "Run simulated homes against a broker, until SIGTERM or 'quit'.",
    };
    struct options o = {.fleet = {.seed = 1, .speed = 1}};

    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.image != NULL && !read_image(&o)) {
        fprintf(stderr, "error=io could not use '%s' as an image\n", o.image);
        return EXIT_FAILURE;
    }
    return fleet_run(&o.fleet) == EC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- command ---- */

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"provision", run_provision},
    {"run", run_fleet},
};

int main(int argc, char **argv)
{
    const struct argp argp = {
        .args_doc = "provision|run OPTION...",
        .doc = "Simulated homes with a transfer meter each, on the reference firmware.\v"
               "'bptm-sim COMMAND --help' tells the options of a command.",
    };
    char program[32];

    if (sodium_init() < 0) {
        fputs("error=internal libsodium does not start\n", stderr);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        snprintf(program, sizeof(program), "bptm-sim %s", commands[i].name);
        argv[1] = program; /* what argp calls itself in messages */
        return commands[i].run(argc - 1, argv + 1);
    }
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    fputs("bptm-sim: expected the command 'provision' or 'run'\n", stderr);
    return EXIT_FAILURE;
}
