/* JSON bodies to structs, by tables of fields; every mistake of a body is reported at once. */
#ifndef BPTM_JSON_TABLE_H
#define BPTM_JSON_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/optional.h"
#include "error.h"

/** What a field may hold, and which C type stands at its offset. */
enum json_kind {
    FIELD_TEXT,  /* const char *; min..max characters, one line; NULL when absent */
    FIELD_WORD,  /* const char *; one of `choices`, separated by spaces */
    FIELD_HEX,   /* const char *; min..max hex digits */
    FIELD_TIME,  /* const char *; RFC 3339 with a zone */
    FIELD_DATE,  /* const char *; YYYY-MM-DD */
    FIELD_INT,   /* struct optional_int */
    FIELD_REAL,  /* struct optional_real */
    FIELD_BOOL,  /* struct optional_bool */
    FIELD_PART,  /* an object whose members are `fields`; their offsets count from the outer struct
                  */
    FIELD_MAP,   /* const char *; an object of at most `max` texts by names of its own, as JSON */
    FIELD_ARRAY, /* const char *; an array of min..max objects, as JSON */
    FIELD_WORDS, /* const char *; an array of some of `choices`, each once, as JSON */
};

/** One member of an object. Absent and null are the same; `required` refuses both. */
struct json_field {
    const char *name;
    enum json_kind kind;
    int required;
    double min, max;                 /* characters of texts, values of numbers; inclusive */
    const char *pattern;             /* extended regular expression for the whole text, or NULL */
    const char *choices;             /* FIELD_WORD, FIELD_WORDS */
    size_t offset;                   /* of the value in the struct */
    const struct json_field *fields; /* FIELD_PART: ends with a row without name */
    int lines;                       /* 1: a text of lines, which line feeds end */
};

enum { JSON_ERRORS_MAX = 32, JSON_POINTER_MAX = 96, JSON_DETAIL_MAX = 200, JSON_RULE_MAX = 32 };

/** One thing that is wrong: in the body at a JSON Pointer, or in a parameter of path or query. */
struct json_error {
    int is_parameter;
    char rule[JSON_RULE_MAX]; /* code of the rule that refused; empty: none */
    char where[JSON_POINTER_MAX];
    char detail[JSON_DETAIL_MAX];
};

/** All that is wrong, up to JSON_ERRORS_MAX; the rest is counted only. Zero it to begin. */
struct json_errors {
    size_t count;
    struct json_error items[JSON_ERRORS_MAX];
};

/** Note one more mistake; beyond JSON_ERRORS_MAX it is dropped. `where` is cut to fit. */
void json_errors_add(struct json_errors *e, int is_parameter, const char *where, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));

/** Note which rule refused the request, by its code. */
void json_errors_rule(struct json_errors *e, const char *where, const char *rule,
                      const char *sentence);

/** Keeps the texts of a decoded body alive. */
struct json_document;

/**
 * Decode a body into a struct of zeroes.
 *
 * @param fields  ends with a row without name
 * @param ret     the struct that the offsets count in; written field by field also when it fails
 * @param errors  what is wrong: every unknown, missing, mistyped or out-of-range member
 * @param ret_document  owns the texts in `ret`; free with json_document_free(); only on EC_OK
 * @return EC_OK; EC_BODY_MALFORMED (not JSON, not an object, a repeated member, NUL, bad UTF-8);
 *         EC_FIELDS_INVALID; EC_NO_MEMORY
 */
enum error_code json_table_decode(const char *text, size_t len, const struct json_field *fields,
                                  void *ret, struct json_errors *errors,
                                  struct json_document **ret_document) MUST_CHECK;

/**
 * Decode a merge patch (RFC 7396) as far as it goes by itself: its members are checked as
 * json_table_decode() does, none is required, and null stands only where a field may be absent.
 *
 * @param ret_patch  free with json_document_free(); only on EC_OK
 * @return as json_table_decode()
 */
enum error_code json_patch_decode(const char *text, size_t len, const struct json_field *fields,
                                  struct json_errors *errors,
                                  struct json_document **ret_patch) MUST_CHECK;

/**
 * Merge a patch into what the resource is now and decode the whole into a struct of zeroes.
 *
 * @param current  JSON object with the members that may be changed
 * @return as json_table_decode()
 */
enum error_code json_patch_apply(const struct json_document *patch, const char *current,
                                 const struct json_field *fields, void *ret,
                                 struct json_errors *errors,
                                 struct json_document **ret_document) MUST_CHECK;

void json_document_free(struct json_document *d);

/** @return 1 when the text is an RFC 3339 date-time with a zone that PostgreSQL will take. */
int json_time_valid(const char *text);

/** @return 1 when the text is a date, YYYY-MM-DD, from 1970 on */
int json_date_valid(const char *text);

/** UTC milliseconds since 1970 of a valid time; digits beyond the third are dropped. */
int64_t json_time_ms(const char *text);

#endif
