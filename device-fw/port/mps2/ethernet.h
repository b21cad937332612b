/* The Ethernet controller (SMSC LAN9118): frames in and out, polled; the interrupt only wakes. */
#ifndef BPTM_ETHERNET_H
#define BPTM_ETHERNET_H

#include <stddef.h>
#include <stdint.h>

enum { ETHERNET_MAC_LEN = 6, ETHERNET_FRAME_MAX = 1518 };

/** Reset the controller and switch it on. @param ret_mac its address, from its EEPROM */
void ethernet_init(uint8_t ret_mac[ETHERNET_MAC_LEN]);

/** Interrupt handler: the line is a level, so it stays masked until ethernet_rearm(). */
void ethernet_interrupt(void);

/** Let the interrupt come again, after all frames were taken. */
void ethernet_rearm(void);

/** Length of the frame that waits, without its checksum; 0: none. Damaged ones are dropped. */
size_t ethernet_waiting(void);

/** 1 when a frame waits, damaged or not; may be asked at any time. */
int ethernet_pending(void);

/** Take the waiting frame, of which ethernet_waiting() has just told the length. */
void ethernet_take(uint8_t *to, size_t len);

/** Drop it. */
void ethernet_drop(size_t len);

/** Send a frame. @return 0; -1 when the controller has no room */
int ethernet_send(const uint8_t *frame, size_t len);

#endif
