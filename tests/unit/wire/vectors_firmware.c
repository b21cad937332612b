/* Writers of the vectors about firmware: requests, and a manifest with its offer and one chunk. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "support.h"
#include "vectors.h"

static void must(enum error_code ec)
{
    if (ec != EC_OK)
        abort();
}

/* 24 bytes that stand for an image: 00, 01, 02, ... Their SHA-512 was made by sha512sum. */
static const uint8_t image[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
static const char image_sha512[] =
    "5330241e6f01a49b21ab0d01a9c76ad662e97a325bf8e24c4eb82c6f3b7d2538"
    "add98f62307f36f900f3934861b80fc9844b761be15460a1b102c26cf0410e83";

static struct manifest manifest(void)
{
    struct manifest m = {.version = 0x010203,
                         .size = sizeof image,
                         .address = 0x21180000,
                         .hardware = "bptm-mps2-an386"};
    support_unhex(image_sha512, m.sha512, sizeof m.sha512);
    return m;
}

void vectors_write_requests(FILE *out)
{
    static const struct {
        const char *name;
        uint32_t state, first, count;
    } rows[] = {
        {"sixteen chunks", FIRMWARE_LOADING, 4, FIRMWARE_WINDOW},
        {"one chunk", FIRMWARE_LOADING, 1, 1},
        {"staged", FIRMWARE_STAGED, 0, 0},
        {"failed", FIRMWARE_FAILED, 0, 0},
    };
    struct manifest m = manifest();
    struct cose_key device;
    support_device_key(&device);
    fputs("{\n  \"about\": \"what a device asks for, signed by the device; id is the start of the "
          "image's SHA-512\",\n  \"vectors\": [",
          out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct firmware_request r = {
            .state = (uint8_t)rows[i].state, .first = rows[i].first, .count = rows[i].count};
        uint8_t payload[FIRMWARE_REQUEST_MAX];
        size_t len = 0;
        memcpy(r.id, m.sha512, sizeof r.id);
        must(firmware_request_encode(&r, payload, sizeof payload, &len));
        fprintf(out, "%s\n    {\"name\": \"%s\"", i == 0 ? "" : ",", rows[i].name);
        vectors_put_hex(out, "id", r.id, sizeof r.id);
        fprintf(out, ", \"state\": %u, \"first\": %" PRIu32 ", \"count\": %" PRIu32, r.state,
                r.first, r.count);
        vectors_put_signed(out, COSE_FIRMWARE, &device, (struct span){payload, len});
        fputc('}', out);
    }
    fputs("\n  ]\n}\n", out);
}

void vectors_write_firmware(FILE *out)
{
    struct manifest m = manifest();
    struct firmware_chunk c = {.index = 1, .bytes = {image, sizeof image}};
    uint8_t bytes[MANIFEST_LEN], argument[FIRMWARE_ARGUMENT_MAX], chunk[FIRMWARE_CHUNK_MAX];
    struct cose_key fleet;
    size_t argument_len = 0, chunk_len = 0;
    support_fleet_key(&fleet);
    must(manifest_sign(&fleet, &m, bytes));
    memcpy(c.id, m.sha512, sizeof c.id);
    must(firmware_argument_encode((struct span){bytes, sizeof bytes}, argument, sizeof argument,
                                  &argument_len));
    must(firmware_chunk_encode(&c, chunk, sizeof chunk, &chunk_len));
    fputs("{\n  \"about\": \"an image, its manifest signed with the key 'fleet' of keys.json (in "
          "truth a key of its own), the argument of the command, its only chunk\",\n"
          "  \"vectors\": [\n    {\"name\": \"1.2.3\", \"version\": 66051, \"size\": 24, "
          "\"address\": 555220992, \"hardware\": \"bptm-mps2-an386\"",
          out);
    vectors_put_hex(out, "image", image, sizeof image);
    vectors_put_hex(out, "sha512", m.sha512, sizeof m.sha512);
    vectors_put_hex(out, "manifest", bytes, sizeof bytes);
    vectors_put_hex(out, "argument", argument, argument_len);
    vectors_put_hex(out, "chunk", chunk, chunk_len);
    fputs("}\n  ]\n}\n", out);
}
