/* The version, from the build. */
#include "version.h"

const char firmware_version[] = VERSION;
