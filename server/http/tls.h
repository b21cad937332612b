/* The server's certificate and key, which may be exchanged while connections come in. */
#ifndef BPTM_TLS_H
#define BPTM_TLS_H

#include <stdint.h>

#include "base/config.h"
#include "error.h"

/** TLS 1.2 and 1.3, with forward secrecy and authenticated encryption only, in our order. */
#define TLS_PRIORITIES                                                                             \
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:+AEAD"            \
    ":+ECDHE-ECDSA:+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"                     \
    ":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP256R1-SHA256"                          \
    ":+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-EDDSA-ED25519:+SIGN-RSA-PSS-RSAE-SHA256"                  \
    ":+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-SHA256:+SIGN-RSA-SHA384"                                 \
    ":+COMP-NULL:+CTYPE-X509:%SERVER_PRECEDENCE"

struct tls;

/**
 * Read c->http_certificate_file, the chain of the server first, and c->http_key_file, which others
 * may not read.
 *
 * @param c    borrowed until tls_free()
 * @param ret  NULL when neither is set
 * @return EC_OK; EC_CONFIG, and why is logged; EC_NO_MEMORY
 */
enum error_code tls_new(const struct config *c, struct tls **ret) MUST_CHECK;

/** Read both again. What is wrong with them is logged, and then the old ones stay. */
void tls_reload(struct tls *t);

/** NULL is allowed. */
void tls_free(struct tls *t);

/** When the server's certificate ends, in seconds since 1970. */
int64_t tls_ends_s(struct tls *t);

/** What the library keeps of a connection (its socket context) begins with this. */
struct tls_context {
    struct tls *tls;
};

/**
 * For MHD_OPTION_HTTPS_CERT_CALLBACK2: gives each handshake what it is to present. Its type is not
 * told here, for a name in GnuTLS's headers is one of ours.
 */
void *tls_on_handshake(void);

#endif
