/* bptmctl firmware: signs images, keeps them for the devices, and offers one. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec/elf_image.h"
#include "ctl/ctl.h"
#include "manifest.h"
#include "store/firmware_image.h"

enum {
    FILE_MAX = 16 * 1024 * 1024 - 1, /* an ELF file holds more than the image */
    IMAGE_MAX = MANIFEST_SPACE + MANIFEST_SIZE_MAX,
    EXPIRES_DEFAULT_S = 86400,
    EXPIRES_MIN_S = 60,
    EXPIRES_MAX_S = 604800,
};

/* ---- sign ---- */

enum { KEY, HARDWARE, VERSION, ADDRESS, OUT };

static enum error_code take_version(struct ctl *ctl, const char *text, uint32_t *ret)
{
    *ret = manifest_version_parse(text);
    return *ret != 0
               ? EC_OK
               : ctl_fail(ctl, EC_USAGE, "--image-version must be like 1.2.3, each up to 255");
}

static enum error_code take_address(struct ctl *ctl, const char *text, uint32_t *ret)
{
    char *end = NULL;

    errno = 0;
    unsigned long v = strtoul(text, &end, 16);
    if (*text == '\0' || *text == '-' || *end != '\0' || errno != 0 || v > UINT32_MAX)
        return ctl_fail(ctl, EC_USAGE, "--address must be hex digits, not '%s'", text);
    *ret = (uint32_t)v;
    return EC_OK;
}

/* The slot: an ELF file says it, and nobody may say otherwise. */
static enum error_code place(struct ctl *ctl, const uint32_t *linked, struct manifest *m)
{
    uint32_t address = 0;
    enum error_code ec = EC_OK;

    if (ctl->options[ADDRESS] != NULL)
        ec = take_address(ctl, ctl->options[ADDRESS], &address);
    else if (linked == NULL)
        ec = ctl_fail(ctl, EC_USAGE, "--address is required: %s is not an ELF file", ctl->argument);
    else
        address = *linked - MANIFEST_SPACE;
    if (ec == EC_OK && linked != NULL && address != *linked - MANIFEST_SPACE)
        ec = ctl_fail(ctl, EC_USAGE, "--address: the file is linked for 0x%08" PRIx32,
                      *linked - MANIFEST_SPACE);
    m->address = address;
    return ec;
}

/* The image behind the place of the manifest, padded; and the address of the slot. */
static enum error_code lay_out(struct ctl *ctl, const uint8_t *file, size_t len, uint8_t *ret,
                               struct manifest *m)
{
    size_t size = len;
    uint32_t first = 0;
    int is_elf = elf_image_is(file, len);
    enum error_code ec = EC_OK;

    memset(ret, 0xff, IMAGE_MAX);
    if (is_elf)
        ec = elf_image_flatten(file, len, ret + MANIFEST_SPACE, MANIFEST_SIZE_MAX, &size, &first);
    else if (len > MANIFEST_SIZE_MAX)
        ec = EC_WIRE_TOO_LARGE;
    else
        memcpy(ret + MANIFEST_SPACE, file, len);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s: %s", ctl->argument, error_text(ec));
    m->size = (uint32_t)(size + MANIFEST_SIZE_UNIT - 1) / MANIFEST_SIZE_UNIT * MANIFEST_SIZE_UNIT;
    if (is_elf && first < MANIFEST_SPACE)
        return ctl_fail(ctl, EC_CONFIG, "%s: is not linked for a slot", ctl->argument);
    return place(ctl, is_elf ? &first : NULL, m);
}

static enum error_code fill_manifest(struct ctl *ctl, struct manifest *m)
{
    const char *hardware = ctl->options[HARDWARE];

    if (strlen(hardware) > MANIFEST_HARDWARE_MAX)
        return ctl_fail(ctl, EC_USAGE, "--hardware has at most %d characters",
                        MANIFEST_HARDWARE_MAX);
    memcpy(m->hardware, hardware, strlen(hardware));
    return take_version(ctl, ctl->options[VERSION], &m->version);
}

static enum error_code sign_image(struct ctl *ctl, struct manifest *m, uint8_t *image)
{
    uint8_t seed[WIRE_SEED_LEN];
    struct cose_key key;
    enum error_code ec = ctl_key_read(ctl, ctl->options[KEY], seed);

    if (ec != EC_OK)
        return ec;
    crypto_hash_sha512(m->sha512, image + MANIFEST_SPACE, m->size);
    cose_key_init(&key, seed);
    sodium_memzero(seed, sizeof(seed));
    ec = manifest_sign(&key, m, image);
    cose_key_done(&key);
    return ec == EC_OK
               ? ec
               : ctl_fail(ctl, ec, "--hardware must be printable characters without blanks");
}

static void show(const struct manifest *m)
{
    char version[MANIFEST_VERSION_TEXT], id[2 * FIRMWARE_ID_LEN + 1];

    manifest_version_text(m->version, version);
    printf("version=%s hardware=%s address=0x%08" PRIx32 " size=%" PRIu32 " image=%s\n", version,
           m->hardware, m->address, m->size,
           sodium_bin2hex(id, sizeof(id), m->sha512, FIRMWARE_ID_LEN));
}

static enum error_code sign(struct ctl *ctl)
{
    struct manifest m = {.version = 0};
    uint8_t *file = NULL, *image = malloc(IMAGE_MAX);
    size_t len = 0;
    enum error_code ec = image != NULL ? ctl_read_file(ctl, FILE_MAX, &file, &len) : EC_NO_MEMORY;

    if (ec == EC_OK)
        ec = lay_out(ctl, file, len, image, &m);
    if (ec == EC_OK)
        ec = fill_manifest(ctl, &m);
    if (ec == EC_OK)
        ec = sign_image(ctl, &m, image);
    if (ec == EC_OK)
        ec = ctl_write_new(ctl, ctl->options[OUT], 0644, image, MANIFEST_SPACE + m.size);
    if (ec == EC_OK)
        show(&m);
    free(file);
    free(image);
    return ec;
}

/* ---- import ---- */

enum { FIRMWARE_KEY };

static enum error_code check_signature(struct ctl *ctl, const uint8_t *bytes)
{
    const char *text = ctl->options[FIRMWARE_KEY];
    uint8_t key[1][WIRE_KEY_LEN];
    size_t len = 0;
    const char *end = NULL;

    if (text == NULL)
        return EC_OK;
    if (sodium_hex2bin(key[0], WIRE_KEY_LEN, text, strlen(text), NULL, &len, &end) != 0 ||
        len != WIRE_KEY_LEN || *end != '\0')
        return ctl_fail(ctl, EC_USAGE, "--firmware-key must be %d hex digits", 2 * WIRE_KEY_LEN);
    return manifest_verify(bytes, (const uint8_t(*)[WIRE_KEY_LEN])key, 1) == EC_OK
               ? EC_OK
               : ctl_fail(ctl, EC_COSE_SIGNATURE, "%s: is not signed by this key", ctl->argument);
}

static enum error_code judge(struct ctl *ctl, const uint8_t *file, size_t len, struct manifest *ret)
{
    uint8_t hash[MANIFEST_HASH_LEN];

    if (len < MANIFEST_SPACE || manifest_decode(file, ret) != EC_OK)
        return ctl_fail(ctl, EC_WIRE_TYPE, "%s: is not a signed image", ctl->argument);
    if (len != MANIFEST_SPACE + (size_t)ret->size)
        return ctl_fail(ctl, EC_WIRE_RANGE, "%s: holds %zu bytes, its manifest says %zu",
                        ctl->argument, len, MANIFEST_SPACE + (size_t)ret->size);
    crypto_hash_sha512(hash, file + MANIFEST_SPACE, ret->size);
    if (memcmp(hash, ret->sha512, sizeof(hash)) != 0)
        return ctl_fail(ctl, EC_CONFLICT, "%s: is not the image that was signed", ctl->argument);
    return check_signature(ctl, file);
}

static enum error_code import(struct ctl *ctl)
{
    struct manifest m = {.version = 0};
    uint8_t *file = NULL;
    size_t len = 0;
    enum error_code ec = ctl_read_file(ctl, FILE_MAX, &file, &len);

    if (ec == EC_OK)
        ec = judge(ctl, file, len, &m);
    if (ec == EC_OK) {
        ec = firmware_image_put(ctl->db, &m, file, file + MANIFEST_SPACE);
        if (ec == EC_CONFLICT)
            ec = ctl_fail(ctl, ec, "%s: another image of this version is there", ctl->argument);
        else if (ec != EC_OK)
            ec = ctl_fail_db(ctl, ec, ctl->argument);
    }
    if (ec == EC_OK)
        show(&m);
    free(file);
    return ec;
}

/* ---- offer ---- */

enum { OFFER_DEVICE, OFFER_VERSION, OFFER_HARDWARE, OFFER_EXPIRES };

static enum error_code offer(struct ctl *ctl)
{
    struct firmware_offer o = {.serial = ctl->options[OFFER_DEVICE],
                               .hardware = ctl->options[OFFER_HARDWARE]};
    char note[DB_NOTE_MAX] = "";
    long expires_s = EXPIRES_DEFAULT_S;
    int64_t counter = 0;
    enum error_code ec = take_version(ctl, ctl->options[OFFER_VERSION], &o.version);

    if (ec != EC_OK)
        return ec;
    if (ctl->options[OFFER_EXPIRES] != NULL &&
        !ctl_number(ctl, "--expires-in", ctl->options[OFFER_EXPIRES], EXPIRES_MIN_S, EXPIRES_MAX_S,
                    &expires_s))
        return EC_USAGE;
    o.expires_in_s = expires_s;
    ec = firmware_image_offer(ctl->db, &o, note, &counter);
    if (ec != EC_OK)
        return ctl_fail(ctl, ec, "%s %s: %s", o.serial, ctl->options[OFFER_VERSION],
                        note[0] != '\0' ? note : error_text(ec));
    printf("counter=%" PRId64 "\n", counter);
    return EC_OK;
}

const struct ctl_command ctl_firmware_commands[] = {
    {.words = "firmware sign",
     .argument = "IMAGE",
     .doc = "Sign an image (ELF, or binary with --address) with the firmware key.",
     .options = {{"key", CTL_OPTION(KEY), "FILE", 0, "firmware key, as 'key create' makes it", 0},
                 {"hardware", CTL_OPTION(HARDWARE), "ID", 0, "machine that it is for", 0},
                 {"image-version", CTL_OPTION(VERSION), "A.B.C", 0, "above all that came before",
                  0},
                 {"address", CTL_OPTION(ADDRESS), "HEX", 0, "of the slot it is linked for", 0},
                 {"out", CTL_OPTION(OUT), "FILE", 0, "new file for the signed image", 0},
                 {0}},
     .required = 1U << KEY | 1U << HARDWARE | 1U << VERSION | 1U << OUT,
     .run = sign},
    {.words = "firmware import",
     .argument = "IMAGE",
     .doc = "Keep a signed image, so that devices can be offered it.",
     .options = {{"firmware-key", CTL_OPTION(FIRMWARE_KEY), "HEX", 0,
                  "refuse what this public key has not signed", 0},
                 {0}},
     .needs_database = 1,
     .run = import},
    {.words = "firmware offer",
     .doc = "Offer a version to one device, as a command in its outbox.",
     .options = {{"device", CTL_OPTION(OFFER_DEVICE), "SERIAL", 0, "to whom", 0},
                 {"image-version", CTL_OPTION(OFFER_VERSION), "A.B.C", 0, "what", 0},
                 {"hardware", CTL_OPTION(OFFER_HARDWARE), "ID", 0,
                  "when there are images for more than one", 0},
                 {"expires-in", CTL_OPTION(OFFER_EXPIRES), "S", 0,
                  "seconds in which it may begin (86400)", 0},
                 {0}},
     .required = 1U << OFFER_DEVICE | 1U << OFFER_VERSION,
     .needs_database = 1,
     .run = offer},
    {.words = NULL},
};
