/* Running one home: samples in, coils out, bytes to and from the broker. */
#include <config.h>

#include "home.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "version.h"

enum {
    READ_MAX = 4096,        /* bytes per read */
    BEHIND_MAX_MS = 1000,   /* a home that is later than this skips ahead */
    PLANT_STEP_MAX_MS = 20, /* contactors move in steps of this */
    FLAP_MS = 700,          /* a flapping utility is there, and away, for so long */
    FRAGILE_MS = 3000       /* a fragile generator carries a home for so long */
};

/* splitmix64: any seed will do, and homes with neighbouring seeds have nothing in common. */
static uint32_t random_of(struct home *h)
{
    uint64_t z = h->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) >> 32);
}

static void say(const struct home *h, const char *event, const char *more)
{
    if (!h->world->quiet)
        fprintf(stderr, "home=%u device=%s t_ms=%llu event=%s%s%s\n", h->number, h->settings.device,
                (unsigned long long)h->seen_ms, event, *more ? " " : "", more);
}

/* ---- start and end ---- */

static enum error_code start_node(struct home *h, enum record_cause cause)
{
    enum error_code ec = h->slots.bytes != NULL ? slotfile_boot(&h->slots) : EC_OK;
    const struct flash journal = flashfile_journal(&h->flash);
    const struct flash store = flashfile_settings(&h->flash);
    const struct node_config config = {
        .settings = &h->settings,
        .journal = &journal,
        .store = &store,
        .update = h->slots.bytes != NULL ? &h->slots.port : NULL,
        .version = h->slots.bytes != NULL ? h->slots.version : BPTM_FIRMWARE_VERSION,
        .boot_cause = cause,
        .scratch = &h->world->scratch,
    };
    char more[96];

    if (ec == EC_OK)
        ec = node_init(&h->node, &config, random_of(h));
    if (ec != EC_OK)
        return ec;
    h->command = transfer_command_of(&h->node.transfer);
    snprintf(more, sizeof(more), "boot=%u written=%llu version=%s", h->node.scribe.boot,
             (unsigned long long)h->node.journal.written, h->node.version);
    say(h, "boot", more);
    return EC_OK;
}

static enum error_code open_slots(struct home *h, const char *path)
{
    char slots[4096];

    if (h->world->factory == NULL)
        return EC_OK;
    snprintf(slots, sizeof(slots), "%s.slots", path);
    return slotfile_open(&h->slots, slots, h->world->factory);
}

enum error_code home_init(struct home *h, struct home_world *world, unsigned number,
                          const char *path, uint64_t seed)
{
    struct flash area;
    enum error_code ec;

    memset(h, 0, sizeof(*h));
    h->fd = -1;
    h->number = number;
    h->world = world;
    h->random = seed ^ (uint64_t)number << 32;
    ec = flashfile_open(&h->flash, path);
    if (ec != EC_OK)
        return ec;
    area = flashfile_settings(&h->flash);
    ec = settings_load(&area, &h->settings);
    if (ec == EC_OK)
        ec = open_slots(h, path);
    if (ec != EC_OK)
        return ec;
    plant_init(&h->plant, random_of(h));
    h->due_ms = random_of(h) % NODE_REST_MS; /* so that not all homes sample at once */
    h->shown_state = TRANSFER_STATE_COUNT;
    return start_node(h, RECORD_CAUSE_POWER_ON);
}

static void close_socket(struct home *h)
{
    if (h->fd >= 0)
        close(h->fd); /* leaves the epoll set with it */
    h->fd = -1;
    h->connecting = h->want_write = 0;
}

void home_done(struct home *h)
{
    if (h->world == NULL)
        return;
    close_socket(h);
    node_done(&h->node);
    flashfile_close(&h->flash);
    slotfile_close(&h->slots);
}

/* ---- the socket ---- */

static uint64_t device_ms(const struct home *h)
{
    return h->seen_ms - h->boot_ms;
}

static void hang_up(struct home *h, const char *why)
{
    close_socket(h);
    node_closed(&h->node, device_ms(h), random_of(h));
    if (h->shown_up)
        say(h, "link_down", why);
    h->shown_up = 0;
}

static void watch(struct home *h, int op, int write)
{
    struct epoll_event e = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.ptr = h};

    if (epoll_ctl(h->world->epoll_fd, op, h->fd, &e) != 0)
        hang_up(h, "why=epoll");
    else
        h->want_write = (uint8_t)write;
}

static void dial(struct home *h)
{
    int on = 1;

    if (h->link == HOME_LINK_DOWN || h->world->broker_len == 0) {
        hang_up(h, "why=unreachable");
        return;
    }
    h->fd = socket(h->world->broker.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (h->fd < 0) {
        hang_up(h, "why=socket");
        return;
    }
    setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(h->fd, (const struct sockaddr *)&h->world->broker, h->world->broker_len) != 0 &&
        errno != EINPROGRESS) {
        hang_up(h, "why=connect");
        return;
    }
    h->connecting = 1;
    watch(h, EPOLL_CTL_ADD, 1);
}

/* Hand the output to the kernel; what it does not take waits for EPOLLOUT. */
static void flush(struct home *h)
{
    size_t len;
    const uint8_t *at = mqtt_output(&h->node.mqtt, &len);
    ssize_t n;

    if (h->fd < 0 || h->connecting)
        return;
    while (len > 0) {
        n = send(h->fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            hang_up(h, "why=send");
            return;
        }
        if (n < 0)
            break;
        mqtt_sent(&h->node.mqtt, (size_t)n);
        at = mqtt_output(&h->node.mqtt, &len);
    }
    if ((len > 0) != h->want_write)
        watch(h, EPOLL_CTL_MOD, len > 0);
}

static void work(struct home *h)
{
    switch (node_work(&h->node, device_ms(h), random_of(h))) {
    case MQTT_WANT_DIAL:
        dial(h);
        break;
    case MQTT_WANT_HANG_UP:
        hang_up(h, "why=hang_up");
        break;
    case MQTT_WANT_NOTHING:
        break;
    }
    flush(h);
    if (mqtt_is_up(&h->node.mqtt) && !h->shown_up) {
        h->shown_up = 1;
        say(h, "link_up", "");
    }
}

static void connected(struct home *h)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(h->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        hang_up(h, "why=connect");
        return;
    }
    h->connecting = 0;
    node_opened(&h->node, device_ms(h));
}

static void receive(struct home *h)
{
    uint8_t buf[READ_MAX];
    ssize_t n = recv(h->fd, buf, sizeof(buf), 0);

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n <= 0)
        hang_up(h, "why=closed");
    else if (h->link != HOME_LINK_DEAF &&
             !node_receive(&h->node, buf, (size_t)n, device_ms(h), random_of(h)))
        hang_up(h, "why=protocol");
}

void home_socket(struct home *h, uint32_t events, uint64_t now_ms)
{
    if (h->fd < 0)
        return;
    if (now_ms > h->seen_ms && now_ms < h->due_ms) {
        plant_step(&h->plant, h->command, 1, (uint32_t)(now_ms - h->seen_ms));
        h->seen_ms = now_ms;
    }
    if (h->connecting && events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        connected(h);
    else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        receive(h);
    work(h);
}

/* ---- time ---- */

static void show_state(struct home *h)
{
    const struct node *n = &h->node;
    char more[128];

    if (n->transfer.state == h->shown_state)
        return;
    h->shown_state = n->transfer.state;
    snprintf(more, sizeof(more), "state=%s leds=%u%u%u%u faults=%u written=%llu",
             transfer_state_name(n->transfer.state), n->leds[0], n->leds[1], n->leds[2], n->leds[3],
             n->transfer.faults, (unsigned long long)n->journal.written);
    say(h, "state", more);
}

static void follow_plan(struct home *h)
{
    for (int i = 0; i < HOME_PLAN_COUNT; i++) {
        if (h->plan_ms[i] == 0 || h->seen_ms < h->plan_ms[i])
            continue;
        h->plan_ms[i] = 0;
        if (i == HOME_PLAN_GENERATOR_START)
            plant_generator_start(&h->plant);
        else if (i == HOME_PLAN_GENERATOR_STOP)
            plant_generator_stop(&h->plant);
        else
            plant_utility(&h->plant,
                          i == HOME_PLAN_UTILITY_ON ? PLANT_UTILITY_ON : PLANT_UTILITY_OFF);
    }
}

static void misbehave(struct home *h)
{
    int loaded = h->fragile && h->node.transfer.state == TRANSFER_ON_GENERATOR;

    if (h->flapping)
        plant_utility(&h->plant, h->seen_ms / FLAP_MS % 2 ? PLANT_UTILITY_OFF : PLANT_UTILITY_ON);
    if (!loaded)
        h->loaded_ms = 0;
    else if (h->loaded_ms == 0)
        h->loaded_ms = h->seen_ms;
    else if (h->seen_ms - h->loaded_ms >= FRAGILE_MS)
        plant_generator_stop(&h->plant);
}

static void step_to(struct home *h, uint64_t now_ms)
{
    struct qual_sample sample;
    struct node_output out;

    while (h->seen_ms < now_ms) {
        uint64_t left_ms = now_ms - h->seen_ms;
        uint32_t dt_ms = left_ms < PLANT_STEP_MAX_MS ? (uint32_t)left_ms : PLANT_STEP_MAX_MS;

        if (left_ms > BEHIND_MAX_MS)
            dt_ms = (uint32_t)(left_ms - BEHIND_MAX_MS);
        plant_step(&h->plant, h->command, 1, dt_ms);
        h->seen_ms += dt_ms;
    }
    follow_plan(h);
    misbehave(h);
    plant_sample(&h->plant, &sample);
    node_act(&h->node, &sample, device_ms(h), &out);
    h->command = out.command;
    h->due_ms = h->seen_ms + out.sample_ms;
    work(h);
    show_state(h);
}

/* The device restarts by itself when its loader has something to do. One that has nothing to start
 * stays dark. */
static void restart(struct home *h)
{
    say(h, "restart", "");
    if (home_reboot(h, h->seen_ms) == EC_OK)
        return;
    say(h, "halted", "why=nothing_to_start");
    h->due_ms = UINT64_MAX;
}

void home_run(struct home *h, uint64_t now_ms)
{
    if (h->due_ms < UINT64_MAX - BEHIND_MAX_MS && now_ms > h->due_ms + BEHIND_MAX_MS)
        h->due_ms = now_ms;
    while (h->due_ms <= now_ms) {
        step_to(h, h->due_ms > h->seen_ms ? h->due_ms : h->seen_ms);
        if (h->flash.dark) { /* the power has failed in the middle of an operation */
            h->flash.dark = 0;
            restart(h);
        }
    }
    if (node_wants_restart(&h->node, device_ms(h)))
        restart(h);
}

/* ---- service ---- */

enum error_code home_reboot(struct home *h, uint64_t now_ms)
{
    static const struct transfer_command none = {0};

    h->seen_ms = now_ms > h->seen_ms ? now_ms : h->seen_ms;
    close_socket(h);
    h->shown_up = 0;
    node_done(&h->node);
    plant_step(&h->plant, none, 0, 1);
    for (int i = 0; i < 2; i++) /* the springs have time enough while the device is dark */
        plant_step(&h->plant, none, 0, h->plant.travel_ms + 1);
    h->boot_ms = h->seen_ms;
    h->due_ms = h->seen_ms;
    h->shown_state = TRANSFER_STATE_COUNT;
    return start_node(h, RECORD_CAUSE_SOFTWARE_RESET);
}

void home_link(struct home *h, enum home_link_state state)
{
    h->link = (uint8_t)state;
    if (state == HOME_LINK_DOWN && h->fd >= 0)
        hang_up(h, "why=cut");
}

void home_leave(struct home *h, uint64_t now_ms)
{
    h->seen_ms = now_ms > h->seen_ms ? now_ms : h->seen_ms;
    node_leave(&h->node, device_ms(h));
    work(h);
}

int home_left(const struct home *h)
{
    return h->node.mqtt.state == MQTT_STOPPED;
}

size_t home_describe(const struct home *h, char *buf, size_t cap)
{
    const struct node *n = &h->node;
    struct status s;
    int len;

    node_status(n, device_ms(h), &s);
    len = snprintf(
        buf, cap,
        "home=%u device=%s state=%s leds=%u%u%u%u contactors=%u utility_dv=%u generator_dv=%u "
        "load_da=%u faults=%u written=%llu receipted=%llu boot=%u epoch=%llu link=%s "
        "fill_permille=%u mode=%u",
        h->number, h->settings.device, transfer_state_name(s.state), s.leds[0], s.leds[1],
        s.leds[2], s.leds[3], s.contactors, s.utility.l1_dv, s.generator.l1_dv, s.load_da, s.faults,
        (unsigned long long)s.written_through, (unsigned long long)s.receipted_through, s.boot,
        (unsigned long long)s.epoch, mqtt_is_up(&n->mqtt) ? "up" : "down", s.fill_permille, s.mode);
    return len > 0 && (size_t)len < cap ? (size_t)len : 0;
}
