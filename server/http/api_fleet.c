/* The whole fleet, over REST: quarantine and loss ledger. */
#include "http/api.h"
#include "store/fleet_read.h"

enum error_code api_fleet_quarantine(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = fleet_read_quarantine(r->db, request_text(r, "reason"),
                                               request_text(r, "serial"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_fleet_loss(const struct request *r, struct reply *ret)
{
    return fleet_read_loss(r->db, request_has_role(r, ROLE_OPERATOR), &ret->body);
}
