/* The plant as a program: a house in real time at the far end of a device's UART, a Unix socket. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "line.h"
#include "plant.h"

enum {
    STEP_MS = 5,      /* contactors move in steps of this */
    SAMPLE_MS = 20,   /* a sample goes out so often */
    SILENCE_MS = 500, /* a device that says nothing for so long is dead: its hold-up has run out */
    COMMAND_MAX = 80,
};

struct bench {
    const char *path;
    int fd; /* -1: no device */
    struct plant plant;
    struct line_reader reader;
    struct line_command command; /* what the device said last */
    uint64_t heard_ms;           /* when */
    uint64_t plant_ms;           /* the plant is as of then */
    uint64_t sample_ms;          /* when the next sample goes */
    uint32_t samples;
    uint32_t commands;
};

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- the device ---- */

static void hang_up(struct bench *b)
{
    close(b->fd);
    b->fd = -1;
    memset(&b->reader, 0, sizeof(b->reader));
}

static void dial(struct bench *b)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    snprintf(to.sun_path, sizeof(to.sun_path), "%s", b->path);
    b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (b->fd >= 0 && connect(b->fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
        hang_up(b);
    if (b->fd >= 0)
        fcntl(b->fd, F_SETFL, O_NONBLOCK);
}

static void hear(struct bench *b, uint64_t now)
{
    char buf[512];
    ssize_t n = recv(b->fd, buf, sizeof(buf), 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        hang_up(b);
        return;
    }
    for (ssize_t i = 0; i < n; i++)
        if (line_feed(&b->reader, buf[i]) && line_decode_command(b->reader.text, &b->command)) {
            b->heard_ms = now;
            b->commands++;
        }
}

/* A device that does not take its samples has lost them. */
static void send_sample(struct bench *b)
{
    struct qual_sample sample;
    char text[LINE_MAX_LEN];
    size_t len;

    plant_sample(&b->plant, &sample);
    len = line_encode_sample(&sample, text);
    if (b->fd >= 0 && send(b->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len)
        b->samples++;
}

static void pass_time(struct bench *b, uint64_t now)
{
    while (b->plant_ms + STEP_MS <= now) {
        int powered = b->heard_ms != 0 && b->plant_ms < b->heard_ms + SILENCE_MS;

        plant_step(&b->plant, b->command.coils, powered, STEP_MS);
        b->plant_ms += STEP_MS;
    }
    if (now < b->sample_ms)
        return;
    b->sample_ms = now + SAMPLE_MS;
    if (b->fd < 0)
        dial(b);
    send_sample(b);
}

/* ---- who commands ---- */

static void describe(const struct bench *b)
{
    static const char *const utility[] = {"off", "on", "sag"};
    static const char *const generator[] = {"off", "starting", "running", "sag", "stopping"};
    const struct plant *p = &b->plant;
    const uint8_t *leds = b->command.leds;

    printf("utility=%s generator=%s coils=%u%u contacts=%u%u leds=%u%u%u%u both_closed_ms=%u "
           "device=%s samples=%u commands=%u\n",
           utility[p->utility], generator[p->generator], b->command.coils.utility,
           b->command.coils.generator, p->contactors[PLANT_UTILITY_SIDE].closed,
           p->contactors[PLANT_GENERATOR_SIDE].closed, leds[0], leds[1], leds[2], leds[3],
           p->both_closed_ms,
           b->plant_ms < b->heard_ms + SILENCE_MS && b->heard_ms != 0 ? "alive" : "silent",
           b->samples, b->commands);
}

static void set_utility(struct plant *p, unsigned state)
{
    plant_utility(p, (enum plant_utility)state);
}

static void set_generator(struct plant *p, unsigned start)
{
    if (start)
        plant_generator_start(p);
    else
        plant_generator_stop(p);
}

static void set_load(struct plant *p, unsigned load_da)
{
    p->load_da = load_da;
}

static const struct {
    const char *text;
    void (*act)(struct plant *p, unsigned value);
    unsigned value;
} commands[] = {
    {"utility on", set_utility, PLANT_UTILITY_ON},
    {"utility off", set_utility, PLANT_UTILITY_OFF},
    {"utility sag", set_utility, PLANT_UTILITY_SAG},
    {"generator start", set_generator, 1},
    {"generator stop", set_generator, 0},
    {"load normal", set_load, 120},
    {"load heavy", set_load, 450},
};

/* Every line is answered by one line. */
static void obey(struct bench *b, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(line, commands[i].text) == 0) {
            commands[i].act(&b->plant, commands[i].value);
            describe(b);
            return;
        }
    if (strcmp(line, "status") == 0)
        describe(b);
    else
        puts("error=usage");
}

/* Whole lines of standard input, without waiting. @return 0 at its end */
static int take_orders(struct bench *b)
{
    static char text[COMMAND_MAX];
    static size_t len;
    char c;
    ssize_t n;

    while ((n = read(STDIN_FILENO, &c, 1)) == 1) {
        if (len < sizeof(text) - 1)
            text[len++] = c;
        if (c == '\n') {
            text[len] = '\0';
            obey(b, text);
            len = 0;
        }
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

int main(int argc, char **argv)
{
    struct bench b = {.fd = -1, .plant_ms = now_ms()};

    if (argc != 2 || strlen(argv[1]) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        fputs("usage: bptm-plant SOCKET (commands come by standard input)\n", stderr);
        return EXIT_FAILURE;
    }
    b.path = argv[1];
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    plant_init(&b.plant, 1);
    for (;;) {
        struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {b.fd, POLLIN, 0}};
        uint64_t now;

        poll(fds, 2, STEP_MS);
        now = now_ms();
        if (b.fd >= 0 && fds[1].revents != 0)
            hear(&b, now);
        pass_time(&b, now);
        if (fds[0].revents != 0 && !take_orders(&b))
            return EXIT_SUCCESS;
    }
}
