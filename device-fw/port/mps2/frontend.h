/* The metering front end on UART 1: samples come as lines, coils and lights go back as lines. */
#ifndef BPTM_FRONTEND_H
#define BPTM_FRONTEND_H

#include "line.h"

/** Switch the UART on. */
void frontend_init(void);

/** Interrupt handler of the UART. */
void frontend_interrupt(void);

/** 1 when bytes wait. */
int frontend_pending(void);

/** Read what has come. @return 1 and the newest whole sample; 0 without one. Lines that are
 *  damaged or incomplete are dropped: the next is 20 ms away. */
int frontend_sample(struct qual_sample *ret);

/** Drive coils and lights. */
void frontend_drive(const struct line_command *command);

#endif
