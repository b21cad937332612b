/* The audit, over REST. */
#include "http/api.h"

enum error_code api_audit_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = audit_list(r->db, request_text(r, "object"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}
