/* Addresses that the server may be made to connect to: none of its own side of the Internet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/public_address.h"

static int is_public(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return public_address_is((struct sockaddr *)(void *)&four);
    if (inet_pton(AF_INET6, text, &six.sin6_addr) != 1)
        fail_msg("%s is no address", text);
    return public_address_is((struct sockaddr *)(void *)&six);
}

static void public_ones_pass(void **state)
{
    static const char *const good[] = {
        "1.1.1.1",     "8.8.8.8",     "9.255.255.255", "11.0.0.0",      "100.63.255.255",
        "100.128.0.0", "126.255.0.1", "128.0.0.1",     "169.253.255.1", "169.255.0.0",
        "172.15.0.1",  "172.32.0.1",  "192.0.1.1",     "192.167.0.1",   "192.169.0.0",
        "198.17.0.1",  "198.20.0.0",  "223.255.255.1", "2606:4700::11", "2001:4860:4860::8888",
        "2a00:1::1",   "2001:db7::1", "2003::1",       "3ffe::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!is_public(good[i]))
            fail_msg("%s is refused", good[i]);
}

static void others_are_refused(void **state)
{
    static const char *const bad[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:2::1",
        "2001:10::1",
        "2001:1f:ffff::1",
        "2001:20::1",
        "2001:db8::1",
        "2001:db8:ffff::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (is_public(bad[i]))
            fail_msg("%s is not refused", bad[i]);
}

static int is_within(const char *text, const char *networks)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return public_address_within((struct sockaddr *)(void *)&four, networks);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return public_address_within((struct sockaddr *)(void *)&six, networks);
}

static void networks_hold_what_they_say(void **state)
{
    static const struct {
        const char *address, *networks;
        int is_in;
    } rows[] = {
        {"10.1.2.3", "10.0.0.0/8", 1},
        {"11.1.2.3", "10.0.0.0/8", 0},
        {"10.1.2.3", "192.168.0.0/16 10.1.2.3", 1},
        {"10.1.2.4", "192.168.0.0/16 10.1.2.3", 0},
        {"10.1.2.4", " 10.1.2.4/31  ", 1},
        {"10.1.2.6", "10.1.2.4/31", 0},
        {"127.0.0.1", "0.0.0.0/0", 1},
        {"127.0.0.1", "", 0},
        {"fd12::1", "fd12::/16", 1},
        {"fd13::1", "fd12::/16", 0},
        {"::1", "::1", 1},
        {"::2", "::1/128", 0},
        {"::ffff:10.0.0.1", "10.0.0.0/8", 0},
        {"10.0.0.1", "::/0", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(public_address_networks(rows[i].networks));
        if (is_within(rows[i].address, rows[i].networks) != rows[i].is_in)
            fail_msg("%s in '%s'", rows[i].address, rows[i].networks);
    }
}

static void lists_without_form_are_refused(void **state)
{
    static const char *const bad[] = {"x",           "10.0.0.0/33",   "10.0.0.0/", "10.0.0/8",
                                      "::1/129",     "10.0.0.0/-1",   "fd00::/8x", "10.0.0.0/8,::1",
                                      "10.0.0.0 /8", "10.0.0.0/0008", "/8"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (public_address_networks(bad[i]))
            fail_msg("'%s' is not refused", bad[i]);
}

static void other_families_are_refused(void **state)
{
    struct sockaddr_storage local = {.ss_family = AF_UNIX};
    (void)state;
    assert_false(public_address_is((struct sockaddr *)&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_ones_pass),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(networks_hold_what_they_say),
        cmocka_unit_test(lists_without_form_are_refused),
        cmocka_unit_test(other_families_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
