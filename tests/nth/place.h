/* Places of the program that can fail: which were seen, and which did fail. */
#ifndef BPTM_PLACE_H
#define BPTM_PLACE_H

enum { PLACE_TEXT = 96 }; /* bytes of a statement that tell it from others */

/** Note a call: `key` is the text of a statement, or the address that an allocation returns to.
 *  @return the number of its place, from 0, as long as the program runs; -1: there are too many */
int place_note(int is_statement, const void *key);
/** It failed here. */
void place_fail(int place);
int place_count(void);
int place_is_statement(int place);
/** A number that is the same for the same place in every process. */
unsigned place_hash(int place);
/** Print all that were seen: `place`, how often it failed, what it is; with tabs between. */
void place_print(void);
/** The place that failed last; in memory of its own. */
const char *place_last(void);

#endif
