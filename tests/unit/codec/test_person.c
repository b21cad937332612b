/* Sealing of personal data: the key file, boxes that open for their person and field alone, the
 * blind index, values in JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "codec/person_blind.h"
#include "codec/person_text.h"

/* -- the key file ------------------------------------------------------------------------------ */

#define HEX_A "0001020304050607000102030405060700010203040506070001020304050607"
#define HEX_B "ff01020304050607000102030405060700010203040506070001020304050607"

static void test_file(void **state)
{
    struct person_keys keys, again;
    char text[PERSON_KEYS_TEXT_MAX], second[PERSON_KEYS_TEXT_MAX];
    (void)state;
    person_keys_make(&keys);
    assert_int_equal(keys.count, 1);
    for (int i = 1; i < PERSON_VERSIONS_MAX; i++)
        assert_int_equal(person_keys_add(&keys), EC_OK);
    assert_int_equal(person_keys_add(&keys), EC_QUEUE_FULL);
    person_keys_drop(&keys, 1);
    person_keys_write(&keys, text);
    assert_int_equal(person_keys_read(text, &again), EC_OK);
    person_keys_write(&again, second);
    assert_string_equal(second, text);
    assert_int_equal(again.master[0].version, 2);
    assert_int_equal(person_index_add(&keys), EC_OK);
    assert_int_equal(person_index_add(&keys), EC_QUEUE_FULL);
    person_keys_write(&keys, text);
    assert_int_equal(person_keys_read(text, &again), EC_OK);
    assert_int_equal(again.index_count, 2);
    assert_memory_equal(again.index, keys.index, sizeof keys.index);
    person_index_drop(&again);
    person_index_drop(&again); /* the last one stays */
    person_keys_write(&again, text);
    assert_int_equal(person_keys_read(text, &again), EC_OK);
    assert_int_equal(again.index_count, 1);
    assert_null(person_index(&again, 1));
    assert_memory_equal(person_index(&again, 2), keys.index[1].key, PERSON_KEY_LEN);
    person_keys_done(&keys);
    assert_int_equal(keys.count, 0);
}

static void test_file_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "index " HEX_A "\n",
        "key 1 " HEX_A "\n",
        "index " HEX_A "\nkey 0 " HEX_A "\n",
        "index " HEX_A "\nkey 1 " HEX_A "0\n",
        "index " HEX_A "\nkey 1 " HEX_A "\nkey 1 " HEX_B "\n",
        "index " HEX_A "\nkey 2 " HEX_A "\nkey 1 " HEX_B "\n",
        "index " HEX_A "\nkey 1000001 " HEX_A "\n",
        "index " HEX_A "\nkey 1 " HEX_A "\nmore",
        "index " HEX_A "\r\nkey 1 " HEX_A "\n",
        "index " HEX_A "\nindex " HEX_B "\nkey 1 " HEX_A "\n",
        "index " HEX_A "\nindex 1 " HEX_B "\nkey 1 " HEX_A "\n",
        "index 1 " HEX_A "\nindex 2 " HEX_A "\nindex 3 " HEX_A "\nkey 1 " HEX_A "\n",
        "index " HEX_A "\nkey 1 " HEX_A "\nindex 2 " HEX_A "\n",
    };
    struct person_keys keys;
    (void)state;
    assert_int_equal(person_keys_read("index " HEX_A "\nkey 3 " HEX_B, &keys), EC_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(person_keys_read(bad[i], &keys), EC_CONFIG);
    assert_int_equal(keys.master[0].version, 3); /* untouched */
}

static void test_print(void **state)
{
    struct person_keys a, b;
    uint8_t of_a[PERSON_PRINT_LEN], of_b[PERSON_PRINT_LEN];
    (void)state;
    person_keys_make(&a);
    person_keys_make(&b);
    assert_true(person_index_print(&a, 1, of_a));
    assert_true(person_keys_print(&a, 1, of_b));
    assert_memory_not_equal(of_a, of_b, sizeof of_a); /* of the index, not of the master key */
    assert_true(person_keys_print(&a, 1, of_a));
    assert_true(person_keys_print(&b, 1, of_b));
    assert_false(person_keys_print(&a, 2, of_b));
    assert_memory_not_equal(of_a, of_b, sizeof of_a);
}

/* -- boxes ------------------------------------------------------------------------------------- */

/* XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, A.3.1) is libsodium's to test; here: that a box
 * is one, by libsodium itself. */
static void test_form(void **state)
{
    static const char about[] = "bptm person 17 email";
    uint8_t key[PERSON_KEY_LEN] = {1, 2, 3}, box[5 + PERSON_OVERHEAD], plain[5];
    (void)state;
    person_seal(key, 17, PERSON_EMAIL, "a@b.c", 5, box);
    assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(
                         plain, NULL, NULL, box + 24, sizeof box - 24, (const uint8_t *)about,
                         sizeof about - 1, box, key),
                     0);
    assert_memory_equal(plain, "a@b.c", 5);
}

static void test_nobody_elses(void **state)
{
    uint8_t key[PERSON_KEY_LEN], other[PERSON_KEY_LEN], box[4 + PERSON_OVERHEAD];
    char text[4];
    (void)state;
    randombytes_buf(key, sizeof key);
    randombytes_buf(other, sizeof other);
    person_seal(key, 17, PERSON_NAME, "Anna", 4, box);
    assert_int_equal(person_open(key, 17, PERSON_NAME, box, sizeof box, text), EC_OK);
    assert_memory_equal(text, "Anna", 4);
    assert_int_equal(person_open(key, 18, PERSON_NAME, box, sizeof box, text), EC_INTERNAL);
    assert_int_equal(person_open(key, 17, PERSON_PHONE, box, sizeof box, text), EC_INTERNAL);
    assert_int_equal(person_open(other, 17, PERSON_NAME, box, sizeof box, text), EC_INTERNAL);
    for (size_t len = 0; len < sizeof box; len++)
        assert_int_equal(person_open(key, 17, PERSON_NAME, box, len, text), EC_INTERNAL);
    for (size_t bit = 0; bit < 8 * sizeof box; bit++) {
        box[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(person_open(key, 17, PERSON_NAME, box, sizeof box, text), EC_INTERNAL);
        box[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void test_never_the_same(void **state)
{
    uint8_t key[PERSON_KEY_LEN] = {0}, a[4 + PERSON_OVERHEAD], b[4 + PERSON_OVERHEAD];
    (void)state;
    person_seal(key, 1, PERSON_NAME, "Anna", 4, a);
    person_seal(key, 1, PERSON_NAME, "Anna", 4, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void test_wrapped(void **state)
{
    struct person_keys keys, others;
    uint8_t key[PERSON_KEY_LEN], again[PERSON_KEY_LEN], box[PERSON_WRAPPED_LEN];
    (void)state;
    person_keys_make(&keys);
    person_keys_make(&others);
    assert_int_equal(person_keys_add(&keys), EC_OK);
    randombytes_buf(key, sizeof key);
    assert_int_equal(person_key_wrap(&keys, 3, 17, key, box), EC_NOT_FOUND);
    assert_int_equal(person_key_wrap(&keys, 1, 17, key, box), EC_OK);
    assert_int_equal(person_key_open(&keys, 1, 17, box, again), EC_OK);
    assert_memory_equal(key, again, sizeof key);
    assert_int_equal(person_key_open(&keys, 1, 18, box, again), EC_INTERNAL);
    assert_int_equal(person_key_open(&keys, 2, 17, box, again), EC_INTERNAL);
    assert_int_equal(person_key_open(&keys, 3, 17, box, again), EC_NOT_FOUND);
    assert_int_equal(person_key_open(&others, 1, 17, box, again), EC_INTERNAL);
    box[30] ^= 1;
    assert_int_equal(person_key_open(&keys, 1, 17, box, again), EC_INTERNAL);
}

/* -- the blind index --------------------------------------------------------------------------- */

struct finding {
    const char *name, *email, *phone, *sought;
    int is_found;
};

/* As the statements ask: all of the words, or any of the other. */
static int finds(const struct person_keys *keys, const struct finding *f)
{
    struct person_blind stored;
    struct person_sought sought;
    size_t words = 0, other = 0;
    person_blind_of(keys->index[0].key, f->name, f->email, f->phone, &stored);
    person_blind_sought(keys->index[0].key, f->sought, &sought);
    for (size_t i = 0; i < stored.count; i++) {
        for (size_t j = 0; j < sought.words.count; j++)
            words += stored.at[i] == sought.words.at[j];
        for (size_t j = 0; j < sought.other.count; j++)
            other += stored.at[i] == sought.other.at[j];
    }
    return (sought.words.count > 0 && words == sought.words.count) || other > 0;
}

static void test_findings(void **state)
{
    static const struct finding findings[] = {
        {"Customer Twelve", NULL, NULL, "customer", 1},
        {"Customer Twelve", NULL, NULL, "TWELVE customer", 1},
        {"Customer Twelve", NULL, NULL, "  Customer,Twelve. ", 1},
        {"Customer Twelve", NULL, NULL, "custom", 0}, /* words, not parts of them */
        {"Customer Twelve", NULL, NULL, "Customer Eleven", 0},
        {"Customer 12", NULL, NULL, "12", 1},
        {"Zo\xc3\xab Garc\xc3\xad"
         "a",
         NULL, NULL, "zoe garcia", 1},
        {"Zoe\xcc\x88", NULL, NULL, "Zo\xc3\x8b", 1}, /* a letter and a mark */
        {"O'Tester-One", NULL, NULL, "otester", 1},
        {"O\xe2\x80\x99Tester-One", NULL, NULL, "one o'tester", 1},
        {"\xd0\x9f\xd1\x80\xd0\xbe\xd0\xb1\xd0\xb0", NULL, NULL,
         "\xd0\xbf\xd1\x80\xd0\xbe\xd0\xb1\xd0\xb0", 1},
        {"Customer", "Some.One@Example.org", NULL, "some.one@example.ORG", 1},
        {"Customer", "some.one@example.org", NULL, "example.org", 0},
        {"example org", "x@example.net", NULL, "example@org", 0}, /* an address is not words */
        {"Customer", NULL, "+1 (530) 555-0101", "530 555 0101", 1},
        {"Customer", NULL, "530.555.0101 x12", "15305550101", 1},
        {"Customer", NULL, "530 555 0101", "530 555 0102", 0},
        {"Customer", NULL, "555", "555", 0}, /* too short for a number */
        {"Customer", "5305550101@example.org", NULL, "5305550101", 0},
        {"", NULL, NULL, "-", 0},
        {"", NULL, NULL, "", 0},
    };
    struct person_keys keys;
    (void)state;
    person_keys_make(&keys);
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++)
        if (finds(&keys, &findings[i]) != findings[i].is_found)
            fail_msg("'%s' sought in '%s'", findings[i].sought, findings[i].name);
}

static void test_blind_without_key(void **state)
{
    struct person_keys a, b;
    struct person_blind of_a, of_b;
    (void)state;
    person_keys_make(&a);
    person_keys_make(&b);
    person_blind_of(a.index[0].key, "Anna", NULL, NULL, &of_a);
    person_blind_of(b.index[0].key, "Anna", NULL, NULL, &of_b);
    assert_int_equal(of_a.count, 1);
    assert_true(of_a.at[0] != of_b.at[0]);
}

static void test_blind_bounds(void **state)
{
    struct person_keys keys;
    struct person_blind blind;
    char text[2048] = "";
    (void)state;
    person_keys_make(&keys);
    for (int i = 0; i < 200; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "w%d ", i);
    person_blind_of(keys.index[0].key, text, "a@b.c", "5305550101", &blind);
    assert_int_equal(blind.count, PERSON_BLIND_MAX);
    memset(text, 'a', sizeof text - 1);
    person_blind_of(keys.index[0].key, text, text, NULL, &blind);
    assert_int_equal(blind.count, 1);
    person_blind_of(keys.index[0].key, "\xf0\x9f", "\xc3", "\xff",
                    &blind); /* ends within a character */
}

/* -- values in JSON ---------------------------------------------------------------------------- */

static const uint8_t key_17[PERSON_KEY_LEN] = {17}, key_9[PERSON_KEY_LEN] = {9};

static void put_sealed(char *to, size_t cap, int64_t id, enum person_field field, const char *text)
{
    uint8_t box[256];
    char hex[513];
    size_t len = strlen(text);
    person_seal(id == 17 ? key_17 : key_9, id, field, text, len, box);
    sodium_bin2hex(hex, sizeof hex, box, len + PERSON_OVERHEAD);
    snprintf(to, cap, "{\"sealed\":\"%d.%s.%s\"}", (int)id, person_field_name(field), hex);
}

static void known(struct person_known ret[2])
{
    ret[0].person_id = 9;
    memcpy(ret[0].key, key_9, sizeof key_9);
    ret[1].person_id = 17;
    memcpy(ret[1].key, key_17, sizeof key_17);
}

static void test_text(void **state)
{
    struct person_known keys[2];
    struct person_text what;
    char a[700], b[700], c[700], text[2500], *opened = NULL;
    (void)state;
    known(keys);
    put_sealed(a, sizeof a, 17, PERSON_NAME, "Anna \"A\" \\ \x01 \xc3\xab");
    put_sealed(b, sizeof b, 9, PERSON_NOTE, "");
    put_sealed(c, sizeof c, 17, PERSON_EMAIL, "a@b.c");
    snprintf(text, sizeof text, "[{\"n\" : %s},%s,\"{\\\"sealed\\\":\\\"1.name.00\\\"}\",%s]", a, b,
             c);
    assert_int_equal(person_text_scan(text, &what), EC_OK);
    assert_int_equal(what.count, 2);
    assert_int_equal(what.people[0], 9);
    assert_int_equal(what.people[1], 17);
    assert_int_equal(what.fields, 1U << PERSON_NAME | 1U << PERSON_NOTE | 1U << PERSON_EMAIL);
    person_text_done(&what);
    assert_int_equal(person_text_open(text, keys, 2, &person_text_plain, &opened), EC_OK);
    assert_string_equal(opened, "[{\"n\" : \"Anna \\\"A\\\" \\\\ \\u0001 \xc3\xab\"},\"\","
                                "\"{\\\"sealed\\\":\\\"1.name.00\\\"}\",\"a@b.c\"]");
    free(opened);
    assert_int_equal(person_text_open(text, keys, 1, &person_text_plain, &opened),
                     EC_OK); /* 17 has no key any more */
    assert_string_equal(opened,
                        "[{\"n\" : null},\"\",\"{\\\"sealed\\\":\\\"1.name.00\\\"}\",null]");
    free(opened);
    keys[1].key[0] ^= 1;
    assert_int_equal(person_text_open(text, keys, 2, &person_text_plain, &opened), EC_INTERNAL);
}

static void test_text_malformed(void **state)
{
    static const char *const bad[] = {
        "{\"sealed\":\"",
        "{\"sealed\":\"17",
        "{\"sealed\":\"17.",
        "{\"sealed\":\"17.name",
        "{\"sealed\":\"17.name.00\"}",
        "{\"sealed\":\"x.name.00\"}",
        "{\"sealed\":\"17.names.",
        "{\"sealed\":\"1234567890123456789.name.",
    };
    struct person_text what = {0};
    char text[700], *opened = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(person_text_scan(bad[i], &what), EC_INTERNAL);
        assert_int_equal(person_text_open(bad[i], NULL, 0, &person_text_plain, &opened),
                         EC_INTERNAL);
    }
    put_sealed(text, sizeof text, 17, PERSON_NAME, "Anna");
    text[strlen(text) - 1] = ']';
    assert_int_equal(person_text_scan(text, &what), EC_INTERNAL);
    assert_int_equal(person_text_scan("{}", &what), EC_OK);
    assert_int_equal(what.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_file_refused),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_nobody_elses),
        cmocka_unit_test(test_never_the_same),
        cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_blind_without_key),
        cmocka_unit_test(test_blind_bounds),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_malformed),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
