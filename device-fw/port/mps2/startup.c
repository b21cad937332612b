/* Vector table and the way from reset to main(): FPU, data, bss, painted stack. */
#include <stdint.h>

#include "board.h"
#include "ethernet.h"
#include "frontend.h"

int main(void);
_Noreturn void startup_reset(void);
__attribute__((used)) _Noreturn void startup_c(void); /* called from startup_reset() */

extern uint32_t startup_data_from[], startup_data_to[], startup_data_load[];
extern uint32_t startup_bss_from[], startup_bss_to[];
extern uint32_t startup_stack_bottom[], startup_stack_top[];

enum {
    PAINT = 0x5aa55aa5, /* what the stack is filled with, so that its depth can be seen */
    BELOW_FRAME = 64,   /* startup_c() itself is using this much */
};

typedef void (*handler)(void);

/* The compiler may use the FPU for plain moves, so it is on before any C runs. */
__attribute__((naked)) _Noreturn void startup_reset(void)
{
    __asm__ volatile("cpsid i\n\t"
                     "ldr r0, =startup_stack_top\n\t"
                     "mov sp, r0\n\t"
                     "ldr r0, =0xe000ed88\n\t" /* CPACR: full access to CP10 and CP11 */
                     "ldr r1, [r0]\n\t"
                     "orr r1, r1, #0xf00000\n\t"
                     "str r1, [r0]\n\t"
                     "dsb\n\t"
                     "isb\n\t"
                     "ldr r1, =startup_vectors\n\t" /* VTOR: the table of this image */
                     "ldr r0, =0xe000ed08\n\t"
                     "str r1, [r0]\n\t"
                     "b startup_c\n\t");
}

static void fill(uintptr_t from, uintptr_t to, uint32_t word)
{
    for (; from < to; from += sizeof(word))
        *(volatile uint32_t *)from = word;
}

_Noreturn void startup_c(void)
{
    uintptr_t load = (uintptr_t)startup_data_load, to = (uintptr_t)startup_data_from;
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

    for (; to < (uintptr_t)startup_data_to; to += 4, load += 4)
        *(volatile uint32_t *)to = *(const uint32_t *)load;
    fill((uintptr_t)startup_bss_from, (uintptr_t)startup_bss_to, 0);
    fill((uintptr_t)startup_stack_bottom, frame - BELOW_FRAME, PAINT);
    __asm__ volatile("cpsie i" ::: "memory");
    main();
    board_reset(RECORD_CAUSE_SOFTWARE_RESET);
}

/* The watchdog asks before it bites: note why, and do not wait for the bite. */
static _Noreturn void on_nmi(void)
{
    board_reset(RECORD_CAUSE_WATCHDOG);
}

static _Noreturn void on_fault(void)
{
    board_reset(RECORD_CAUSE_SOFTWARE_RESET);
}

static void on_tick(void)
{
}

__attribute__((section(".vectors"), used)) const struct {
    uint32_t *stack;
    handler handlers[15 + 32];
} startup_vectors __asm__("startup_vectors") = {
    startup_stack_top,
    {
        startup_reset,
        on_nmi,
        [2 ... 13] = on_fault,
        on_tick,
        [15 ... 14 + BOARD_IRQ_FRONT_END] = on_fault,
        frontend_interrupt,
        [16 + BOARD_IRQ_FRONT_END... 14 + BOARD_IRQ_ETHERNET] = on_fault,
        ethernet_interrupt,
        [16 + BOARD_IRQ_ETHERNET... 46] = on_fault,
    },
};
