/* The blind index: words without case, accents and signs; addresses without case; numbers by their
 * digits. */
#include "codec/person_blind.h"

#include <sodium.h>
#include <string.h>

enum {
    WORD_MAX = 399, /* bytes of one; more are cut off */
    PHONE_MIN = 5,  /* digits; fewer are no telephone number */
};

/* What a digest is of, so that a name is no address. */
enum { KIND_WORD = 'w', KIND_EMAIL = 'e', KIND_PHONE = 'p' };

static int64_t digest(const uint8_t index[PERSON_KEY_LEN], char kind, const char *at, size_t len)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    uint64_t number = 0;
    crypto_generichash_state state;
    crypto_generichash_init(&state, index, PERSON_KEY_LEN, sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)&kind, 1);
    crypto_generichash_update(&state, (const unsigned char *)at, len);
    crypto_generichash_final(&state, hash, sizeof hash);
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | hash[i];
    return (int64_t)number;
}

static void add(struct person_blind *b, int64_t value, size_t most)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->at[i] == value)
            return;
    if (b->count < most)
        b->at[b->count++] = value;
}

/* -- characters -------------------------------------------------------------------------------- */

/* One character of UTF-8; a byte that is none stands for itself. */
static uint32_t next(const unsigned char **at)
{
    static const struct {
        unsigned char mask, lead;
        size_t more;
    } forms[] = {{0xE0, 0xC0, 1}, {0xF0, 0xE0, 2}, {0xF8, 0xF0, 3}};
    const unsigned char *p = *at;
    *at = p + 1;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if ((p[0] & forms[f].mask) != forms[f].lead)
            continue;
        uint32_t c = p[0] & ~forms[f].mask & 0xFFU;
        size_t i = 1;
        for (; i <= forms[f].more && (p[i] & 0xC0) == 0x80; i++)
            c = c << 6 | (p[i] & 0x3FU);
        if (i <= forms[f].more)
            return p[0];
        *at = p + i;
        return c;
    }
    return p[0];
}

/* Latin letters with signs, U+00C0 to U+017F, as the letter without; '*' stands for itself. */
static const char plain[] = "AAAAAAACEEEEIIIIDNOOOOO*OUUUUY*SAAAAAAACEEEEIIIIDNOOOOO*OUUUUY*Y"
                            "AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIIIIIJJKKKLLLLLLLLLL"
                            "NNNNNNNNNOOOOOOOORRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";

/* Greek and Cyrillic capitals, and how far their small letters are. */
static const struct {
    uint32_t from, to, by;
} capitals[] = {{0x391, 0x3A9, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32}};

/* What stands between words, beside ASCII. */
static const struct {
    uint32_t from, to;
} gaps[] = {{0x80, 0xBF}, {0xD7, 0xD7}, {0xF7, 0xF7}, {0x2000, 0x206F}, {0x3000, 0x3003}};

static int is_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0x2019 || c == 0x2BC;
}

/* An accent that follows its letter. */
static int is_mark(uint32_t c)
{
    return c >= 0x300 && c <= 0x36F;
}

/* A letter or digit as it is compared, without a locale: digests are kept. 0 between words. */
static uint32_t fold(uint32_t c)
{
    if (c >= 0xC0 && c < 0xC0 + sizeof plain - 1 && plain[c - 0xC0] != '*')
        c = (unsigned char)plain[c - 0xC0];
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 'a';
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        if (c >= gaps[i].from && c <= gaps[i].to)
            return 0;
    for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
        if (c >= capitals[i].from && c <= capitals[i].to)
            return c + capitals[i].by;
    return c;
}

/* -- what is indexed --------------------------------------------------------------------------- */

/* The next word in `ret`, three bytes a character. @return its bytes; 0 at the end of the text */
static size_t next_word(const unsigned char **at, char ret[WORD_MAX])
{
    size_t len = 0;
    while (**at != '\0') {
        uint32_t c = next(at), folded = fold(c);
        if (is_apostrophe(c) || is_mark(c))
            continue;
        if (folded == 0 && len > 0)
            break;
        if (folded == 0 || len + 3 > WORD_MAX)
            continue;
        ret[len++] = (char)(folded >> 16);
        ret[len++] = (char)(folded >> 8);
        ret[len++] = (char)folded;
    }
    return len;
}

static void add_words(const uint8_t index[PERSON_KEY_LEN], const char *text,
                      struct person_blind *ret)
{
    char word[WORD_MAX];
    const unsigned char *at = (const unsigned char *)text;
    size_t len;
    while (text != NULL && (len = next_word(&at, word)) > 0)
        add(ret, digest(index, KIND_WORD, word, len), PERSON_WORDS_MAX);
    sodium_memzero(word, sizeof word);
}

static void add_email(const uint8_t index[PERSON_KEY_LEN], const char *text,
                      struct person_blind *ret)
{
    uint8_t folded[WORD_MAX];
    const uint8_t *at = (const uint8_t *)text;
    size_t len = 0;
    for (; at != NULL && *at != '\0' && len < sizeof folded; at++)
        if (*at != ' ')
            folded[len++] = *at >= 'A' && *at <= 'Z' ? (uint8_t)(*at - 'A' + 'a') : *at;
    if (len > 0 && memchr(folded, '@', len) != NULL)
        add(ret, digest(index, KIND_EMAIL, (const char *)folded, len), PERSON_BLIND_MAX);
    sodium_memzero(folded, sizeof folded);
}

/* Digits up to an extension; the country's 1 before ten digits says nothing. */
static void add_phone(const uint8_t index[PERSON_KEY_LEN], const char *text,
                      struct person_blind *ret)
{
    char digits[WORD_MAX];
    size_t len = 0, from = 0;
    for (; text != NULL && *text != '\0' && *text != 'x' && len < sizeof digits; text++)
        if (*text >= '0' && *text <= '9')
            digits[len++] = *text;
        else if (strchr("+ ().-/", *text) == NULL)
            return;
    if (len == 11 && digits[0] == '1')
        from = 1;
    if (len >= PHONE_MIN)
        add(ret, digest(index, KIND_PHONE, digits + from, len - from), PERSON_BLIND_MAX);
    sodium_memzero(digits, sizeof digits);
}

void person_blind_of(const uint8_t index[PERSON_KEY_LEN], const char *name, const char *email,
                     const char *phone, struct person_blind *ret)
{
    *ret = (struct person_blind){0};
    add_words(index, name, ret);
    add_email(index, email, ret);
    add_phone(index, phone, ret);
}

void person_blind_sought(const uint8_t index[PERSON_KEY_LEN], const char *text,
                         struct person_sought *ret)
{
    *ret = (struct person_sought){0};
    if (strchr(text, '@') == NULL)
        add_words(index, text, &ret->words);
    add_email(index, text, &ret->other);
    add_phone(index, text, &ret->other);
}
