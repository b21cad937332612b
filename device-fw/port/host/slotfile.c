/* Firmware slots in a sparse file: every byte is kept inverted, so that a hole reads as erased. */
#include <config.h>

#include "slotfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    AREA_LOG = 0,
    AREA_PROGRESS = AREA_LOG + BOOTLOG_SECTORS,
    AREA_A = AREA_PROGRESS + UPDATE_PROGRESS_SECTORS,
    AREA_B = AREA_A + SLOTFILE_SLOT_SECTORS,
    SECTORS = AREA_B + SLOTFILE_SLOT_SECTORS,
    SIZE = SECTORS * SLOTFILE_SECTOR_LEN,
};

static int part_read(void *ctx, uint32_t at, void *buf, uint32_t len)
{
    const struct slotfile *s = ctx;
    uint8_t *to = buf;

    for (uint32_t i = 0; i < len; i++)
        to[i] = (uint8_t)~s->bytes[at + i];
    return 0;
}

static int part_program(void *ctx, uint32_t at, const void *buf, uint32_t len)
{
    const struct slotfile *s = ctx;

    for (uint32_t done = 0; done < len; done += FLASH_UNIT) {
        uint8_t unit[FLASH_UNIT];

        for (int i = 0; i < FLASH_UNIT; i++) {
            if (s->bytes[at + done + (uint32_t)i] != 0)
                return -1; /* not erased */
            unit[i] = (uint8_t) ~((const uint8_t *)buf)[done + (uint32_t)i];
        }
        if (pwrite(s->fd, unit, sizeof(unit), at + done) != sizeof(unit))
            return -1;
    }
    return 0;
}

static int part_erase(void *ctx, uint32_t sector)
{
    const struct slotfile *s = ctx;
    static const uint8_t blank[SLOTFILE_SECTOR_LEN];

    return pwrite(s->fd, blank, sizeof(blank), sector * SLOTFILE_SECTOR_LEN) == sizeof(blank) ? 0
                                                                                              : -1;
}

static void set_port(struct slotfile *s, const struct slotfile_factory *factory)
{
    s->flash =
        (struct flash){s, SLOTFILE_SECTOR_LEN, SECTORS, 0, part_read, part_program, part_erase};
    s->port = (struct update_port){
        .log = flash_area(&s->flash, AREA_LOG, BOOTLOG_SECTORS),
        .progress = flash_area(&s->flash, AREA_PROGRESS, UPDATE_PROGRESS_SECTORS),
        .slots = {{flash_area(&s->flash, AREA_A, SLOTFILE_SLOT_SECTORS), SLOTFILE_ADDRESS_A},
                  {flash_area(&s->flash, AREA_B, SLOTFILE_SLOT_SECTORS), SLOTFILE_ADDRESS_B}},
        .terms = {SLOTFILE_HARDWARE, (const uint8_t(*)[WIRE_KEY_LEN])factory->key, 1},
    };
}

static int is_hole(const uint8_t unit[FLASH_UNIT])
{
    static const uint8_t hole[FLASH_UNIT];

    return memcmp(unit, hole, sizeof(hole)) == 0;
}

/* The file is renamed into place whole, so that no device is left half made. */
static enum error_code make(struct slotfile *s, const char *path,
                            const struct slotfile_factory *factory)
{
    char part[4096];
    size_t n = strlen(path);

    if (n + sizeof(".new") > sizeof(part) || factory->image_len % FLASH_UNIT != 0 ||
        factory->image_len > (size_t)SLOTFILE_SLOT_SECTORS * SLOTFILE_SECTOR_LEN)
        return EC_CONFIG;
    memcpy(part, path, n);
    memcpy(part + n, ".new", sizeof(".new"));
    s->fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (s->fd < 0 || ftruncate(s->fd, SIZE) != 0)
        return EC_IO;
    for (size_t at = 0; at < factory->image_len; at += FLASH_UNIT) {
        uint8_t unit[FLASH_UNIT];

        for (int i = 0; i < FLASH_UNIT; i++)
            unit[i] = (uint8_t)~factory->image[at + (size_t)i];
        if (!is_hole(unit) && pwrite(s->fd, unit, sizeof(unit),
                                     AREA_A * SLOTFILE_SECTOR_LEN + (off_t)at) != sizeof(unit))
            return EC_IO;
    }
    return rename(part, path) == 0 ? EC_OK : EC_IO;
}

enum error_code slotfile_open(struct slotfile *s, const char *path,
                              const struct slotfile_factory *factory)
{
    enum error_code ec = EC_OK;
    struct stat st;
    void *map;

    memset(s, 0, sizeof(*s));
    s->fd = open(path, O_RDWR | O_CLOEXEC);
    if (s->fd < 0)
        ec = errno == ENOENT ? make(s, path, factory) : EC_IO;
    if (ec == EC_OK && (fstat(s->fd, &st) != 0 || st.st_size != SIZE))
        ec = EC_IO;
    if (ec == EC_OK) {
        map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, s->fd, 0);
        if (map == MAP_FAILED)
            ec = EC_IO;
        else
            s->bytes = map;
    }
    if (ec != EC_OK) {
        if (s->fd >= 0)
            close(s->fd);
        memset(s, 0, sizeof(*s));
        return ec;
    }
    set_port(s, factory);
    return EC_OK;
}

void slotfile_close(struct slotfile *s)
{
    if (s->bytes == NULL)
        return;
    munmap((void *)(uintptr_t)s->bytes, SIZE);
    close(s->fd);
    memset(s, 0, sizeof(*s));
}

enum error_code slotfile_boot(struct slotfile *s)
{
    struct bootsel_images images = {{0}};
    struct bootsel_choice c;
    struct bootlog log;
    enum error_code ec = bootlog_mount(&log, &s->port.log);

    if (ec != EC_OK)
        return ec;
    for (uint32_t i = 0; i < BOOTSEL_SLOTS; i++) {
        struct manifest m;

        if (bootsel_check(&s->port.slots[i], &s->port.terms, &m) == EC_OK)
            images.versions[i] = m.version;
    }
    c = bootsel_run(&images, &log);
    if (c.action == BOOTSEL_HALT)
        return EC_NOT_FOUND;
    s->port.running = c.slot;
    s->port.version = images.versions[c.slot];
    manifest_version_text(s->port.version, s->version);
    return EC_OK;
}
