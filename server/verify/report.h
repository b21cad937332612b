/* Prints what a check found, as lines for people or as one JSON object. */
#ifndef BPTM_REPORT_H
#define BPTM_REPORT_H

#include <stdio.h>

#include "verify/list.h"

/** Print what is in a good bundle, and which keys were taken on trust. */
void report_good(FILE *out, int json, const struct check_report *r, const struct check_pins *pins);

/** Print what a good list says of itself. */
void report_list(FILE *out, int json, const struct offline_list_report *r);

/** Print where a bad bundle is bad and why. */
void report_bad(FILE *out, int json, const char *name, enum error_code ec,
                const struct check_failure *f);

#endif
