/* Fuzz target: a request head, cut in place as libmicrohttpd does; what the guard lets pass must be
 * understood in one way only. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_MAX = 8192, FIELDS_MAX = GUARD_HEADERS_MAX + 8 };

/* Cut at the first of two characters; what follows is the next part. NUL: nothing follows. */
static char *cut(char **at, const char *stop)
{
    char *part = *at;
    char *end = strpbrk(part, stop);
    *at = end != NULL ? end + 1 : part + strlen(part);
    if (end != NULL)
        *end = '\0';
    return part;
}

static char *cut_line(char **at)
{
    char *line = *at;
    char *end = strstr(line, "\r\n");
    if (end == NULL) {
        *at = line + strlen(line);
        return line;
    }
    end[0] = end[1] = '\0';
    *at = end + 2;
    return line;
}

static size_t cut_fields(char *at, struct guard_header *fields)
{
    size_t n = 0;
    while (*at != '\0' && n < FIELDS_MAX) {
        char *value = cut_line(&at);
        char *name = cut(&value, ":");
        value += strspn(value, " \t");
        fields[n++] = (struct guard_header){name, strlen(name), value, strlen(value)};
    }
    return n;
}

static size_t count(const struct guard_head *head, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < head->count; i++)
        n += strcasecmp(head->headers[i].name, name) == 0;
    return n;
}

/* Whatever a proxy before this server makes of the head, it must have seen the same request. */
static void must_be_plain(const struct guard_head *head)
{
    const char *length = guard_find(head, "Content-Length");
    if (count(head, "Content-Length") + count(head, "Transfer-Encoding") > 1 ||
        count(head, "Host") > 1 || count(head, "Authorization") > 1)
        abort();
    if (length != NULL && strspn(length, "0123456789") != strlen(length))
        abort();
    if (strchr(head->path, ' ') != NULL || head->path[0] != '/')
        abort();
    for (size_t i = 0; i < head->count; i++)
        if (head->headers[i].name_len == 0 || strpbrk(head->headers[i].name, " \t\r\n") != NULL ||
            strpbrk(head->headers[i].value, "\r\n") != NULL)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char buffer[HEAD_MAX + 4] = "";
    struct guard_header fields[FIELDS_MAX];
    const char *note = NULL;
    if (size == 0 || size > HEAD_MAX)
        return 0;
    memcpy(buffer, data, size);
    char *rest = buffer;
    char *line = cut_line(&rest);
    struct guard_head head = {.method = cut(&line, " "), .path = cut(&line, " "), .version = line};
    head.is_target_clean = guard_target_clean(head.path);
    head.headers = fields;
    head.count = cut_fields(rest, fields);
    head.in_place = 1;
    enum error_code ec = guard_check(&head, &note);
    if (ec == EC_OK)
        must_be_plain(&head);
    else if (note == NULL)
        abort();
    return 0;
}
