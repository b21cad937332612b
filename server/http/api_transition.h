/* Moving an application on behalf of a caller, with the rules that refused in the reply. */
#ifndef BPTM_API_TRANSITION_H
#define BPTM_API_TRANSITION_H

#include "http/request.h"
#include "store/transition.h"

/**
 * transition_run() as the caller; what refused goes to the reply's errors, each with its rule.
 * @return as transition_run()
 */
enum error_code api_transition_run(const struct request *r, int64_t application_id,
                                   const char *action, const char *reason,
                                   struct reply *ret) MUST_CHECK;

/** decision_make() as the caller; what refused goes to the reply's errors. @return as it */
enum error_code api_transition_decide(const struct request *r, int64_t application_id,
                                      struct reply *ret, int64_t *ret_id) MUST_CHECK;

/** Note in the reply which rules refused; those that miss a reason point to it, others to
 * `pointer`. */
void api_transition_explain(const struct transition_refusals *refusals, const char *pointer,
                            struct reply *ret);

#endif
