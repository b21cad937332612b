/* Reading outage events, what is nested in them, and devices that are silent. */
#ifndef BPTM_EVENT_READ_H
#define BPTM_EVENT_READ_H

#include "store/document.h"

/** Which events; NULL: any. */
struct event_read_filter {
    const char *from, *to; /* RFC 3339; events that were on in this time */
    const char *circuit, *kind, *level;
    const char *state; /* "open" or "closed" */
    const char *box;   /* bbox_ewkt() */
};

/**
 * A page of events, newest first; the key is "microseconds.id".
 * @param full  0: as analysts see them (sql/view/analytics.outage_event.sql)
 */
enum error_code event_read_list(struct db *db, const struct event_read_filter *filter, int full,
                                const struct document_page *page,
                                struct document_list *ret) MUST_CHECK;

/** An event with its versions and what is nested in it; with `full` its homes, too. */
enum error_code event_read_get(struct db *db, int64_t id, int full, char **ret) MUST_CHECK;

/** A page of homes that are dark although most around them are back, longest first. */
enum error_code event_read_still_dark(struct db *db, const struct document_page *page,
                                      struct document_list *ret) MUST_CHECK;

/** A page of devices not heard from, by device id, with what that says. */
enum error_code event_read_silent(struct db *db, const char *cause,
                                  const struct document_page *page,
                                  struct document_list *ret) MUST_CHECK;

#endif
