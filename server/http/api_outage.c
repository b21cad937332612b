/* Outages, over REST: for operators in full, for analysts without device and premise, and
 * with coarse places.
 */
#include "http/api.h"
#include "store/outage_read.h"

enum error_code api_outage_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    char box[BBOX_EWKT_MAX];
    struct outage_read_filter filter = {
        .premise_id = request_int(r, "premise_id", 0),
        .serial = request_text(r, "device"),
        .from = request_text(r, "from"),
        .to = request_text(r, "to"),
        .state = request_text(r, "state"),
        .box = request_box(r, box),
        .event_id = request_int(r, "event_id", 0),
    };
    int full = request_has_role(r, ROLE_OPERATOR);
    if (!full && (filter.premise_id != 0 || filter.serial != NULL)) {
        ret->detail = "an analyst cannot ask for the outages of one home";
        return EC_FORBIDDEN;
    }
    enum error_code ec = outage_read_list(r->db, &filter, full, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_outage_get(const struct request *r, struct reply *ret)
{
    int full = request_has_role(r, ROLE_OPERATOR);
    return outage_read_get(r->db, request_int(r, "id", 0), full, &ret->body);
}
