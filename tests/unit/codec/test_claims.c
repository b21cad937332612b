/* Tokens of an identity provider: published signatures, and what a verified payload must say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "codec/claims.h"

enum { NOW_S = 1800000000, ALL = (1 << JWS_ALGORITHMS) - 1 };

static const struct claims_rules rules = {
    .issuer = "https://id.example",
    .audience = "api",
    .roles_claim = "/realm/roles",
    .crew_claim = "",
    .roles = {"desk , front desk", "field", "", "ops", "root"},
    .allowed = ALL,
};

/* -- the examples of RFC 7515, A.2, A.3, and RFC 8037, A.4 ------------------------------------- */

static const char rsa_key[] =
    "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx"
    "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ4"
    "7soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665"
    "xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethF"
    "kMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}";
static const char rsa_text[] =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
    "NvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AA"
    "uHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75"
    "vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6Bf"
    "I7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe7"
    "7Rw";
static const char ec_key[] =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
static const char ec_text[] =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
    "NvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApm"
    "WQxfKTUJqPP3-Kg6NU1Q";
static const char ed_key[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                             "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
static const char ed_text[] =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcv"
    "Mg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

static void set_of(const char *a, const char *b, struct jwk_set *ret)
{
    char text[4096];
    snprintf(text, sizeof text, "{\"keys\":[%s%s%s]}", a, b != NULL ? "," : "", b ? b : "");
    assert_int_equal(jwk_set_read(text, strlen(text), ret), EC_OK);
}

static enum jws_verdict verified(const char *text, const struct jwk_set *keys)
{
    struct jws j;
    enum jws_verdict v = jws_read(text, strlen(text), ALL, &j);
    return v == JWS_OK ? jws_verify(&j, keys) : v;
}

static void published_signatures(void **state)
{
    static const struct {
        const char *key, *text;
    } rows[] = {{rsa_key, rsa_text}, {ec_key, ec_text}, {ed_key, ed_text}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct jwk_set keys;
        char other[1024];
        set_of(rows[i].key, rows[(i + 1) % 3].key, &keys);
        assert_int_equal(verified(rows[i].text, &keys), JWS_OK);
        assert_int_equal(verified(rows[(i + 2) % 3].text, &keys), JWS_KEY_UNKNOWN);
        snprintf(other, sizeof other, "%s", rows[i].text);
        char *payload = strchr(other, '.') + 5;
        *payload = *payload == 'a' ? 'b' : 'a';
        assert_int_equal(verified(other, &keys), JWS_SIGNATURE);
        jwk_set_done(&keys);
    }
}

static void a_token_must_name_its_key_when_there_are_several(void **state)
{
    struct jwk_set keys;
    (void)state;
    set_of(ec_key, ec_key, &keys);
    assert_int_equal(verified(ec_text, &keys), JWS_KEY_UNKNOWN);
    jwk_set_done(&keys);
}

static void keys_that_are_not_fit(void **state)
{
    static const char *const rows[] = {
        "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
        "{\"kty\":\"RSA\",\"n\":\"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1Wl"
        "UzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQ\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"key_ops\":[\"sign\"],"
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"ES256\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
        "7",
    };
    char text[1024];
    struct jwk_set keys;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "{\"keys\":[%s]}", rows[i]);
        assert_int_equal(jwk_set_read(text, strlen(text), &keys), EC_BODY_MALFORMED);
    }
}

/* -- claims ------------------------------------------------------------------------------------ */

#define SAYS "\"iss\":\"https://id.example\",\"sub\":\"s\",\"iat\":1800000000,\"exp\":1800000300"

static enum jws_verdict judged(const char *payload, const struct claims_rules *by,
                               struct claims *ret)
{
    return claims_judge(payload, strlen(payload), by, NOW_S, ret);
}

static void roles_by_path_and_name(void **state)
{
    static const struct {
        const char *claim, *value;
        unsigned roles;
    } rows[] = {
        {"/realm/roles", "\"realm\":{\"roles\":[\"ops\",\"front desk\"]}", 8 | 1},
        {"/realm/roles", "\"realm\":{\"roles\":\"root desk\"}", 16 | 1},
        {"/realm/roles", "\"realm\":[\"ops\"]", 0},
        {"/realm/roles", "\"/realm/roles\":[\"ops\"]", 0},
        {"https://x/roles", "\"https://x/roles\":[\"field\"]", 2},
        {"/https:~1~1x~1roles", "\"https://x/roles\":[\"field\"]", 2},
        {"/a~0b", "\"a~b\":[\"field\"]", 2},
        {"roles", "\"roles\":[\"desk \",\"Desk\",\"\",\" \"]", 0},
    };
    struct claims_rules by = rules;
    struct claims c;
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        by.roles_claim = rows[i].claim;
        assert_true(claims_is_path(by.roles_claim));
        snprintf(text, sizeof text, "{" SAYS ",\"aud\":\"api\",\"client_id\":\"c\",%s}",
                 rows[i].value);
        assert_int_equal(judged(text, &by, &c), JWS_OK);
        assert_int_equal(c.roles, rows[i].roles);
        assert_string_equal(c.subject, "s@https://id.example");
    }
    for (const char *const *p = (const char *const[]){"", "/", "//a", "/a/", "/a~2", "/~", NULL};
         *p; p++)
        assert_false(claims_is_path(*p));
}

static void an_id_token_is_of_its_client_and_its_sign_in(void **state)
{
    static const struct {
        const char *more;
        enum jws_verdict verdict;
    } rows[] = {
        {"\"aud\":\"api\",\"nonce\":\"n\"", JWS_OK},
        {"\"aud\":[\"api\"],\"nonce\":\"n\"", JWS_OK},
        {"\"aud\":[\"api\",\"x\"],\"azp\":\"api\",\"nonce\":\"n\"", JWS_OK},
        {"\"aud\":[\"api\",\"x\"],\"nonce\":\"n\"", JWS_AUDIENCE},
        {"\"aud\":\"api\",\"azp\":\"x\",\"nonce\":\"n\"", JWS_AUDIENCE},
        {"\"aud\":\"x\",\"nonce\":\"n\"", JWS_AUDIENCE},
        {"\"aud\":\"api\",\"nonce\":\"m\"", JWS_NONCE},
        {"\"aud\":\"api\",\"client_id\":\"c\"", JWS_NONCE},
    };
    struct claims_rules by = rules;
    struct claims c;
    char text[512];
    (void)state;
    by.nonce = "n";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "{" SAYS ",%s}", rows[i].more);
        assert_int_equal(judged(text, &by, &c), rows[i].verdict);
    }
}

static void nothing_is_said_twice(void **state)
{
    struct claims c;
    (void)state;
    assert_int_equal(
        judged("{" SAYS ",\"aud\":\"api\",\"client_id\":\"c\",\"sub\":\"t\"}", &rules, &c),
        JWS_MALFORMED);
    assert_int_equal(judged("[]", &rules, &c), JWS_MALFORMED);
    assert_int_equal(judged("", &rules, &c), JWS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_signatures),
        cmocka_unit_test(a_token_must_name_its_key_when_there_are_several),
        cmocka_unit_test(keys_that_are_not_fit),
        cmocka_unit_test(roles_by_path_and_name),
        cmocka_unit_test(an_id_token_is_of_its_client_and_its_sign_in),
        cmocka_unit_test(nothing_is_said_twice),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
