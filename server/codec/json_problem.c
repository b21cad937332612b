/* Problem documents (RFC 9457): the one shape of an error answer. */
#include "codec/json_problem.h"

#include <jansson.h>
#include <stdio.h>

static void set_text(json_t *o, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(o, name, json_string(text));
}

static json_t *errors_array(const struct json_errors *e)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->count; i++) {
        const struct json_error *one = &e->items[i];
        json_t *o = json_object();
        set_text(o, one->is_parameter ? "parameter" : "pointer", one->where);
        if (one->rule[0] != '\0')
            set_text(o, "rule", one->rule);
        set_text(o, "detail", one->detail);
        json_array_append_new(list, o);
    }
    return list;
}

char *json_problem_encode(const struct json_problem *p)
{
    char type[96];
    json_t *o = json_object();
    snprintf(type, sizeof(type), "urn:bptm:error:%s", error_slug(p->code));
    set_text(o, "type", type);
    set_text(o, "title", error_text(p->code));
    json_object_set_new(o, "status", json_integer(error_status(p->code)));
    set_text(o, "detail", p->detail);
    set_text(o, "instance", p->instance);
    set_text(o, "request_id", p->request_id);
    if (p->errors != NULL && p->errors->count > 0)
        json_object_set_new(o, "errors", errors_array(p->errors));
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text;
}
