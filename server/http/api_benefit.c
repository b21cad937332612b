/* What backup power did, over REST. */
#include <string.h>

#include "http/api.h"
#include "store/benefit_read.h"

enum error_code api_benefit_get(const struct request *r, struct reply *ret)
{
    struct benefit_read_query q = {
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .by = request_text(r, "by"),
        .area = request_text(r, "area"),
        .circuit = request_text(r, "circuit_id"),
        .programme = request_text(r, "programme"),
        .generator = request_text(r, "generator"),
        .model = request_text(r, "model"),
        .firmware = request_text(r, "firmware"),
    };
    if (strcmp(q.from, q.to) >= 0) {
        json_errors_add(&ret->errors, 1, "to", "must be after the first day of the period");
        return EC_PARAMETER_INVALID;
    }
    enum error_code ec = benefit_read(r->db, &q, request_has_role(r, ROLE_OPERATOR), &ret->body);
    if (ec == EC_PARAMETER_INVALID)
        json_errors_add(&ret->errors, 1, "by",
                        "gives more than %d groups: ask for a shorter period",
                        BENEFIT_READ_GROUPS_MAX);
    return ec;
}
