/* What this image calls itself in boot records and status messages. */
#ifndef BPTM_FIRMWARE_VERSION_H
#define BPTM_FIRMWARE_VERSION_H

/** Static text, such as "0.1.0-mps2"; set by the build. */
extern const char firmware_version[];

#endif
