/* A line is a letter and numbers; both kinds are lists of numbers in order. */
#include "line.h"

#include <string.h>

enum { SAMPLE_NUMBERS = 9, COMMAND_NUMBERS = 2 + STATUS_LED_COUNT, NUMBER_MAX = 99999 };

int line_feed(struct line_reader *r, char c)
{
    if (c == '$')
        r->len = 0;
    if (c == '\n') {
        int whole = r->len > 0 && r->len < sizeof(r->text) && r->text[0] == '$';

        if (whole)
            r->text[r->len] = '\0';
        r->len = 0;
        return whole;
    }
    if (r->len < sizeof(r->text))
        r->text[r->len++] = c;
    return 0;
}

/* ---- writing ---- */

static size_t put_number(char *to, uint32_t n)
{
    char digits[10];
    size_t count = 0, len;

    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    len = count;
    while (count > 0)
        *to++ = digits[--count];
    return len;
}

static size_t encode(char kind, const uint32_t *numbers, size_t count, char ret[LINE_MAX_LEN])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t sum = 0;
    size_t len = 0;

    ret[len++] = '$';
    ret[len++] = kind;
    for (size_t i = 0; i < count; i++) {
        ret[len++] = ',';
        len += put_number(ret + len, numbers[i] <= NUMBER_MAX ? numbers[i] : NUMBER_MAX);
    }
    for (size_t i = 1; i < len; i++)
        sum ^= (uint8_t)ret[i];
    ret[len++] = '*';
    ret[len++] = hex[sum >> 4];
    ret[len++] = hex[sum & 15];
    ret[len++] = '\n';
    ret[len] = '\0';
    return len;
}

size_t line_encode_sample(const struct qual_sample *s, char ret[LINE_MAX_LEN])
{
    const uint32_t numbers[SAMPLE_NUMBERS] = {
        s->utility.l1_dv,   s->utility.l2_dv,   s->utility.freq_chz,
        s->generator.l1_dv, s->generator.l2_dv, s->generator.freq_chz,
        s->load_dv,         s->load_da,         s->contacts,
    };

    return encode('S', numbers, SAMPLE_NUMBERS, ret);
}

size_t line_encode_command(const struct line_command *c, char ret[LINE_MAX_LEN])
{
    uint32_t numbers[COMMAND_NUMBERS] = {c->coils.utility, c->coils.generator};

    for (size_t i = 0; i < STATUS_LED_COUNT; i++)
        numbers[2 + i] = c->leds[i];
    return encode('C', numbers, COMMAND_NUMBERS, ret);
}

/* ---- reading ---- */

static int hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ",123" -> 123. NULL when there is no number of the right size. */
static const char *take_number(const char *at, uint32_t *ret)
{
    uint32_t n = 0;

    if (*at++ != ',' || *at < '0' || *at > '9')
        return NULL;
    for (; *at >= '0' && *at <= '9'; at++) {
        n = n * 10 + (uint32_t)(*at - '0');
        if (n > NUMBER_MAX)
            return NULL;
    }
    *ret = n;
    return at;
}

static int decode(const char *text, char kind, uint32_t *ret, size_t count)
{
    uint8_t sum = 0;
    const char *at = text;

    if (at[0] != '$' || at[1] != kind)
        return 0;
    at += 2;
    for (size_t i = 0; i < count; i++) {
        at = take_number(at, &ret[i]);
        if (at == NULL)
            return 0;
    }
    if (at[0] != '*' || hex_of(at[1]) < 0 || hex_of(at[2]) < 0 || at[3] != '\0')
        return 0;
    for (const char *p = text + 1; p < at; p++)
        sum ^= (uint8_t)*p;
    return sum == (hex_of(at[1]) << 4 | hex_of(at[2]));
}

int line_decode_sample(const char *text, struct qual_sample *ret)
{
    uint32_t n[SAMPLE_NUMBERS];

    if (!decode(text, 'S', n, SAMPLE_NUMBERS) || n[8] > UINT8_MAX)
        return 0;
    *ret = (struct qual_sample){
        .utility = {n[0], n[1], n[2]},
        .generator = {n[3], n[4], n[5]},
        .load_dv = n[6],
        .load_da = n[7],
        .contacts = (uint8_t)n[8],
    };
    return 1;
}

int line_decode_command(const char *text, struct line_command *ret)
{
    uint32_t n[COMMAND_NUMBERS];

    if (!decode(text, 'C', n, COMMAND_NUMBERS))
        return 0;
    for (size_t i = 0; i < COMMAND_NUMBERS; i++)
        if (n[i] > (i < 2 ? 1 : STATUS_BLINK_FAST))
            return 0;
    ret->coils = (struct transfer_command){(uint8_t)n[0], (uint8_t)n[1]};
    for (size_t i = 0; i < STATUS_LED_COUNT; i++)
        ret->leds[i] = (uint8_t)n[2 + i];
    return 1;
}
