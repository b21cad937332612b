/* TLS 1.2 with a pre-shared key (RFC 5487: AES-128-GCM, SHA-256), by mbedTLS over the TCP stream.
 */
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/ssl.h>
#include <string.h>

#include "board.h"
#include "entropy.h"
#include "net.h"
#include "stream.h"

enum { HEAP = 24 * 1024 };

static const int suites[] = {MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256, 0};

static const struct settings *settings;
static uint8_t heap[HEAP];
static mbedtls_ssl_context tls;
static mbedtls_ssl_config config;
static uint8_t state; /* enum stream_state */
static size_t unsent; /* length of a record that is encrypted and not yet on its way */

static int fill(void *ctx, unsigned char *to, size_t len)
{
    (void)ctx;
    entropy_fill(to, len);
    return 0;
}

static int lower_send(void *ctx, const unsigned char *at, size_t len)
{
    size_t n = net_tcp_send(at, len);

    (void)ctx;
    return n > 0 ? (int)n : MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int lower_receive(void *ctx, unsigned char *to, size_t cap)
{
    size_t n = net_tcp_receive(to, cap);

    (void)ctx;
    return n > 0 ? (int)n : MBEDTLS_ERR_SSL_WANT_READ;
}

/* The identity is the device id; the fragment length asked for bounds what a record may hold. */
enum error_code stream_init(const struct settings *s)
{
    const uint8_t *identity = (const uint8_t *)s->device;

    settings = s;
    if (s->broker[0] == '\0' || s->psk_len == 0)
        return EC_CONFIG;
    mbedtls_memory_buffer_alloc_init(heap, sizeof(heap));
    mbedtls_ssl_init(&tls);
    mbedtls_ssl_config_init(&config);
    if (mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return EC_CONFIG;
    mbedtls_ssl_conf_ciphersuites(&config, suites);
    mbedtls_ssl_conf_rng(&config, fill, NULL);
    if (mbedtls_ssl_conf_max_frag_len(&config, MBEDTLS_SSL_MAX_FRAG_LEN_2048) != 0 ||
        mbedtls_ssl_conf_psk(&config, s->psk, s->psk_len, identity, strlen(s->device)) != 0 ||
        mbedtls_ssl_setup(&tls, &config) != 0)
        return EC_CONFIG;
    mbedtls_ssl_set_bio(&tls, NULL, lower_send, lower_receive, NULL);
    return EC_OK;
}

int stream_open(void)
{
    unsent = 0;
    if (net_tcp_open(settings->broker) != 0 || mbedtls_ssl_session_reset(&tls) != 0)
        return -1;
    state = STREAM_OPENING;
    return 0;
}

static int goes_on(int result)
{
    return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static void fail(const char *what, int result)
{
    board_say("tls ");
    board_say(what);
    board_say(" failed, -");
    board_say_number((uint64_t)-result);
    board_say("\n");
    stream_close();
}

static void shake_hands(void)
{
    int result = mbedtls_ssl_handshake(&tls);

    if (result == 0) {
        state = STREAM_OPEN;
        board_say(mbedtls_ssl_get_ciphersuite(&tls));
        board_say("\n");
    } else if (!goes_on(result)) {
        fail("handshake", result);
    }
}

enum stream_state stream_step(void)
{
    enum net_tcp_state lower = net_tcp_state();

    if (state != STREAM_CLOSED && lower == NET_TCP_CLOSED && mbedtls_ssl_get_bytes_avail(&tls) == 0)
        state = STREAM_CLOSED;
    if (state == STREAM_OPENING && lower == NET_TCP_OPEN)
        shake_hands();
    return (enum stream_state)state;
}

/* mbedTLS wants the same length again until the record is out. */
size_t stream_send(const uint8_t *at, size_t len)
{
    int result;

    if (state != STREAM_OPEN || len == 0)
        return 0;
    result = mbedtls_ssl_write(&tls, at, unsent != 0 ? unsent : len);
    if (result > 0) {
        unsent = 0;
        return (size_t)result;
    }
    if (!goes_on(result))
        fail("write", result);
    else if (unsent == 0)
        unsent = len;
    return 0;
}

size_t stream_receive(uint8_t *to, size_t cap)
{
    int result;

    if (state != STREAM_OPEN)
        return 0;
    result = mbedtls_ssl_read(&tls, to, cap);
    if (result > 0)
        return (size_t)result;
    if (result == 0 || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        stream_close();
    else if (!goes_on(result))
        fail("read", result);
    return 0;
}

void stream_close(void)
{
    if (state == STREAM_OPEN)
        mbedtls_ssl_close_notify(&tls);
    state = STREAM_CLOSED;
    net_tcp_close();
}
