/* Firmware over the air: the vectors both ways, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "firmware.h"
#include "support.h"

#define ID "480001020304050607"
#define B8 "480000000000000000"

static void test_vector(void **state)
{
    (void)state;
    json_t *file = support_vectors("firmware.json");
    const json_t *v = json_array_get(support_member(file, "vectors"), 0);
    uint8_t bytes[MANIFEST_LEN], argument[FIRMWARE_ARGUMENT_MAX], image[64], message[256];
    uint8_t again[FIRMWARE_ARGUMENT_MAX];
    struct span in = support_bytes(v, "manifest", bytes, sizeof bytes), out = {0};
    struct manifest m;
    struct cose_key fleet;
    struct firmware_chunk c;
    size_t len = 0;

    support_fleet_key(&fleet);
    assert_int_equal(in.len, MANIFEST_LEN);
    assert_int_equal(manifest_decode(bytes, &m), EC_OK);
    assert_int_equal(manifest_verify(bytes, (const uint8_t(*)[WIRE_KEY_LEN])fleet.public_key, 1),
                     EC_OK);
    assert_int_equal(m.version, support_number(v, "version"));
    assert_int_equal(m.size, support_number(v, "size"));
    assert_int_equal(m.address, support_number(v, "address"));
    assert_string_equal(m.hardware, support_string(v, "hardware"));
    in = support_bytes(v, "argument", argument, sizeof argument);
    assert_int_equal(firmware_argument_decode(in, &out), EC_OK);
    assert_int_equal(out.len, MANIFEST_LEN);
    assert_memory_equal(out.at, bytes, MANIFEST_LEN);
    assert_int_equal(firmware_argument_encode(out, again, sizeof again, &len), EC_OK);
    assert_int_equal(len, in.len);
    assert_memory_equal(again, argument, len);
    in = support_bytes(v, "chunk", message, sizeof message);
    assert_int_equal(firmware_chunk_decode(in, &c), EC_OK);
    assert_int_equal(c.index, 1);
    in = support_bytes(v, "image", image, sizeof image);
    assert_int_equal(c.bytes.len, in.len);
    assert_memory_equal(c.bytes.at, image, in.len);
    json_decref(file);
}

static void test_requests(void **state)
{
    (void)state;
    json_t *file = support_vectors("request.json");
    const json_t *vectors = support_member(file, "vectors");

    assert_true(json_array_size(vectors) >= 4);
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *v = json_array_get(vectors, i);
        uint8_t bytes[FIRMWARE_REQUEST_MAX], again[FIRMWARE_REQUEST_MAX], id[FIRMWARE_ID_LEN];
        struct span in = support_bytes(v, "payload", bytes, sizeof bytes);
        struct firmware_request r;
        size_t len = 0;

        assert_int_equal(firmware_request_decode(in, &r), EC_OK);
        assert_int_equal(r.state, support_number(v, "state"));
        assert_int_equal(r.first, support_number(v, "first"));
        assert_int_equal(r.count, support_number(v, "count"));
        support_bytes(v, "id", id, sizeof id);
        assert_memory_equal(r.id, id, sizeof id);
        assert_int_equal(firmware_request_encode(&r, again, sizeof again, &len), EC_OK);
        assert_int_equal(len, in.len);
        assert_memory_equal(again, bytes, len);
        assert_true(strlen(support_string(v, "message")) / 2 <= FIRMWARE_REQUEST_MAX);
    }
    json_decref(file);
}

static enum error_code as_argument(struct span in)
{
    struct span out;
    return firmware_argument_decode(in, &out);
}

static enum error_code as_request(struct span in)
{
    struct firmware_request r;
    return firmware_request_decode(in, &r);
}

static enum error_code as_chunk(struct span in)
{
    struct firmware_chunk c;
    return firmware_chunk_decode(in, &c);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        enum error_code (*as)(struct span in);
        const char *hex;
        enum error_code ec;
    } rows[] = {
        {as_argument, "", EC_WIRE_TRUNCATED},
        {as_argument, "a0", EC_WIRE_MISSING},
        {as_argument, "a10140", EC_WIRE_RANGE},
        {as_argument, "a101" ID, EC_WIRE_RANGE},
        {as_argument, "a10240", EC_WIRE_MISSING},
        {as_argument, "a101f6", EC_WIRE_TYPE},
        {as_argument, "a10158c000", EC_WIRE_TRUNCATED},
        {as_request, "a401" ID "020003010400", EC_WIRE_RANGE}, /* loading without a count */
        {as_request, "a401" ID "020003000401", EC_WIRE_RANGE}, /* the manifest's place */
        {as_request, "a401" ID "020003010411", EC_WIRE_RANGE},
        {as_request, "a401" ID "020103010401", EC_WIRE_RANGE}, /* staged, and still asking */
        {as_request, "a401" ID "020303000400", EC_WIRE_RANGE},
        {as_request, "a401" ID "0200031910010401", EC_WIRE_RANGE},
        {as_request, "a301" ID "02010300", EC_WIRE_MISSING},
        {as_request, "a4014100020003010401", EC_WIRE_RANGE},
        {as_chunk, "a301" ID "020003" B8, EC_WIRE_RANGE},
        {as_chunk, "a301" ID "0219100103" B8, EC_WIRE_RANGE},
        {as_chunk, "a301" ID "02010340", EC_WIRE_RANGE},
        {as_chunk,
         "a301" ID "02010347"
         "00000000000000",
         EC_WIRE_RANGE},
        {as_chunk, "a301" ID "020103590408", EC_WIRE_TRUNCATED},
        {as_chunk, "a301" ID "020103" B8 "00", EC_WIRE_TRAILING},
        {as_chunk, "a201200200", EC_WIRE_MISSING},
        {as_chunk, "a3014700010203040506020103" B8, EC_WIRE_RANGE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t buf[256];
        size_t len = support_unhex(rows[i].hex, buf, sizeof buf);
        enum error_code ec = rows[i].as((struct span){buf, len});

        if (ec != rows[i].ec)
            fail_msg("%s: %s", rows[i].hex, error_slug(ec));
    }
}

static void test_largest_fits(void **state)
{
    (void)state;
    uint8_t bytes[FIRMWARE_CHUNK_LEN + 8] = {0}, buf[FIRMWARE_CHUNK_MAX];
    struct firmware_chunk c = {.index = FIRMWARE_CHUNKS_MAX - 1,
                               .bytes = {bytes, FIRMWARE_CHUNK_LEN}};
    size_t len = 0;

    assert_int_equal(firmware_chunk_encode(&c, buf, sizeof buf, &len), EC_OK);
    c.bytes.len += 8;
    assert_int_equal(firmware_chunk_encode(&c, buf, sizeof buf, &len), EC_WIRE_RANGE);
    c.bytes.len = FIRMWARE_IMAGES_MAX * MANIFEST_LEN;
    assert_int_equal(firmware_argument_encode(c.bytes, buf, FIRMWARE_ARGUMENT_MAX, &len), EC_OK);
    c.bytes.len += MANIFEST_LEN;
    assert_int_equal(firmware_argument_encode(c.bytes, buf, sizeof buf, &len), EC_WIRE_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_largest_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
