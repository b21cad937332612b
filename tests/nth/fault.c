/* The n-th allocation or statement of the program fails. */
#include "fault.h"

#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "place.h"

enum { ANSWER_MS = 10000, KEPT_STATEMENTS = 512, PREPARED_NAME = 16 };

const char *const fault_names[FAULT_COUNT] = {
    [FAULT_MEMORY] = "memory",       [FAULT_UNSENT] = "unsent", [FAULT_FULL] = "full",
    [FAULT_CONFLICT] = "conflict",   [FAULT_DATA] = "data",     [FAULT_CUT_BEFORE] = "cut-before",
    [FAULT_CUT_AFTER] = "cut-after",
};

enum { DISARMED = -1, ANY_PLACE = -1 };

static atomic_int armed_kind = DISARMED, armed_place;
static atomic_uint armed_left, armed_n;
static atomic_int has_failed;
static _Thread_local int exempt;

static void arm(enum fault_kind kind, unsigned n, int place)
{
    atomic_store(&has_failed, 0);
    atomic_store(&armed_left, n);
    atomic_store(&armed_n, n);
    atomic_store(&armed_place, place);
    atomic_store(&armed_kind, (int)kind);
}

void fault_arm(enum fault_kind kind, unsigned n)
{
    arm(kind, n, ANY_PLACE);
}

void fault_arm_place(enum fault_kind kind, int place)
{
    arm(kind, 1, place);
}

int fault_disarm(void)
{
    atomic_store(&armed_kind, DISARMED);
    return atomic_load(&has_failed);
}

unsigned fault_count(void)
{
    return atomic_load(&armed_n) - atomic_load(&armed_left);
}

void fault_exempt(int is_exempt)
{
    exempt = is_exempt;
}

const char *fault_last(void)
{
    return place_last();
}

void fault_print_places(void)
{
    place_print();
}

/* Is it the turn of this call? @return the kind of failure, or -1 */
static int is_due(int is_statement, const void *key)
{
    int kind = atomic_load(&armed_kind), wanted = atomic_load(&armed_place), place;

    if (kind == DISARMED || (kind != FAULT_MEMORY) != is_statement || exempt)
        return -1;
    place = place_note(is_statement, key);
    if (wanted != ANY_PLACE && wanted != place)
        return -1;
    if (atomic_fetch_sub(&armed_left, 1) != 1)
        return -1;
    atomic_store(&armed_kind, DISARMED);
    atomic_store(&has_failed, 1);
    place_fail(place);
    return kind;
}

/* -- memory ---------------------------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return is_due(0, __builtin_return_address(0)) >= 0 ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return is_due(0, __builtin_return_address(0)) >= 0 ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    return is_due(0, __builtin_return_address(0)) >= 0 ? NULL : __real_realloc(at, size);
}

char *__wrap_strdup(const char *text)
{
    return is_due(0, __builtin_return_address(0)) >= 0 ? NULL : __real_strdup(text);
}

/* -- statements ------------------------------------------------------------------------------ */

PGconn *__real_PQconnectdbParams(const char *const *names, const char *const *values, int expand);
int __real_PQsendQuery(PGconn *c, const char *sql);
int __real_PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types,
                             const char *const *values, const int *lengths, const int *formats,
                             int format);
int __real_PQsendPrepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types);
int __real_PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values,
                               const int *lengths, const int *formats, int format);
int __real_PQputCopyData(PGconn *c, const char *at, int len);
int __real_PQputCopyEnd(PGconn *c, const char *error);
PGconn *__wrap_PQconnectdbParams(const char *const *names, const char *const *values, int expand);
int __wrap_PQsendQuery(PGconn *c, const char *sql);
int __wrap_PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types,
                             const char *const *values, const int *lengths, const int *formats,
                             int format);
int __wrap_PQsendPrepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types);
int __wrap_PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values,
                               const int *lengths, const int *formats, int format);
int __wrap_PQputCopyData(PGconn *c, const char *at, int len);
int __wrap_PQputCopyEnd(PGconn *c, const char *error);

static const char *const sqlstates[FAULT_COUNT] = {
    [FAULT_FULL] = "53100", [FAULT_CONFLICT] = "40001", [FAULT_DATA] = "22003"};

/* Let the server itself refuse; a COMMIT that is refused has ended its transaction. */
static int send_refusal(PGconn *c, int kind, const char *sql)
{
    char text[160];

    snprintf(text, sizeof(text),
             "%sdo $$begin raise exception 'made by a test' using errcode = '%s'; end$$",
             strcmp(sql, "commit") == 0 ? "rollback;" : "", sqlstates[kind]);
    return __real_PQsendQuery(c, text);
}

static void cut(PGconn *c)
{
    shutdown(PQsocket(c), SHUT_RDWR);
}

/* Wait for the answer, throw it away and cut. */
static void cut_answered(PGconn *c)
{
    struct pollfd p = {.fd = PQsocket(c), .events = POLLIN};
    char bin[4096];

    while (PQflush(c) > 0)
        continue;
    poll(&p, 1, ANSWER_MS);
    while (recv(p.fd, bin, sizeof(bin), MSG_DONTWAIT) > 0)
        continue;
    cut(c);
}

/* What becomes of a statement: 1 when it was dealt with here and `*ret_sent` is the answer. */
static int meddle(PGconn *c, int kind, const char *sql, int *ret_sent)
{
    switch (kind) {
    case FAULT_UNSENT:
        *ret_sent = 0;
        return 1;
    case FAULT_FULL:
    case FAULT_CONFLICT:
    case FAULT_DATA:
        *ret_sent = send_refusal(c, kind, sql);
        return 1;
    case FAULT_CUT_BEFORE:
        cut(c);
        return 0;
    default:
        return 0;
    }
}

static int after(PGconn *c, int kind, int sent)
{
    if (kind == FAULT_CUT_AFTER && sent)
        cut_answered(c);
    return sent;
}

/* A connection attempt has no statement to refuse: it finds no server. */
PGconn *__wrap_PQconnectdbParams(const char *const *names, const char *const *values, int expand)
{
    static const char *const no_name[] = {"host", NULL};
    static const char *const no_value[] = {"/nonexistent", NULL};

    if (is_due(1, "(connect)") >= 0)
        return __real_PQconnectdbParams(no_name, no_value, 0);
    return __real_PQconnectdbParams(names, values, expand);
}

int __wrap_PQsendQuery(PGconn *c, const char *sql)
{
    int sent, kind = is_due(1, sql);

    return meddle(c, kind, sql, &sent) ? sent : after(c, kind, __real_PQsendQuery(c, sql));
}

int __wrap_PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types,
                             const char *const *values, const int *lengths, const int *formats,
                             int format)
{
    int sent, kind = is_due(1, sql);

    if (meddle(c, kind, sql, &sent))
        return sent;
    return after(c, kind,
                 __real_PQsendQueryParams(c, sql, n, types, values, lengths, formats, format));
}

/* Statements by connection and name, to know what a name runs. */
static struct {
    const PGconn *conn;
    char name[PREPARED_NAME], sql[PLACE_TEXT];
} prepared[KEPT_STATEMENTS];
static size_t prepared_next;
static pthread_mutex_t prepared_lock = PTHREAD_MUTEX_INITIALIZER;

static void note_prepared(const PGconn *c, const char *name, const char *sql)
{
    size_t i = prepared_next++ % KEPT_STATEMENTS;

    prepared[i].conn = c;
    snprintf(prepared[i].name, sizeof(prepared[i].name), "%s", name);
    snprintf(prepared[i].sql, sizeof(prepared[i].sql), "%s", sql);
}

/* The newest one counts: connections are made anew at the same address. */
static void find_prepared(const PGconn *c, const char *name, char ret[PLACE_TEXT])
{
    snprintf(ret, PLACE_TEXT, "%s", name);
    pthread_mutex_lock(&prepared_lock);
    for (size_t i = prepared_next; i > 0 && i + KEPT_STATEMENTS > prepared_next; i--) {
        size_t at = (i - 1) % KEPT_STATEMENTS;

        if (prepared[at].conn == c && strcmp(prepared[at].name, name) == 0) {
            memcpy(ret, prepared[at].sql, PLACE_TEXT);
            break;
        }
    }
    pthread_mutex_unlock(&prepared_lock);
}

int __wrap_PQsendPrepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types)
{
    char text[PLACE_TEXT];
    int sent, kind;

    pthread_mutex_lock(&prepared_lock);
    note_prepared(c, name, sql);
    pthread_mutex_unlock(&prepared_lock);
    snprintf(text, sizeof(text), "(prepare) %s", sql);
    kind = is_due(1, text);
    if (meddle(c, kind, text, &sent))
        return sent;
    return after(c, kind, __real_PQsendPrepare(c, name, sql, n, types));
}

int __wrap_PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values,
                               const int *lengths, const int *formats, int format)
{
    char text[PLACE_TEXT];
    int sent, kind;

    find_prepared(c, name, text);
    kind = is_due(1, text);
    if (meddle(c, kind, text, &sent))
        return sent;
    return after(c, kind, __real_PQsendQueryPrepared(c, name, n, values, lengths, formats, format));
}

int __wrap_PQputCopyData(PGconn *c, const char *at, int len)
{
    int kind = is_due(1, "(copy data)");

    if (kind == FAULT_CUT_BEFORE || kind == FAULT_CUT_AFTER)
        cut(c);
    else if (kind >= 0)
        return -1;
    return __real_PQputCopyData(c, at, len);
}

/* A COPY is refused by ending it in failure. */
int __wrap_PQputCopyEnd(PGconn *c, const char *error)
{
    int kind = is_due(1, "(copy end)");

    if (kind == FAULT_UNSENT)
        return -1;
    if (kind >= 0 && sqlstates[kind] != NULL)
        return __real_PQputCopyEnd(c, "made by a test");
    if (kind == FAULT_CUT_BEFORE)
        cut(c);
    return after(c, kind, __real_PQputCopyEnd(c, error));
}
