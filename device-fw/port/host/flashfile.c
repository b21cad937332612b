/* Raw flash on top of pwrite() and a read-only map. */
#include <config.h>

#include "flashfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = FLASHFILE_SECTORS * FLASHFILE_SECTOR_LEN };

static int write_all(int fd, const uint8_t *at, uint32_t len, uint32_t offset)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, at, len, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        at += n;
        len -= (uint32_t)n;
        offset += (uint32_t)n;
    }
    return 0;
}

static int part_read(void *ctx, uint32_t at, void *buf, uint32_t len)
{
    const struct flashfile *f = ctx;

    memcpy(buf, f->bytes + at, len);
    return 0;
}

/* How many of so many operations the power lasts for. */
static uint32_t lasting(struct flashfile *f, uint32_t operations)
{
    if (f->dark)
        return 0;
    if (f->cut_in == 0 || f->cut_in > operations) {
        f->cut_in -= f->cut_in == 0 ? 0 : operations;
        return operations;
    }
    operations = f->cut_in - 1;
    f->cut_in = 0;
    f->dark = 1;
    return operations;
}

/* A unit that is not erased is refused, as flash with error correction does; one that the power
 * fails in is half there. */
static int part_program(void *ctx, uint32_t at, const void *buf, uint32_t len)
{
    struct flashfile *f = ctx;
    uint32_t fresh = 0, lasts;
    int was_dark = f->dark;

    while (fresh < len && flash_is_blank(f->bytes + at + fresh, FLASH_UNIT))
        fresh += FLASH_UNIT;
    lasts = lasting(f, fresh / FLASH_UNIT) * FLASH_UNIT;
    if (f->dark && !was_dark)
        lasts += FLASH_UNIT / 2;
    if (write_all(f->fd, buf, lasts, at) != 0)
        return -1;
    return lasts == len ? 0 : -1;
}

static int part_erase(void *ctx, uint32_t sector)
{
    struct flashfile *f = ctx;
    uint8_t blank[FLASHFILE_SECTOR_LEN];
    int was_dark = f->dark, whole = lasting(f, 1) == 1;

    if (was_dark)
        return -1;
    memset(blank, FLASH_BLANK, sizeof(blank));
    if (write_all(f->fd, blank, whole ? sizeof(blank) : sizeof(blank) / 2,
                  sector * FLASHFILE_SECTOR_LEN) != 0)
        return -1;
    return whole ? 0 : -1;
}

enum error_code flashfile_create(const char *path)
{
    uint8_t blank[FLASHFILE_SECTOR_LEN];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int failed = 0;

    if (fd < 0)
        return errno == EEXIST ? EC_CONFLICT : EC_IO;
    memset(blank, FLASH_BLANK, sizeof(blank));
    for (uint32_t s = 0; s < FLASHFILE_SECTORS && !failed; s++)
        failed = write_all(fd, blank, sizeof(blank), s * FLASHFILE_SECTOR_LEN) != 0;
    if (close(fd) != 0 || failed) {
        unlink(path);
        return EC_IO;
    }
    return EC_OK;
}

enum error_code flashfile_open(struct flashfile *f, const char *path)
{
    struct stat st;
    void *map;
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? EC_NOT_FOUND : EC_IO;
    if (fstat(fd, &st) != 0 || st.st_size != SIZE) {
        close(fd);
        return EC_IO;
    }
    map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        close(fd);
        return EC_IO;
    }
    *f = (struct flashfile){.fd = fd, .bytes = map};
    f->flash = (struct flash){f,         FLASHFILE_SECTOR_LEN, FLASHFILE_SECTORS, 0,
                              part_read, part_program,         part_erase};
    return EC_OK;
}

void flashfile_close(struct flashfile *f)
{
    if (f->bytes == NULL)
        return;
    munmap((void *)(uintptr_t)f->bytes, SIZE);
    close(f->fd);
    memset(f, 0, sizeof(*f));
}

struct flash flashfile_settings(const struct flashfile *f)
{
    return flash_area(&f->flash, FLASHFILE_SETTINGS_FIRST, FLASHFILE_JOURNAL_FIRST);
}

struct flash flashfile_journal(const struct flashfile *f)
{
    return flash_area(&f->flash, FLASHFILE_JOURNAL_FIRST, FLASHFILE_JOURNAL_SECTORS);
}
