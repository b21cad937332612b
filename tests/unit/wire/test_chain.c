/* The hash chain, against hashes computed with sha256sum(1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "chain.h"
#include "support.h"

static void test_known_hashes(void **state)
{
    (void)state;
    /* printf 'bptm/1/chain/ABC'; head -c 32 /dev/zero; then the result and "abc" */
    uint8_t want[WIRE_HASH_LEN];
    uint8_t hash[WIRE_HASH_LEN];
    const uint8_t key[WIRE_KEY_LEN] = {0};
    chain_start("ABC", key, hash);
    support_unhex("cffad6d7f61d45c717148f84be738a964e64f2fbe13a6fc255e7d9995391d10d", want,
                  sizeof want);
    assert_memory_equal(hash, want, sizeof want);
    chain_next(hash, (const uint8_t *)"abc", 3, hash);
    support_unhex("36ca30a36dc5076c407c26cf6a9a3d6bac39184e29d10c35636ef06231d3db10", want,
                  sizeof want);
    assert_memory_equal(hash, want, sizeof want);
}

static void test_start_depends_on_device_and_key(void **state)
{
    (void)state;
    uint8_t a[WIRE_HASH_LEN];
    uint8_t b[WIRE_HASH_LEN];
    uint8_t key[WIRE_KEY_LEN] = {0};
    chain_start("ABC", key, a);
    chain_start("ABD", key, b);
    assert_memory_not_equal(a, b, sizeof a);
    key[31] = 1;
    chain_start("ABC", key, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void test_next_may_be_in_place(void **state)
{
    (void)state;
    const uint8_t prev[WIRE_HASH_LEN] = {1, 2, 3};
    uint8_t apart[WIRE_HASH_LEN];
    uint8_t in_place[WIRE_HASH_LEN];
    memcpy(in_place, prev, sizeof prev);
    chain_next(prev, prev, 5, apart);
    chain_next(in_place, prev, 5, in_place);
    assert_memory_equal(apart, in_place, sizeof apart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_hashes),
        cmocka_unit_test(test_start_depends_on_device_and_key),
        cmocka_unit_test(test_next_may_be_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
