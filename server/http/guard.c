/* What libmicrohttpd 0.9.75 lets through and a proxy may read otherwise: refused before any use. */
#include "http/guard.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int is_token(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)at[i]) && strchr("!#$%&'*+-.^_`|~", at[i]) == NULL)
            return 0;
    return len > 0;
}

static int is_value(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)at[i] < 0x20 && at[i] != '\t') || at[i] == 0x7f)
            return 0;
    return 1;
}

static size_t count(const struct guard_head *head, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < head->count; i++)
        n += strcasecmp(head->headers[i].name, name) == 0;
    return n;
}

const char *guard_find(const struct guard_head *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++)
        if (strcasecmp(head->headers[i].name, name) == 0)
            return head->headers[i].value;
    return NULL;
}

const char *guard_find_last(const struct guard_head *head, const char *name)
{
    size_t n = head->count < GUARD_HEADERS_MAX ? head->count : GUARD_HEADERS_MAX;
    for (size_t i = n; i > 0; i--)
        if (strcasecmp(head->headers[i - 1].name, name) == 0)
            return head->headers[i - 1].value;
    return NULL;
}

static int bad_method(const struct guard_head *head)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(head->method, known[i]) == 0)
            return 0;
    return 1;
}

int guard_target_clean(const char *target)
{
    const char *end = target;
    for (; *end != '\0'; end++)
        if (*end <= ' ' || *end >= 0x7f || *end == '#')
            return 0;
    return end - target <= GUARD_TARGET_MAX;
}

static int bad_target(const struct guard_head *head)
{
    return !head->is_target_clean || !guard_target_clean(head->path) || head->path[0] != '/' ||
           strlen(head->path) > GUARD_PATH_MAX;
}

static int bad_name(const struct guard_head *head)
{
    for (size_t i = 0; i < head->count; i++)
        if (!is_token(head->headers[i].name, head->headers[i].name_len))
            return 1;
    return 0;
}

static int bad_value(const struct guard_head *head)
{
    for (size_t i = 0; i < head->count; i++)
        if (!is_value(head->headers[i].value, head->headers[i].value_len))
            return 1;
    return 0;
}

/*
 * The parser cuts lines in place: NUL over the colon and over CR LF. So an honest head lies in the
 * buffer without holes: name, NUL, blanks, value, NUL, NUL, name ... A folded line, a bare LF or a
 * NUL leaves a hole or, after a fold, a name that was copied elsewhere.
 */
static int line_is_whole(const struct guard_header *h, const char *begins)
{
    if (h->name != begins)
        return 0;
    const char *at = h->name + h->name_len + 1;
    while (*at == ' ' || *at == '\t')
        at++;
    return h->value == at && at[h->value_len] == '\0' && at[h->value_len + 1] == '\0';
}

static int bad_layout(const struct guard_head *head)
{
    if (!head->in_place)
        return 0;
    const char *begins = head->version + strlen(head->version) + 2;
    for (size_t i = 0; i < head->count; i++) {
        if (!line_is_whole(&head->headers[i], begins))
            return 1;
        begins = head->headers[i].value + head->headers[i].value_len + 2;
    }
    return 0;
}

static int bad_host(const struct guard_head *head)
{
    size_t n = count(head, "Host");
    if (n > 1 || (n == 0 && strcmp(head->version, "HTTP/1.0") != 0))
        return 1;
    const char *host = guard_find(head, "Host");
    return host != NULL && (*host == '\0' || strpbrk(host, " \t/@,") != NULL);
}

static int bad_coding(const struct guard_head *head)
{
    const char *coding = guard_find(head, "Transfer-Encoding");
    return coding != NULL &&
           (strcasecmp(coding, "chunked") != 0 || strcmp(head->version, "HTTP/1.1") != 0);
}

static int two_lengths(const struct guard_head *head)
{
    return count(head, "Content-Length") > 0 && count(head, "Transfer-Encoding") > 0;
}

static int bad_length(const struct guard_head *head)
{
    const char *length = guard_find(head, "Content-Length");
    return length != NULL && (*length == '\0' || strspn(length, "0123456789") != strlen(length));
}

static int repeated(const struct guard_head *head)
{
    static const char *const single[] = {"Content-Length", "Transfer-Encoding", "Content-Type",
                                         "Authorization",  "Idempotency-Key",   "If-None-Match",
                                         "X-Request-Id"};
    for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++)
        if (count(head, single[i]) > 1)
            return 1;
    return 0;
}

static int too_large(const struct guard_head *head)
{
    if (head->count > GUARD_HEADERS_MAX)
        return 1;
    for (size_t i = 0; i < head->count; i++)
        if (head->headers[i].name_len > GUARD_NAME_MAX ||
            head->headers[i].value_len > GUARD_VALUE_MAX)
            return 1;
    return 0;
}

/* The order matters: size first, then the shape of the lines, then what they say. */
static const struct rule {
    int (*is_broken)(const struct guard_head *head);
    enum error_code code;
    const char *note;
} rules[] = {
    {too_large, EC_HEADERS_TOO_LARGE, "too many or too long header fields"},
    {bad_method, EC_REQUEST_MALFORMED, "the method is not one of HTTP's"},
    {bad_target, EC_REQUEST_MALFORMED, "the request target is not an absolute path"},
    {bad_name, EC_REQUEST_MALFORMED, "a field name is not a token"},
    {bad_layout, EC_REQUEST_MALFORMED, "a header line is folded or not ended by CR LF"},
    {bad_value, EC_REQUEST_MALFORMED, "a field value has control characters"},
    {two_lengths, EC_REQUEST_MALFORMED, "both Content-Length and Transfer-Encoding"},
    {repeated, EC_REQUEST_MALFORMED, "a field that must be single is repeated"},
    {bad_host, EC_REQUEST_MALFORMED, "exactly one valid Host is required"},
    {bad_coding, EC_REQUEST_MALFORMED, "the transfer coding is not chunked"},
    {bad_length, EC_REQUEST_MALFORMED, "the Content-Length is not a number"},
};

enum error_code guard_check(const struct guard_head *head, const char **ret_note)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (rules[i].is_broken(head)) {
            *ret_note = rules[i].note;
            return rules[i].code;
        }
    }
    return EC_OK;
}
