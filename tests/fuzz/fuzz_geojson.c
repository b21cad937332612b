/* Fuzz target: a GeoJSON file of areas. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/geojson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_whole(const struct geojson *g)
{
    if (g->count > GEOJSON_FEATURES_MAX)
        abort();
    for (size_t i = 0; i < g->count; i++)
        if (g->areas[i].name == NULL || g->areas[i].geometry == NULL)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct geojson_names names = {"name", "tier"};
    struct geojson g = {NULL, 0};
    char path[32], system[GEOJSON_SYSTEM_MAX] = "", note[GEOJSON_NOTE_MAX] = "";
    int fd = memfd_create("areas", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (geojson_read(path, &names, &g, system, note) == EC_OK)
        must_be_whole(&g);
    else if (note[0] == '\0')
        abort();
    geojson_done(&g);
    close(fd);
    return 0;
}
