/* A box of longitudes and latitudes as text, as in OGC API - Features. */
#include "base/bbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAT = 4, SOLID = 6, NUMBER_LEN = 24 };

/* Numbers between commas. @return how many; 0 when one is none, or there are too many */
static int read_numbers(const char *text, double ret[SOLID])
{
    for (int n = 0; n < SOLID; text++) {
        char *end = NULL;
        size_t len = strspn(text, "+-.0123456789eE");
        if (len == 0 || len > NUMBER_LEN)
            return 0;
        ret[n++] = strtod(text, &end);
        if (end != text + len)
            return 0;
        text = end;
        if (*text == '\0')
            return n;
        if (*text != ',')
            return 0;
    }
    return 0;
}

static int within(double value, double most)
{
    return value >= -most && value <= most;
}

int bbox_read(const char *text, struct bbox *ret)
{
    double v[SOLID];
    int n = read_numbers(text, v), far = n / 2;
    if (n != FLAT && n != SOLID)
        return 0;
    struct bbox b = {v[0], v[1], v[far], v[far + 1]};
    if (!within(b.west, 180) || !within(b.east, 180) || !within(b.south, 90) ||
        !within(b.north, 90) || b.south > b.north)
        return 0;
    *ret = b;
    return 1;
}

static size_t put_ring(char *ret, size_t cap, double west, double east, const struct bbox *b)
{
    return (size_t)snprintf(ret, cap, "((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", west,
                            b->south, east, b->south, east, b->north, west, b->north, west,
                            b->south);
}

void bbox_ewkt(const struct bbox *b, char ret[BBOX_EWKT_MAX])
{
    int is_cut = b->west > b->east;
    size_t n = (size_t)snprintf(ret, BBOX_EWKT_MAX, "SRID=4326;MULTIPOLYGON(");
    n += put_ring(ret + n, BBOX_EWKT_MAX - n, b->west, is_cut ? 180 : b->east, b);
    if (is_cut) {
        ret[n++] = ',';
        n += put_ring(ret + n, BBOX_EWKT_MAX - n, -180, b->east, b);
    }
    snprintf(ret + n, BBOX_EWKT_MAX - n, ")");
}
