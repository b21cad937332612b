/* bptm-verify: checks an evidence bundle, or a signed list of generators, without a database or a
 * network. */
#include "config.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "verify/report.h"

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2, FIRST_ROOM = 65536, DAYS_MAX = 36500 };
enum { LIST_KEY = 0x1000, MAX_AGE };

const char *argp_program_version = "bptm-verify " PACKAGE_VERSION;

static const struct argp_option options[] = {
    {"device-key", 'd', "HEX", 0, "Trust this public key of the device; may be repeated", 0},
    {"fleet-key", 'f', "HEX", 0, "Trust this public key of the fleet; may be repeated", 0},
    {"list-key", LIST_KEY, "HEX", 0, "Trust this public key of lists; may be repeated", 0},
    {"max-age", MAX_AGE, "DAYS", 0, "Refuse a list that was signed longer ago", 0},
    {"json", 'j', NULL, 0, "Print one JSON object", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char about[] =
    "Check an evidence bundle (signatures, chain, overlaps, gaps and receipts) or a signed list of "
    "generators (signature, content, age). Without a FILE, or with -, read standard input."
    "\vExit status: 0 the file is good, 1 it is not, 2 it could not be checked.";

/** The command line. */
struct arguments {
    struct check_pins pins;
    struct list_pins list;
    int json;
    const char *file;
};

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* @return 1 when the text is exactly one key in hex */
static int parse_key(const char *text, uint8_t ret[WIRE_KEY_LEN])
{
    if (strlen(text) != 2 * (size_t)WIRE_KEY_LEN)
        return 0;
    for (size_t i = 0; i < WIRE_KEY_LEN; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return 0;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return 1;
}

static void add_pin(struct argp_state *state, const char *text, uint8_t (*pins)[WIRE_KEY_LEN],
                    size_t *count)
{
    if (*count == CHECK_PINS_MAX)
        argp_error(state, "at most %d keys may be given", CHECK_PINS_MAX);
    else if (!parse_key(text, pins[*count]))
        argp_error(state, "'%s' is not a key of 64 hexadecimal digits", text);
    else
        ++*count;
}

static void take_days(struct argp_state *state, const char *text, int64_t *ret_s)
{
    char *end = NULL;
    long days = strtol(text, &end, 10);
    if (end == text || *end != '\0' || days < 1 || days > DAYS_MAX)
        argp_error(state, "'%s' is not a number of days, 1..%d", text, DAYS_MAX);
    *ret_s = (int64_t)days * 86400;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *args = state->input;
    switch (key) {
    case 'd':
        add_pin(state, value, args->pins.device, &args->pins.device_count);
        return 0;
    case 'f':
        add_pin(state, value, args->pins.fleet, &args->pins.fleet_count);
        return 0;
    case LIST_KEY:
        add_pin(state, value, args->list.key, &args->list.count);
        return 0;
    case MAX_AGE:
        take_days(state, value, &args->list.max_age_s);
        return 0;
    case 'j':
        args->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_usage(state);
        args->file = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Grow to hold one byte more than was read. @return 0 at the limit or without memory */
static int grow(uint8_t **bytes, size_t *room)
{
    if (*room > EVIDENCE_BUNDLE_MAX)
        return 0;
    size_t larger = *room == 0 ? FIRST_ROOM : 2 * *room;
    if (larger > EVIDENCE_BUNDLE_MAX)
        larger = EVIDENCE_BUNDLE_MAX + 1;
    uint8_t *moved = realloc(*bytes, larger);
    if (moved == NULL)
        return 0;
    *bytes = moved;
    *room = larger;
    return 1;
}

/* Read to the end; one byte above the limit is read to know that there is one. */
static enum error_code read_all(FILE *in, uint8_t **ret, size_t *ret_len)
{
    uint8_t *bytes = NULL;
    size_t room = 0;
    size_t len = 0;
    enum error_code ec = EC_OK;
    do {
        if (len == room && !grow(&bytes, &room))
            ec = len > EVIDENCE_BUNDLE_MAX ? EC_WIRE_TOO_LARGE : EC_NO_MEMORY;
        else
            len += fread(bytes + len, 1, room - len, in);
    } while (ec == EC_OK && !feof(in) && !ferror(in));
    if (ec == EC_OK && ferror(in))
        ec = EC_IO;
    if (ec != EC_OK) {
        free(bytes);
        return ec;
    }
    *ret = bytes;
    *ret_len = len;
    return EC_OK;
}

static enum error_code verify_list(const struct arguments *args, const char *name, struct span file)
{
    struct offline_list_report report;
    struct check_failure failure;
    struct list_pins pins = args->list;
    pins.now_ms = (int64_t)time(NULL) * 1000;
    enum error_code ec = list_check(file, &pins, &report, &failure);
    if (ec == EC_OK)
        report_list(stdout, args->json, &report);
    else
        report_bad(args->json ? stdout : stderr, args->json, name, ec, &failure);
    return ec;
}

static enum error_code verify_bundle(const struct arguments *args, const char *name,
                                     struct span file)
{
    struct check_report report;
    struct check_failure failure;
    enum error_code ec = check_bundle(file, &args->pins, &report, &failure);
    if (ec == EC_OK)
        report_good(stdout, args->json, &report, &args->pins);
    else
        report_bad(args->json ? stdout : stderr, args->json, name, ec, &failure);
    return ec;
}

static int verify(const struct arguments *args, const char *name, FILE *in)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum error_code ec = read_all(in, &bytes, &len);
    if (ec != EC_OK) {
        fprintf(stderr, "bptm-verify: could not read '%s': %s\n", name, error_text(ec));
        return EXIT_USAGE;
    }
    const struct span file = {bytes, len};
    if (list_is_one(file) && args->list.count == 0) {
        fprintf(stderr, "bptm-verify: '%s' is a signed list: give the --list-key\n", name);
        free(bytes);
        return EXIT_USAGE;
    }
    ec = list_is_one(file) ? verify_list(args, name, file) : verify_bundle(args, name, file);
    free(bytes);
    if (ec == EC_NO_MEMORY || fflush(stdout) != 0)
        return EXIT_USAGE;
    return ec == EC_OK ? EXIT_GOOD : EXIT_BAD;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "[FILE]", about, NULL, NULL, NULL};
    struct arguments args = {.file = "-"};
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &args) != 0)
        return EXIT_USAGE;
    if (strcmp(args.file, "-") == 0)
        return verify(&args, "standard input", stdin);
    FILE *in = fopen(args.file, "rb");
    if (in == NULL) {
        fprintf(stderr, "bptm-verify: could not open '%s': %s\n", args.file, strerror(errno));
        return EXIT_USAGE;
    }
    int status = verify(&args, args.file, in);
    fclose(in);
    return status;
}
