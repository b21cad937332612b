/* Timer, SysTick, watchdog, lights and console of the mps2-an386 (Arm AN386, CMSDK). */
#include "board.h"

#include "reset.h"

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

enum {
    CLOCK_HZ = 25000000,
    CLOCK_KHZ = CLOCK_HZ / 1000,

    TIMER = 0x40000000,
    TIMER_CTRL = TIMER,
    TIMER_VALUE = TIMER + 4, /* counts down */
    TIMER_RELOAD = TIMER + 8,

    CONSOLE = 0x40004000, /* UART 0 */
    CONSOLE_DATA = CONSOLE,
    CONSOLE_STATE = CONSOLE + 4,
    CONSOLE_CTRL = CONSOLE + 8,
    CONSOLE_BAUDDIV = CONSOLE + 16,
    CONSOLE_FULL = 1,
    CONSOLE_TX = 1,

    WATCHDOG = 0x40008000,
    WATCHDOG_LOAD = WATCHDOG,
    WATCHDOG_CONTROL = WATCHDOG + 8,
    WATCHDOG_INTCLR = WATCHDOG + 12,
    WATCHDOG_LOCK = WATCHDOG + 0xc00,
    WATCHDOG_KEY = 0x1acce551,
    WATCHDOG_ON = 3, /* interrupt, then reset */

    LIGHTS = 0x40028000, /* FPGAIO, LED0 */
};

#define SYSTICK_CTRL  0xe000e010u
#define SYSTICK_LOAD  0xe000e014u
#define SYSTICK_VALUE 0xe000e018u
#define NVIC_SET      0xe000e100u
#define NVIC_CLEAR    0xe000e180u
#define SYSTICK_ON    7u

static uint64_t cycles;
static uint32_t last_value;
static enum record_cause cause;

/* ---- why ---- */

enum record_cause board_cause(void)
{
    return cause;
}

_Noreturn void board_reset(enum record_cause why)
{
    reset_because(why);
}

/* ---- time ---- */

void board_init(void)
{
    REG(TIMER_RELOAD) = UINT32_MAX;
    REG(TIMER_VALUE) = UINT32_MAX;
    REG(TIMER_CTRL) = 1;
    last_value = UINT32_MAX;
    REG(SYSTICK_LOAD) = CLOCK_KHZ * BOARD_TICK_MS - 1;
    REG(SYSTICK_VALUE) = 0;
    REG(SYSTICK_CTRL) = SYSTICK_ON;
    REG(CONSOLE_BAUDDIV) = 217; /* 115200 */
    REG(CONSOLE_CTRL) = CONSOLE_TX;
    REG(WATCHDOG_LOCK) = WATCHDOG_KEY;
    REG(WATCHDOG_LOAD) = CLOCK_KHZ * BOARD_WATCHDOG_MS;
    REG(WATCHDOG_CONTROL) = WATCHDOG_ON;
    cause = reset_take_cause();
}

/* The timer wraps after 171 s, and the tick sees to it that somebody looks before. */
static uint64_t count_cycles(void)
{
    uint32_t value = REG(TIMER_VALUE);

    cycles += last_value - value;
    last_value = value;
    return cycles;
}

uint64_t board_ms(void)
{
    return count_cycles() / CLOCK_KHZ;
}

uint32_t board_cycles(void)
{
    return (uint32_t)count_cycles();
}

void board_alive(void)
{
    REG(WATCHDOG_INTCLR) = 1;
}

void board_sleep(int (*pending)(void))
{
    __asm__ volatile("cpsid i" ::: "memory");
    if (!pending())
        __asm__ volatile("dsb\n\twfi" ::: "memory"); /* wakes although interrupts are held */
    __asm__ volatile("cpsie i\n\tisb" ::: "memory");
}

void board_irq_enable(unsigned irq)
{
    REG(NVIC_SET + irq / 32 * 4) = UINT32_C(1) << irq % 32;
}

void board_irq_disable(unsigned irq)
{
    REG(NVIC_CLEAR + irq / 32 * 4) = UINT32_C(1) << irq % 32;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

/* ---- lights and console ---- */

static uint32_t is_lit(uint8_t pattern, uint64_t now_ms)
{
    const uint8_t lit[] = {
        [STATUS_OFF] = 0,
        [STATUS_ON] = 1,
        [STATUS_BLINK_SLOW] = now_ms / 500 % 2 == 0,
        [STATUS_BLINK_FAST] = now_ms / 125 % 2 == 0,
    };

    return lit[pattern & 3];
}

void board_lights(const uint8_t leds[STATUS_LED_COUNT], uint64_t now_ms)
{
    REG(LIGHTS) =
        is_lit(leds[STATUS_LED_UTILITY], now_ms) | is_lit(leds[STATUS_LED_GENERATOR], now_ms) << 1;
}

static void put(char c)
{
    while (REG(CONSOLE_STATE) & CONSOLE_FULL) {
    }
    REG(CONSOLE_DATA) = (uint8_t)c;
}

void board_say(const char *text)
{
    for (; *text != '\0'; text++)
        put(*text);
}

void board_say_number(uint64_t n)
{
    char digits[20];
    unsigned count = 0;

    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    while (count > 0)
        put(digits[--count]);
}
