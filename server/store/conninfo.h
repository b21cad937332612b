/* A connection string as PostgreSQL's own programs may be given it. */
#ifndef BPTM_CONNINFO_H
#define BPTM_CONNINFO_H

#include "error.h"

enum { CONNINFO_MAX = 4096, CONNINFO_NOTE_MAX = 256 };

/** What stands in place of, or beside, what the connection string says. */
struct conninfo_extra {
    const char *database;
    const char *options; /* for the session, "-c name=value"; NULL: none */
};

/**
 * Split a connection string for a child process: what is no secret comes back as a connection
 * string for its command line, which everybody on the machine can read; a password is put into the
 * environment (PGPASSWORD). The host is put there too (PGHOST), for the programs of Debian choose
 * the cluster by it before they read their arguments.
 *
 * @param ret       untouched on failure
 * @param ret_note  CONNINFO_NOTE_MAX bytes: what is wrong
 * @return EC_OK; EC_CONFIG when it is no connection string, too long, or holds a secret that cannot
 *         be handed on (sslpassword); EC_NO_MEMORY
 */
enum error_code conninfo_for_child(const char *conninfo, const struct conninfo_extra *extra,
                                   char ret[CONNINFO_MAX], char *ret_note) MUST_CHECK;

#endif
