/* The guard: every head that two readers could understand differently is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/guard.h"

/* A head as libmicrohttpd 0.9.75 leaves it: cut in place inside the receive buffer. */
struct parsed {
    char buffer[70000];
    struct guard_header headers[GUARD_HEADERS_MAX];
    struct guard_head head;
};

static char *cut_line(char *at)
{
    char *end = strstr(at, "\r\n");
    end[0] = end[1] = '\0';
    return end + 2;
}

/* Fields in the form "Name: value\r\n", all well-formed lines. */
static struct guard_head *parse(struct parsed *p, const char *request)
{
    snprintf(p->buffer, sizeof p->buffer, "%s", request);
    char *method = p->buffer, *path = strchr(method, ' ') + 1, *version = strchr(path, ' ') + 1;
    path[-1] = version[-1] = '\0';
    char *at = cut_line(version);
    size_t n = 0;
    while (strncmp(at, "\r\n", 2) != 0) {
        char *line = at, *colon = strchr(line, ':');
        at = cut_line(line);
        *colon++ = '\0';
        colon += strspn(colon, " \t");
        if (n < GUARD_HEADERS_MAX)
            p->headers[n] = (struct guard_header){line, strlen(line), colon, strlen(colon)};
        n++;
    }
    p->head = (struct guard_head){method, path, version, p->headers, n, 1, 1};
    return &p->head;
}

static enum error_code check(const char *request)
{
    static struct parsed p;
    const char *note = NULL;
    enum error_code ec = guard_check(parse(&p, request), &note);
    assert_true((ec == EC_OK) == (note == NULL));
    return ec;
}

#define GET  "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"

static void honest_heads_pass(void **state)
{
    (void)state;
    assert_int_equal(check(GET HOST "\r\n"), EC_OK);
    assert_int_equal(check(GET "Host:a\r\nX:\r\nY: \t v \r\n\r\n"), EC_OK);
    assert_int_equal(check("GET / HTTP/1.0\r\n\r\n"), EC_OK);
    assert_int_equal(check("POST /v1/x HTTP/1.1\r\n" HOST "Content-Length: 12\r\n\r\n"), EC_OK);
    assert_int_equal(check("POST /v1/x HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n"),
                     EC_OK);
}

static void bad_heads_are_refused(void **state)
{
    static const char *const bad[] = {
        GET HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        GET HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        GET HOST "Content-Length: 1\r\ncontent-length: 2\r\n\r\n",
        GET HOST "Content-Length: +1\r\n\r\n",
        GET HOST "Content-Length: 1,1\r\n\r\n",
        GET HOST "Content-Length:\r\n\r\n",
        GET HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        GET HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
        GET HOST "Transfer-Encoding: identity\r\n\r\n",
        GET HOST "Transfer-Encoding: xchunked\r\n\r\n",
        "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        GET HOST HOST "\r\n",
        GET HOST "host: b\r\n\r\n",
        GET "\r\n",
        GET "Host:\r\n\r\n",
        GET "Host: a b\r\n\r\n",
        GET "Host: user@a\r\n\r\n",
        GET "Host: a/b\r\n\r\n",
        GET HOST "Content-Length : 1\r\n\r\n",
        GET HOST " Content-Length: 1\r\n\r\n",
        GET HOST "X\tY: 1\r\n\r\n",
        GET HOST ": 1\r\n\r\n",
        GET HOST "X(: 1\r\n\r\n",
        GET HOST "X: a\001b\r\n\r\n",
        GET HOST "X: a\177b\r\n\r\n",
        GET HOST "X: a\nb\r\n\r\n",
        GET HOST "Authorization: a\r\nAuthorization: b\r\n\r\n",
        GET HOST "Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n",
        GET HOST "Content-Type: a\r\nContent-Type: b\r\n\r\n",
        "BREW / HTTP/1.1\r\n" HOST "\r\n",
        "get / HTTP/1.1\r\n" HOST "\r\n",
        "CONNECT / HTTP/1.1\r\n" HOST "\r\n",
        "GET http://a/ HTTP/1.1\r\n" HOST "\r\n",
        "OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
        "GET /\303\251 HTTP/1.1\r\n" HOST "\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (check(bad[i]) != EC_REQUEST_MALFORMED)
            fail_msg("let through: %s", bad[i]);
}

/* What the parser does with a folded line: the name moves, a hole stays. */
static void a_moved_or_holed_line_is_refused(void **state)
{
    static struct parsed p;
    const char *note = NULL;
    char moved[] = "X";
    (void)state;
    parse(&p, GET HOST "X: a\r\nY: b\r\n\r\n");
    p.headers[1].name = moved;
    assert_int_equal(guard_check(&p.head, &note), EC_REQUEST_MALFORMED);
    parse(&p, GET HOST "X: a\r\nY: b\r\nZ: c\r\n\r\n");
    p.headers[2] = p.headers[3];
    p.head.count = 3;
    assert_int_equal(guard_check(&p.head, &note), EC_REQUEST_MALFORMED);
    p.head.in_place = 0;
    assert_int_equal(guard_check(&p.head, &note), EC_OK);
}

/* A bare LF ends a line for the parser with one NUL, not two. */
static void a_bare_line_feed_is_refused(void **state)
{
    static struct parsed p;
    const char *note = NULL;
    (void)state;
    parse(&p, GET HOST "X: a\r\nY: b\r\n\r\n");
    p.headers[1].value_len = 1;
    ((char *)(uintptr_t)p.headers[1].value)[2] = 'Z';
    assert_int_equal(guard_check(&p.head, &note), EC_REQUEST_MALFORMED);
}

static void sizes_are_limited(void **state)
{
    static char request[70000];
    (void)state;
    size_t at = (size_t)snprintf(request, sizeof request, GET HOST);
    for (int i = 0; i < GUARD_HEADERS_MAX; i++)
        at += (size_t)snprintf(request + at, sizeof request - at, "X%d: 1\r\n", i);
    snprintf(request + at, sizeof request - at, "\r\n");
    assert_int_equal(check(request), EC_HEADERS_TOO_LARGE);
    snprintf(request, sizeof request, GET HOST "X: %0*d\r\n\r\n", GUARD_VALUE_MAX, 0);
    assert_int_equal(check(request), EC_OK);
    snprintf(request, sizeof request, GET HOST "X: %0*d\r\n\r\n", GUARD_VALUE_MAX + 1, 0);
    assert_int_equal(check(request), EC_HEADERS_TOO_LARGE);
    snprintf(request, sizeof request, GET HOST "X%0*d: 1\r\n\r\n", GUARD_NAME_MAX, 0);
    assert_int_equal(check(request), EC_HEADERS_TOO_LARGE);
    snprintf(request, sizeof request, "GET /%0*d HTTP/1.1\r\n" HOST "\r\n", GUARD_PATH_MAX, 0);
    assert_int_equal(check(request), EC_REQUEST_MALFORMED);
}

static void targets_are_printable(void **state)
{
    static char big[GUARD_TARGET_MAX + 2];
    static struct parsed p;
    const char *note = NULL;
    (void)state;
    assert_true(guard_target_clean("/a?b=%20c&d"));
    assert_false(guard_target_clean("/a?b=c d"));
    assert_false(guard_target_clean("/a\tb"));
    assert_false(guard_target_clean("/a#b"));
    assert_false(guard_target_clean("/\303\251"));
    memset(big, 'a', sizeof big - 1);
    assert_false(guard_target_clean(big));
    big[GUARD_TARGET_MAX] = '\0';
    assert_true(guard_target_clean(big));
    parse(&p, GET HOST "\r\n");
    p.head.is_target_clean = 0;
    assert_int_equal(guard_check(&p.head, &note), EC_REQUEST_MALFORMED);
}

static void fields_are_found_in_any_case(void **state)
{
    static struct parsed p;
    (void)state;
    const struct guard_head *head = parse(&p, GET HOST "AuthoriZation: b\r\n\r\n");
    assert_string_equal(guard_find(head, "Authorization"), "b");
    assert_null(guard_find(head, "Content-Type"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_heads_pass),
        cmocka_unit_test(bad_heads_are_refused),
        cmocka_unit_test(a_moved_or_holed_line_is_refused),
        cmocka_unit_test(a_bare_line_feed_is_refused),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(targets_are_printable),
        cmocka_unit_test(fields_are_found_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
