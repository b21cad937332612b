/* key=value log lines: each is built in memory and written with one write(2), so lines never mix.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 1024, VALUES = 8, VALUE_LEN = 64 };

struct line {
    char text[LINE_MAX_LEN];
    size_t len; /* at most LINE_MAX_LEN - 1: the newline always fits */
};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static atomic_int highest_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&highest_level, level);
}

static void put_char(struct line *l, char c)
{
    if (l->len < LINE_MAX_LEN - 1)
        l->text[l->len++] = c;
}

static void put_text(struct line *l, const char *text)
{
    size_t len = strnlen(text, LINE_MAX_LEN - 1 - l->len);

    memcpy(l->text + l->len, text, len);
    l->len += len;
}

/* Bare where a reader splitting at spaces and '=' would get the value back. */
static int is_bare(const char *value)
{
    if (*value == '\0')
        return 0;
    for (; *value != '\0'; value++)
        if ((unsigned char)*value <= ' ' || *value == '"' || *value == '\\' || *value == '=' ||
            *value == 0x7f)
            return 0;
    return 1;
}

static void put_escaped(struct line *l, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        put_char(l, '\\');
        put_char(l, (char)c);
    } else if (c == '\n') {
        put_text(l, "\\n");
    } else if (c < ' ' || c == 0x7f) {
        put_text(l, "\\x");
        put_char(l, hex[c >> 4]);
        put_char(l, hex[c & 15]);
    } else {
        put_char(l, (char)c);
    }
}

static void put_value(struct line *l, const char *value)
{
    if (value == NULL) {
        put_char(l, '-');
        return;
    }
    if (is_bare(value)) {
        put_text(l, value);
        return;
    }
    put_char(l, '"');
    for (; *value != '\0'; value++)
        put_escaped(l, (unsigned char)*value);
    put_char(l, '"');
}

/* The second is put into words once: a busy thread writes many lines in it. */
static void put_time(struct line *l)
{
    static _Thread_local char text[40];
    static _Thread_local time_t second;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != second || text[0] == '\0') {
        struct tm tm;
        gmtime_r(&now.tv_sec, &tm);
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &tm);
        second = now.tv_sec;
    }
    put_text(l, text);
    for (long unit = 100000000; unit >= 1000000; unit /= 10)
        put_char(l, (char)('0' + now.tv_nsec / unit % 10));
    put_char(l, 'Z');
}

void log_event(enum log_level level, const char *event, ...)
{
    struct line l;
    const char *name;
    va_list ap;

    if ((int)level > atomic_load(&highest_level))
        return;
    l.len = 0; /* and its text as it is: a line is written for every request */
    put_text(&l, "ts=");
    put_time(&l);
    put_text(&l, " level=");
    put_text(&l, level_names[level]);
    put_text(&l, " event=");
    put_value(&l, event);
    va_start(ap, event);
    while ((name = va_arg(ap, const char *)) != NULL) {
        put_char(&l, ' ');
        put_text(&l, name);
        put_char(&l, '=');
        put_value(&l, va_arg(ap, const char *));
    }
    va_end(ap);
    l.text[l.len++] = '\n';
    /* Nothing can be done when stderr is gone; the program's work does not depend on it. */
    if (write(STDERR_FILENO, l.text, l.len) < 0)
        return;
}

const char *log_value(const char *format, ...)
{
    static _Thread_local char ring[VALUES][VALUE_LEN];
    static _Thread_local unsigned next;
    char *at = ring[next++ % VALUES];
    va_list ap;

    va_start(ap, format);
    vsnprintf(at, VALUE_LEN, format, ap);
    va_end(ap);
    return at;
}
