/* The two firmware slots of a simulated device, with boot log and progress, in a file; its loader.
 */
#ifndef BPTM_SLOTFILE_H
#define BPTM_SLOTFILE_H

#include "update.h"

#define SLOTFILE_HARDWARE "bptm-host"

enum {
    SLOTFILE_SECTOR_LEN = 4096,
    SLOTFILE_SLOT_SECTORS = 128,
    SLOTFILE_ADDRESS_A = 0x21100000, /* what an image is linked for, as on the reference machine */
    SLOTFILE_ADDRESS_B = 0x21180000,
};

/** What a device leaves the factory with, shared by all homes of a process. */
struct slotfile_factory {
    uint8_t key[WIRE_KEY_LEN]; /* firmware key, public */
    const uint8_t *image;      /* signed image for slot A, manifest first; borrowed */
    size_t image_len;
};

struct slotfile {
    int fd; /* -1: none */
    const uint8_t *bytes;
    struct flash flash; /* its ctx is this struct: do not move it */
    struct update_port port;
    char version[MANIFEST_VERSION_TEXT]; /* of the image that runs */
};

/**
 * Open the slots of a device; a new file is made with the factory image in slot A. The file is
 * sparse: erased flash takes no room. `s` stays where it is until slotfile_close().
 * @param factory  borrowed until then
 * @return EC_OK; EC_IO; EC_CONFIG when the factory image does not fit
 */
enum error_code slotfile_open(struct slotfile *s, const char *path,
                              const struct slotfile_factory *factory) MUST_CHECK;

/** Accepts a zeroed struct. */
void slotfile_close(struct slotfile *s);

/** What the loader does at every start: choose, count, and say in `port` and `version` what runs.
 *  @return EC_OK; EC_NOT_FOUND when nothing may be started; EC_FLASH */
enum error_code slotfile_boot(struct slotfile *s) MUST_CHECK;

#endif
