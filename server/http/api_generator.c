/* The generator list, over REST. */
#include "http/api.h"
#include "store/generator.h"

enum error_code api_generator_search(const struct request *r, struct reply *ret)
{
    struct document_list list = {0};
    enum error_code ec =
        generator_search(r->db, request_text(r, "q"), request_int(r, "limit", 20), &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_generator_verdict(const struct request *r, struct reply *ret)
{
    return generator_verdict(r->db, request_text(r, "make"), request_text(r, "model"), &ret->body);
}
