/* Filling a reply, reading a request: the small things that every handler does. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/cursor.h"
#include "http/request.h"

static int param_index(const struct request *r, const char *name)
{
    const struct param *params = r->route->params;
    for (int i = 0; params != NULL && params[i].name != NULL; i++)
        if (strcmp(params[i].name, name) == 0)
            return i;
    assert(!"a handler asks for a parameter that its route does not have");
    return 0;
}

const char *request_text(const struct request *r, const char *name)
{
    return r->values[param_index(r, name)];
}

int64_t request_int(const struct request *r, const char *name, int64_t fallback)
{
    const char *text = request_text(r, name);
    return text != NULL ? strtoll(text, NULL, 10) : fallback;
}

const char *request_box(const struct request *r, char ret[BBOX_EWKT_MAX])
{
    const char *text = request_text(r, "bbox");
    struct bbox box;
    if (text == NULL || !bbox_read(text, &box))
        return NULL;
    bbox_ewkt(&box, ret);
    return ret;
}

struct document_page request_page(const struct request *r)
{
    return (struct document_page){
        .after = request_text(r, "cursor"),
        .limit = request_int(r, "limit", PAGE_DEFAULT),
    };
}

int request_has_role(const struct request *r, unsigned roles)
{
    return (r->caller.role & (roles | ROLE_ADMIN)) != 0;
}

enum error_code request_decode(const struct request *r, const struct json_field *fields, void *ret,
                               struct reply *reply, struct json_document **ret_document)
{
    return json_table_decode(r->body, r->body_len, fields, ret, &reply->errors, ret_document);
}

void reply_source_done(struct reply_source *source)
{
    if (source->free != NULL && source->state != NULL)
        source->free(source->state);
    else
        free(source->state);
    *source = (struct reply_source){0};
}

size_t reply_len(const struct reply *reply)
{
    if (reply->body == NULL)
        return 0;
    return reply->body_len != 0 ? reply->body_len : strlen(reply->body);
}

void reply_done(struct reply *reply)
{
    free(reply->body);
    free(reply->redirect);
    reply_source_done(&reply->source);
}

enum error_code reply_list(struct reply *reply, struct document_list *list)
{
    char cursor[CURSOR_MAX] = "";
    int more = list->next[0] != '\0';
    const char *quote = more ? "\"" : "";
    if (more)
        cursor_encode(list->next, cursor);
    size_t cap = strlen(list->text) + CURSOR_MAX + sizeof "{'items':,'next':'null'}";
    reply->body = malloc(cap);
    if (reply->body != NULL)
        snprintf(reply->body, cap, "{\"items\":%s,\"next\":%s%s%s}", list->text, quote,
                 more ? cursor : "null", quote);
    free(list->text);
    list->text = NULL;
    snprintf(reply->next, sizeof reply->next, "%s", cursor);
    return reply->body != NULL ? EC_OK : EC_NO_MEMORY;
}

void reply_created(struct reply *reply, char *body, const char *prefix, int64_t id)
{
    reply->status = 201;
    reply->body = body;
    snprintf(reply->location, sizeof reply->location, "%s%" PRId64, prefix, id);
}

enum error_code reply_refuse(struct reply *reply, enum error_code code, const char *pointer,
                             const char *detail)
{
    json_errors_add(&reply->errors, 0, pointer, "%s", detail);
    return code;
}

/* Which body field a constraint of the schema speaks of, and what to say. */
static const struct {
    const char *constraint, *pointer, *detail;
} constraints[] = {
    {"premise_code_key", "/code", "is the code of another premise"},
    {"premise_meter_number_key", "/meter_number", "is the meter of another premise"},
    {"import_time_zone", "/time_zone",
     "must be a time zone such as America/Los_Angeles, for shutoffs and fast trips only"},
    {"drill_circuit_id_fkey", "/circuit_id", "is not a known circuit"},
    {"premise_circuit_circuit_id_fkey", "/circuit_id", "is not a known circuit"},
    {"account_number_key", "/number", "is the number of another account"},
    {"account_premise_id_fkey", "/premise_id", "is not a known premise"},
    {"account_customer_id_fkey", "/customer_id", "is not a known customer"},
    {"application_premise_id_fkey", "/premise_id", "is not a known premise"},
    {"application_account_id_fkey", "/account_id", "is not a known account"},
    {"premise_circuit_pkey", "/valid_from", "has a link from that day on already"},
    {"premise_circuit_premise_id_daterange_excl", "/valid_from", "is before a later link"},
    {"premise_transformer_pkey", "/valid_from", "has a link from that day on already"},
    {"premise_transformer_premise_id_daterange_excl", "/valid_from", "is before a later link"},
    {"account_period", "/on", "is before the move in"},
    {"programme_code_key", "/code", "is the code of another programme"},
    {"programme_year_programme_id_season_key", "/season", "is a season of this programme already"},
    {"programme_year_quota", "/quota", "is less than the places already given"},
    {"programme_year_check", "/closes_on", "must be after the first day"},
    {"programme_year_dates", "/opens_on", "overlaps another season of this programme"},
    {"appointment_check", "/ends_at", "must be after the start"},
    {"field_visit_reason", "/reason", "is needed for a rejection"},
    {"field_visit_licence", "/licence", "is needed of an electrician"},
    {"commissioning_lamps", "/lamps_seen_at", "is after the end of the work"},
    {"application_override_code", "/code", "is no rule of the newest decision"},
    {"application_override_expiry", "/expires_at",
     "must be after now and within 366 days; with the result none it is left out"},
    {"assignment_check", "/removed_at", "is before the installation"},
    {"application_live", "/premise_id", "has a live application to this programme already"},
};

enum error_code reply_constraint(struct reply *reply, const struct request *r, enum error_code code)
{
    if (code != EC_CONFLICT && code != EC_FIELDS_INVALID)
        return code;
    const char *name = db_constraint(r->db);
    for (size_t i = 0; i < sizeof constraints / sizeof *constraints; i++)
        if (strcmp(constraints[i].constraint, name) == 0)
            return reply_refuse(reply, code, constraints[i].pointer, constraints[i].detail);
    return code;
}
