/* Reliability indices and what backup power did, over REST. */
#include <string.h>

#include "http/api.h"
#include "store/benefit_read.h"
#include "store/index_read.h"

enum error_code api_index_sources(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = index_read_sources(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

/* A period must have a first day before its end. */
static enum error_code check_period(const char *from, const char *to, const char *name,
                                    struct reply *ret)
{
    if (from == NULL || to == NULL || strcmp(from, to) < 0)
        return EC_OK;
    json_errors_add(&ret->errors, 1, name, "must be after the first day of the period");
    return EC_PARAMETER_INVALID;
}

static enum error_code check_periods(const struct index_read_query *q, struct reply *ret)
{
    enum error_code ec = check_period(q->from, q->to, "to", ret);
    return ec == EC_OK ? check_period(q->basis_from, q->basis_to, "basis_to", ret) : ec;
}

static enum error_code explain_groups(enum error_code ec, int most, struct reply *ret)
{
    if (ec == EC_PARAMETER_INVALID)
        json_errors_add(&ret->errors, 1, "by",
                        "gives more than %d groups: ask for a shorter period", most);
    return ec;
}

enum error_code api_index_list(const struct request *r, struct reply *ret)
{
    struct index_read_query q = {
        .source = request_text(r, "source"),
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .by = request_text(r, "by"),
        .area = request_text(r, "area"),
        .circuit = request_text(r, "circuit_id"),
        .cause = request_text(r, "cause"),
        .major = request_text(r, "major_event_days"),
        .basis_from = request_text(r, "basis_from"),
        .basis_to = request_text(r, "basis_to"),
    };
    enum error_code ec = check_periods(&q, ret);
    if (ec != EC_OK)
        return ec;
    ec = index_read_indices(r->db, &q, request_has_role(r, ROLE_OPERATOR), &ret->body);
    return explain_groups(ec, INDEX_READ_GROUPS_MAX, ret);
}

enum error_code api_index_customers(const struct request *r, struct reply *ret)
{
    struct index_read_query q = {
        .source = request_text(r, "source"),
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .area = request_text(r, "area"),
        .circuit = request_text(r, "circuit_id"),
        .major = request_text(r, "major_event_days"),
        .basis_from = request_text(r, "basis_from"),
        .basis_to = request_text(r, "basis_to"),
        .n = request_int(r, "n", 4),
        .above =
            request_text(r, "counting") != NULL && !strcmp(request_text(r, "counting"), "above"),
        .hours = request_int(r, "hours", 8),
    };
    enum error_code ec = check_periods(&q, ret);
    if (ec != EC_OK)
        return ec;
    return index_read_customers(r->db, &q, request_has_role(r, ROLE_OPERATOR), &ret->body);
}

enum error_code api_index_major(const struct request *r, struct reply *ret)
{
    struct index_read_query q = {
        .source = request_text(r, "source"),
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .basis_from = request_text(r, "basis_from"),
        .basis_to = request_text(r, "basis_to"),
    };
    enum error_code ec = check_periods(&q, ret);
    return ec == EC_OK ? index_read_major(r->db, &q, request_has_role(r, ROLE_OPERATOR), &ret->body)
                       : ec;
}

enum error_code api_index_benefit(const struct request *r, struct reply *ret)
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
    enum error_code ec = check_period(q.from, q.to, "to", ret);
    if (ec != EC_OK)
        return ec;
    ec = benefit_read(r->db, &q, request_has_role(r, ROLE_OPERATOR), &ret->body);
    return explain_groups(ec, BENEFIT_READ_GROUPS_MAX, ret);
}
