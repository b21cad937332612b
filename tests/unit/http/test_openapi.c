/* The route table and api/openapi.json say the same: methods, paths, roles, parameters, bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <strings.h>

#include "http/openapi.h"
#include "http/route.h"

static json_t *document;

static int load(void **state)
{
    (void)state;
    document = json_loads(openapi_text, JSON_REJECT_DUPLICATES, NULL);
    return document != NULL ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

static json_t *operation(const struct route *r)
{
    static const char *const names[METHOD_COUNT] = {"get", "post", "put", "patch", "delete"};
    json_t *path = json_object_get(json_object_get(document, "paths"), r->path);
    return json_object_get(path, names[r->method]);
}

/* A parameter itself, or the one that it refers to. */
static json_t *resolve(json_t *o)
{
    const char *ref = json_string_value(json_object_get(o, "$ref"));
    if (ref == NULL)
        return o;
    json_t *all = json_object_get(json_object_get(document, "components"), "parameters");
    return json_object_get(all, strrchr(ref, '/') + 1);
}

static unsigned roles_of(json_t *op, const char *member)
{
    static const struct {
        const char *name;
        unsigned bit;
    } roles[] = {{"enrolment", ROLE_ENROLMENT}, {"installer", ROLE_INSTALLER},
                 {"analyst", ROLE_ANALYST},     {"operator", ROLE_OPERATOR},
                 {"admin", ROLE_ADMIN},         {"open", ROLE_OPEN}};
    unsigned bits = 0;
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(op, member), i,
                       name) for (size_t k = 0; k < sizeof roles / sizeof *roles;
                                  k++) if (strcmp(roles[k].name, json_string_value(name)) == 0)
        bits |= roles[k].bit;
    return bits;
}

static int is_listed(json_t *op, const char *name)
{
    size_t i;
    json_t *p;
    json_array_foreach(
        json_object_get(op, "parameters"), i,
        p) if (strcmp(json_string_value(json_object_get(resolve(p), "name")), name) == 0) return 1;
    return 0;
}

static int is_known(const struct route *r, json_t *p)
{
    const char *name = json_string_value(json_object_get(p, "name"));
    if (strcmp(json_string_value(json_object_get(p, "in")), "header") == 0)
        return 1;
    for (const struct param *q = r->params; q != NULL && q->name != NULL; q++)
        if (strcmp(q->name, name) == 0)
            return q->required == json_is_true(json_object_get(p, "required")) ||
                   strcmp(json_string_value(json_object_get(p, "in")), "path") == 0;
    return 0;
}

static void each_route_is_described(void **state)
{
    size_t n, i;
    const struct route *routes = route_table(&n);
    (void)state;
    for (size_t k = 0; k < n; k++) {
        const struct route *r = &routes[k];
        json_t *op = operation(r), *p;
        if (op == NULL)
            fail_msg("%s %s is not described", route_method_name(r->method), r->path);
        unsigned roles = r->roles & (ROLE_OWN(1U) - 1), own = r->roles / ROLE_OWN(1U);
        unsigned want = roles == ROLE_ANY ? ROLE_ANY & ~(unsigned)ROLE_ADMIN : roles;
        if (roles_of(op, "x-roles") != want || roles_of(op, "x-own") != own)
            fail_msg("roles of %s %s", route_method_name(r->method), r->path);
        if ((own & ~roles) != 0 || (own != 0) != (r->own != OWNERSHIP_UNSAID))
            fail_msg("own records of %s %s", route_method_name(r->method), r->path);
        for (const struct param *q = r->params; q != NULL && q->name != NULL; q++)
            if (!is_listed(op, q->name))
                fail_msg("%s lacks parameter %s", r->path, q->name);
        json_array_foreach(json_object_get(op, "parameters"), i, p) if (!is_known(r, resolve(p)))
            fail_msg("%s does not know parameter %zu", r->path, i);
        assert_int_equal(r->body_max > 0, json_object_get(op, "requestBody") != NULL);
        if (r->method == METHOD_POST)
            assert_int_equal(is_listed(op, "Idempotency-Key"), !r->has_secret);
        assert_int_equal(is_listed(op, "If-Match"), r->method == METHOD_PATCH);
    }
}

static void nothing_else_is_described(void **state)
{
    size_t n, described = 0;
    const char *path, *method;
    json_t *item, *op;
    const struct route *routes = route_table(&n);
    (void)state;
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, method, op)
        {
            size_t found = 0;
            for (size_t k = 0; k < n; k++)
                found += strcmp(routes[k].path, path) == 0 &&
                         strcasecmp(route_method_name(routes[k].method), method) == 0;
            if (found != 1)
                fail_msg("%s %s", method, path);
            described++;
        }
    }
    assert_int_equal(described, n);
}

/* Every brace of a path must have a row that checks it, and no row may be out of reach. */
static void each_brace_is_checked(void **state)
{
    size_t n;
    char name[32];
    const struct route *routes = route_table(&n);
    (void)state;
    for (size_t k = 0; k < n; k++) {
        assert_true(routes[k].roles != 0);
        assert_non_null(routes[k].handler);
        for (size_t i = 0; route_brace(&routes[k], i, name); i++) {
            int found = 0;
            for (const struct param *q = routes[k].params; q != NULL && q->name != NULL; q++)
                found |= strcmp(q->name, name) == 0;
            assert_true(found);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_route_is_described),
        cmocka_unit_test(nothing_else_is_described),
        cmocka_unit_test(each_brace_is_checked),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
