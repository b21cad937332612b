/* Whose address a request comes from, as limits count it. */
#include "http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void take_four(const struct in_addr *a, char ret[CLIENT_MAX])
{
    if (inet_ntop(AF_INET, a, ret, CLIENT_MAX) == NULL)
        snprintf(ret, CLIENT_MAX, "-");
}

/* IPv4 in disguise is itself; the second half of others is dropped. */
static void take_six(const struct in6_addr *a, char ret[CLIENT_MAX])
{
    struct in6_addr network = *a;
    struct in_addr four;
    if (IN6_IS_ADDR_V4MAPPED(a)) {
        memcpy(&four, &a->s6_addr[12], sizeof four);
        take_four(&four, ret);
        return;
    }
    memset(&network.s6_addr[8], 0, 8);
    if (inet_ntop(AF_INET6, &network, ret, CLIENT_MAX) == NULL)
        snprintf(ret, CLIENT_MAX, "-");
}

static int take_text(const char *text, size_t len, char ret[CLIENT_MAX])
{
    char address[CLIENT_MAX];
    struct in_addr four;
    struct in6_addr six;
    if (len >= sizeof address)
        return 0;
    memcpy(address, text, len);
    address[len] = '\0';
    if (inet_pton(AF_INET, address, &four) == 1)
        take_four(&four, ret);
    else if (inet_pton(AF_INET6, address, &six) == 1)
        take_six(&six, ret);
    else
        return 0;
    return 1;
}

/* The last of "a, b, c". */
static int take_last(const char *list, char ret[CLIENT_MAX])
{
    const char *comma = strrchr(list, ',');
    const char *last = comma != NULL ? comma + 1 : list;
    last += strspn(last, " \t");
    return take_text(last, strcspn(last, " \t"), ret);
}

static void take_peer(const struct sockaddr *peer, char ret[CLIENT_MAX])
{
    snprintf(ret, CLIENT_MAX, "-");
    if (peer != NULL && peer->sa_family == AF_INET)
        take_four(&((const struct sockaddr_in *)(const void *)peer)->sin_addr, ret);
    else if (peer != NULL && peer->sa_family == AF_INET6)
        take_six(&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, ret);
}

int client_is_proxy(const struct sockaddr *peer, const char *proxy)
{
    char address[CLIENT_MAX], trusted[CLIENT_MAX];
    take_peer(peer, address);
    return take_text(proxy, strlen(proxy), trusted) && strcmp(trusted, address) == 0;
}

void client_of(const struct sockaddr *peer, const char *forwarded, const char *proxy,
               char ret[CLIENT_MAX])
{
    take_peer(peer, ret);
    if (forwarded != NULL && client_is_proxy(peer, proxy))
        (void)take_last(forwarded, ret);
}
