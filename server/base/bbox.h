/* A box of longitudes and latitudes as text, as in OGC API - Features. */
#ifndef BPTM_BBOX_H
#define BPTM_BBOX_H

/** In degrees; west is greater than east when the box crosses the antimeridian. */
struct bbox {
    double west, south, east, north;
};

/**
 * Read "west,south,east,north", or six numbers with heights, which are passed over.
 * @return 1; 0 when the text is something else, with `ret` untouched
 */
int bbox_read(const char *text, struct bbox *ret);

enum { BBOX_EWKT_MAX = 400 };

/** The area of the box as PostGIS reads it, in two pieces when it crosses the antimeridian. */
void bbox_ewkt(const struct bbox *b, char ret[BBOX_EWKT_MAX]);

#endif
