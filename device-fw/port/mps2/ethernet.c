/* LAN9118 by its data sheet: FIFOs of 32-bit words, MAC registers behind a command register. */
#include "ethernet.h"

#include <string.h>

#include "board.h"

#define REG(offset) (*(volatile uint32_t *)(uintptr_t)(0x40200000 + (offset)))

enum {
    RX_DATA = 0x00,
    TX_DATA = 0x20,
    RX_STATUS = 0x40,
    TX_STATUS = 0x48,
    IRQ_CFG = 0x54,
    INT_STS = 0x58,
    INT_EN = 0x5c,
    FIFO_INT = 0x68,
    RX_CFG = 0x6c,
    TX_CFG = 0x70,
    HW_CFG = 0x74,
    RX_INFO = 0x7c,
    TX_INFO = 0x80,
    MAC_COMMAND = 0xa4,
    MAC_DATA = 0xa8,

    HW_RESET = 1,
    HW_CFG_PLAIN = 5 << 16 | 1 << 20, /* 5 KiB for sending; "must be one" */
    TX_ON = 2,
    TX_DUMP_STATUS = 1 << 15,
    IRQ_ON = 1 << 8 | 1 << 4 | 1, /* enabled, active high, push-pull */
    RX_STATUS_LEVEL = 1 << 3,     /* more frames wait than FIFO_INT says */

    MAC_CR = 1,
    MAC_ADDRESS_HIGH = 2,
    MAC_ADDRESS_LOW = 3,
    MAC_CR_ON = 1 << 3 | 1 << 2, /* send, receive */

    CHECKSUM_LEN = 4,
    TX_ROOM = ETHERNET_FRAME_MAX + 16, /* a frame with its two command words */
};

#define MAC_BUSY (UINT32_C(1) << 31)
#define MAC_READ (UINT32_C(1) << 30)
#define RX_ERROR (UINT32_C(1) << 15)

static uint32_t mac_read(uint32_t index)
{
    REG(MAC_COMMAND) = MAC_BUSY | MAC_READ | index;
    while (REG(MAC_COMMAND) & MAC_BUSY) {
    }
    return REG(MAC_DATA);
}

static void mac_write(uint32_t index, uint32_t value)
{
    REG(MAC_DATA) = value;
    REG(MAC_COMMAND) = MAC_BUSY | index;
    while (REG(MAC_COMMAND) & MAC_BUSY) {
    }
}

void ethernet_init(uint8_t ret_mac[ETHERNET_MAC_LEN])
{
    uint32_t low, high;

    REG(HW_CFG) = HW_RESET;
    while (REG(HW_CFG) & HW_RESET) {
    }
    REG(HW_CFG) = HW_CFG_PLAIN;
    REG(RX_CFG) = 0;
    REG(FIFO_INT) = 0;
    REG(INT_STS) = UINT32_MAX;
    REG(INT_EN) = RX_STATUS_LEVEL;
    REG(IRQ_CFG) = IRQ_ON;
    REG(TX_CFG) = TX_ON;
    mac_write(MAC_CR, MAC_CR_ON);
    low = mac_read(MAC_ADDRESS_LOW);
    high = mac_read(MAC_ADDRESS_HIGH);
    for (int i = 0; i < 4; i++)
        ret_mac[i] = (uint8_t)(low >> 8 * i);
    for (int i = 0; i < 2; i++)
        ret_mac[4 + i] = (uint8_t)(high >> 8 * i);
    board_irq_enable(BOARD_IRQ_ETHERNET);
}

void ethernet_interrupt(void)
{
    board_irq_disable(BOARD_IRQ_ETHERNET);
}

void ethernet_rearm(void)
{
    REG(INT_STS) = RX_STATUS_LEVEL;
    board_irq_enable(BOARD_IRQ_ETHERNET);
}

int ethernet_pending(void)
{
    return (REG(RX_INFO) >> 16 & 0xff) != 0;
}

size_t ethernet_waiting(void)
{
    while (ethernet_pending()) {
        uint32_t status = REG(RX_STATUS);
        size_t len = status >> 16 & 0x3fff;

        if (!(status & RX_ERROR) && len > CHECKSUM_LEN && len <= ETHERNET_FRAME_MAX)
            return len - CHECKSUM_LEN;
        ethernet_drop(len - CHECKSUM_LEN);
    }
    return 0;
}

void ethernet_take(uint8_t *to, size_t len)
{
    size_t words = (len + CHECKSUM_LEN + 3) / 4;

    for (size_t i = 0; i < words; i++) {
        uint32_t word = REG(RX_DATA);

        if (i * 4 < len)
            memcpy(to + i * 4, &word, len - i * 4 < 4 ? len - i * 4 : 4);
    }
}

void ethernet_drop(size_t len)
{
    for (size_t i = 0; i < (len + CHECKSUM_LEN + 3) / 4; i++)
        (void)REG(RX_DATA);
}

int ethernet_send(const uint8_t *frame, size_t len)
{
    enum { FIRST_AND_LAST = 3 << 12 };

    while (REG(TX_INFO) >> 16 & 0xff)
        (void)REG(TX_STATUS); /* nobody asks how a frame went: TCP will notice */
    if ((REG(TX_INFO) & 0xffff) < TX_ROOM)
        return -1;
    REG(TX_DATA) = FIRST_AND_LAST | (uint32_t)len;
    REG(TX_DATA) = (uint32_t)len;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t word = 0;

        memcpy(&word, frame + i, len - i < 4 ? len - i : 4);
        REG(TX_DATA) = word;
    }
    return 0;
}
