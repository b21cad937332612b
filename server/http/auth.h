/* Access tokens of requests: from the Authorization field to a caller. */
#ifndef BPTM_AUTH_H
#define BPTM_AUTH_H

#include "http/request.h"

/**
 * Find out who calls: "Bearer <token>", or "Basic" with the token as its password (what QGIS can
 * send; the user name is ignored).
 *
 * @param authorization  the field's value; NULL when it is absent
 * @return EC_OK; EC_UNAUTHENTICATED when there is no token or it is unknown, expired or revoked;
 *         EC_UNAVAILABLE when the database cannot say
 */
enum error_code auth_check(struct db *db, const char *authorization, struct caller *ret) MUST_CHECK;

#endif
