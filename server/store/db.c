/* One connection to PostgreSQL: parameters, results, transactions, retry. */
#include "store/db_result.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"

enum { SQLSTATE_LEN = 6, NAME_LEN = 64, LOOK_MS = 500 };

struct db {
    PGconn *conn; /* NULL after it was given up */
    char *conninfo, *application;
    uint64_t generation;
    struct db_watch watch; /* limit_ms 0: as statements are usually bounded */
    int in_transaction;
    int commit_unknown; /* COMMIT was sent and its outcome never heard */
    char note[DB_NOTE_MAX];
    char detail[DB_NOTE_MAX];
    char constraint[NAME_LEN];
    char sqlstate[SQLSTATE_LEN];
    int is_cancelled; /* the statement at hand was told to end */
    int warned;       /* a WARNING came since the last statement began */
    int stale;        /* prepared statements must be forgotten before the next transaction */
    size_t kept;      /* prepared statements; the n-th is named "s<n>" */
    char *statements[LIMIT_DB_STATEMENTS];
};

/* -- failures -------------------------------------------------------------------------------- */

static void copy_text(char *to, size_t cap, const char *from)
{
    snprintf(to, cap, "%s", from ? from : "");
    to[strcspn(to, "\r\n")] = '\0';
}

static void forget_failure(struct db *db)
{
    db->note[0] = db->detail[0] = db->constraint[0] = db->sqlstate[0] = '\0';
    db->warned = 0;
}

/* First row whose prefix the SQLSTATE begins with. */
static const struct {
    const char *prefix;
    enum error_code ec;
    int data_fault, stale;
} states[] = {
    {"23503", EC_FIELDS_INVALID, 1, 0}, /* foreign key */
    {"23514", EC_FIELDS_INVALID, 1, 0}, /* check */
    {"23502", EC_FIELDS_INVALID, 1, 0}, /* not null */
    {"23505", EC_CONFLICT, 1, 0},       /* unique */
    {"23P01", EC_CONFLICT, 1, 0},       /* exclusion */
    {"40001", EC_DATABASE_RETRY, 0, 0}, /* serialization */
    {"40P01", EC_DATABASE_RETRY, 0, 0}, /* deadlock */
    {"26000", EC_DATABASE_RETRY, 0, 1}, /* prepared statement gone */
    {"0A000", EC_DATABASE_RETRY, 0, 1}, /* its result type changed under it */
    {"21", EC_DATABASE, 1, 0},          /* cardinality */
    {"22", EC_DATABASE, 1, 0},          /* data exception */
    {"23", EC_DATABASE, 1, 0},
    {"54", EC_DATABASE, 1, 0}, /* program limit: a value too large to index */
    {"", EC_DATABASE, 0, 0},
};

static size_t find_state(const char *sqlstate)
{
    size_t i = 0;

    while (strncmp(states[i].prefix, sqlstate, strlen(states[i].prefix)) != 0)
        i++;
    return i;
}

int db_data_fault(const struct db *db)
{
    return states[find_state(db->sqlstate)].data_fault;
}

static enum error_code failed_connection(struct db *db)
{
    copy_text(db->note, sizeof(db->note), PQerrorMessage(db->conn));
    return EC_DATABASE;
}

static enum error_code failed(struct db *db, const PGresult *r)
{
    const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    size_t row;

    copy_text(db->sqlstate, sizeof(db->sqlstate), PQresultErrorField(r, PG_DIAG_SQLSTATE));
    copy_text(db->constraint, sizeof(db->constraint),
              PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
    copy_text(db->note, sizeof(db->note), message ? message : PQresultErrorMessage(r));
    if (strcmp(db->sqlstate, "BP001") == 0) {
        copy_text(db->detail, sizeof(db->detail), PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
        return error_from_slug(db->note);
    }
    row = find_state(db->sqlstate);
    db->stale |= states[row].stale;
    return states[row].ec;
}

const char *db_note(const struct db *db)
{
    return db->note;
}

const char *db_detail(const struct db *db)
{
    return db->detail;
}

const char *db_constraint(const struct db *db)
{
    return db->constraint;
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

uint64_t db_generation(const struct db *db)
{
    return db->generation;
}

int db_alive(const struct db *db)
{
    return PQstatus(db->conn) == CONNECTION_OK;
}

/* -- one statement --------------------------------------------------------------------------- */

static void on_notice(void *context, const PGresult *r)
{
    struct db *db = context;
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);

    db->warned |= severity != NULL && strcmp(severity, "WARNING") == 0;
}

/* Wait until the socket is ready; a server that is frozen does not even close it. */
static int wait_socket(struct db *db, short events, int64_t until_ms)
{
    struct pollfd p = {.fd = PQsocket(db->conn), .events = events};
    int64_t left = until_ms - clock_mono_ms();

    return p.fd >= 0 && left > 0 && (poll(&p, 1, (int)left) > 0 || clock_mono_ms() < until_ms);
}

/* Send what is buffered, reading meanwhile so that neither side blocks the other. */
static int flush(struct db *db, int64_t until_ms)
{
    int rc;

    while ((rc = PQflush(db->conn)) > 0)
        if (!wait_socket(db, POLLIN | POLLOUT, until_ms) || !PQconsumeInput(db->conn))
            return 0;
    return rc == 0;
}

/* The server ends the statement with an error, or it ends by itself; either comes as its result. */
static void cancel(struct db *db)
{
    PGcancel *c = PQgetCancel(db->conn);
    char why[DB_NOTE_MAX];

    if (c != NULL)
        (void)!PQcancel(c, why, sizeof(why));
    PQfreeCancel(c);
}

/* Wait for what the server answers, and ask meanwhile whether it is still wanted. */
static int wait_answer(struct db *db, int64_t *until_ms)
{
    const struct db_watch *w = &db->watch;

    if (w->is_over == NULL)
        return wait_socket(db, POLLIN, *until_ms);
    struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
    while (poll(&p, 1, LOOK_MS) == 0) {
        if (clock_mono_ms() >= *until_ms)
            return 0;
        if (!db->is_cancelled && !db->commit_unknown && w->is_over(w->context)) {
            db->is_cancelled = 1;
            *until_ms = clock_mono_ms() + LIMIT_DB_ANSWER_MS;
            cancel(db);
        }
    }
    return 1;
}

static PGresult *next_result(struct db *db, int64_t *until_ms)
{
    while (PQisBusy(db->conn)) {
        if (!wait_answer(db, until_ms))
            return NULL;
        if (!PQconsumeInput(db->conn))
            break; /* the result says what happened to the connection */
    }
    return PQgetResult(db->conn);
}

/* A connection that does not answer is given up: only closing it makes its state known. */
static enum error_code give_up(struct db *db)
{
    enum error_code ec = failed_connection(db);

    if (db->note[0] == '\0')
        copy_text(db->note, sizeof(db->note), "no answer from the server");
    if (db_alive(db))
        PQfinish(db->conn), db->conn = NULL;
    return ec;
}

/* The last result of what was sent, or the first bad one. The caller clears it. */
static enum error_code collect(struct db *db, PGresult **ret)
{
    int64_t until_ms = clock_mono_ms() + LIMIT_DB_ANSWER_MS + db->watch.limit_ms;
    PGresult *kept = NULL, *r;
    enum error_code ec = EC_OK;

    db->is_cancelled = 0;
    if (!flush(db, until_ms))
        return give_up(db);
    while ((r = next_result(db, &until_ms)) != NULL) {
        ExecStatusType status = PQresultStatus(r);

        if (kept != NULL && ec == EC_OK)
            PQclear(kept), kept = NULL;
        if (ec != EC_OK)
            PQclear(r);
        else
            kept = r;
        if (ec == EC_OK && (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE))
            ec = failed(db, r);
        if (status == PGRES_COPY_IN)
            break;
    }
    if (kept == NULL || PQisBusy(db->conn)) {
        PQclear(kept);
        return give_up(db);
    }
    *ret = kept;
    return ec;
}

static enum error_code finish(struct db *db, int sent, struct db_result **ret)
{
    PGresult *rows = NULL;
    enum error_code ec;

    if (!sent)
        return failed_connection(db);
    ec = collect(db, &rows);
    if (ec == EC_OK && ret != NULL) {
        struct db_result *r = malloc(sizeof(*r));

        if (r == NULL) {
            ec = EC_NO_MEMORY;
        } else {
            r->rows = rows;
            *ret = r;
            return EC_OK;
        }
    }
    PQclear(rows);
    return ec;
}

/* Index of a prepared statement of this text, or of the free place for it; -1 when all are taken.
 */
static int find_statement(const struct db *db, const char *sql)
{
    size_t i = 0;

    while (i < db->kept && strcmp(db->statements[i], sql) != 0)
        i++;
    return i < LIMIT_DB_STATEMENTS ? (int)i : -1;
}

static enum error_code prepare(struct db *db, const char *sql, int index, const char *name)
{
    char *copy;
    enum error_code ec;

    if ((size_t)index < db->kept)
        return EC_OK;
    copy = strdup(sql);
    if (copy == NULL)
        return EC_NO_MEMORY;
    ec = finish(db, PQsendPrepare(db->conn, name, sql, 0, NULL), NULL);
    if (ec == EC_OK)
        db->statements[db->kept++] = copy;
    else
        free(copy);
    return ec;
}

/* -- the connection -------------------------------------------------------------------------- */

static void forget_statements(struct db *db)
{
    while (db->kept > 0)
        free(db->statements[--db->kept]);
    db->stale = 0;
}

static enum error_code configure(struct db *db)
{
    char sql[384];

    snprintf(sql, sizeof(sql),
             "set timezone = 'UTC'; set client_min_messages = warning;"
             "set statement_timeout = %" PRId64 "; set lock_timeout = %d;"
             "set idle_in_transaction_session_timeout = %d;"
             "set client_connection_check_interval = %d", /* who is gone waits for nothing */
             db->watch.limit_ms != 0 ? db->watch.limit_ms : LIMIT_DB_STATEMENT_MS, LIMIT_DB_LOCK_MS,
             LIMIT_DB_IDLE_TX_MS, db->watch.limit_ms != 0 ? LIMIT_DB_CHECK_MS : 0);
    return finish(db, PQsendQuery(db->conn, sql), NULL);
}

/* What stands after dbname overrides the connection string, what stands before can be overridden.
 */
static enum error_code connect_server(struct db *db)
{
    char timeout_s[16], answer_ms[16];
    const char *names[] = {"connect_timeout",  "tcp_user_timeout", "dbname",
                           "application_name", "client_encoding",  NULL};
    const char *values[] = {timeout_s, answer_ms, db->conninfo, db->application, "UTF8", NULL};

    snprintf(timeout_s, sizeof(timeout_s), "%d", LIMIT_DB_CONNECT_S);
    snprintf(answer_ms, sizeof(answer_ms), "%d", LIMIT_DB_ANSWER_MS);
    PQfinish(db->conn);
    forget_statements(db);
    db->generation++;
    db->conn = PQconnectdbParams(names, values, 1);
    if (db->conn == NULL)
        return EC_NO_MEMORY;
    if (!db_alive(db) || PQsetnonblocking(db->conn, 1) != 0)
        return failed_connection(db);
    PQsetNoticeReceiver(db->conn, on_notice, db);
    return configure(db);
}

/* Between transactions a dead connection is replaced and stale statements are dropped. */
static enum error_code make_ready(struct db *db)
{
    enum error_code ec = EC_OK;

    forget_failure(db);
    if (db->in_transaction)
        return db->conn != NULL ? EC_OK : EC_DATABASE;
    if (!db_alive(db))
        return connect_server(db);
    if (db->stale) {
        ec = finish(db, PQsendQuery(db->conn, "deallocate all"), NULL);
        forget_statements(db);
    }
    return ec;
}

enum error_code db_set_watch(struct db *db, const struct db_watch *watch)
{
    db->watch = watch != NULL ? *watch : (struct db_watch){0};
    return db_alive(db) ? configure(db) : EC_OK;
}

enum error_code db_open(const char *conninfo, const char *application, struct db **ret,
                        char *ret_note)
{
    struct db *db = calloc(1, sizeof(*db));
    enum error_code ec = EC_NO_MEMORY;

    if (db == NULL)
        return ec;
    db->conninfo = strdup(conninfo);
    db->application = strdup(application);
    if (db->conninfo != NULL && db->application != NULL)
        ec = connect_server(db);
    if (ec == EC_OK) {
        *ret = db;
        return ec;
    }
    copy_text(ret_note, DB_NOTE_MAX, db->note);
    db_close(db);
    return ec;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    PQfinish(db->conn);
    forget_statements(db);
    if (db->conninfo != NULL)
        explicit_bzero(db->conninfo, strlen(db->conninfo));
    free(db->conninfo);
    free(db->application);
    free(db);
}

/* -- statements ------------------------------------------------------------------------------ */

enum error_code db_run(struct db *db, const char *sql, const struct db_param *params, size_t n,
                       struct db_result **ret)
{
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX];
    enum error_code ec;
    char name[16];
    int index;

    if (n > DB_PARAMS_MAX)
        return EC_INTERNAL;
    ec = make_ready(db);
    if (ec != EC_OK)
        return ec;
    for (size_t i = 0; i < n; i++) {
        values[i] = params[i].length == DB_NUMBER ? params[i].text : params[i].value;
        lengths[i] = params[i].length;
        formats[i] = params[i].format;
    }
    /* Only statements with parameters come often enough to be worth a plan. */
    index = n > 0 ? find_statement(db, sql) : -1;
    if (index < 0)
        return finish(
            db, PQsendQueryParams(db->conn, sql, (int)n, NULL, values, lengths, formats, 0), ret);
    snprintf(name, sizeof(name), "s%d", index);
    ec = prepare(db, sql, index, name);
    if (ec != EC_OK)
        return ec;
    return finish(db, PQsendQueryPrepared(db->conn, name, (int)n, values, lengths, formats, 0),
                  ret);
}

enum error_code db_run_script(struct db *db, const char *sql)
{
    enum error_code ec = make_ready(db);

    return ec == EC_OK ? finish(db, PQsendQuery(db->conn, sql), NULL) : ec;
}

/* -- COPY ------------------------------------------------------------------------------------ */

enum error_code db_copy_begin(struct db *db, const char *sql)
{
    static const uint8_t header[19] = "PGCOPY\n\377\r\n";
    enum error_code ec = db_run_script(db, sql);

    return ec == EC_OK ? db_copy_put(db, header, sizeof(header)) : ec;
}

enum error_code db_copy_put(struct db *db, const uint8_t *at, size_t len)
{
    int64_t until_ms = clock_mono_ms() + LIMIT_DB_ANSWER_MS;
    int rc;

    while ((rc = PQputCopyData(db->conn, (const char *)at, (int)len)) == 0)
        if (!flush(db, until_ms))
            return give_up(db);
    return rc > 0 ? EC_OK : failed_connection(db);
}

enum error_code db_copy_end(struct db *db)
{
    static const uint8_t trailer[2] = {0xff, 0xff};
    int64_t until_ms = clock_mono_ms() + LIMIT_DB_ANSWER_MS;
    enum error_code ec = db_copy_put(db, trailer, sizeof(trailer));
    int rc;

    if (ec != EC_OK)
        return ec;
    while ((rc = PQputCopyEnd(db->conn, NULL)) == 0)
        if (!flush(db, until_ms))
            return give_up(db);
    return finish(db, rc > 0, NULL);
}

/* -- transactions ---------------------------------------------------------------------------- */

/* Success is the tag COMMIT without any warning: a cancelled wait for the standby comes as one, and
   an aborted transaction answers ROLLBACK. */
static enum error_code commit(struct db *db)
{
    PGresult *r = NULL;
    enum error_code ec;

    forget_failure(db);
    db->commit_unknown = 1;
    if (!PQsendQuery(db->conn, "commit"))
        return failed_connection(db);
    ec = collect(db, &r);
    if (ec == EC_OK && (db->warned || strcmp(PQcmdStatus(r), "COMMIT") != 0)) {
        copy_text(db->note, sizeof(db->note), "the server did not confirm the commit");
        ec = EC_DATABASE;
    }
    db->commit_unknown = ec != EC_OK && (db->sqlstate[0] == '\0' || !db_alive(db));
    PQclear(r);
    return ec;
}

/* The failure of the body stays readable: only the connection's state changes here. */
static void rollback(struct db *db)
{
    struct db kept = *db;
    PGresult *r = NULL;

    if (PQtransactionStatus(db->conn) == PQTRANS_ACTIVE)
        (void)!finish(db, PQputCopyEnd(db->conn, "given up") > 0, NULL);
    if (db_alive(db) && PQsendQuery(db->conn, "rollback"))
        (void)!collect(db, &r);
    PQclear(r);
    memcpy(db->note, kept.note, sizeof(kept.note));
    memcpy(db->constraint, kept.constraint, sizeof(kept.constraint));
    memcpy(db->sqlstate, kept.sqlstate, sizeof(kept.sqlstate));
}

static enum error_code try_transaction(struct db *db, db_body body, void *context)
{
    enum error_code ec = make_ready(db);

    db->commit_unknown = 0;
    if (ec == EC_OK)
        ec = finish(db, PQsendQuery(db->conn, "begin"), NULL);
    if (ec != EC_OK)
        return ec;
    db->in_transaction = 1;
    ec = body(db, context);
    if (ec == EC_OK)
        ec = commit(db);
    else
        rollback(db);
    db->in_transaction = 0;
    return ec;
}

enum error_code db_transact(struct db *db, db_body body, void *context)
{
    int64_t wait_ms = LIMIT_DB_BACKOFF_MS;
    enum error_code ec;

    if (db->in_transaction)
        return EC_INTERNAL;
    for (int tries = 1;; tries++) {
        ec = try_transaction(db, body, context);
        if (ec == EC_OK || db->commit_unknown || tries == LIMIT_DB_TRIES)
            return ec;
        if (ec != EC_DATABASE_RETRY && db_alive(db))
            return ec;
        clock_sleep_ms(wait_ms);
        wait_ms *= 2;
    }
}
