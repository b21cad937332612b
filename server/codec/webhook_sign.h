/* The signature of a webhook (Standard Webhooks 1.0.0): HMAC-SHA256 of id, time and body. */
#ifndef BPTM_WEBHOOK_SIGN_H
#define BPTM_WEBHOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

enum { WEBHOOK_SIGN_MAX = sizeof "v1," + 44 };

/**
 * Sign "{id}.{time_s}.{body}".
 * @param secret  the bytes behind "whsec_"
 * @param ret     "v1," and base64; a header with several has a space between them
 */
void webhook_sign(const uint8_t *secret, size_t secret_len, const char *id, int64_t time_s,
                  const char *body, char ret[WEBHOOK_SIGN_MAX]);

#endif
