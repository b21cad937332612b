/* Generators and versions of their list, over REST. */
#include <string.h>

#include "http/api.h"
#include "store/generator.h"
#include "store/generator_list.h"
#include "store/generator_offline.h"

enum error_code api_generator_search(const struct request *r, struct reply *ret)
{
    struct document_list list = {0};
    enum error_code ec =
        generator_search(r->db, request_text(r, "q"), request_int(r, "limit", 20), &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

/* What a label says, if the caller gives any of it. */
static int has_label(const struct generator_label *l)
{
    return l->receptacle || l->volts || l->amps || l->breaker || l->watts || l->neutral ||
           l->gfci || l->co_shutoff || l->carb || l->source_type;
}

static int has_site(const struct generator_site *s)
{
    return s->altitude_ft || s->altitude_m || s->fuel || s->cord_conductors || s->cord_awg;
}

/* Exactly one of the three ways to ask, and one altitude. */
static enum error_code check_question(const struct request *r, const struct generator_site *site,
                                      int is_label, struct reply *ret)
{
    const char *make = request_text(r, "make"), *model = request_text(r, "model");
    int ways = (make != NULL || model != NULL) + (request_text(r, "q") != NULL) + is_label;

    if (ways != 1 || (make == NULL) != (model == NULL))
        json_errors_add(&ret->errors, 1, make == NULL ? "make" : "model",
                        "ask by make and model, or by q, or by what a label says");
    if (site->altitude_ft != NULL && site->altitude_m != NULL)
        json_errors_add(&ret->errors, 1, "altitude_m", "is given in feet, too");
    return ret->errors.count == 0 ? EC_OK : EC_PARAMETER_INVALID;
}

enum error_code api_generator_verdict(const struct request *r, struct reply *ret)
{
    const struct generator_site asked = {
        request_text(r, "altitude_ft"), request_text(r, "altitude_m"), request_text(r, "fuel"),
        request_text(r, "cord_conductors"), request_text(r, "cord_awg")};
    const struct generator_label label = {
        request_text(r, "receptacle"), request_text(r, "volts"),      request_text(r, "amps"),
        request_text(r, "breaker"),    request_text(r, "watts"),      request_text(r, "neutral"),
        request_text(r, "gfci"),       request_text(r, "co_shutoff"), request_text(r, "carb"),
        request_text(r, "source_type")};
    const struct generator_site *site = has_site(&asked) ? &asked : NULL;
    enum error_code ec = check_question(r, &asked, has_label(&label), ret);

    if (ec != EC_OK)
        return ec;
    if (has_label(&label))
        return generator_by_label(r->db, &label, site, &ret->body);
    if (request_text(r, "q") != NULL)
        return generator_by_text(r->db, request_text(r, "q"), site, &ret->body);
    return generator_by_name(r->db, request_text(r, "make"), request_text(r, "model"), site,
                             &ret->body);
}

int api_generator_along(const struct request *r, struct token_along *ret)
{
    static const char *const asked[] = {"make", "model"};
    for (const struct param *p = r->route->params; p->name != NULL; p++) {
        int is_name = strcmp(p->name, asked[0]) == 0 || strcmp(p->name, asked[1]) == 0;
        if ((request_text(r, p->name) != NULL) != is_name)
            return 0;
    }
    generator_along(request_text(r, asked[0]), request_text(r, asked[1]), ret);
    return 1;
}

enum error_code api_generator_affected(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = generator_list_affected(r->db, request_int(r, "id", 0), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

/* -- versions of the list ---------------------------------------------------------------------- */

enum error_code api_generator_lists(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = generator_list_page(r->db, &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_generator_list_get(const struct request *r, struct reply *ret)
{
    return generator_list_get(r->db, request_int(r, "version", 0), &ret->body);
}

enum error_code api_generator_list_difference(const struct request *r, struct reply *ret)
{
    return generator_list_difference(r->db, request_int(r, "version", 0), &ret->body);
}

enum error_code api_generator_list_discard(const struct request *r, struct reply *ret)
{
    enum error_code ec = generator_list_discard(r->db, &r->by, request_int(r, "version", 0));
    if (ec == EC_OK)
        ret->status = 204;
    return ec;
}

/* Who has it asks again with its tag, and is not served a list that was withdrawn since. */
enum error_code api_generator_offline(const struct request *r, struct reply *ret)
{
    enum error_code ec = generator_offline_get(r->db, &ret->body, &ret->body_len);
    ret->type = "application/cose; cose-type=\"cose-sign1\"";
    ret->cache = "private, no-cache";
    if (ec == EC_NOT_FOUND)
        ret->detail = "no list is active, or the active one is not signed yet";
    return ec;
}

enum error_code api_generator_offline_keys(const struct request *r, struct reply *ret)
{
    return generator_offline_keys(r->db, &ret->body);
}
