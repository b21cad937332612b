/* Fuzz target: a JSON body and a merge patch by a table that has every kind of field. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_problem.h"
#include "codec/json_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct body {
    const char *text, *word, *hex, *time, *date, *map, *array, *inner;
    struct optional_int number;
    struct optional_real real;
    struct optional_bool flag;
};

#define AT(field) .offset = offsetof(struct body, field)

static const struct json_field part[] = {{"inner", FIELD_TEXT, 1, 1, 10, "^[a-z]+$", AT(inner)},
                                         {NULL}};
static const struct json_field fields[] = {
    {"text", FIELD_TEXT, 1, 2, 20, AT(text)},
    {"word", FIELD_WORD, .choices = "one two three", AT(word)},
    {"hex", FIELD_HEX, 0, 2, 8, AT(hex)},
    {"time", FIELD_TIME, AT(time)},
    {"date", FIELD_DATE, AT(date)},
    {"number", FIELD_INT, 0, -5, 1e15, AT(number)},
    {"real", FIELD_REAL, 0, -180, 180, AT(real)},
    {"flag", FIELD_BOOL, AT(flag)},
    {"map", FIELD_MAP, 0, 0, 4, AT(map)},
    {"array", FIELD_ARRAY, 0, 1, 4, AT(array)},
    {"part", FIELD_PART, .fields = part},
    {NULL},
};

static void must_be_within(const struct body *b)
{
    if (b->text == NULL || strlen(b->text) < 2 || strpbrk(b->text, "\n\r") != NULL)
        abort();
    if (b->word != NULL && strcmp(b->word, "one") != 0 && strcmp(b->word, "two") != 0 &&
        strcmp(b->word, "three") != 0)
        abort();
    if (b->number.is_set && (b->number.value < -5 || b->number.value > 1000000000000000))
        abort();
    if (b->real.is_set && !(b->real.value >= -180 && b->real.value <= 180))
        abort();
}

/* What is wrong must fit a problem document. */
static void tell(const struct json_errors *errors, enum error_code ec)
{
    struct json_problem p = {.code = ec, .errors = errors, .request_id = "x"};
    char *text = json_problem_encode(&p);
    if (text == NULL)
        abort();
    free(text);
}

static void try_patch(const char *text, size_t len)
{
    struct json_errors errors = {0};
    struct json_document *patch = NULL, *document = NULL;
    struct body b = {0};
    if (json_patch_decode(text, len, fields, &errors, &patch) == EC_OK &&
        json_patch_apply(patch, "{\"text\":\"before\",\"number\":7,\"map\":{\"a\":\"b\"}}", fields,
                         &b, &errors, &document) == EC_OK)
        must_be_within(&b);
    json_document_free(document);
    json_document_free(patch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_errors errors = {0};
    struct json_document *document = NULL;
    struct body b = {0};
    enum error_code ec =
        json_table_decode((const char *)data, size, fields, &b, &errors, &document);
    if (ec == EC_OK)
        must_be_within(&b);
    else
        tell(&errors, ec);
    json_document_free(document);
    try_patch((const char *)data, size);
    return 0;
}
