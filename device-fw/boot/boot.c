/* The loader of the mps2-an386: judges both slots, counts trials, sets the watchdog, and jumps. */
#include <string.h>

#include "layout.h"
#include "reset.h"
#include "slots.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

enum {
    CONSOLE = 0x40004000, /* UART 0: data, state, control, divider */
    CONSOLE_FULL = 1,
    WATCHDOG = 0x40008000, /* load, -, control */
    WATCHDOG_CYCLES = 2 * 25000000,
    WATCHDOG_LOCK = WATCHDOG + 0xc00,
    WATCHDOG_KEY = 0x1acce551,
    WATCHDOG_ON = 3, /* interrupt, then reset */
};

_Noreturn void boot_reset(void);
_Noreturn void boot_main(void);

extern uint32_t boot_data_from[], boot_data_to[], boot_data_load[];
extern uint32_t boot_bss_from[], boot_bss_to[], boot_stack_top[];

static struct bootlog boot_log;

/* ---- console ---- */

static void say(const char *text)
{
    for (; *text != '\0'; text++) {
        while (REG(CONSOLE + 4) & CONSOLE_FULL) {
        }
        REG(CONSOLE) = (uint8_t)*text;
    }
}

static void say_slot(uint32_t slot, const char *what)
{
    const char name[] = {' ', (char)('A' + slot), ' ', '\0'};

    say("boot:");
    say(name);
    say(what);
    say("\n");
}

/* ---- the choice ---- */

static const char *verdict(enum error_code ec)
{
    switch (ec) {
    case EC_WIRE_TYPE:
        return "empty";
    case EC_WIRE_RANGE:
        return "for another place or machine";
    case EC_COSE_SIGNATURE:
        return "not signed";
    case EC_CONFLICT:
        return "not what was signed";
    default:
        return "unreadable";
    }
}

static void look(const struct update_port *port, struct bootsel_images *ret)
{
    for (uint32_t s = 0; s < BOOTSEL_SLOTS; s++) {
        char text[MANIFEST_VERSION_TEXT];
        struct manifest m;
        enum error_code ec = bootsel_check(&port->slots[s], &port->terms, &m);

        ret->versions[s] = ec == EC_OK ? m.version : 0;
        if (ec == EC_OK)
            manifest_version_text(m.version, text);
        say_slot(s, ec == EC_OK ? text : verdict(ec));
    }
}

static struct bootsel_choice choose(const struct update_port *port)
{
    struct bootsel_images images;

    look(port, &images);
    /* A log that does not read counts nothing: what is confirmed cannot be known, so nothing may
     * be tried, and nothing be refused for its age. */
    if (bootlog_mount(&boot_log, &port->log) != EC_OK) {
        say("boot: no log\n");
        return bootsel_decide(&images, &boot_log.facts);
    }
    return bootsel_run(&images, &boot_log);
}

/* ---- from reset to the image ---- */

/* The image sets its own stack and vectors; until then a hang in it ends in our handlers. */
static _Noreturn void jump(uint32_t address)
{
    const uint32_t *vectors = (const uint32_t *)(uintptr_t)(address + LAYOUT_SLOT_MANIFEST);

    REG(WATCHDOG_LOCK) = WATCHDOG_KEY;
    REG(WATCHDOG) = WATCHDOG_CYCLES;
    REG(WATCHDOG + 8) = WATCHDOG_ON;
    ((void (*)(void))(uintptr_t)vectors[1])();
    reset_because(RECORD_CAUSE_SOFTWARE_RESET);
}

_Noreturn void boot_main(void)
{
    struct update_port port;
    struct bootsel_choice c;

    memcpy(boot_data_from, boot_data_load,
           (size_t)((uintptr_t)boot_data_to - (uintptr_t)boot_data_from));
    memset(boot_bss_from, 0, (size_t)((uintptr_t)boot_bss_to - (uintptr_t)boot_bss_from));
    REG(CONSOLE + 16) = 217; /* 115200 */
    REG(CONSOLE + 8) = 1;
    port = slots_port();
    c = choose(&port);
    if (c.action != BOOTSEL_HALT) {
        say_slot(c.slot, c.action == BOOTSEL_TRY ? "on trial" : "starts");
        jump(port.slots[c.slot].address);
    }
    say("boot: nothing to start\n"); /* the contactors rest on the utility */
    for (;;) {
    }
}

/* The compiler may use the FPU for plain moves, so it is on before any C runs. */
__attribute__((naked)) _Noreturn void boot_reset(void)
{
    __asm__ volatile("cpsid i\n\t"
                     "ldr r0, =boot_stack_top\n\t"
                     "mov sp, r0\n\t"
                     "ldr r0, =0xe000ed88\n\t" /* CPACR: full access to CP10 and CP11 */
                     "ldr r1, [r0]\n\t"
                     "orr r1, r1, #0xf00000\n\t"
                     "str r1, [r0]\n\t"
                     "dsb\n\t"
                     "isb\n\t"
                     "b boot_main\n\t");
}

/* The watchdog asks before it bites. An image that hangs before it has its own handlers ends here,
 * and the trial was counted before it began. */
static _Noreturn void on_nmi(void)
{
    reset_because(RECORD_CAUSE_WATCHDOG);
}

static _Noreturn void on_fault(void)
{
    reset_because(RECORD_CAUSE_SOFTWARE_RESET);
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} boot_vectors = {boot_stack_top, {boot_reset, on_nmi, [2 ... 14] = on_fault}};
