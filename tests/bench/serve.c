/* The plain peer of a look-up: libmicrohttpd, threads with a database connection each, one prepared
 * query by primary key. What connects is shared among the threads as bptmd does it. */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "http/door.h"

enum { PLAIN_CONNECTIONS = 128 };

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

/* The library's daemons, one a thread, which share connections as those of bptmd do. */
struct plain {
    struct MHD_Daemon *daemons[DOOR_THREADS_MAX];
    unsigned count;
    struct door *door;
};

static void on_connection(void *context, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    struct plain *p = context;
    (void)slot;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED)
        door_left(
            p->door,
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
}

static int take_connection(void *context, unsigned thread, int socket, const struct sockaddr *peer,
                           socklen_t len)
{
    struct plain *p = context;
    return MHD_add_connection(p->daemons[thread], socket, peer, len) == MHD_YES;
}

static int start_threads(struct plain *p, const struct options *o)
{
    for (; p->count < o->threads; p->count++) {
        p->daemons[p->count] = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC, 0, NULL, NULL,
            on_request, (void *)o, MHD_OPTION_NOTIFY_CONNECTION, on_connection, p, MHD_OPTION_END);
        if (p->daemons[p->count] == NULL)
            return 0;
    }
    return 1;
}

static int start(struct plain *p, const struct options *o)
{
    struct door_rules rules = {o->threads, PLAIN_CONNECTIONS, PLAIN_CONNECTIONS};
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)o->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    return s >= 0 && bind(s, (struct sockaddr *)&at, sizeof at) == 0 &&
           listen(s, PLAIN_CONNECTIONS) == 0 && door_new(&rules, &p->door) == EC_OK &&
           start_threads(p, o) && door_open(p->door, s, take_connection, p) == EC_OK;
}

static void stop(struct plain *p)
{
    door_shut(p->door);
    while (p->count > 0)
        MHD_stop_daemon(p->daemons[--p->count]);
    door_free(p->door);
}

int command_serve(const struct options *o)
{
    struct plain plain = {.count = 0};
    sigset_t ends;
    int signal_number = 0;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    if (pthread_key_create(&connection_key, close_connection) != 0)
        return 1;
    if (o->threads == 0 || o->threads > DOOR_THREADS_MAX || !start(&plain, o)) {
        fprintf(stderr, "cannot listen at port %u\n", o->port);
        return 1;
    }
    printf("{\"threads\":%u}\n", o->threads);
    fflush(stdout);
    sigwait(&ends, &signal_number);
    stop(&plain);
    return 0;
}
