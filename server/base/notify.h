/* Telling the service manager: sd_notify(3) and its watchdog, without its library. */
#ifndef BPTM_NOTIFY_H
#define BPTM_NOTIFY_H

#include <stdint.h>

/** Send `state`, such as "READY=1", to the socket in NOTIFY_SOCKET; nothing without one. A failure
 *  is logged: the service manager's own time-outs deal with it. */
void notify_send(const char *state);

/** @return milliseconds of silence after which the service manager ends this process, from
 *          WATCHDOG_USEC and WATCHDOG_PID; 0 when it does not watch */
int64_t notify_watchdog_ms(void);

#endif
