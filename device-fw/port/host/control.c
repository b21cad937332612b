/* Parsing and executing control lines, and the socket that they come from. */
#include <config.h>

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fleet.h"

/* ---- commands ---- */

enum { UTILITY_FLAP = 100, GENERATOR_FRAGILE = 101 }; /* beside the states of the plant */

static int utility_on(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    h->flapping = value == UTILITY_FLAP;
    if (!h->flapping)
        plant_utility(&h->plant, (enum plant_utility)value);
    return 1;
}

static int generator(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    h->fragile = value == GENERATOR_FRAGILE;
    if (value == PLANT_GENERATOR_RUNNING || h->fragile)
        plant_generator_start(&h->plant);
    else if (value == PLANT_GENERATOR_OFF)
        plant_generator_stop(&h->plant);
    else
        plant_generator_sag(&h->plant);
    return 1;
}

static int neutral(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    h->plant.neutral_open = (uint8_t)value;
    return 1;
}

/* value: bit 0 utility contactor welded, bit 1 generator contactor, bit 2 behind its feedback */
static int weld(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    for (int i = 0; i < 2; i++) {
        h->plant.contactors[i].welded = value >> i & 1;
        h->plant.contactors[i].feedback =
            value & 4 && value >> i & 1 ? PLANT_FEEDBACK_COIL : PLANT_FEEDBACK_TRUE;
    }
    return 1;
}

static int reset(struct home *h, long value, uint64_t now_ms)
{
    (void)value;
    (void)now_ms;
    node_reset(&h->node);
    return 1;
}

static int reboot(struct home *h, long value, uint64_t now_ms)
{
    (void)value;
    return home_reboot(h, now_ms) == EC_OK;
}

static int load(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    h->plant.load_da = (uint32_t)value;
    return 1;
}

static int field_work(struct home *h, long value, uint64_t now_ms)
{
    node_field_work(&h->node, (uint32_t)(value / 10 * 1000), now_ms - h->boot_ms);
    return 1;
}

static int identify(struct home *h, long value, uint64_t now_ms)
{
    node_identify(&h->node, (uint32_t)(value / 10 * 1000), now_ms - h->boot_ms);
    return 1;
}

static int self_test(struct home *h, long value, uint64_t now_ms)
{
    (void)value;
    return node_self_test(&h->node, now_ms - h->boot_ms) == 0;
}

enum { CLOCK_JUMP_MAX_S = 365 * 86400, TEAR_MAX = 10000 };

static int set_link(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    home_link(h, (enum home_link_state)value);
    return 1;
}

static int clock_forward(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    h->node.clock.offset_ms += (int64_t)value * 100;
    return 1;
}

static int clock_back(struct home *h, long value, uint64_t now_ms)
{
    return clock_forward(h, -value, now_ms);
}

/* The power fails in the middle of the n-th flash operation from now on. */
static int tear(struct home *h, long value, uint64_t now_ms)
{
    (void)now_ms;
    h->flash.cut_in = (uint32_t)(value / 10);
    return 1;
}

/* `verb` NULL: the word is a number with at most one decimal, 0..value, and reaches the function
 * in tenths. `verb` "": the command stands alone. */
static const struct verb {
    const char *object;
    const char *verb;
    long value;
    int (*apply)(struct home *h, long value, uint64_t now_ms);
} commands[] = {
    {"utility", "on", PLANT_UTILITY_ON, utility_on},
    {"utility", "off", PLANT_UTILITY_OFF, utility_on},
    {"utility", "sag", PLANT_UTILITY_SAG, utility_on},
    {"utility", "flap", UTILITY_FLAP, utility_on},
    {"generator", "start", PLANT_GENERATOR_RUNNING, generator},
    {"generator", "stop", PLANT_GENERATOR_OFF, generator},
    {"generator", "fragile", GENERATOR_FRAGILE, generator},
    {"generator", "sag", PLANT_GENERATOR_SAG, generator},
    {"neutral", "open", 1, neutral},
    {"neutral", "whole", 0, neutral},
    {"weld", "none", 0, weld},
    {"weld", "utility", 1, weld},
    {"weld", "generator", 2, weld},
    {"weld", "hidden", 5, weld},
    {"load", NULL, PLANT_LOAD_MAX_DA / 10, load},
    {"field_work", NULL, NODE_FIELD_WORK_MAX_MS / 1000, field_work},
    {"identify", NULL, 600, identify},
    {"self_test", "", 0, self_test},
    {"link", "up", HOME_LINK_UP, set_link},
    {"link", "down", HOME_LINK_DOWN, set_link},
    {"link", "deaf", HOME_LINK_DEAF, set_link},
    {"clock_forward", NULL, CLOCK_JUMP_MAX_S, clock_forward},
    {"clock_back", NULL, CLOCK_JUMP_MAX_S, clock_back},
    {"tear", NULL, TEAR_MAX, tear},
    {"reset", "", 0, reset},
    {"reboot", "", 0, reboot},
};

/* @return 1 and tenths; 0 when the word is not such a number */
static int parse_tenths(const char *word, long max, long *ret)
{
    char *end;
    long whole, tenth = 0;

    if (*word < '0' || *word > '9')
        return 0;
    errno = 0;
    whole = strtol(word, &end, 10);
    if (errno != 0 || whole > max)
        return 0;
    if (end[0] == '.' && end[1] >= '0' && end[1] <= '9' && end[2] == '\0')
        tenth = end[1] - '0';
    else if (*end != '\0')
        return 0;
    if (whole * 10 + tenth > max * 10)
        return 0;
    *ret = whole * 10 + tenth;
    return 1;
}

static const struct verb *find(const char *object, const char *verb, long *ret_value,
                               int *ret_known)
{
    *ret_known = 0;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct verb *c = &commands[i];

        if (strcmp(c->object, object) != 0)
            continue;
        *ret_known = 1;
        *ret_value = c->value;
        if (c->verb == NULL ? parse_tenths(verb, c->value, ret_value) : strcmp(c->verb, verb) == 0)
            return c;
    }
    return NULL;
}

int control_knows(const char *object, const char *verb)
{
    long value;
    int known;

    return find(object, verb != NULL ? verb : "", &value, &known) != NULL;
}

/* "all status": the sums. */
static void describe_all(const struct fleet *f, char answer[CONTROL_ANSWER_MAX])
{
    unsigned long long written = 0, receipted = 0;
    unsigned up = 0, on_generator = 0, faulty = 0;

    for (unsigned i = 0; i < f->count; i++) {
        const struct node *n = &f->homes[i].node;

        written += n->journal.written;
        receipted += n->journal.released;
        up += (unsigned)mqtt_is_up(&n->mqtt);
        on_generator += n->transfer.state == TRANSFER_ON_GENERATOR;
        faulty += n->transfer.faults != 0;
    }
    snprintf(answer, CONTROL_ANSWER_MAX,
             "homes=%u up=%u on_generator=%u faulty=%u written=%llu receipted=%llu", f->count, up,
             on_generator, faulty, written, receipted);
}

/* @return 1 and a range of homes */
static int parse_homes(const struct fleet *f, const char *word, unsigned *ret_from,
                       unsigned *ret_to)
{
    char *end;
    unsigned long n;

    if (strcmp(word, "all") == 0) {
        *ret_from = 0;
        *ret_to = f->count;
        return 1;
    }
    n = *word >= '0' && *word <= '9' ? strtoul(word, &end, 10) : 0;
    if (n < 1 || n > f->count || *end != '\0')
        return 0;
    *ret_from = (unsigned)n - 1;
    *ret_to = (unsigned)n;
    return 1;
}

static void apply(struct fleet *f, const struct verb *c, long value, unsigned from, unsigned to,
                  char answer[CONTROL_ANSWER_MAX])
{
    for (unsigned i = from; i < to; i++) {
        uint64_t now_ms = fleet_now_ms(f);

        if (!c->apply(&f->homes[i], value, now_ms)) {
            snprintf(answer, CONTROL_ANSWER_MAX, "error home %u could not do that", i + 1);
            return;
        }
        fleet_wake(f, &f->homes[i]);
    }
    snprintf(answer, CONTROL_ANSWER_MAX, "ok");
}

void control_execute(struct control *c, char *line, char answer[CONTROL_ANSWER_MAX])
{
    struct fleet *f = c->fleet;
    char *save = NULL;
    const char *home = strtok_r(line, " \t\r", &save);
    const char *object = strtok_r(NULL, " \t\r", &save);
    const char *verb = strtok_r(NULL, " \t\r", &save);
    const struct verb *command;
    unsigned from, to;
    long value = 0;
    int known;

    if (home != NULL && strcmp(home, "quit") == 0 && object == NULL) {
        f->stopping = 1;
        snprintf(answer, CONTROL_ANSWER_MAX, "ok");
    } else if (home == NULL || object == NULL || strtok_r(NULL, " \t\r", &save) != NULL) {
        snprintf(answer, CONTROL_ANSWER_MAX, "error expected: HOME|all OBJECT [VERB], or quit");
    } else if (!parse_homes(f, home, &from, &to)) {
        snprintf(answer, CONTROL_ANSWER_MAX, "error home must be all or 1..%u", f->count);
    } else if (strcmp(object, "status") == 0 && verb == NULL) {
        if (strcmp(home, "all") == 0)
            describe_all(f, answer);
        else
            home_describe(&f->homes[from], answer, CONTROL_ANSWER_MAX);
    } else if ((command = find(object, verb != NULL ? verb : "", &value, &known)) == NULL) {
        snprintf(answer, CONTROL_ANSWER_MAX, "error %s '%.32s'",
                 known ? "value out of range or unknown verb for" : "unknown object", object);
    } else {
        apply(f, command, value, from, to, answer);
    }
}

/* ---- the socket ---- */

static void drop(struct control_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    client->len = 0;
}

/* Only a socket that nobody answers on is removed; any other file is left alone. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat st;
    int fd;

    if (lstat(address->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

enum error_code control_init(struct control *c, struct fleet *fleet, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    mode_t mask;
    int bound;

    memset(c, 0, sizeof(*c));
    c->fleet = fleet;
    c->listen_fd = -1;
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        c->clients[i].fd = -1;
    if (path == NULL)
        return EC_OK;
    if (strlen(path) >= sizeof(address.sun_path))
        return EC_USAGE;
    memcpy(address.sun_path, path, strlen(path) + 1);
    remove_stale(&address);
    c->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->listen_fd < 0)
        return EC_IO;
    mask = umask(0177);
    bound = bind(c->listen_fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    umask(mask);
    if (!bound || listen(c->listen_fd, CONTROL_CLIENTS_MAX) != 0 ||
        epoll_ctl(fleet->world.epoll_fd, EPOLL_CTL_ADD, c->listen_fd, &e) != 0)
        return EC_IO;
    memcpy(c->path, path, strlen(path) + 1);
    return EC_OK;
}

void control_done(struct control *c)
{
    if (c->fleet == NULL)
        return;
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        drop(&c->clients[i]);
    if (c->listen_fd >= 0)
        close(c->listen_fd);
    if (c->path[0] != '\0')
        unlink(c->path);
}

int control_owns(const struct control *c, const void *ptr)
{
    const char *at = ptr;

    return at >= (const char *)c && at < (const char *)(c + 1);
}

static void accept_client(struct control *c)
{
    int fd = accept4(c->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    for (int i = 0; fd >= 0 && i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *client = &c->clients[i];
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = client};

        if (client->fd >= 0)
            continue;
        if (epoll_ctl(c->fleet->world.epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0)
            break;
        client->fd = fd;
        return;
    }
    if (fd >= 0)
        close(fd);
}

/* An answer that a client does not take at once is lost, and the client with it. */
static void answer_line(struct control *c, struct control_client *client, char *line)
{
    char answer[CONTROL_ANSWER_MAX + 1];
    size_t len;

    control_execute(c, line, answer);
    len = strlen(answer);
    answer[len++] = '\n';
    if (send(client->fd, answer, len, MSG_NOSIGNAL) != (ssize_t)len)
        drop(client);
}

static void read_client(struct control *c, struct control_client *client)
{
    char *end;
    ssize_t n = recv(client->fd, client->line + client->len, sizeof(client->line) - client->len, 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(client);
        return;
    }
    client->len += (size_t)n;
    while (client->fd >= 0 && (end = memchr(client->line, '\n', client->len)) != NULL) {
        size_t used = (size_t)(end - client->line) + 1;
        char line[CONTROL_LINE_MAX];

        *end = '\0';
        memcpy(line, client->line, used);
        client->len -= used;
        memmove(client->line, client->line + used, client->len);
        answer_line(c, client, line);
    }
    if (client->len == sizeof(client->line))
        drop(client); /* a line without end */
}

void control_ready(struct control *c, void *ptr)
{
    if (ptr == c)
        accept_client(c);
    else
        read_client(c, ptr);
}
