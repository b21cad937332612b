/* Lines between a metering front end and the device: samples one way, coils and lights the other.
 */
#ifndef BPTM_LINE_H
#define BPTM_LINE_H

#include <stddef.h>

#include "qual.h"
#include "status.h"
#include "transfer.h"

enum { LINE_MAX_LEN = 80 }; /* with newline and terminator */

/*
 *   $S,u_l1,u_l2,u_freq,g_l1,g_l2,g_freq,load_dv,load_da,contacts*hh\n
 *   $C,utility,generator,led,led,led,led*hh\n
 *
 * Numbers are decimal, in the units of struct qual_sample; hh is the exclusive or of the bytes
 * between $ and *, in hex. A line that does not fit is as if it had not come.
 */
struct line_command {
    struct transfer_command coils;
    uint8_t leds[STATUS_LED_COUNT]; /* enum status_pattern */
};

/** Collects a line; zero before the first byte. */
struct line_reader {
    char text[LINE_MAX_LEN]; /* the whole line without newline, after line_feed() said 1 */
    size_t len;
};

/** Take a byte. @return 1 when it ends a line that starts with $; too long a line is dropped */
int line_feed(struct line_reader *r, char c);

/** Write a line with its newline. @return its length */
size_t line_encode_sample(const struct qual_sample *s, char ret[LINE_MAX_LEN]);
size_t line_encode_command(const struct line_command *c, char ret[LINE_MAX_LEN]);

/** Read a line. @return 1; 0 when it is another one, or damaged: `ret` is then untouched */
int line_decode_sample(const char *text, struct qual_sample *ret);
int line_decode_command(const char *text, struct line_command *ret);

#endif
