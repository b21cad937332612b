/* Importing lists: from a table or areas in memory into the database, all or nothing. */
#ifndef BPTM_IMPORT_H
#define BPTM_IMPORT_H

#include "codec/csv_table.h"
#include "codec/geojson.h"
#include "store/audit.h"
#include "store/db.h"

enum { IMPORT_NOTE_MAX = 512 };

/** What an import did. */
struct import_result {
    int64_t version;  /* of the new list or layer; 0 where there are no versions */
    size_t rows;      /* read */
    size_t changed;   /* inserted or changed */
    char *difference; /* of a generator list to the active one: malloc'd JSON; else NULL */
};

/** Columns that each import takes. */
enum {
    IMPORT_GENERATOR_COLUMNS = 23,
    IMPORT_GENERATOR_REQUIRED = 13,
    IMPORT_DEVICE_COLUMNS = 4,
    IMPORT_DELIVERY_COLUMNS = 2
};
extern const char *const import_generator_columns[IMPORT_GENERATOR_COLUMNS];
extern const char *const import_device_columns[IMPORT_DEVICE_COLUMNS];
extern const char *const import_delivery_columns[IMPORT_DELIVERY_COLUMNS];

/** A list of generators to import, by whom. Texts are borrowed. */
struct import_list {
    const char *source;
    const char *by; /* who must not publish it: "token:<id>" or "local:<login name>" */
    const struct audit_by *audit; /* the same, as the audit wants it */
    int is_dry_run;               /* check and compare, keep nothing */
    /* told of each cell that is refused, rows from 0; NULL: only the first, in the note */
    void (*tell)(void *context, size_t row, size_t column, const char *what);
    void *context;
};

/**
 * A new version of the generator list, as a draft: preview_publish() makes it the active
 * one. Per-fuel values, aliases and receptacles are separated by ';', an empty cell is unknown.
 * Call it in a transaction, which is to be rolled back when it fails.
 *
 * @param ret       with the difference to the active list; version is the one it has or would have
 * @param ret_note  IMPORT_NOTE_MAX bytes: row, column and value that were refused
 * @return EC_OK; EC_FIELDS_INVALID; EC_CONFLICT for a model or name that is there twice;
 * EC_NO_MEMORY; a database error
 */
enum error_code import_generators(struct db *db, const struct csv_table *table,
                                  const struct import_list *list, struct import_result *ret,
                                  char *ret_note) MUST_CHECK;

/**
 * A manifest of devices: serial, public key (64 hex digits), model, hardware revision. The same
 * file again changes nothing; another key, model or revision for a known serial is refused.
 */
enum error_code import_devices(struct db *db, const struct csv_table *table,
                               struct import_result *ret, char *ret_note) MUST_CHECK;

/**
 * A delivery: serial numbers of registered devices, and the warehouse that received each. All of it
 * is taken or nothing; the same file again changes nothing.
 * @param reason  for the ledger and the audit; NULL: none
 */
enum error_code import_deliveries(struct db *db, const struct csv_table *table, const char *reason,
                                  struct import_result *ret, char *ret_note) MUST_CHECK;

/** A piece of the map, in degrees. */
struct import_box {
    int is_set;
    double west, south, east, north;
};

/** A layer to import. */
struct import_layer {
    const char *code; /* [a-z0-9][a-z0-9-]{1,39} */
    const char *source;
    const struct geojson *areas;
    struct import_box
        use; /* of the coordinate system it came in: each area lies there, or nearly */
    struct import_box
        extent;        /* of the utility: each area lies there; else as the version before has it */
    double stated_km2; /* that it should have; 0: not stated */
    double tolerance_percent; /* of that */
};

/**
 * A new version of a map layer, as a draft: preview_publish() makes it the active one. An area
 * that is not valid (it crosses itself, a hole outside) is refused, not repaired.
 *
 * @param ret_km2  area of the whole layer on the ellipsoid, to be compared with what its publisher
 *                 says
 */
enum error_code import_zones(struct db *db, const struct import_layer *layer,
                             struct import_result *ret, double *ret_km2, char *ret_note) MUST_CHECK;

#endif
