/* The proof of a new key: both signatures count, and each is for this device and that key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "key_proof.h"
#include "support.h"

static uint8_t scratch[WIRE_SCRATCH_LEN];
static struct cose_key old, fresh;

static int make_keys(void **state)
{
    uint8_t seed[WIRE_SEED_LEN];

    (void)state;
    support_device_key(&old);
    memset(seed, 7, sizeof seed);
    cose_key_init(&fresh, seed);
    return 0;
}

static size_t make(const struct cose_key *by, uint8_t proof[KEY_PROOF_MAX])
{
    size_t len = 0;
    assert_int_equal(key_proof_make("ABC-1", by, old.kid, &fresh, scratch, proof, &len), EC_OK);
    return len;
}

static void test_both_keys_sign(void **state)
{
    uint8_t proof[KEY_PROOF_MAX];
    struct key_proof told;
    size_t len = make(&old, proof);

    (void)state;
    assert_int_equal(
        key_proof_check((struct span){proof, len}, "ABC-1", old.public_key, scratch, &told), EC_OK);
    assert_memory_equal(told.public_key, fresh.public_key, WIRE_KEY_LEN);
    assert_memory_equal(told.replaces, old.kid, WIRE_KID_LEN);
    assert_int_equal(
        key_proof_check((struct span){proof, len}, "ABC-2", old.public_key, scratch, &told),
        EC_COSE_SIGNATURE);
    assert_int_equal(
        key_proof_check((struct span){proof, len}, "ABC-1", fresh.public_key, scratch, &told),
        EC_COSE_SIGNATURE);
    assert_int_not_equal(key_proof_check((struct span){proof, len}, "ABC-1", NULL, scratch, &told),
                         EC_OK);
}

static void test_the_new_key_alone(void **state)
{
    uint8_t proof[KEY_PROOF_MAX];
    struct key_proof told;
    size_t len = make(NULL, proof);

    (void)state;
    assert_int_equal(key_proof_check((struct span){proof, len}, "ABC-1", NULL, scratch, &told),
                     EC_OK);
    assert_memory_equal(told.public_key, fresh.public_key, WIRE_KEY_LEN);
    assert_int_not_equal(
        key_proof_check((struct span){proof, len}, "ABC-1", old.public_key, scratch, &told), EC_OK);
}

static void test_it_names_the_key_before(void **state)
{
    uint8_t proof[KEY_PROOF_MAX], other[WIRE_KID_LEN] = {1};
    struct key_proof told;
    size_t len = 0;

    (void)state;
    assert_int_equal(key_proof_make("ABC-1", &old, other, &fresh, scratch, proof, &len), EC_OK);
    assert_int_equal(
        key_proof_check((struct span){proof, len}, "ABC-1", old.public_key, scratch, &told),
        EC_DEVICE_KEY_UNKNOWN);
}

/* A kid in an unprotected header says which key to try, and is not signed. */
static void test_no_changed_byte_of_what_is_signed_passes(void **state)
{
    uint8_t proof[KEY_PROOF_MAX];
    struct key_proof told, good;
    size_t len = make(&old, proof), passed = 0;

    (void)state;
    assert_int_equal(
        key_proof_check((struct span){proof, len}, "ABC-1", old.public_key, scratch, &good), EC_OK);
    for (size_t i = 0; i < len; i++) {
        proof[i] ^= 1;
        if (key_proof_check((struct span){proof, len}, "ABC-1", old.public_key, scratch, &told) ==
            EC_OK) {
            assert_memory_equal(&told, &good, sizeof told);
            passed++;
        }
        proof[i] ^= 1;
    }
    assert_int_equal(passed, WIRE_KID_LEN + 1); /* its label, too */
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(
            key_proof_check((struct span){proof, cut}, "ABC-1", old.public_key, scratch, &told),
            EC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_keys_sign),
        cmocka_unit_test(test_the_new_key_alone),
        cmocka_unit_test(test_it_names_the_key_before),
        cmocka_unit_test(test_no_changed_byte_of_what_is_signed_passes),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
