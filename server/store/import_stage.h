/* Staging the file of a bulk import: CSV in pieces into person.import_row, never whole in memory. A
 * spreadsheet is kept as it comes (programme.import_file), for store/import_sheet.h. */
#ifndef BPTM_IMPORT_STAGE_H
#define BPTM_IMPORT_STAGE_H

#include "codec/person_seal.h"
#include "store/audit.h"

struct import_stage;

/**
 * Begin an upload to an import that waits for its file, or take over one that was broken off: what
 * that one staged is deleted, and it can stage no more.
 *
 * @param keys  what is personal in its rows is sealed under them; borrowed until the end
 * @param ret   to be ended with import_stage_free()
 * @return EC_OK; EC_NOT_FOUND; EC_STATE_REFUSED when the import has its file already or is over;
 *         EC_NO_MEMORY; a database error
 */
enum error_code import_stage_begin(struct db *db, const struct person_keys *keys, int64_t import_id,
                                   struct import_stage **ret) MUST_CHECK;

/** Stage what a kept spreadsheet has, in an import that is uploaded; again, when it was broken off.
 *  @return as import_stage_begin() */
enum error_code import_stage_resume(struct db *db, int64_t import_id,
                                    struct import_stage **ret) MUST_CHECK;

/** All of the spreadsheet was put: it is not kept any longer. @return as import_stage_put() */
enum error_code import_stage_unpacked(struct import_stage *s, struct db *db) MUST_CHECK;

/**
 * Take the next piece of the file. Rows are sent LIMIT_IMPORT_BUFFER bytes at a time, each in a
 * transaction of its own. After a failure call import_stage_fail().
 *
 * @return EC_OK; EC_FIELDS_INVALID with import_stage_note(): the file cannot be read, or its header
 *         does not fit the kind of import; EC_BODY_TOO_LARGE; EC_STATE_REFUSED when it was
 *         cancelled or another upload took over; EC_UNAVAILABLE when it names persons and there is
 * no key for them; EC_NO_MEMORY; a database error
 */
enum error_code import_stage_put(struct import_stage *s, struct db *db, const char *at,
                                 size_t len) MUST_CHECK;

/** The file is complete: send the rest, keep digest and counts, write the audit row; the check may
 *  begin. Not inside db_transact(). @return as import_stage_put() */
enum error_code import_stage_end(struct import_stage *s, struct db *db,
                                 const struct audit_by *by) MUST_CHECK;

/** Keep in the import why its upload failed; nothing when another upload took over. */
enum error_code import_stage_fail(const struct import_stage *s, struct db *db,
                                  enum error_code why) MUST_CHECK;

/** What is wrong with the file, with row and column and an advice; "" when it is not the file. */
const char *import_stage_note(const struct import_stage *s);

/** NULL is allowed. */
void import_stage_free(struct import_stage *s);

#endif
