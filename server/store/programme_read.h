/* Reading what programmes rest on: rulesets, map layers, circuits. */
#ifndef BPTM_PROGRAMME_READ_H
#define BPTM_PROGRAMME_READ_H

#include "store/document.h"

/** Programmes with the ruleset in force today, by code. */
enum error_code programme_read_list(struct db *db, const struct document_page *page,
                                    struct document_list *ret) MUST_CHECK;

/** Rulesets of a programme, newest version first. @return EC_NOT_FOUND without such a programme */
enum error_code programme_read_rulesets(struct db *db, const char *code,
                                        const struct document_page *page,
                                        struct document_list *ret) MUST_CHECK;

/** Versions of map layers, by id. */
enum error_code programme_read_layers(struct db *db, const struct document_page *page,
                                      struct document_list *ret) MUST_CHECK;

/** Circuits with the lists they are on today, by circuit id. */
enum error_code programme_read_circuits(struct db *db, const struct document_page *page,
                                        struct document_list *ret) MUST_CHECK;

#endif
