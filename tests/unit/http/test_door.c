/* Who may connect, and to which thread: a real socket, and threads that only keep what they get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/door.h"

enum { MOST = 64 };

/* The server's side: sockets that were taken, with the thread of each. */
struct taken {
    pthread_mutex_t lock;
    int refuse; /* take nothing */
    size_t count;
    int sockets[MOST];
    unsigned threads[MOST];
};

struct world {
    struct taken taken;
    struct door *door;
    struct sockaddr_in at;
    int clients[MOST];
    size_t client_count;
};

static int take(void *context, unsigned thread, int socket, const struct sockaddr *peer,
                socklen_t len)
{
    struct taken *t = context;
    pthread_mutex_lock(&t->lock);
    int takes = !t->refuse && peer->sa_family == AF_INET && len == sizeof(struct sockaddr_in);
    if (takes) {
        t->sockets[t->count] = socket;
        t->threads[t->count++] = thread;
    } else {
        close(socket);
    }
    pthread_mutex_unlock(&t->lock);
    return takes;
}

static size_t count_of(struct world *w)
{
    pthread_mutex_lock(&w->taken.lock);
    size_t n = w->taken.count;
    pthread_mutex_unlock(&w->taken.lock);
    return n;
}

static void refuse(struct world *w, int whether)
{
    pthread_mutex_lock(&w->taken.lock);
    w->taken.refuse = whether;
    pthread_mutex_unlock(&w->taken.lock);
}

static void wait_for(struct world *w, size_t count)
{
    int64_t until_ms = clock_mono_ms() + 20000;
    while (count_of(w) < count && clock_mono_ms() < until_ms)
        clock_sleep_ms(1);
    assert_int_equal(count_of(w), count);
}

/* From 127.0.0.`host`. */
static int come(struct world *w, unsigned char host)
{
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s >= 0);
    assert_int_equal(bind(s, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(s, (struct sockaddr *)&w->at, sizeof w->at), 0);
    w->clients[w->client_count++] = s;
    return s;
}

/* As a daemon of the library ends a connection. */
static void end(struct world *w, size_t n)
{
    door_left(w->door, w->taken.sockets[n]);
    close(w->taken.sockets[n]);
    w->taken.sockets[n] = -1;
}

static int is_closed(int client)
{
    struct pollfd p = {.fd = client, .events = POLLIN};
    char c;
    return poll(&p, 1, 20000) == 1 && read(client, &c, 1) <= 0;
}

static void begin(struct world *w, struct door_rules rules)
{
    socklen_t len = sizeof w->at;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    memset(w, 0, sizeof *w);
    pthread_mutex_init(&w->taken.lock, NULL);
    w->at.sin_family = AF_INET;
    w->at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(s, (struct sockaddr *)&w->at, sizeof w->at), 0);
    assert_int_equal(listen(s, MOST), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&w->at, &len), 0);
    assert_int_equal(door_new(&rules, &w->door), EC_OK);
    assert_int_equal(door_open(w->door, s, take, &w->taken), EC_OK);
}

static void finish(struct world *w)
{
    door_shut(w->door);
    for (size_t i = 0; i < w->taken.count; i++)
        if (w->taken.sockets[i] >= 0)
            end(w, i);
    for (size_t i = 0; i < w->client_count; i++)
        close(w->clients[i]);
    door_free(w->door);
    pthread_mutex_destroy(&w->taken.lock);
}

static void a_burst_is_shared(void **state)
{
    struct world w;
    (void)state;
    begin(&w, (struct door_rules){.threads = 3, .connections = 60, .per_address = 60});
    for (int i = 0; i < 12; i++)
        come(&w, 1);
    wait_for(&w, 12);
    for (unsigned t = 0; t < 3; t++)
        assert_int_equal(door_held(w.door, t), 4);
    finish(&w);
}

/* Turn and turn about is not enough: whose connections have ended is next. */
static void who_holds_fewest_is_next(void **state)
{
    struct world w;
    (void)state;
    begin(&w, (struct door_rules){.threads = 2, .connections = 60, .per_address = 60});
    for (int i = 0; i < 8; i++)
        come(&w, 1);
    wait_for(&w, 8);
    for (size_t i = 0; i < 8; i++)
        if (w.taken.threads[i] == 0)
            end(&w, i);
    assert_int_equal(door_held(w.door, 0), 0);
    for (int i = 0; i < 4; i++)
        come(&w, 1);
    wait_for(&w, 12);
    for (size_t i = 8; i < 12; i++)
        assert_int_equal(w.taken.threads[i], 0);
    finish(&w);
}

static void an_address_has_its_number(void **state)
{
    struct world w;
    (void)state;
    begin(&w, (struct door_rules){.threads = 2, .connections = 60, .per_address = 3});
    for (int i = 0; i < 3; i++)
        come(&w, 1);
    wait_for(&w, 3);
    assert_true(is_closed(come(&w, 1)));
    assert_int_equal(door_refused(w.door), 1);
    come(&w, 2);
    wait_for(&w, 4);
    end(&w, 1);
    come(&w, 1);
    wait_for(&w, 5);
    assert_int_equal(door_refused(w.door), 1);
    finish(&w);
}

static void all_together_have_theirs(void **state)
{
    struct world w;
    (void)state;
    begin(&w, (struct door_rules){.threads = 2, .connections = 8, .per_address = 60});
    for (unsigned char i = 0; i < 10; i++)
        come(&w, i + 1);
    wait_for(&w, 8);
    clock_sleep_ms(50);
    assert_int_equal(count_of(&w), 8);
    end(&w, 5);
    wait_for(&w, 9);
    end(&w, 0);
    wait_for(&w, 10);
    assert_int_equal(door_refused(w.door), 0);
    finish(&w);
}

static void what_is_not_taken_holds_no_place(void **state)
{
    struct world w;
    (void)state;
    begin(&w, (struct door_rules){.threads = 1, .connections = 8, .per_address = 60});
    refuse(&w, 1);
    for (int i = 0; i < 20; i++)
        assert_true(is_closed(come(&w, 1)));
    refuse(&w, 0);
    come(&w, 1);
    wait_for(&w, 1);
    assert_int_equal(door_held(w.door, 0), 1);
    finish(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_shared),
        cmocka_unit_test(who_holds_fewest_is_next),
        cmocka_unit_test(an_address_has_its_number),
        cmocka_unit_test(all_together_have_theirs),
        cmocka_unit_test(what_is_not_taken_holds_no_place),
    };
    return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
