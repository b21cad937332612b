/* Whole files of the commands, read and written. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"

enum error_code ctl_read_file(struct ctl *ctl, size_t most, uint8_t **ret, size_t *ret_len)
{
    FILE *f = fopen(ctl->argument, "re");
    uint8_t *at = f != NULL ? malloc(most + 1) : NULL;
    size_t len = at != NULL ? fread(at, 1, most + 1, f) : 0;
    int bad = f == NULL || at == NULL || ferror(f) != 0;
    int saved = errno;

    if (f != NULL)
        fclose(f);
    if (!bad && len > 0 && len <= most) {
        at[len] = '\0';
        *ret = at;
        *ret_len = len;
        return EC_OK;
    }
    free(at);
    if (bad)
        return ctl_fail(ctl, EC_IO, "%s: %s", ctl->argument, strerror(saved));
    return ctl_fail(ctl, EC_IO, "%s: is empty, or larger than %zu bytes", ctl->argument, most);
}

enum error_code ctl_write_new(struct ctl *ctl, const char *path, mode_t mode, const void *at,
                              size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(errno));
    int good = write(fd, at, len) == (ssize_t)len && fsync(fd) == 0;
    int saved = errno;
    good = close(fd) == 0 && good;
    if (good)
        return EC_OK;
    unlink(path);
    return ctl_fail(ctl, EC_IO, "%s: %s", path, strerror(saved));
}
