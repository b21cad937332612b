/* Exports over REST: all that a list's filters let through, streamed from one snapshot. */
#include <string.h>

#include "base/limits.h"
#include "http/api.h"
#include "http/exchange.h"
#include "store/export.h"

/* What each route of an export gives; `collection` NULL is ODIN. */
static const struct {
    const char *path, *collection, *type;
    enum export_format format;
} exports[] = {
    {"/v1/outages.csv", "outages", "text/csv; charset=utf-8; header=present", EXPORT_CSV},
    {"/v1/outages.geojson", "outages", "application/geo+json", EXPORT_GEOJSON},
    {"/v1/outages.fgb", "outages", "application/flatgeobuf", EXPORT_FLATGEOBUF},
    {"/v1/outage-events.csv", "outage-events", "text/csv; charset=utf-8; header=present",
     EXPORT_CSV},
    {"/v1/outage-events.geojson", "outage-events", "application/geo+json", EXPORT_GEOJSON},
    {"/v1/outage-events.fgb", "outage-events", "application/flatgeobuf", EXPORT_FLATGEOBUF},
    {"/v1/odin-outages", NULL, "application/json", EXPORT_ODIN},
};

static const struct {
    const char *parameter;
    enum feature_word word;
} words[] = {
    {"from", FEATURE_BEYOND},        {"to", FEATURE_BEFORE},          {"state", FEATURE_STATE},
    {"circuit_id", FEATURE_CIRCUIT}, {"kind", FEATURE_KIND},          {"level", FEATURE_LEVEL},
    {"device", FEATURE_DEVICE},      {"premise_id", FEATURE_PREMISE}, {"event_id", FEATURE_EVENT},
};

static struct feature_filter filter_of(const struct request *r, char box[BBOX_EWKT_MAX])
{
    struct feature_filter filter = {.words = {[FEATURE_BOX] = request_box(r, box)}};
    for (int i = 0; r->route->params[i].name != NULL; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (strcmp(words[k].parameter, r->route->params[i].name) == 0)
                filter.words[words[k].word] = r->values[i];
    return filter;
}

static enum error_code next_piece(struct db *db, void *state, struct bytes *ret)
{
    (void)db;
    return export_next(state, ret);
}

static void close_export(void *state)
{
    export_close(state);
}

static size_t export_of(const struct request *r)
{
    size_t i = 0;
    while (strcmp(exports[i].path, r->route->path) != 0)
        i++;
    return i;
}

enum error_code api_export_get(const struct request *r, struct reply *ret)
{
    size_t n = export_of(r);
    const struct feature_collection *c =
        exports[n].collection != NULL ? feature_find(exports[n].collection) : &feature_odin;
    char box[BBOX_EWKT_MAX];
    struct feature_filter filter = filter_of(r, box);
    struct export_job *e = NULL;
    int full = request_has_role(r, ROLE_OPERATOR);
    if (!full && (filter.words[FEATURE_PREMISE] != NULL || filter.words[FEATURE_DEVICE] != NULL)) {
        ret->detail = "an analyst cannot ask for the outages of one home";
        return EC_FORBIDDEN;
    }
    enum error_code ec =
        export_open(r->server->config->database_http, c, exports[n].format, &filter, full, &e);
    if (ec != EC_OK)
        return ec;
    ret->type = exports[n].type;
    ret->source = (struct reply_source){.next = next_piece,
                                        .state = e,
                                        .free = close_export,
                                        .piece_max = LIMIT_EXPORT_PIECE,
                                        .has_connection = 1};
    return EC_OK;
}
