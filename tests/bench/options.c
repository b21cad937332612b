/* Reads the command line of the benchmark's program. */
#include "options.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

enum key {
    KEY_CORPUS = 256,
    KEY_DEVICES_TO,
    KEY_DATABASE,
    KEY_USER,
    KEY_PASSWORD,
    KEY_FLEET_KEY,
    KEY_PORT,
    KEY_DEVICES,
    KEY_FIRST_DEVICE,
    KEY_BATCHES,
    KEY_PER_BATCH,
    KEY_ROWS,
    KEY_THREADS,
    KEY_WINDOW,
    KEY_RATE,
    KEY_BURST,
    KEY_FROM,
    KEY_COUNT,
    KEY_STALL,
    KEY_ENDS_BY,
};

static const struct argp_option rows[] = {
    {"corpus", KEY_CORPUS, "FILE", 0, "Signed batches", 0},
    {"to", KEY_DEVICES_TO, "FILE", 0, "Manifest to write", 0},
    {"database", KEY_DATABASE, "CONNINFO", 0, "Database", 0},
    {"user", KEY_USER, "NAME", 0, "First part of the broker's user names", 0},
    {"password", KEY_PASSWORD, "TEXT", 0, "Password of those users", 0},
    {"fleet-key", KEY_FLEET_KEY, "HEX", 0, "Verify the last receipts under this public key", 0},
    {"port", KEY_PORT, "N", 0, "Port of the broker, or to serve at", 0},
    {"devices", KEY_DEVICES, "N", 0, "Devices", 0},
    {"first-device", KEY_FIRST_DEVICE, "N", 0, "First device of a manifest", 0},
    {"batches", KEY_BATCHES, "N", 0, "Batches of each device", 0},
    {"per-batch", KEY_PER_BATCH, "N", 0, "Records in a batch", 0},
    {"rows", KEY_ROWS, "N", 0, "Rows of one COPY", 0},
    {"threads", KEY_THREADS, "N", 0, "Threads that verify or serve", 0},
    {"window", KEY_WINDOW, "N", 0, "Batches on the way at one time", 0},
    {"rate", KEY_RATE, "N", 0, "Batches a second, by the clock", 0},
    {"burst", KEY_BURST, "N", 0, "Batches of a device in a row", 0},
    {"from", KEY_FROM, "N", 0, "First message of the corpus", 0},
    {"count", KEY_COUNT, "N", 0, "Messages; 0: the rest", 0},
    {"stall", KEY_STALL, "SECONDS", 0, "Give up when nothing comes back for so long", 0},
    {"ends-by", KEY_ENDS_BY, "WHAT", 0, "receipts, progress or nothing says what has arrived", 0},
    {0},
};

static uint32_t number(struct argp_state *state, const char *text)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || value > UINT32_MAX)
        argp_error(state, "not a number: '%s'", text);
    return (uint32_t)value;
}

static enum options_ends ends_by(struct argp_state *state, const char *text)
{
    static const char *const names[] = {
        [OPTIONS_RECEIPTS] = "receipts",
        [OPTIONS_PROGRESS] = "progress",
        [OPTIONS_NOTHING] = "nothing",
    };

    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0)
            return (enum options_ends)i;
    argp_error(state, "unknown: '%s'", text);
    return OPTIONS_NOTHING;
}

static const char **text_of(struct options *o, int key)
{
    switch (key) {
    case ARGP_KEY_ARG:
        return &o->command;
    case KEY_CORPUS:
        return &o->corpus;
    case KEY_DEVICES_TO:
        return &o->devices_to;
    case KEY_DATABASE:
        return &o->database;
    case KEY_USER:
        return &o->user;
    case KEY_PASSWORD:
        return &o->password;
    case KEY_FLEET_KEY:
        return &o->fleet_key;
    default:
        return NULL;
    }
}

static uint32_t *number_of(struct options *o, int key)
{
    switch (key) {
    case KEY_PORT:
        return &o->port;
    case KEY_DEVICES:
        return &o->devices;
    case KEY_FIRST_DEVICE:
        return &o->first_device;
    case KEY_BATCHES:
        return &o->batches;
    case KEY_PER_BATCH:
        return &o->per_batch;
    case KEY_ROWS:
        return &o->rows;
    case KEY_THREADS:
        return &o->threads;
    case KEY_WINDOW:
        return &o->window;
    case KEY_RATE:
        return &o->rate;
    case KEY_BURST:
        return &o->burst;
    case KEY_FROM:
        return &o->from;
    case KEY_COUNT:
        return &o->count;
    case KEY_STALL:
        return &o->stall_s;
    default:
        return NULL;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    const char **text = text_of(o, key);
    uint32_t *value = number_of(o, key);

    if (text != NULL)
        *text = arg;
    else if (value != NULL)
        *value = number(state, arg);
    else if (key == KEY_ENDS_BY)
        o->ends_by = ends_by(state, arg);
    else if (key == ARGP_KEY_NO_ARGS)
        argp_usage(state);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

void options_read(int argc, char **argv, struct options *ret)
{
    static const struct argp argp = {rows,
                                     parse,
                                     "make|manifest|copy|verify|load|serve",
                                     "The measuring end of tests/bench/run.",
                                     NULL,
                                     NULL,
                                     NULL};

    *ret = (struct options){
        .corpus = "",
        .devices_to = "",
        .database = "",
        .user = "",
        .password = "",
        .fleet_key = "",
        .per_batch = 1,
        .batches = 1,
        .rows = 5000,
        .threads = 1,
        .burst = 1,
        .stall_s = 20,
    };
    argp_parse(&argp, argc, argv, 0, NULL, ret);
}
