/* The benchmark's program: makes the load and measures; tests/bench/run starts it and compares. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "corpus.h"

static const struct {
    const char *name;
    int (*run)(const struct options *o);
} commands[] = {
    {"make", command_make},     {"manifest", command_manifest}, {"copy", command_copy},
    {"verify", command_verify}, {"load", command_load},         {"serve", command_serve},
};

double command_now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The records end at most two days ago, and lie in the partition of a month that exists. */
int command_make(const struct options *o)
{
    struct corpus_shape shape = {
        .devices = o->devices,
        .batches = o->batches,
        .per_batch = o->per_batch,
        .base_ms = (int64_t)(time(NULL) / 86400 - 7) * 86400000,
    };
    double from_s = command_now_s();
    enum error_code ec = EC_USAGE;

    if (o->devices > 0 && o->devices <= CORPUS_DEVICES_MAX && o->batches > 0)
        ec = corpus_write(o->corpus, &shape);
    if (ec != EC_OK) {
        fprintf(stderr, "%s: %s\n", o->corpus, error_text(ec));
        return 1;
    }
    printf("{\"messages\":%zu,\"seconds\":%.3f}\n", (size_t)o->devices * o->batches,
           command_now_s() - from_s);
    return 0;
}

int command_manifest(const struct options *o)
{
    FILE *f = fopen(o->devices_to, "w");
    char serial[CORPUS_SERIAL_LEN + 1], hex[2 * WIRE_KEY_LEN + 1];
    struct cose_key key;

    if (f == NULL) {
        perror(o->devices_to);
        return 1;
    }
    fputs("serial,public_key,model,hardware_revision\n", f);
    for (uint32_t i = 0; i < o->devices; i++) {
        corpus_key(o->first_device + i, &key);
        corpus_serial(o->first_device + i, serial);
        sodium_bin2hex(hex, sizeof(hex), key.public_key, sizeof(key.public_key));
        fprintf(f, "%s,%s,BPTM-REF-30,bench\n", serial, hex);
    }
    if (fclose(f) != 0) {
        perror(o->devices_to);
        return 1;
    }
    printf("{\"devices\":%u}\n", o->devices);
    return 0;
}

int main(int argc, char **argv)
{
    struct options o;

    options_read(argc, argv, &o);
    if (sodium_init() < 0)
        return 1;
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, o.command) == 0)
            return commands[i].run(&o);
    fprintf(stderr, "unknown command: %s\n", o.command);
    return 2;
}
