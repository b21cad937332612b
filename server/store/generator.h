/* The generator list: search and the verdict on one generator. */
#ifndef BPTM_GENERATOR_H
#define BPTM_GENERATOR_H

#include "store/document.h"
#include "store/token.h"

/**
 * Search the active list, mistyped names too, best match first.
 * @param limit  1..50
 * @param ret    malloc'd JSON array; without `next`
 */
enum error_code generator_search(struct db *db, const char *text, int64_t limit,
                                 struct document_list *ret) MUST_CHECK;

/** What is asked about beyond the generator; whole numbers as text, NULL where not asked. */
struct generator_site {
    const char *altitude_ft, *altitude_m; /* one of them */
    const char *fuel, *cord_conductors, *cord_awg;
};

/** What somebody read on a label; whole numbers as text, NULL where it does not say. */
struct generator_label {
    const char *receptacle;               /* "L14-30R" */
    const char *volts;                    /* "120", "240", "120/240" */
    const char *amps, *breaker;           /* at 240 V; breaker "0": none */
    const char *watts;                    /* running */
    const char *neutral;                  /* floating, bonded, switchable, unknown */
    const char *gfci, *co_shutoff, *carb; /* "yes", "no" */
    const char *source_type;              /* NULL: engine */
};

/**
 * The verdict on a model by its make and name; a model that is not listed is "unknown". Without a
 * site it is the ready answer, found by one look-up of a primary key.
 * @param site  NULL: nothing is asked about
 * @return EC_OK with malloc'd JSON; EC_NO_MEMORY; a database error
 */
enum error_code generator_by_name(struct db *db, const char *make, const char *model,
                                  const struct generator_site *site, char **ret) MUST_CHECK;

/** The ready answer, to be looked up together with a token. */
void generator_along(const char *make, const char *model, struct token_along *ret);

/** The same by free text: when it is not sure which model is meant, "unknown" with candidates. */
enum error_code generator_by_text(struct db *db, const char *text,
                                  const struct generator_site *site, char **ret) MUST_CHECK;

/** The same by what somebody read on a label. */
enum error_code generator_by_label(struct db *db, const struct generator_label *label,
                                   const struct generator_site *site, char **ret) MUST_CHECK;

#endif
