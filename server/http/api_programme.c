/* What programmes rest on, over REST: rulesets, map layers, circuits. */
#include "http/api.h"
#include "store/programme_read.h"

typedef enum error_code (*list_function)(struct db *db, const struct document_page *page,
                                         struct document_list *ret);

static enum error_code answer(const struct request *r, struct reply *ret, list_function read)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = read(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_programme_list(const struct request *r, struct reply *ret)
{
    return answer(r, ret, programme_read_list);
}

enum error_code api_programme_layers(const struct request *r, struct reply *ret)
{
    return answer(r, ret, programme_read_layers);
}

enum error_code api_programme_circuits(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec =
        programme_read_circuits(r->db, request_text(r, "metered") != NULL, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_programme_rulesets(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = programme_read_rulesets(r->db, request_text(r, "code"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}
