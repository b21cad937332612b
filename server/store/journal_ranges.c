/* Sets of sequences as PostgreSQL writes an int8multirange. */
#include "store/journal_ranges.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* One "[from,to)" at *at; PostgreSQL always gives integer ranges in this form. */
static int parse_run(const char **at, struct range *ret)
{
    char *end;

    if (*(*at)++ != '[')
        return 0;
    ret->from = strtoull(*at, &end, 10);
    if (end == *at || *end != ',')
        return 0;
    *at = end + 1;
    ret->to = strtoull(*at, &end, 10) - 1;
    if (end == *at || *end != ')' || ret->from < 1 || ret->to < ret->from)
        return 0;
    *at = end + 1;
    return 1;
}

enum error_code journal_ranges_parse(const char *text, struct ranges *ret)
{
    struct ranges s;
    const char *at = text;

    s.count = 0;
    if (at == NULL || *at++ != '{')
        return EC_INTERNAL;
    while (*at != '}') {
        if (s.count == LIMIT_RANGES || (s.count > 0 && *at++ != ',') ||
            !parse_run(&at, &s.at[s.count]))
            return EC_INTERNAL;
        s.count++;
    }
    ranges_copy(&s, ret);
    return EC_OK;
}

size_t journal_ranges_print(const struct ranges *s, char ret[JOURNAL_RANGES_TEXT])
{
    size_t len = 0;

    ret[len++] = '{';
    for (size_t i = 0; i < s->count; i++)
        len += (size_t)snprintf(ret + len, JOURNAL_RANGES_TEXT - len, "%s[%" PRIu64 ",%" PRIu64 ")",
                                i > 0 ? "," : "", s->at[i].from, s->at[i].to + 1);
    ret[len++] = '}';
    ret[len] = '\0';
    return len;
}
