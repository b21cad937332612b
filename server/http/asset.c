/* The web pages: static files, read once at the start and answered from memory. */
#include "http/asset.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

struct assets {
    struct asset items[LIMIT_ASSETS];
    size_t count, bytes;
};

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
};

static int ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text), n = strlen(suffix);
    return len > n && strcmp(text + len - n, suffix) == 0;
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends_with(path, types[i].suffix))
            return types[i].type;
    return NULL;
}

static enum error_code read_whole(int fd, size_t len, char *to)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, to + at, len - at);
        if (n <= 0)
            return EC_IO;
        at += (size_t)n;
    }
    return EC_OK;
}

/* A file of a folder, with a NUL after it; not through a link. */
static enum error_code read_file(struct assets *a, int dir, const char *name, char **ret,
                                 size_t *ret_len)
{
    struct stat st;
    char *body = NULL;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return EC_IO;
    enum error_code ec = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? EC_OK : EC_IO;
    if (ec == EC_OK && (size_t)st.st_size > LIMIT_ASSET_BYTES - a->bytes)
        ec = EC_IO;
    if (ec == EC_OK && (body = calloc(1, (size_t)st.st_size + 1)) == NULL)
        ec = EC_NO_MEMORY;
    if (ec == EC_OK)
        ec = read_whole(fd, (size_t)st.st_size, body);
    close(fd);
    if (ec != EC_OK) {
        free(body);
        return ec;
    }
    a->bytes += (size_t)st.st_size;
    *ret = body;
    *ret_len = (size_t)st.st_size;
    return EC_OK;
}

static enum error_code add(struct assets *a, int dir, const char *name, const char *path)
{
    char packed[sizeof((struct dirent){0}.d_name) + 4];
    const char *type = type_of(path);
    if (type == NULL)
        return EC_OK;
    if (a->count == LIMIT_ASSETS)
        return EC_IO;
    struct asset *item = &a->items[a->count++];
    item->type = type;
    snprintf(item->path, sizeof item->path, "%s", path);
    enum error_code ec = read_file(a, dir, name, &item->body, &item->len);
    if (ec != EC_OK)
        return ec;
    etag_of_bytes(item->body, item->len, item->tag);
    snprintf(packed, sizeof packed, "%s.gz", name);
    if (faccessat(dir, packed, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return EC_OK;
    ec = read_file(a, dir, packed, &item->gzip, &item->gzip_len);
    if (ec == EC_OK)
        etag_of_bytes(item->gzip, item->gzip_len, item->gzip_tag);
    return ec;
}

enum { DEPTH_MAX = 6 };

static enum error_code add_entry(struct assets *a, int dir, const char *name, const char *prefix,
                                 int depth);

/* All entries of a folder; closes `fd`. */
static enum error_code add_folder(struct assets *a, int fd, const char *prefix, int depth)
{
    enum error_code ec = EC_OK;
    DIR *d = fdopendir(fd);
    if (d == NULL) {
        close(fd);
        return EC_IO;
    }
    for (const struct dirent *e; ec == EC_OK && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            ec = add_entry(a, dirfd(d), e->d_name, prefix, depth);
    closedir(d);
    return ec;
}

static enum error_code add_entry(struct assets *a, int dir, const char *name, const char *prefix,
                                 int depth)
{
    char path[ASSET_PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/%s", prefix, name);
    if (len < 0 || (size_t)len >= sizeof path || depth == 0)
        return EC_IO;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0)
        return add_folder(a, fd, path, depth - 1);
    return add(a, dir, name, path);
}

static int by_path(const void *a, const void *b)
{
    const struct asset *x = a, *y = b;
    return strcmp(x->path, y->path);
}

enum error_code assets_load(const char *dir, struct assets **ret)
{
    struct assets *a = calloc(1, sizeof *a);
    if (a == NULL)
        return EC_NO_MEMORY;
    enum error_code ec = EC_OK;
    int fd = dir[0] != '\0' ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0)
        ec = add_folder(a, fd, "", DEPTH_MAX);
    else if (dir[0] != '\0')
        log_event(LOG_LEVEL_WARN, "http_pages_missing", "folder", dir, "note", strerror(errno),
                  NULL);
    if (ec != EC_OK) {
        log_event(LOG_LEVEL_ERROR, "http_pages_failed", "folder", dir, "code", error_slug(ec),
                  NULL);
        assets_free(a);
        return ec;
    }
    qsort(a->items, a->count, sizeof *a->items, by_path);
    *ret = a;
    return EC_OK;
}

void assets_free(struct assets *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->count; i++) {
        free(a->items[i].body);
        free(a->items[i].gzip);
    }
    free(a);
}

static const struct asset *find(const struct assets *a, const char *path, const char *suffix)
{
    struct asset key = {0};
    int len = snprintf(key.path, sizeof key.path, "%s%s", path, suffix);
    if (len < 0 || (size_t)len >= sizeof key.path)
        return NULL;
    return bsearch(&key, a->items, a->count, sizeof key, by_path);
}

const struct asset *assets_find(const struct assets *a, const char *path)
{
    if (a == NULL)
        return NULL;
    if (ends_with(path, "/") || strcmp(path, "/") == 0)
        return find(a, path, "index.html");
    const struct asset *item = find(a, path, "");
    return item != NULL ? item : find(a, path, ".html");
}
