/* Cells of the CSV that we write. */
#include "codec/csv_cell.h"

#include <string.h>

static int is_any(const char *set, char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Numbers begin with a sign, too, and are no formula. */
static int is_number(const char *at, size_t len)
{
    size_t sign = len > 0 && is_any("+-", at[0]), digits = 0, points = 0;
    for (size_t i = sign; i < len; i++) {
        points += is_any(".,", at[i]);
        digits += is_any("0123456789", at[i]);
    }
    return digits > 0 && points <= 1 && !is_any(".,", at[len - 1]) && sign + digits + points == len;
}

static int has_any(const char *set, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_any(set, at[i]))
            return 1;
    return 0;
}

void csv_cell_put(struct bytes *to, const char *text, size_t len, int is_quoted)
{
    int is_formula = len > 0 && is_any("-=+@\t\r", text[0]) && !is_number(text, len);
    if (is_formula || has_any("\",\r\n", text, len))
        is_quoted = 1;
    bytes_put(to, "\"", is_quoted);
    bytes_put(to, "'", is_formula);
    for (size_t i = 0; i < len; i++) {
        bytes_put(to, "\"", text[i] == '"');
        bytes_put(to, text + i, 1);
    }
    bytes_put(to, "\"", is_quoted);
}
