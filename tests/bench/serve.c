/* The plain peer of a look-up: libmicrohttpd, threads with a connection each, one prepared query by
 * primary key. */
#include <libpq-fe.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const char statement[] = "select body from programme.generator_answer where make = lower($1)"
                                " and model = lower($2)";

static pthread_key_t connection_key; /* PGconn of the thread */

static void close_connection(void *connection)
{
    PQfinish(connection);
}

static PGconn *connection_of_thread(const char *conninfo)
{
    PGconn *c = pthread_getspecific(connection_key);
    if (c != NULL)
        return c;
    c = PQconnectdb(conninfo);
    PGresult *r = PQprepare(c, "body", statement, 2, NULL);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        fprintf(stderr, "%s", PQerrorMessage(c));
    PQclear(r);
    pthread_setspecific(connection_key, c);
    return c;
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status, char *text,
                                 size_t len)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result rc = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return rc;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *data_len, void **slot)
{
    const char *values[] = {
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "make"),
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "model"),
    };
    (void)path, (void)method, (void)version, (void)data, (void)data_len;
    if (*slot == NULL) { /* answered now, libmicrohttpd would close the connection */
        *slot = context;
        return MHD_YES;
    }
    PGconn *c = connection_of_thread(((const struct options *)context)->database);
    PGresult *r = PQexecPrepared(c, "body", 2, values, NULL, NULL, 0);
    int found = PQntuples(r) == 1;
    enum MHD_Result rc =
        send_text(connection, found ? 200 : 404, found ? PQgetvalue(r, 0, 0) : (char *)"",
                  found ? (size_t)PQgetlength(r, 0, 0) : 0);
    PQclear(r);
    return rc;
}

int command_serve(const struct options *o)
{
    sigset_t ends;
    int signal_number = 0;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    if (pthread_key_create(&connection_key, close_connection) != 0)
        return 1;
    struct MHD_Daemon *d = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)o->port, NULL, NULL, on_request, (void *)o,
        MHD_OPTION_THREAD_POOL_SIZE, o->threads > 1 ? o->threads : 0, MHD_OPTION_END);
    if (d == NULL) {
        fprintf(stderr, "cannot listen at port %u\n", o->port);
        return 1;
    }
    printf("{\"threads\":%u}\n", o->threads);
    fflush(stdout);
    sigwait(&ends, &signal_number);
    MHD_stop_daemon(d);
    return 0;
}
