/* Addresses that a caller of the API may make the server connect to: public ones only. */
#include "base/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A range of addresses: the first `bits` of `net`. */
struct range {
    int family;
    unsigned bits;
    uint8_t net[16];
};

/* IANA's special-purpose registries; anything in them is not somebody's public server. */
static const struct range refused[] = {
    {AF_INET, 8, {0}},                        /* this network */
    {AF_INET, 8, {10}},                       /* private */
    {AF_INET, 10, {100, 64}},                 /* carrier's NAT */
    {AF_INET, 8, {127}},                      /* loopback */
    {AF_INET, 16, {169, 254}},                /* link-local, and the clouds' metadata */
    {AF_INET, 12, {172, 16}},                 /* private */
    {AF_INET, 24, {192, 0, 0}},               /* protocol assignments */
    {AF_INET, 24, {192, 0, 2}},               /* documentation */
    {AF_INET, 24, {192, 31, 196}},            /* AS112 */
    {AF_INET, 24, {192, 52, 193}},            /* AMT */
    {AF_INET, 24, {192, 88, 99}},             /* 6to4 relays */
    {AF_INET, 16, {192, 168}},                /* private */
    {AF_INET, 24, {192, 175, 48}},            /* AS112 */
    {AF_INET, 15, {198, 18}},                 /* benchmarks */
    {AF_INET, 24, {198, 51, 100}},            /* documentation */
    {AF_INET, 24, {203, 0, 113}},             /* documentation */
    {AF_INET, 4, {224}},                      /* multicast */
    {AF_INET, 4, {240}},                      /* reserved, broadcast */
    {AF_INET6, 32, {0x20, 0x01}},             /* Teredo */
    {AF_INET6, 28, {0x20, 0x01, 0, 0x10}},    /* ORCHID */
    {AF_INET6, 28, {0x20, 0x01, 0, 0x20}},    /* ORCHIDv2 */
    {AF_INET6, 48, {0x20, 0x01, 0, 0x02}},    /* benchmarks */
    {AF_INET6, 32, {0x20, 0x01, 0x0d, 0xb8}}, /* documentation */
    {AF_INET6, 16, {0x20, 0x02}},             /* 6to4 */
    {AF_INET6, 20, {0x3f, 0xff}},             /* documentation */
};

/* Of IPv6 only this is given out: loopback, ULA, link-local, mapped, NAT64, multicast lie outside.
 */
static const struct range global6 = {AF_INET6, 3, {0x20}};

static int is_within(const uint8_t *address, const struct range *r)
{
    unsigned whole = r->bits / 8, rest = r->bits % 8;
    uint8_t mask = (uint8_t)(0xff00U >> rest);
    if (memcmp(address, r->net, whole) != 0)
        return 0;
    return rest == 0 || ((address[whole] ^ r->net[whole]) & mask) == 0;
}

static int take_bytes(const struct sockaddr *address, uint8_t ret[16])
{
    if (address->sa_family == AF_INET)
        memcpy(ret, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    else if (address->sa_family == AF_INET6)
        memcpy(ret, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    else
        return 0;
    return 1;
}

/* The next network of a list, and where the list goes on; NULL when it has no form. */
static const char *take_network(const char *at, struct range *ret)
{
    char text[PUBLIC_ADDRESS_MAX];
    size_t len = strcspn(at, " ");
    unsigned most;
    if (len >= sizeof text)
        return NULL;
    memcpy(text, at, len);
    text[len] = '\0';
    char *slash = strchr(text, '/');
    if (slash != NULL)
        *slash++ = '\0';
    ret->family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    most = ret->family == AF_INET6 ? 128 : 32;
    ret->bits = most;
    if (inet_pton(ret->family, text, ret->net) != 1)
        return NULL;
    if (slash != NULL) {
        size_t digits = strspn(slash, "0123456789");
        if (digits == 0 || digits > 3 || slash[digits] != '\0')
            return NULL;
        ret->bits = (unsigned)strtoul(slash, NULL, 10);
    }
    return ret->bits <= most ? at + len + strspn(at + len, " ") : NULL;
}

int public_address_networks(const char *networks)
{
    struct range r = {0};
    const char *at = networks + strspn(networks, " ");
    while (at != NULL && *at != '\0')
        at = take_network(at, &r);
    return at != NULL;
}

int public_address_within(const struct sockaddr *address, const char *networks)
{
    uint8_t bytes[16] = {0};
    struct range r = {0};
    const char *at = networks + strspn(networks, " ");
    if (!take_bytes(address, bytes))
        return 0;
    while (at != NULL && *at != '\0') {
        at = take_network(at, &r);
        if (at != NULL && r.family == address->sa_family && is_within(bytes, &r))
            return 1;
    }
    return 0;
}

int public_address_is(const struct sockaddr *address)
{
    uint8_t bytes[16] = {0};
    if (!take_bytes(address, bytes))
        return 0;
    if (address->sa_family == AF_INET6 && !is_within(bytes, &global6))
        return 0;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (refused[i].family == address->sa_family && is_within(bytes, &refused[i]))
            return 0;
    return 1;
}
