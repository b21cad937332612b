/* A file of areas, whatever its format and coordinate system, as GeoJSON in longitude and latitude.
 */
#include <config.h> /* extensions of GNU */

#include "ctl/zone_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/sandbox.h"

enum { SAID_MAX = 64 * 1024, CRS_MAX = 20 };

/* What GDAL is to be told in its environment: nothing of the network, nothing beside the file. */
static const char *const env[] = {"PROJ_NETWORK=OFF",     "GDAL_PAM_ENABLED=NO",
                                  "GDAL_NUM_THREADS=1",   "OGR_GEOJSON_MAX_OBJ_SIZE=0",
                                  "SHAPE_RESTORE_SHX=NO", NULL};

/* The formats: the name of the copy, and the name that it has for GDAL, which forces the driver. */
struct format {
    const char *copy, *dataset;
};
static const struct format geojson = {"input.geojson", "GEOJSON:input.geojson"};
static const struct format esri_json = {"input.json", "ESRIJSON:input.json"};
static const struct format shapefile = {"input.shp", "input.shp"};
static const char *const beside[] = {"shx", "dbf", "prj", "cpg", NULL};

static enum error_code refuse(char *ret_note, enum error_code ec, const char *what,
                              const char *value)
{
    snprintf(ret_note, IMPORT_NOTE_MAX, "%s%.300s", what, value);
    return ec;
}

/* -- what the file is ------------------------------------------------------------------------ */

static const struct format *judge_bytes(const char *at, size_t len)
{
    static const char magic[4] = {0, 0, 0x27, 0x0a};
    size_t n = 0;

    if (len >= sizeof(magic) && memcmp(at, magic, sizeof(magic)) == 0)
        return &shapefile;
    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        n = 3;
    while (n < len && isspace((unsigned char)at[n]))
        n++;
    if (n == len || at[n] != '{')
        return NULL;
    if (memmem(at, len, "\"FeatureCollection\"", 19) == NULL &&
        memmem(at, len, "\"rings\"", 7) != NULL)
        return &esri_json;
    return &geojson;
}

static enum error_code find_format(const char *path, const struct format **ret, char *ret_note)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        return refuse(ret_note, EC_IO, "", strerror(errno));
    }
    if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > LIMIT_ZONES_BYTES) {
        close(fd);
        return refuse(ret_note, EC_FIELDS_INVALID, "is not a file of 1 byte to 256 MiB", "");
    }
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        return refuse(ret_note, EC_IO, "", strerror(errno));
    *ret = judge_bytes(at, (size_t)st.st_size);
    munmap(at, (size_t)st.st_size);
    return *ret != NULL ? EC_OK
                        : refuse(ret_note, EC_FIELDS_INVALID,
                                 "is neither GeoJSON, Esri JSON nor a Shapefile (.shp)", "");
}

/* -- copies, so that no name of the operator's reaches GDAL ----------------------------------- */

static int copy_file(const char *from, const char *folder, const char *name)
{
    char to[SANDBOX_FOLDER_MAX + 32];
    struct stat st;
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, good = 0;

    snprintf(to, sizeof(to), "%s/%s", folder, name);
    if (in >= 0 && fstat(in, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= LIMIT_ZONES_BYTES)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    for (ssize_t n = 1; out >= 0 && n > 0; good = n == 0)
        n = sendfile(out, in, NULL, 1 << 20);
    if (out >= 0)
        close(out);
    if (in >= 0)
        close(in);
    return good;
}

static enum error_code copy_input(const char *path, const struct format *format, const char *folder,
                                  char *ret_note)
{
    char from[SANDBOX_FOLDER_MAX], name[16];
    int stem = (int)strlen(path) - 4;

    if (!copy_file(path, folder, format->copy))
        return refuse(ret_note, EC_IO, "could not be copied", "");
    for (int i = 0; format == &shapefile && beside[i] != NULL; i++) {
        snprintf(from, sizeof(from), "%.*s.%s", stem, path, beside[i]);
        snprintf(name, sizeof(name), "input.%s", beside[i]);
        if (!copy_file(from, folder, name) && i < 2)
            return refuse(ret_note, EC_FIELDS_INVALID, "has no readable .shx and .dbf beside it",
                          "");
    }
    return EC_OK;
}

/* -- GDAL ------------------------------------------------------------------------------------ */

static const char *const telling[] = {"reproject feature ", "SRS definition from ", NULL};

static enum error_code run(const char *folder, const char *const *argv, const char *out,
                           char *ret_note)
{
    const struct sandbox box = {.argv = argv,
                                .env = env,
                                .folder = folder,
                                .out = out,
                                .telling = telling,
                                .seconds = LIMIT_ZONES_S,
                                .memory_bytes = (size_t)LIMIT_ZONES_MEMORY_MIB << 20,
                                .file_bytes = GEOJSON_BYTES_MAX};
    char note[SANDBOX_NOTE_MAX] = "";
    enum error_code ec = sandbox_run(&box, note);
    const char *at = strstr(note, "reproject feature ");
    long place = -1;

    if (ec == EC_OK)
        return ec;
    if (at == NULL || sscanf(at, "reproject feature %ld", &place) != 1)
        return refuse(ret_note, ec, "", note);
    snprintf(ret_note, IMPORT_NOTE_MAX,
             "feature %ld, counted from 0: lies where its coordinate system is not used", place);
    return ec;
}

/* The text that a program said, to be freed. */
static char *said(const char *folder, const char *name)
{
    char path[SANDBOX_FOLDER_MAX + 16];
    char *text = calloc(1, SAID_MAX);

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "re");
    size_t len = f != NULL && text != NULL ? fread(text, 1, SAID_MAX - 1, f) : 0;
    if (f != NULL)
        fclose(f);
    if (len == 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* BBOX[south,west,north,east] of a description of a coordinate system, its last. */
static void take_use(const char *text, struct import_box *ret)
{
    double s, w, n, e;
    const char *at = NULL;

    for (const char *p = strstr(text, "BBOX["); p != NULL; p = strstr(p + 1, "BBOX["))
        at = p;
    if (at == NULL || sscanf(at, "BBOX[%lf,%lf,%lf,%lf]", &s, &w, &n, &e) != 4)
        return;
    if (w < e && s < n)
        *ret = (struct import_box){1, w, s, e, n};
}

/* What is known of the file's coordinate system; or of the one that the operator says it has. */
static enum error_code look(const char *folder, const struct format *format, const char *crs,
                            struct import_box *ret_use, char *ret_note)
{
    const char *const layer[] = {"ogrinfo",  "-ro",       "-so",           "-al",
                                 "-nocount", "-noextent", format->dataset, NULL};
    const char *const system[] = {"gdalsrsinfo", "-o", "wkt2_2019", crs, NULL};
    enum error_code ec = run(folder, crs != NULL ? system : layer, "said", ret_note);
    char *text = ec == EC_OK ? said(folder, "said") : NULL;

    if (ec == EC_OK && text == NULL)
        ec = refuse(ret_note, EC_FIELDS_INVALID, "has no layer that can be read", "");
    else if (ec == EC_OK && crs == NULL &&
             (strstr(text, "CRS[") == NULL || strstr(text, "LOCAL_CS") != NULL))
        ec = refuse(ret_note, EC_FIELDS_INVALID,
                    "does not say which coordinate system it has: give --crs", "");
    else if (ec == EC_OK)
        take_use(text, ret_use);
    free(text);
    return ec;
}

static enum error_code convert(const char *folder, const struct zone_file *file,
                               const struct format *format, struct geojson *ret,
                               struct import_box *ret_use, char *ret_note)
{
    char path[SANDBOX_FOLDER_MAX + 32];
    /* 17 digits are every bit of a double; nothing is simplified, clipped or made valid */
    const char *argv[] = {"ogr2ogr",
                          "-f",
                          "GeoJSON",
                          "-t_srs",
                          "OGC:CRS84",
                          "-dim",
                          "XY",
                          "-lco",
                          "SIGNIFICANT_FIGURES=17",
                          "-lco",
                          "RFC7946=NO",
                          "output.geojson",
                          format->dataset,
                          NULL,
                          NULL,
                          NULL};
    enum error_code ec = copy_input(file->path, format, folder, ret_note);

    if (file->crs != NULL) {
        argv[13] = "-s_srs";
        argv[14] = file->crs;
    }
    if (ec == EC_OK)
        ec = look(folder, format, file->crs, ret_use, ret_note);
    if (ec == EC_OK)
        ec = run(folder, argv, "said", ret_note);
    snprintf(path, sizeof(path), "%s/output.geojson", folder);
    return ec == EC_OK ? geojson_read(path, &file->names, ret, NULL, ret_note) : ec;
}

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* A name that GDAL looks up, and nothing that it would open. */
static int is_crs(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-";
    int known = begins(text, "EPSG:") || begins(text, "ESRI:") || begins(text, "urn:ogc:def:crs:");

    return known && text[strspn(text, letters)] == '\0';
}

/* GDAL takes GeoJSON of a system that it does not know for longitude and latitude, so the name that
   the file gives is looked up like one that the operator gives. */
static enum error_code find_system(const struct zone_file *file, const struct format *format,
                                   struct geojson *ret, char *system, char *ret_note)
{
    enum error_code ec = EC_OK;

    if (file->crs != NULL)
        snprintf(system, GEOJSON_SYSTEM_MAX, "%s", file->crs);
    else if (format == &geojson)
        ec = geojson_read(file->path, &file->names, ret, system, ret_note);
    if (system[0] == '\0' || is_crs(system))
        return system[0] != '\0' ? EC_OK : ec;
    return refuse(ret_note, EC_FIELDS_INVALID,
                  "a coordinate system must be named like EPSG:3310, not ", system);
}

enum error_code zone_file_read(const struct zone_file *file, struct geojson *ret,
                               struct import_box *ret_use, char *ret_note)
{
    char folder[SANDBOX_FOLDER_MAX], note[SANDBOX_NOTE_MAX] = "", system[GEOJSON_SYSTEM_MAX] = "";
    const struct format *format = NULL;
    enum error_code ec = find_format(file->path, &format, ret_note);

    if (ec == EC_OK)
        ec = find_system(file, format, ret, system, ret_note);
    if (ec != EC_OK || (format == &geojson && system[0] == '\0'))
        return ec;
    ec = sandbox_folder(folder, note);
    if (ec != EC_OK)
        return refuse(ret_note, ec, "", note);
    const struct zone_file named = {file->path, system[0] != '\0' ? system : NULL, file->names};
    ec = convert(folder, &named, format, ret, ret_use, ret_note);
    sandbox_remove(folder);
    return ec;
}
