/* Keys, settings and files of new devices. */
#include <config.h>

#include "provision.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cose.h"
#include "flashfile.h"

enum {
    PASSWORD_BYTES = 18, /* 24 characters of base64 */
    BLOB_LEN = SETTINGS_SECTORS * FLASHFILE_SECTOR_LEN,
};

enum error_code provision_path(const char *dir, unsigned number, char ret[PROVISION_PATH_MAX])
{
    int n = snprintf(ret, PROVISION_PATH_MAX, "%s/home-%05u.flash", dir, number);

    return n > 0 && n < PROVISION_PATH_MAX ? EC_OK : EC_USAGE;
}

static enum error_code blob_path(const char *dir, const char *serial, char ret[PROVISION_PATH_MAX])
{
    int n = snprintf(ret, PROVISION_PATH_MAX, "%s/%s.settings", dir, serial);

    return n > 0 && n < PROVISION_PATH_MAX ? EC_OK : EC_USAGE;
}

/* Secrets of a device: random, or for repeatable trials a hash of seed, serial and purpose. */
static void secret(const struct provision_config *c, const char *serial, const char *purpose,
                   uint8_t *ret, size_t len)
{
    char from[128];
    int n;

    if (!c->seeded) {
        randombytes_buf(ret, len);
        return;
    }
    n = snprintf(from, sizeof(from), "%llu/%s/%s", (unsigned long long)c->seed, serial, purpose);
    crypto_generichash(ret, len, (const uint8_t *)from, (size_t)n, NULL, 0);
}

static enum error_code make_settings(const struct provision_config *c, unsigned number,
                                     struct settings *ret)
{
    uint8_t password[PASSWORD_BYTES];
    int n;

    *ret = *c->settings;
    n = snprintf(ret->device, sizeof(ret->device), "%s%05u", c->serial_prefix, number);
    if (n < 0 || n >= (int)sizeof(ret->device))
        return EC_CONFIG;
    secret(c, ret->device, "seed", ret->seed, sizeof(ret->seed));
    secret(c, ret->device, "password", password, sizeof(password));
    sodium_bin2base64(ret->password, sizeof(ret->password), password, sizeof(password),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(password, sizeof(password));
    if (c->psk) {
        secret(c, ret->device, "psk", ret->psk, sizeof(ret->psk));
        ret->psk_len = sizeof(ret->psk);
    }
    return settings_check(ret);
}

static enum error_code write_image(const char *path, const struct settings *s)
{
    struct flashfile file = {0};
    struct flash area;
    enum error_code ec = flashfile_create(path);

    if (ec == EC_OK)
        ec = flashfile_open(&file, path);
    if (ec != EC_OK)
        return ec;
    area = flashfile_settings(&file);
    ec = settings_store(&area, s);
    flashfile_close(&file);
    return ec;
}

/* ---- the blob: a little flash in memory ---- */

static int blob_read(void *ctx, uint32_t at, void *buf, uint32_t len)
{
    memcpy(buf, (uint8_t *)ctx + at, len);
    return 0;
}

static int blob_program(void *ctx, uint32_t at, const void *buf, uint32_t len)
{
    memcpy((uint8_t *)ctx + at, buf, len);
    return 0;
}

static int blob_erase(void *ctx, uint32_t sector)
{
    memset((uint8_t *)ctx + sector * FLASHFILE_SECTOR_LEN, FLASH_BLANK, FLASHFILE_SECTOR_LEN);
    return 0;
}

static enum error_code write_new(const char *path, const uint8_t *at, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int ok;

    if (fd < 0)
        return errno == EEXIST ? EC_CONFLICT : EC_IO;
    ok = write(fd, at, len) == (ssize_t)len && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (!ok)
        unlink(path);
    return ok ? EC_OK : EC_IO;
}

static enum error_code write_blob(const char *path, const struct settings *s)
{
    uint8_t bytes[BLOB_LEN];
    const struct flash area = {.ctx = bytes,
                               .sector_len = FLASHFILE_SECTOR_LEN,
                               .sector_count = SETTINGS_SECTORS,
                               .read = blob_read,
                               .program = blob_program,
                               .erase = blob_erase};
    enum error_code ec;

    memset(bytes, FLASH_BLANK, sizeof(bytes));
    ec = settings_store(&area, s);
    if (ec == EC_OK)
        ec = write_new(path, bytes, sizeof(bytes));
    sodium_memzero(bytes, sizeof(bytes));
    return ec;
}

/* What others have to know of the devices; psk is NULL without keys for TLS. */
struct lists {
    FILE *manifest, *passwd, *psk;
};

static int write_lines(const struct settings *s, const struct lists *l)
{
    struct cose_key key;
    char hex[2 * WIRE_KEY_LEN + 1], psk[2 * SETTINGS_PSK_LEN + 1];
    int ok;

    cose_key_init(&key, s->seed);
    sodium_bin2hex(hex, sizeof(hex), key.public_key, sizeof(key.public_key));
    ok = fprintf(l->manifest, "%s,%s,%s,%s\n", s->device, hex, s->model, s->hardware) > 0 &&
         fprintf(l->passwd, "%s:%s\n", s->device, s->password) > 0;
    if (l->psk != NULL) {
        sodium_bin2hex(psk, sizeof(psk), s->psk, s->psk_len);
        ok = ok && fprintf(l->psk, "%s:%s\n", s->device, psk) > 0;
        sodium_memzero(psk, sizeof(psk));
    }
    cose_key_done(&key);
    return ok;
}

static enum error_code make_home(const struct provision_config *c, unsigned number,
                                 const struct lists *l)
{
    char path[PROVISION_PATH_MAX];
    struct settings s;
    enum error_code ec = make_settings(c, number, &s);

    if (ec == EC_OK)
        ec = c->blobs ? blob_path(c->dir, s.device, path) : provision_path(c->dir, number, path);
    if (ec == EC_OK)
        ec = c->blobs ? write_blob(path, &s) : write_image(path, &s);
    if (ec == EC_OK && !write_lines(&s, l))
        ec = EC_IO;
    sodium_memzero(&s, sizeof(s));
    if (ec != EC_OK)
        fprintf(stderr, "error=%s could not make device %u (%s)\n", error_slug(ec), number,
                ec == EC_CONFLICT ? "its image exists" : error_text(ec));
    return ec;
}

static FILE *create(const char *dir, const char *name, mode_t mode)
{
    char path[PROVISION_PATH_MAX];
    FILE *file = NULL;
    int fd = -1;

    if (snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path))
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd >= 0)
        file = fdopen(fd, "w");
    if (file == NULL) {
        fprintf(stderr, "error=io could not create '%s/%s': %s\n", dir, name, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return file;
}

enum error_code provision_run(const struct provision_config *c)
{
    struct lists l = {NULL, NULL, NULL};
    enum error_code ec = EC_IO;

    if (mkdir(c->dir, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "error=io could not make '%s': %s\n", c->dir, strerror(errno));
        return EC_IO;
    }
    l.manifest = create(c->dir, "manifest.csv", 0644);
    if (l.manifest == NULL)
        goto done;
    l.passwd = create(c->dir, "passwd", 0600);
    if (l.passwd == NULL)
        goto done;
    if (c->psk && (l.psk = create(c->dir, "psk", 0600)) == NULL)
        goto done;
    ec = fputs("serial,public_key,model,hardware_revision\n", l.manifest) < 0 ? EC_IO : EC_OK;
    for (unsigned i = 1; i <= c->homes && ec == EC_OK; i++)
        ec = make_home(c, i, &l);
done:
    if (l.manifest != NULL && fclose(l.manifest) != 0)
        ec = EC_IO;
    if (l.passwd != NULL && fclose(l.passwd) != 0)
        ec = EC_IO;
    if (l.psk != NULL && fclose(l.psk) != 0)
        ec = EC_IO;
    return ec;
}
