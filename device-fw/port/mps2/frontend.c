/* CMSDK UART 1. It holds a single byte, so the interrupt moves each into a ring. */
#include "frontend.h"

#include "board.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

enum {
    UART = 0x40005000,
    UART_DATA = UART,
    UART_STATE = UART + 4,
    UART_CTRL = UART + 8,
    UART_INTCLEAR = UART + 12,
    UART_BAUDDIV = UART + 16,
    UART_TX_FULL = 1,
    UART_RX_FULL = 2,
    UART_RX_INTERRUPT = 2,
    UART_ON = 11, /* send, receive, interrupt of a byte received */

    RING = 512, /* some lines: the loop may be busy signing */
};

static volatile uint8_t ring[RING];
static volatile uint32_t head, tail; /* free-running; the interrupt owns head */
static struct line_reader reader;

void frontend_init(void)
{
    REG(UART_BAUDDIV) = 217;
    REG(UART_CTRL) = UART_ON;
    board_irq_enable(BOARD_IRQ_FRONT_END);
}

/* A byte for which there is no room is lost, and the checksum of its line with it. Cleared first:
 * a byte that comes after the loop has to ask again. */
void frontend_interrupt(void)
{
    REG(UART_INTCLEAR) = UART_RX_INTERRUPT;
    while (REG(UART_STATE) & UART_RX_FULL) {
        uint8_t byte = (uint8_t)REG(UART_DATA);

        if (head - tail < RING) {
            ring[head % RING] = byte;
            head++;
        }
    }
}

int frontend_pending(void)
{
    return head != tail;
}

int frontend_sample(struct qual_sample *ret)
{
    int found = 0;

    while (tail != head) {
        char c = (char)ring[tail % RING];

        tail++;
        if (line_feed(&reader, c) && line_decode_sample(reader.text, ret))
            found = 1;
    }
    return found;
}

void frontend_drive(const struct line_command *command)
{
    char text[LINE_MAX_LEN];
    size_t len = line_encode_command(command, text);

    for (size_t i = 0; i < len; i++) {
        while (REG(UART_STATE) & UART_TX_FULL) {
        }
        REG(UART_DATA) = (uint8_t)text[i];
    }
}
