/* Subscribers of alarms and outage events, and what has been sent to them: for REST. */
#ifndef BPTM_WEBHOOK_H
#define BPTM_WEBHOOK_H

#include "store/resource.h"

enum {
    WEBHOOK_SECRET_LEN = 32,                    /* bytes of a secret that is made here */
    WEBHOOK_SECRET_TEXT = sizeof "whsec_" + 44, /* as it is told once, with its NUL */
};

struct webhook_new {
    const char *url, *description;
    const char *types; /* JSON array of texts */
};

/** What a PATCH may change: url, description, types, enabled. */
extern const struct resource webhook_resource;

/**
 * Make a subscriber with its first secret. Call inside db_transact().
 * @param ret_secret  WEBHOOK_SECRET_TEXT bytes, told this once; the caller wipes them
 * @return EC_OK; EC_STATE_REFUSED when there are LIMIT_WEBHOOKS already; or a database error
 */
enum error_code webhook_create(struct db *db, const struct audit_by *by,
                               const struct webhook_new *hook, int64_t *ret_id,
                               char *ret_secret) MUST_CHECK;

/** A page of subscribers by their ids. */
enum error_code webhook_list(struct db *db, const struct document_page *page,
                             struct document_list *ret) MUST_CHECK;

/** Take a subscriber away with all that waits for it. @return EC_OK; EC_NOT_FOUND; or a database
 *  error */
enum error_code webhook_delete(struct db *db, const struct audit_by *by, int64_t id) MUST_CHECK;

/**
 * Give it a new secret, beside which the newest until now is used for `overlap_h` more hours.
 * @param ret_secret  as for webhook_create()
 * @return EC_OK; EC_NOT_FOUND; or a database error
 */
enum error_code webhook_rotate(struct db *db, const struct audit_by *by, int64_t id,
                               int64_t overlap_h, char *ret_secret) MUST_CHECK;

/** The subscriber with its secret, for the one answer that tells it. */
enum error_code webhook_told(struct db *db, int64_t id, const char *secret, char **ret) MUST_CHECK;

/** Queue a message of the type webhook.ping. @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED when it
 *  is disabled */
enum error_code webhook_ping(struct db *db, const struct audit_by *by, int64_t id) MUST_CHECK;

/** Queue again all that was given up. @return as webhook_ping() */
enum error_code webhook_again(struct db *db, const struct audit_by *by, int64_t id) MUST_CHECK;

/** Messages to a subscriber, newest first. @param state  NULL: any
 *  @return EC_OK; EC_NOT_FOUND when there is no such subscriber; or a database error */
enum error_code webhook_message_list(struct db *db, int64_t id, const char *state,
                                     const struct document_page *page,
                                     struct document_list *ret) MUST_CHECK;

/** One message with its payload. */
enum error_code webhook_message_get(struct db *db, int64_t message_id, char **ret) MUST_CHECK;

/** Queue it again, under its old webhook-id. @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED while it
 *  waits, or when its subscriber is disabled */
enum error_code webhook_message_again(struct db *db, const struct audit_by *by,
                                      int64_t message_id) MUST_CHECK;

#endif
