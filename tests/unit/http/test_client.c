/* Whom the limits of requests count: the address that is connected, or what a trusted proxy says.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/client.h"

union peer {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static void connect_from(const char *address, union peer *ret)
{
    *ret = (union peer){.four = {.sin_family = AF_INET}};
    if (inet_pton(AF_INET, address, &ret->four.sin_addr) == 1)
        return;
    *ret = (union peer){.six = {.sin6_family = AF_INET6}};
    assert_int_equal(inet_pton(AF_INET6, address, &ret->six.sin6_addr), 1);
}

static void test_who_counts(void **state)
{
    static const struct {
        const char *peer, *forwarded, *proxy, *expected;
    } rows[] = {
        {"192.0.2.7", NULL, "", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", NULL, "", "2001:db8:1:2::"},
        {"2001:db8:1:2:ffff::9", NULL, "", "2001:db8:1:2::"},
        {"::ffff:192.0.2.7", NULL, "", "192.0.2.7"},
        /* nobody is believed, or another */
        {"192.0.2.7", "198.51.100.1", "", "192.0.2.7"},
        {"192.0.2.7", "198.51.100.1", "192.0.2.8", "192.0.2.7"},
        {"192.0.2.7", "198.51.100.1", "no address", "192.0.2.7"},
        /* the proxy: the last address is its own word, and those before it anybody's */
        {"192.0.2.7", "198.51.100.1", "192.0.2.7", "198.51.100.1"},
        {"::ffff:192.0.2.7", "198.51.100.1", "192.0.2.7", "198.51.100.1"},
        {"192.0.2.7", "203.0.113.8,203.0.113.9, \t198.51.100.1 ", "192.0.2.7", "198.51.100.1"},
        {"192.0.2.7", "2001:db8:1:2:3::4", "192.0.2.7", "2001:db8:1:2::"},
        {"192.0.2.7", NULL, "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7", "", "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7", "198.51.100.1,", "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7", "198.51.100.1, unknown", "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7", "198.51.100.1:80", "192.0.2.7", "192.0.2.7"},
        {"192.0.2.7",
         "00000000000000000000000000000000000000000000000000000000000000000000000000000001",
         "192.0.2.7", "192.0.2.7"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char who[CLIENT_MAX] = "";
        union peer peer;
        connect_from(rows[i].peer, &peer);
        client_of(&peer.any, rows[i].forwarded, rows[i].proxy, who);
        assert_string_equal(who, rows[i].expected);
    }
}

static void test_nobody(void **state)
{
    char who[CLIENT_MAX] = "";
    (void)state;
    client_of(NULL, "198.51.100.1", "192.0.2.7", who);
    assert_string_equal(who, "-");
    assert_false(client_is_proxy(NULL, "192.0.2.7"));
    assert_false(client_is_proxy(NULL, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_counts),
                                       cmocka_unit_test(test_nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
