/* A flash part in a file: the rules of raw flash, kept by the driver; survives a kill. */
#ifndef BPTM_FLASHFILE_H
#define BPTM_FLASHFILE_H

#include "error.h"
#include "flash.h"

enum {
    FLASHFILE_SECTOR_LEN = 4096,
    FLASHFILE_SETTINGS_FIRST = 0,
    FLASHFILE_JOURNAL_FIRST = 2, /* after the two slots of the settings */
    FLASHFILE_JOURNAL_SECTORS = 16,
    FLASHFILE_SECTORS = FLASHFILE_JOURNAL_FIRST + FLASHFILE_JOURNAL_SECTORS,
};

struct flashfile {
    int fd;               /* written with pwrite() */
    const uint8_t *bytes; /* the same, mapped for reading */
    uint32_t cut_in;      /* the power fails in this operation from now on; 0: in none */
    uint8_t dark;         /* it has failed: every operation fails until this is 0 again */
    struct flash flash;   /* its ctx is this struct: do not move it */
};

/** Make a new, erased part (mode 0600). @return EC_OK; EC_CONFLICT when the file exists; EC_IO */
enum error_code flashfile_create(const char *path) MUST_CHECK;

/** Open a part. `f` stays where it is until flashfile_close().
 *  @return EC_OK; EC_NOT_FOUND; EC_IO, also when the size is not that of a part */
enum error_code flashfile_open(struct flashfile *f, const char *path) MUST_CHECK;

/** Accepts a zeroed struct. */
void flashfile_close(struct flashfile *f);

/** The two areas of the part. */
struct flash flashfile_settings(const struct flashfile *f);
struct flash flashfile_journal(const struct flashfile *f);

#endif
