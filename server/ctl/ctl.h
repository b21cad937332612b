/* bptmctl: one table of commands, each a function that is given its options and a connection. */
#ifndef BPTM_CTL_H
#define BPTM_CTL_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "wire.h"

struct db;
struct person_keys;

enum {
    CTL_OPTIONS_MAX = 9,
    CTL_ARGUMENTS_MAX = 1,
    CTL_NOTE_MAX = 768,
};

/** What a command is given. Option values are by their place in the command's table, from 0. */
struct ctl {
    struct db *db;                        /* NULL unless the command needs it */
    const char *conninfo;                 /* of that connection; may hold a password */
    const char *argument;                 /* NULL unless the command takes one */
    const char *options[CTL_OPTIONS_MAX]; /* NULL where not given; "" of a flag */
    char note[CTL_NOTE_MAX];              /* what went wrong, for people */
};

/** One command. */
struct ctl_command {
    const char *words;    /* "db upgrade" */
    const char *argument; /* name of its one argument; NULL: it takes none */
    const char *doc;      /* one sentence */
    /** Ends with {0}; the keys are CTL_OPTION(n) in the order of ctl.options. */
    struct argp_option options[CTL_OPTIONS_MAX + 1];
    unsigned required; /* bit n: option n must be given */
    int needs_database;
    enum error_code (*run)(struct ctl *ctl);
};

/* beyond the range of characters, so that there are only long options */
#define CTL_OPTION(n) (0x1000 + (n))

/** The commands of each file, ending with a row without words. */
extern const struct ctl_command ctl_db_commands[];
extern const struct ctl_command ctl_audit_commands[];
extern const struct ctl_command ctl_backup_commands[];
extern const struct ctl_command ctl_ca_commands[];
extern const struct ctl_command ctl_import_commands[];
extern const struct ctl_command ctl_bulk_commands[];
extern const struct ctl_command ctl_device_commands[];
extern const struct ctl_command ctl_device_key_commands[];
extern const struct ctl_command ctl_events_commands[];
extern const struct ctl_command ctl_feed_commands[];
extern const struct ctl_command ctl_generators_commands[];
extern const struct ctl_command ctl_offline_commands[];
extern const struct ctl_command ctl_token_commands[];
extern const struct ctl_command ctl_key_commands[];
extern const struct ctl_command ctl_firmware_commands[];
extern const struct ctl_command ctl_draft_commands[];
extern const struct ctl_command ctl_preview_commands[];
extern const struct ctl_command ctl_evidence_commands[];
extern const struct ctl_command ctl_zones_commands[];
extern const struct ctl_command ctl_retention_commands[];
extern const struct ctl_command ctl_person_commands[];
extern const struct ctl_command ctl_revoke_commands[];

/** Fill the note: printf. @return `ec`, so that a failure is one statement */
enum error_code ctl_fail(struct ctl *ctl, enum error_code ec, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The same with what the database said. */
enum error_code ctl_fail_db(struct ctl *ctl, enum error_code ec, const char *what);

/** The secret seed of a key file; the caller wipes it. @return EC_OK; EC_IO or EC_CONFIG with the
 *  note filled */
enum error_code ctl_key_read(struct ctl *ctl, const char *path,
                             uint8_t ret[WIRE_SEED_LEN]) MUST_CHECK;

/**
 * The whole file that the argument names, 1..most bytes.
 * @param ret  malloc'd, with a NUL behind it
 * @return EC_OK; EC_IO with the note filled
 */
enum error_code ctl_read_file(struct ctl *ctl, size_t most, uint8_t **ret,
                              size_t *ret_len) MUST_CHECK;

/** Create the file or nothing: an existing one may be in use, and half a one is none. @return
 * EC_OK; EC_IO with the note filled */
enum error_code ctl_write_new(struct ctl *ctl, const char *path, mode_t mode, const void *at,
                              size_t len) MUST_CHECK;

/** The file of the master key of personal data; the caller wipes it. @return as ctl_key_read() */
enum error_code ctl_person_keys(struct ctl *ctl, const char *path,
                                struct person_keys *ret) MUST_CHECK;

/**
 * The same, when it is the one that the database uses.
 * @param ret_version  the one in use; 0: the database knows none yet
 */
enum error_code ctl_person_keys_of(struct ctl *ctl, const char *path, struct person_keys *ret,
                                   int64_t *ret_version) MUST_CHECK;

/**
 * Run a program to its end, found by PATH; it writes what goes wrong to standard error itself.
 * Ctrl-C is for it alone meanwhile.
 * @param in, out  its standard input and output; -1: none, and ours
 * @return EC_OK; EC_IO with the note filled
 */
enum error_code ctl_run(struct ctl *ctl, const char *const argv[], int in, int out) MUST_CHECK;

/** A whole number within bounds, as an option gives it. @return 1, or 0 with the note filled */
int ctl_number(struct ctl *ctl, const char *name, const char *text, long min, long max, long *ret);

/** The current text of the folder `name` of the installed files: beside the program that runs, else
 *  where it was configured. @return EC_OK; EC_IO with the note filled */
enum { CTL_PATH_MAX = 4096 };
enum error_code ctl_data_folder(struct ctl *ctl, const char *name, char ret[CTL_PATH_MAX]);

#endif
