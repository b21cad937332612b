/* Making devices: images with keys and settings, the manifest, the broker's passwords. Used by
 * bptm-sim for homes and by bptmctl for meters. */
#ifndef BPTM_PROVISION_H
#define BPTM_PROVISION_H

#include "error.h"
#include "settings.h"

enum { PROVISION_PATH_MAX = 4096 };

struct provision_config {
    const char *dir;
    unsigned homes;
    const char *serial_prefix;
    int seeded; /* 1: keys and passwords follow from seed; 0: random */
    uint64_t seed;
    int blobs;                       /* 1: SERIAL.settings, two slots to be programmed into a meter;
                                        0: home-NNNNN.flash, a whole part for bptm-sim */
    int psk;                         /* 1: a key for TLS each, and the file psk */
    const struct settings *settings; /* what all devices have in common */
};

/** Path of a home's flash image: DIR/home-00001.flash. @return EC_OK; EC_USAGE when too long */
enum error_code provision_path(const char *dir, unsigned number,
                               char ret[PROVISION_PATH_MAX]) MUST_CHECK;

/**
 * Write an image (mode 0600) for every device, manifest.csv, passwd and, if asked for, psk into an
 * existing or new folder.
 * A file that exists is never overwritten. Logs what is wrong.
 *
 * @return EC_OK; EC_CONFLICT; EC_IO; EC_CONFIG
 */
enum error_code provision_run(const struct provision_config *config) MUST_CHECK;

#endif
