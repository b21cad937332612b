/* Reading the whole fleet: quarantine, loss ledger, counters, health of the parts. */
#ifndef BPTM_FLEET_READ_H
#define BPTM_FLEET_READ_H

#include "store/document.h"

/** Messages that were not believed, newest first. `reason` and `serial` NULL: all. */
enum error_code fleet_read_quarantine(struct db *db, const char *reason, const char *serial,
                                      const struct document_page *page,
                                      struct document_list *ret) MUST_CHECK;

/** The loss ledger: totals, and the devices with something unaccounted for, at most 200; `full`:
 * with their serial numbers. */
enum error_code fleet_read_loss(struct db *db, int full, char **ret) MUST_CHECK;

/** Takes one row of a read that is not JSON. */
typedef void (*fleet_read_row)(void *context, const char *name, const char *label, int64_t value);

/** Counters of the ingest, by name and label. */
enum error_code fleet_read_counters(struct db *db, fleet_read_row row, void *context) MUST_CHECK;

/** Totals of the loss ledger and the fleet: devices, claimed, stored, overwritten, unaccounted. */
enum error_code fleet_read_totals(struct db *db, fleet_read_row row, void *context) MUST_CHECK;

/** What is there now: online (devices), quarantined (messages), and, once the ingest has run, its
 *  queue and queue_max. */
enum error_code fleet_read_gauges(struct db *db, fleet_read_row row, void *context) MUST_CHECK;

/** Health of each part of the server: name, reason ("" when well), 1 well or 0 not. A part whose
 *  row is older than 15 s is not well. */
enum error_code fleet_read_health(struct db *db, fleet_read_row row, void *context) MUST_CHECK;

#endif
