/* The web pages: static files, read once at the start and answered from memory. */
#ifndef BPTM_ASSET_H
#define BPTM_ASSET_H

#include <stddef.h>

#include "error.h"
#include "http/etag.h"

enum { ASSET_PATH_MAX = 96 };

/** One file, whole and, when it was worth it, compressed with gzip. */
struct asset {
    char path[ASSET_PATH_MAX]; /* "/queue.html" */
    const char *type;
    char *body, *gzip; /* gzip NULL: none */
    size_t len, gzip_len;
    char tag[ETAG_MAX], gzip_tag[ETAG_MAX];
};

struct assets;

/**
 * Read a folder: files whose type is known, at most LIMIT_ASSETS of LIMIT_ASSET_BYTES together;
 * NAME.gz belongs to NAME. Links are not followed, names that begin with a dot are not read.
 *
 * @param dir  empty: there are no pages; nor when it cannot be opened, which is logged
 * @return EC_OK; EC_IO when what is in it cannot be read or the limits are passed, logged;
 *         EC_NO_MEMORY
 */
enum error_code assets_load(const char *dir, struct assets **ret) MUST_CHECK;

/** NULL is allowed. */
void assets_free(struct assets *a);

/**
 * Find what a path names: "/queue" is queue.html, a folder is its index.html.
 * @param a  NULL: no pages
 * @return NULL when there is none
 */
const struct asset *assets_find(const struct assets *a, const char *path);

#endif
