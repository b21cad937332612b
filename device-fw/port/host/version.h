/* Version of the firmware as it stands in boot records and status messages. */
#ifndef BPTM_FIRMWARE_VERSION_H
#define BPTM_FIRMWARE_VERSION_H

#include <config.h>

#define BPTM_FIRMWARE_VERSION PACKAGE_VERSION "-host"

#endif
