/* Importing lists: from a table or areas in memory into the database, all or nothing. */
#ifndef BPTM_IMPORT_H
#define BPTM_IMPORT_H

#include "codec/csv_table.h"
#include "codec/geojson.h"
#include "store/db.h"

enum { IMPORT_NOTE_MAX = 512 };

/** What an import did. */
struct import_result {
    int64_t version; /* of the new list or layer; 0 where there are no versions */
    size_t rows;     /* read */
    size_t changed;  /* inserted or changed */
};

/** Columns that each import takes. */
enum { IMPORT_GENERATOR_COLUMNS = 13, IMPORT_DEVICE_COLUMNS = 4 };
extern const char *const import_generator_columns[IMPORT_GENERATOR_COLUMNS];
extern const char *const import_device_columns[IMPORT_DEVICE_COLUMNS];

/**
 * A new version of the generator list, which becomes the active one. Per-fuel values are separated
 * by ';', an empty cell is unknown.
 *
 * @param ret_note  IMPORT_NOTE_MAX bytes: row, column and value that were refused
 * @return EC_OK; EC_FIELDS_INVALID; EC_CONFLICT for a model that is there twice; a database error
 */
enum error_code import_generators(struct db *db, const struct csv_table *table, const char *source,
                                  struct import_result *ret, char *ret_note) MUST_CHECK;

/**
 * A manifest of devices: serial, public key (64 hex digits), model, hardware revision. The same
 * file again changes nothing; another key, model or revision for a known serial is refused.
 */
enum error_code import_devices(struct db *db, const struct csv_table *table,
                               struct import_result *ret, char *ret_note) MUST_CHECK;

/** A layer to import. */
struct import_layer {
    const char *code; /* [a-z0-9][a-z0-9-]{1,39} */
    const char *source;
    const struct geojson *areas;
};

/**
 * A new version of a map layer, which becomes the active one. An area that is not valid (it crosses
 * itself, a hole outside) is refused, not repaired.
 *
 * @param ret_km2  area of the whole layer on the ellipsoid, to be compared with what its publisher
 *                 says
 */
enum error_code import_zones(struct db *db, const struct import_layer *layer,
                             struct import_result *ret, double *ret_km2, char *ret_note) MUST_CHECK;

#endif
