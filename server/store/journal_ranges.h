/* Sets of sequences as PostgreSQL writes an int8multirange: {[1,11),[21,31)}. */
#ifndef BPTM_JOURNAL_RANGES_H
#define BPTM_JOURNAL_RANGES_H

#include "domain/ranges.h"
#include "error.h"

enum { JOURNAL_RANGES_TEXT = LIMIT_RANGES * 44 + 3 };

/** @return EC_OK; EC_INTERNAL for other text or more runs than the set holds; `ret` untouched then
 */
enum error_code journal_ranges_parse(const char *text, struct ranges *ret) MUST_CHECK;

/** Write, NUL-terminated. @return the length */
size_t journal_ranges_print(const struct ranges *s, char ret[JOURNAL_RANGES_TEXT]);

#endif
