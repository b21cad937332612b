/* Cells of a staged import that are about persons: sealed before they reach the database, so that
 * equal cells of one import look equal, and nothing else can be told of them. */
#ifndef BPTM_CELL_SEAL_H
#define BPTM_CELL_SEAL_H

#include "base/bytes.h"
#include "codec/person_seal.h"

/** What a sealed cell begins with; no text of a file that is sealed itself can be taken for one. */
#define CELL_HEAD "bptm-cell."

/**
 * Seal a cell under a key of its import, made of the newest index key. Appended to `to` as
 * "bptm-cell.IMPORT.BASE64URL.".
 */
void cell_seal(const struct person_keys *keys, int64_t import_id, const char *text, size_t len,
               struct bytes *to);

/** How an opened cell is written into the text around it. */
enum cell_style {
    CELL_TEXT, /* as it is */
    CELL_JSON, /* within a JSON string */
};

/**
 * Open all sealed cells of a text. What only looks like one stays.
 * @param ret    malloc'd
 * @param count  how many were opened
 * @return EC_OK; EC_NO_MEMORY
 */
enum error_code cells_open(const struct person_keys *keys, const char *text, enum cell_style style,
                           char **ret, size_t *count) MUST_CHECK;

/** Open a text that is one sealed cell. @return EC_OK; EC_INTERNAL when it is none of these keys;
 *  EC_NO_MEMORY */
enum error_code cell_open(const struct person_keys *keys, const char *sealed,
                          char **ret) MUST_CHECK;

#endif
