/* Bulk imports, over REST: made, fed with a file that is never whole in memory, read, committed. */
#include <stdlib.h>

#include "base/limits.h"
#include "http/api.h"
#include "store/import_stage.h"
#include "store/imports.h"

#define AT(member) offsetof(struct import_new, member)

static const struct json_field fields[] = {
    {"kind", FIELD_WORD, 1, .choices = "premises accounts circuits links generators psps epss",
     .offset = AT(kind)},
    {"file_name", FIELD_TEXT, 1, 1, 200, .offset = AT(file_name)},
    {"why", FIELD_TEXT, 1, 1, 200, .offset = AT(why)},
    {"mapping", FIELD_MAP, 0, 0, 64, .offset = AT(mapping)},
    {"separator", FIELD_WORD, .choices = "auto comma semicolon tab pipe", .offset = AT(separator)},
    {"empty_cells", FIELD_WORD, .choices = "keep clear", .offset = AT(empty_cells)},
    {"skip_errors", FIELD_BOOL, .offset = AT(skip_errors)},
    {"time_zone", FIELD_TEXT, 0, 1, 60, .offset = AT(time_zone)},
    {NULL},
};

/* Operators keep the grid and lists, enrolment keeps everything. */
static enum import_scope scope_of(const struct request *r)
{
    return request_has_role(r, ROLE_ENROLMENT) ? IMPORT_SCOPE_ALL : IMPORT_SCOPE_GRID;
}

static struct import_ref ref_of(const struct request *r)
{
    return (struct import_ref){request_int(r, "id", 0), scope_of(r)};
}

static enum error_code answer(const struct request *r, struct reply *ret, int status)
{
    ret->status = status;
    return imports_get(r->db, ref_of(r), &ret->body);
}

enum error_code api_import_create(const struct request *r, struct reply *ret)
{
    struct import_new import = {0};
    struct json_document *document = NULL;
    int64_t id = 0;
    char *body = NULL;
    enum error_code ec = request_decode(r, fields, &import, ret, &document);
    if (ec == EC_OK && !imports_in_scope(scope_of(r), import.kind))
        ec = EC_FORBIDDEN;
    if (ec == EC_OK)
        ec = reply_constraint(ret, r, imports_create(r->db, &r->by, &import, &id));
    if (ec == EC_OK)
        ec = imports_get(r->db, (struct import_ref){id, scope_of(r)}, &body);
    if (ec == EC_OK)
        reply_created(ret, body, "/v1/imports/", id);
    json_document_free(document);
    return ec;
}

enum error_code api_import_list(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = imports_list(r->db, scope_of(r), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_import_get(const struct request *r, struct reply *ret)
{
    return answer(r, ret, 200);
}

enum error_code api_import_commit(const struct request *r, struct reply *ret)
{
    enum error_code ec = imports_commit(r->db, &r->by, ref_of(r));
    if (ec == EC_STATE_REFUSED)
        ret->detail = "an import is committed when it is checked, and has no errors or skips them";
    return ec == EC_OK ? answer(r, ret, 202) : ec;
}

enum error_code api_import_cancel(const struct request *r, struct reply *ret)
{
    enum error_code ec = imports_cancel(r->db, &r->by, ref_of(r));
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the import is over";
    return ec == EC_OK ? answer(r, ret, 200) : ec;
}

enum error_code api_import_errors(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = imports_errors(r->db, ref_of(r), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

enum error_code api_import_changes(const struct request *r, struct reply *ret)
{
    struct document_page page = request_page(r);
    struct document_list list = {0};
    enum error_code ec = imports_changes(r->db, ref_of(r), request_text(r, "action"), &page, &list);
    return ec == EC_OK ? reply_list(ret, &list) : ec;
}

/* -- the rejects file -------------------------------------------------------------------------- */

struct rejects {
    const struct person_keys *keys; /* of the server */
    struct import_ref ref;
    int64_t row;
};

static enum error_code next_rejects(struct db *db, void *state, struct bytes *ret)
{
    struct rejects *s = state;
    return imports_rejects(db, s->keys, s->ref, &s->row, ret);
}

enum error_code api_import_rejects(const struct request *r, struct reply *ret)
{
    enum error_code ec = imports_find(r->db, ref_of(r));
    if (ec == EC_OK)
        ec = imports_tell(r->db, &r->by, ref_of(r));
    if (ec != EC_OK)
        return ec;
    struct rejects *s = malloc(sizeof *s);
    if (s == NULL)
        return EC_NO_MEMORY;
    *s = (struct rejects){.keys = r->person, .ref = ref_of(r)};
    ret->source.next = next_rejects;
    ret->source.state = s;
    ret->source.piece_max = IMPORTS_REJECTS_BYTES;
    ret->type = "text/csv; charset=utf-8; header=present";
    return EC_OK;
}

/* -- the file ---------------------------------------------------------------------------------- */

static enum error_code begin_file(const struct request *r, struct reply *ret, void **ret_state)
{
    struct import_stage *s = NULL;
    enum error_code ec = imports_find(r->db, ref_of(r));
    if (ec == EC_OK)
        ec = import_stage_begin(r->db, r->person, ref_of(r).id, &s);
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the import has its file already, or is over";
    if (ec == EC_OK)
        *ret_state = s;
    return ec;
}

/* The reason stays with the import, too: a client that still sends may never read this answer. */
static enum error_code fail_file(const struct request *r, struct reply *ret, enum error_code ec)
{
    const char *note = import_stage_note(r->stream);
    if (ec == EC_FIELDS_INVALID && note[0] != '\0') {
        ret->detail = note;
        (void)!reply_refuse(ret, ec, "", note);
    }
    if (ec == EC_STATE_REFUSED)
        ret->detail = "the import was cancelled, or another upload took over";
    (void)!import_stage_fail(r->stream, r->db, ec);
    return ec;
}

static enum error_code put_file(const struct request *r, struct reply *ret, const char *at,
                                size_t len)
{
    enum error_code ec = import_stage_put(r->stream, r->db, at, len);
    return ec == EC_OK ? ec : fail_file(r, ret, ec);
}

static void free_file(void *state)
{
    import_stage_free(state);
}

static const char *const media_types[] = {
    "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", NULL};

const struct body_stream api_import_stream = {
    .media_types = media_types,
    .time_s = LIMIT_IMPORT_UPLOAD_S,
    .begin = begin_file,
    .put = put_file,
    .free = free_file,
};

enum error_code api_import_file(const struct request *r, struct reply *ret)
{
    enum error_code ec = import_stage_end(r->stream, r->db, &r->by);
    return ec == EC_OK ? answer(r, ret, 200) : fail_file(r, ret, ec);
}
