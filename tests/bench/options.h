/* The command line of the benchmark's program: every command reads what it needs of it. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdint.h>

enum options_ends { OPTIONS_RECEIPTS, OPTIONS_PROGRESS, OPTIONS_NOTHING };

struct options {
    const char *command;
    const char *corpus;     /* path */
    const char *devices_to; /* path of the manifest to write */
    const char *database;   /* libpq connection string */
    const char *user;       /* first part of the broker's user names; a number follows */
    const char *password;
    const char *fleet_key; /* hex; "" does not verify receipts */
    uint32_t port;
    uint32_t devices, first_device, batches, per_batch;
    uint32_t rows;             /* of one COPY */
    uint32_t threads;          /* that verify or serve */
    uint32_t window;           /* batches sent and not covered; 0: sent by the clock */
    uint32_t rate;             /* batches a second, with window 0 */
    uint32_t burst;            /* batches of a device in a row; above 1 only with a whole corpus */
    uint32_t from, count;      /* of the corpus' messages; count 0: the rest */
    uint32_t stall_s;          /* give up when nothing comes back for so long */
    enum options_ends ends_by; /* what says that a batch has arrived */
};

/** Read the command line; ends the program when it is wrong. */
void options_read(int argc, char **argv, struct options *ret);

#endif
