/* The commands of the benchmark's program. Each prints one line of JSON on standard output. */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include "options.h"

/** @return exit status; what went wrong is on standard error */
int command_make(const struct options *o);
int command_manifest(const struct options *o);
int command_copy(const struct options *o);
int command_verify(const struct options *o);
int command_load(const struct options *o);
int command_serve(const struct options *o);

/** Seconds of a clock that never jumps. */
double command_now_s(void);

#endif
