/* bptmctl: what an operator does at the machine: schema, backups, lists, tokens, keys, evidence. */
#include "ctl/ctl.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config.h"
#include "store/db.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, WORDS_MAX = 2, HELP_LEN = 8192, OPTION_DATABASE = 'd' };

const char *argp_program_version = "bptmctl " PACKAGE_VERSION;

static const struct ctl_command *const tables[] = {
    ctl_db_commands,       ctl_backup_commands,     ctl_import_commands,  ctl_bulk_commands,
    ctl_feed_commands,     ctl_generators_commands, ctl_device_commands,  ctl_device_key_commands,
    ctl_token_commands,    ctl_events_commands,     ctl_key_commands,     ctl_evidence_commands,
    ctl_firmware_commands, ctl_audit_commands,      ctl_offline_commands, ctl_zones_commands,
    ctl_ca_commands,       ctl_retention_commands,  ctl_draft_commands,   ctl_preview_commands,
    ctl_person_commands,   ctl_revoke_commands,
};

/* -- helpers of the commands ----------------------------------------------------------------- */

enum error_code ctl_fail(struct ctl *ctl, enum error_code ec, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ctl->note, sizeof(ctl->note), format, args);
    va_end(args);
    return ec;
}

enum error_code ctl_fail_db(struct ctl *ctl, enum error_code ec, const char *what)
{
    const char *note = db_note(ctl->db);
    return ctl_fail(ctl, ec, "%s: %s", what, note[0] != '\0' ? note : error_text(ec));
}

int ctl_number(struct ctl *ctl, const char *name, const char *text, long min, long max, long *ret)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    if (end == text || *end != '\0' || value < min || value > max) {
        (void)!ctl_fail(ctl, EC_USAGE, "%s must be %ld..%ld, not '%s'", name, min, max, text);
        return 0;
    }
    *ret = value;
    return 1;
}

/* PREFIX/bin/bptmctl belongs to PREFIX/share/bptm-fleet, wherever the tree was moved. */
static int beside_program(const char *name, char ret[CTL_PATH_MAX])
{
    char path[CTL_PATH_MAX / 2];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    for (int up = 0; len > 0 && up < 2; up++) {
        path[len] = '\0';
        char *slash = strrchr(path, '/');
        len = slash == NULL ? -1 : slash - path;
    }
    if (len < 0)
        return 0;
    path[len] = '\0';
    snprintf(ret, CTL_PATH_MAX, "%s/share/" PACKAGE_NAME "/%s", path, name);
    return access(ret, R_OK) == 0;
}

enum error_code ctl_data_folder(struct ctl *ctl, const char *name, char ret[CTL_PATH_MAX])
{
    if (beside_program(name, ret))
        return EC_OK;
    snprintf(ret, CTL_PATH_MAX, "%s/%s", PKGDATADIR, name);
    if (access(ret, R_OK) == 0)
        return EC_OK;
    return ctl_fail(ctl, EC_IO, "%s: not there; is " PACKAGE_NAME " installed?", ret);
}

/* -- the command line ------------------------------------------------------------------------ */

struct line {
    const char *database;
    const struct ctl_command *command;
    char **rest; /* from the first word after the options */
    int rest_count;
    struct ctl *ctl;
};

static int is_command(const struct ctl_command *command, char **words, int count, int *ret_used)
{
    char text[64];

    for (int n = 1; n <= WORDS_MAX && n <= count; n++) {
        snprintf(text, sizeof(text), "%s%s%s", words[0], n > 1 ? " " : "", n > 1 ? words[1] : "");
        if (strcmp(text, command->words) == 0) {
            *ret_used = n;
            return 1;
        }
    }
    return 0;
}

static const struct ctl_command *find_command(char **words, int count, int *ret_used)
{
    for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
        for (const struct ctl_command *c = tables[t]; c->words != NULL; c++)
            if (is_command(c, words, count, ret_used))
                return c;
    return NULL;
}

static error_t parse_global(int key, char *arg, struct argp_state *state)
{
    struct line *line = state->input;

    switch (key) {
    case OPTION_DATABASE:
        line->database = arg;
        return 0;
    case ARGP_KEY_ARG:
        /* the rest belongs to the command */
        line->rest = state->argv + state->next - 1;
        line->rest_count = state->argc - state->next + 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_usage(state);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_database(int key, char *arg, struct argp_state *state)
{
    struct line *line = state->input;

    if (key != OPTION_DATABASE)
        return ARGP_ERR_UNKNOWN;
    line->database = arg;
    return 0;
}

static error_t parse_command(int key, char *arg, struct argp_state *state)
{
    struct line *line = state->input;
    const struct ctl_command *c = line->command;

    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = line;
    } else if (key >= CTL_OPTION(0) && key < CTL_OPTION(CTL_OPTIONS_MAX)) {
        line->ctl->options[key - CTL_OPTION(0)] = arg != NULL ? arg : "";
    } else if (key == ARGP_KEY_ARG && c->argument != NULL && line->ctl->argument == NULL) {
        line->ctl->argument = arg;
    } else if (key == ARGP_KEY_END) {
        for (int i = 0; i < CTL_OPTIONS_MAX; i++)
            if ((c->required >> i & 1) != 0 && line->ctl->options[i] == NULL)
                argp_error(state, "--%s is required", c->options[i].name);
        if (c->argument != NULL && line->ctl->argument == NULL)
            argp_error(state, "%s is required", c->argument);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Every command with its sentence, below the options in --help. */
static void describe_commands(char *ret, size_t cap)
{
    size_t len = (size_t)snprintf(ret, cap,
                                  "Operate a fleet of backup power transfer meters."
                                  "\vCommands (each has its own --help):\n");

    for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
        for (const struct ctl_command *c = tables[t]; c->words != NULL && len < cap; c++)
            len += (size_t)snprintf(ret + len, cap - len, "  %s%s%s\n      %s\n", c->words,
                                    c->argument != NULL ? " " : "",
                                    c->argument != NULL ? c->argument : "", c->doc);
}

static const struct argp_option global_options[] = {
    {"database", OPTION_DATABASE, "CONNINFO", 0,
     "libpq connection string; else the environment variable BPTM_DATABASE", 0},
    {0},
};

static void parse_rest(struct line *line)
{
    static char name[64];
    int used = 0;

    line->command = find_command(line->rest, line->rest_count, &used);
    if (line->command == NULL) {
        fprintf(stderr, "bptmctl: no command '%s%s%s'; see bptmctl --help\n", line->rest[0],
                line->rest_count > 1 ? " " : "", line->rest_count > 1 ? line->rest[1] : "");
        exit(EXIT_USAGE);
    }
    const struct ctl_command *c = line->command;
    const struct argp_child children[] = {
        {&(struct argp){.options = global_options, .parser = parse_database}, 0, NULL, 0},
        {0},
    };
    struct argp argp = {.options = c->options[0].name != NULL ? c->options : NULL,
                        .parser = parse_command,
                        .args_doc = c->argument != NULL ? c->argument : "",
                        .doc = c->doc,
                        .children = children};
    snprintf(name, sizeof(name), "bptmctl %s", c->words);
    line->rest += used - 1;
    line->rest[0] = name;
    argp_parse(&argp, line->rest_count - used + 1, line->rest, 0, NULL, line);
}

static enum error_code run(struct line *line)
{
    struct ctl *ctl = line->ctl;
    enum error_code ec = EC_OK;

    if (line->command->needs_database) {
        if (line->database == NULL)
            return ctl_fail(ctl, EC_USAGE, "no database: give --database or set BPTM_DATABASE");
        char note[DB_NOTE_MAX] = "";
        ctl->conninfo = line->database;
        ec = db_open(line->database, "bptmctl", &ctl->db, note);
        if (ec != EC_OK)
            return ctl_fail(ctl, ec, "database: %s", note);
    }
    ec = line->command->run(ctl);
    db_close(ctl->db);
    return ec;
}

int main(int argc, char **argv)
{
    char doc[HELP_LEN];
    struct ctl ctl = {.db = NULL};
    struct line line = {.database = getenv("BPTM_DATABASE"), .ctl = &ctl};

    argp_err_exit_status = EXIT_USAGE;
    describe_commands(doc, sizeof(doc));
    const struct argp argp = {
        .options = global_options, .parser = parse_global, .args_doc = "COMMAND...", .doc = doc};
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &line);
    parse_rest(&line);
    if (sodium_init() < 0)
        return EXIT_FAILED;
    enum error_code ec = run(&line);
    if (ec == EC_OK && fflush(stdout) != 0)
        ec = ctl_fail(&ctl, EC_IO, "cannot write the output");
    if (ec == EC_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "bptmctl: %s: %s\n", line.command->words,
            ctl.note[0] != '\0' ? ctl.note : error_text(ec));
    return ec == EC_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
