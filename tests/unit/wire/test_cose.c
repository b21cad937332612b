/* Signed messages: limits, keys, what a header may hold. Forgeries are in the vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "support.h"

static void test_key(void **state)
{
    (void)state;
    struct cose_key key;
    const uint8_t zero[sizeof key] = {0};
    uint8_t kid[WIRE_KID_LEN];
    support_device_key(&key);
    cose_kid(key.public_key, kid);
    assert_memory_equal(kid, key.kid, sizeof kid);
    assert_memory_equal(key.secret + WIRE_SEED_LEN, key.public_key, WIRE_KEY_LEN);
    cose_key_done(&key);
    assert_memory_equal(&key, zero, sizeof key);
    cose_key_done(&key);
    cose_key_done(NULL);
}

static void test_aad(void **state)
{
    (void)state;
    static const char *const want[] = {
        [COSE_JOURNAL] = "bptm/1/journal/ABC",
        [COSE_STATUS] = "bptm/1/status/ABC",
        [COSE_RECEIPT] = "bptm/1/receipt/ABC",
        [COSE_COMMAND] = "bptm/1/command/ABC",
    };
    for (int purpose = COSE_JOURNAL; purpose <= COSE_COMMAND; purpose++) {
        uint8_t aad[WIRE_AAD_MAX];
        size_t len = cose_aad((enum cose_purpose)purpose, "ABC", aad);
        assert_int_equal(len, strlen(want[purpose]));
        assert_memory_equal(aad, want[purpose], len);
    }
}

static void test_aad_is_bounded(void **state)
{
    (void)state;
    char device[100];
    uint8_t aad[WIRE_AAD_MAX];
    memset(device, 'A', sizeof device);
    device[sizeof device - 1] = '\0';
    assert_int_equal(cose_aad(COSE_JOURNAL, device, aad), WIRE_AAD_MAX);
}

static void test_sign_limits(void **state)
{
    (void)state;
    enum { OVERHEAD = 2 + 4 + 2 + 9 + 3 + 66 };
    struct cose_key key;
    static uint8_t payload[WIRE_MESSAGE_MAX];
    uint8_t scratch[WIRE_SCRATCH_LEN];
    uint8_t out[WIRE_MESSAGE_MAX + 1];
    struct cose_sign1 parts;
    struct span aad = {(const uint8_t *)"aad", 3};
    struct span most = {payload, WIRE_MESSAGE_MAX - OVERHEAD};
    struct span more = {payload, most.len + 1};
    size_t len = 77;
    support_device_key(&key);
    assert_int_equal(cose_sign(&key, aad, more, scratch, out, sizeof out, &len), EC_WIRE_BUFFER);
    assert_int_equal(cose_sign(&key, aad, most, scratch, out, WIRE_MESSAGE_MAX - 1, &len),
                     EC_WIRE_BUFFER);
    assert_int_equal(len, 77);
    assert_int_equal(cose_sign(&key, aad, most, scratch, out, sizeof out, &len), EC_OK);
    assert_int_equal(len, WIRE_MESSAGE_MAX);
    assert_int_equal(cose_decode(out, len, &parts), EC_OK);
    assert_int_equal(cose_verify(&parts, aad, key.public_key, scratch), EC_OK);
    assert_int_equal(cose_decode(out, WIRE_MESSAGE_MAX + 1, &parts), EC_WIRE_TOO_LARGE);
}

static void test_largest_message_with_longest_aad_is_verified(void **state)
{
    (void)state;
    struct cose_key key;
    static uint8_t payload[WIRE_MESSAGE_MAX];
    uint8_t scratch[WIRE_SCRATCH_LEN];
    uint8_t out[WIRE_MESSAGE_MAX];
    uint8_t aad[WIRE_AAD_MAX] = {0};
    struct cose_sign1 parts;
    size_t len = 0;
    support_device_key(&key);
    assert_int_equal(cose_sign(&key, (struct span){aad, sizeof aad},
                               (struct span){payload, WIRE_MESSAGE_MAX - 86}, scratch, out,
                               sizeof out, &len),
                     EC_OK);
    assert_int_equal(cose_decode(out, len, &parts), EC_OK);
    assert_int_equal(cose_verify(&parts, (struct span){aad, sizeof aad}, key.public_key, scratch),
                     EC_OK);
}

/* Headers between the protected map and the payload, around an empty payload and a zero signature.
 */
static void test_headers(void **state)
{
    (void)state;
    static const struct {
        const char *protected_header; /* with its byte string head */
        const char *unprotected;
        enum error_code error;
        size_t kid_len;
    } rows[] = {
        {"43a10127", "a0", EC_OK, 0},
        {"43a10127", "a1044100", EC_OK, 1},
        {"43a10127", "a10450000102030405060708090a0b0c0d0e0f", EC_OK, 16},
        {"43a10127", "a10451000102030405060708090a0b0c0d0e0f10", EC_WIRE_RANGE, 0},
        {"43a10127", "a10440", EC_WIRE_RANGE, 0},
        {"43a10127", "a1046161", EC_WIRE_TYPE, 0},
        {"46a20127044101", "a0", EC_OK, 1},
        {"45a201270300", "a0", EC_OK, 0},
        {"46a2012761618100", "a0", EC_WIRE_TRUNCATED, 0},
        {"47a20127 61618100", "a0", EC_OK, 0},
        {"43a10127", "a120 8100", EC_OK, 0},
        {"43a10127", "a2 20 00 03 00", EC_WIRE_NOT_CANONICAL, 0},
        {"43a10127", "a1 4100 00", EC_WIRE_TYPE, 0},
        {"43a10127", "80", EC_WIRE_TYPE, 0},
        {"44a1012700", "a0", EC_WIRE_TRAILING, 0},
        {"43a1012a", "a0", EC_COSE_ALGORITHM, 0},
        {"43a1013b", "a0", EC_WIRE_TRUNCATED, 0},
        {"42a101", "a0", EC_WIRE_TRUNCATED, 0},
        {"45a2012702f6", "a0", EC_COSE_CRITICAL, 0},
        {"43a10301", "a0", EC_COSE_ALGORITHM, 0},
        {"43a10127", "a10127", EC_COSE_ALGORITHM, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t msg[256] = {0xd2, 0x84};
        struct cose_sign1 parts;
        size_t len = 2;
        len += support_unhex(rows[i].protected_header, msg + len, 32);
        len += support_unhex(rows[i].unprotected, msg + len, 32);
        len += support_unhex("40 5840", msg + len, 3);
        len += WIRE_SIGNATURE_LEN;
        enum error_code ec = cose_decode(msg, len, &parts);
        if (ec != rows[i].error || (ec == EC_OK && parts.kid.len != rows[i].kid_len))
            fail_msg("row %zu: %s", i, error_slug(ec));
    }
}

static void test_signature_length(void **state)
{
    (void)state;
    uint8_t msg[128];
    struct cose_sign1 parts = {.signature = msg};
    size_t len = support_unhex("d28443a10127a040 583f", msg, sizeof msg);
    memset(msg + len, 0, 65);
    assert_int_equal(cose_decode(msg, len + 63, &parts), EC_WIRE_RANGE);
    msg[len - 1] = 0x41;
    assert_int_equal(cose_decode(msg, len + 65, &parts), EC_WIRE_RANGE);
    assert_ptr_equal(parts.signature, msg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_aad),
        cmocka_unit_test(test_aad_is_bounded),
        cmocka_unit_test(test_sign_limits),
        cmocka_unit_test(test_largest_message_with_longest_aad_is_verified),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_signature_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
