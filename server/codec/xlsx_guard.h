/* Looking at the directory of a spreadsheet (XLSX: a ZIP file) before anything unpacks it. */
#ifndef BPTM_XLSX_GUARD_H
#define BPTM_XLSX_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    XLSX_BYTES_MAX = 16 << 20,    /* the file */
    XLSX_UNPACKED_MAX = 64 << 20, /* all of its entries, as the directory says */
    XLSX_ENTRIES_MAX = 256,
    XLSX_RATIO_MAX = 200, /* of one entry, from XLSX_RATIO_FROM bytes on */
    XLSX_RATIO_FROM = 1 << 20,
};

/** 1 when the bytes begin as a ZIP file does. */
int xlsx_guard_is_zip(const uint8_t *at, size_t len);

/**
 * Refuse what is no spreadsheet or would grow too much: its directory is read, nothing is unpacked.
 * What unpacks it must have limits of its own, for a directory may lie.
 *
 * @param ret_note  static text, what is wrong
 * @return EC_OK; EC_FIELDS_INVALID
 */
enum error_code xlsx_guard(const uint8_t *at, size_t len, const char **ret_note) MUST_CHECK;

#endif
