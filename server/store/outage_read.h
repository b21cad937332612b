/* Reading outages: for operators with device and premise, for analysts without. */
#ifndef BPTM_OUTAGE_READ_H
#define BPTM_OUTAGE_READ_H

#include "store/document.h"

/** Which outages. Texts are RFC 3339 or NULL. */
struct outage_read_filter {
    int64_t premise_id; /* 0: all */
    const char *serial; /* NULL: all */
    const char *from;   /* that lasted beyond this time */
    const char *to;     /* that began before this time */
    const char *state;  /* "open", "closed", NULL: both */
    const char *box;    /* bbox_ewkt(); NULL: everywhere */
    int64_t event_id;   /* of this outage event; 0: all */
};

/**
 * List, newest start first.
 * @param full  0: no device, no premise, and the place as analysts are told it
 */
enum error_code outage_read_list(struct db *db, const struct outage_read_filter *filter, int full,
                                 const struct document_page *page,
                                 struct document_list *ret) MUST_CHECK;

/** @return EC_OK with malloc'd JSON; EC_NOT_FOUND; EC_NO_MEMORY; a database error */
enum error_code outage_read_get(struct db *db, int64_t id, int full, char **ret) MUST_CHECK;

#endif
