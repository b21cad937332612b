/* The load: batches of the corpus, sent by a window or by the clock until they have arrived. */
#define _GNU_SOURCE
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "corpus.h"
#include "link.h"
#include "score.h"
#include "topic.h"

enum { LINKS = 3, RESEND_MS = 1500, TICK_NS = 200000, WAIT_NS = 5000000 };

struct load {
    const struct options *options;
    struct corpus corpus;
    struct score score;
    struct link links[LINKS]; /* the first one receives, the others send */
    char (*topics)[WIRE_TOPIC_MAX];
    size_t count;            /* messages of this run */
    size_t again, again_end; /* messages to look at once more */
    size_t repeated;         /* sent again */
    uint64_t again_ns;       /* when it is time to look */
};

static enum error_code topics_make(struct load *l)
{
    struct topic t = {.leaf = TOPIC_UP_JOURNAL};
    enum error_code ec = EC_OK;

    l->topics = calloc(l->corpus.shape.devices, sizeof(*l->topics));
    if (l->topics == NULL)
        return EC_NO_MEMORY;
    for (uint32_t i = 0; i < l->corpus.shape.devices && ec == EC_OK; i++) {
        corpus_serial(i, t.device);
        t.bucket = topic_bucket(t.device);
        ec = topic_encode(WIRE_PROTOCOL, &t, l->topics[i]);
    }
    return ec;
}

static enum error_code links_open(struct load *l)
{
    const struct options *o = l->options;
    char user[64];
    enum error_code ec = EC_OK;

    for (int i = 0; i < LINKS && ec == EC_OK; i++) {
        snprintf(user, sizeof(user), "%s%d", o->user, i);
        ec = link_open((uint16_t)o->port, user, o->password, &l->links[i]);
    }
    if (ec == EC_OK && o->ends_by == OPTIONS_RECEIPTS)
        ec = link_subscribe(&l->links[0], WIRE_PROTOCOL "/+/+/down/receipt");
    if (ec == EC_OK && o->ends_by == OPTIONS_PROGRESS)
        ec = link_subscribe(&l->links[0], "bench/progress");
    return ec;
}

/* -- sending --------------------------------------------------------------------------------- */

/* All of a device goes over one connection, so that it arrives in order. */
static struct link *link_of(struct load *l, size_t i)
{
    return &l->links[1 + i % l->corpus.shape.devices % (LINKS - 1)];
}

static void publish(struct load *l, size_t i)
{
    const struct corpus_message *m = &l->corpus.messages[i];

    link_publish(link_of(l, i), l->topics[i % l->corpus.shape.devices], l->corpus.bytes + m->at,
                 m->len);
}

/* The n-th message of this run: in turn, or so many of each device before the next one's. */
static size_t in_order(const struct load *l, size_t n)
{
    size_t devices = l->corpus.shape.devices, burst = l->options->burst;
    size_t whole = n / (devices * burst), rest = n % (devices * burst);

    return l->options->from + (whole * burst + rest % burst) * devices + rest / burst;
}

static uint64_t due_ns(const struct load *l, size_t n)
{
    return l->score.start_ns + (uint64_t)((double)n * 1e9 / l->options->rate);
}

static void send_due(struct load *l)
{
    struct score *s = &l->score;
    uint64_t now_ns = score_now_ns();

    while (s->sent < l->count) {
        size_t i = in_order(l, s->sent);
        uint64_t at_ns = l->options->window == 0 ? due_ns(l, s->sent) : now_ns;
        if (at_ns > now_ns || !link_has_room(link_of(l, i)))
            break;
        if (l->options->window != 0 && s->sent - s->arrived >= l->options->window)
            break;
        publish(l, i);
        score_sent(s, i, at_ns);
    }
}

/* What a device does when no receipt comes: the same bytes again, until one does. */
static void send_again(struct load *l)
{
    struct score *s = &l->score;
    uint64_t now_ns = score_now_ns();

    if (l->options->ends_by != OPTIONS_RECEIPTS)
        return;
    if (now_ns - s->last_ns > (uint64_t)RESEND_MS * 1000000 && now_ns > l->again_ns) {
        l->again = s->from;
        l->again_end = l->corpus.count;
        l->again_ns = now_ns + (uint64_t)RESEND_MS * 1000000;
    }
    for (; l->again < l->again_end; l->again++) {
        if (!score_misses(s, l->again))
            continue;
        if (!link_has_room(link_of(l, l->again)))
            break;
        publish(l, l->again);
        l->repeated++;
    }
}

/* -- running --------------------------------------------------------------------------------- */

static enum error_code exchange(struct load *l, uint64_t wait_ns)
{
    link_receive receive = l->options->ends_by == OPTIONS_PROGRESS ? score_progress : score_receipt;
    struct timespec wait = {.tv_nsec = (long)wait_ns};
    struct pollfd fds[LINKS];
    enum error_code ec = EC_OK;

    for (int i = 0; i < LINKS; i++) {
        short out = link_wants_write(&l->links[i]) ? POLLOUT : 0;
        fds[i] = (struct pollfd){.fd = l->links[i].fd, .events = (short)(POLLIN | out)};
    }
    if (ppoll(fds, LINKS, &wait, NULL) < 0)
        return EC_IO;
    for (int i = 0; i < LINKS && ec == EC_OK; i++) {
        if ((fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0)
            ec = link_read(&l->links[i], receive, &l->score);
        if (ec == EC_OK)
            ec = link_flush(&l->links[i]);
    }
    return ec;
}

static int is_over(const struct load *l)
{
    uint64_t acknowledged = 0, published = 0;

    if (l->score.sent < l->count)
        return 0;
    if (l->options->ends_by != OPTIONS_NOTHING)
        return l->score.arrived >= l->count;
    for (int i = 0; i < LINKS; i++) {
        acknowledged += l->links[i].acknowledged;
        published += l->links[i].published;
    }
    return acknowledged == published;
}

static int is_stalled(const struct load *l)
{
    uint64_t limit_ns = (uint64_t)l->options->stall_s * 1000000000;

    return l->options->ends_by != OPTIONS_NOTHING && l->score.sent > l->score.arrived &&
           score_now_ns() - l->score.last_ns > limit_ns;
}

static enum error_code run(struct load *l)
{
    uint64_t wait_ns = l->options->window == 0 ? TICK_NS : WAIT_NS;
    enum error_code ec = score_init(&l->corpus, l->options->from, &l->score);

    while (ec == EC_OK && !is_over(l) && !is_stalled(l)) {
        send_due(l);
        send_again(l);
        ec = exchange(l, wait_ns);
    }
    return ec;
}

static enum error_code prepare(struct load *l)
{
    const struct options *o = l->options;
    enum error_code ec = corpus_open(o->corpus, &l->corpus);

    if (ec != EC_OK)
        return ec;
    l->count = o->from < l->corpus.count ? l->corpus.count - o->from : 0;
    if (o->count != 0 && o->count < l->count)
        l->count = o->count;
    if (l->count == 0 || (o->window == 0 && o->rate == 0) || o->burst == 0 ||
        (o->burst > 1 && (l->count != l->corpus.count || l->corpus.shape.batches % o->burst != 0)))
        return EC_USAGE;
    ec = topics_make(l);
    return ec == EC_OK ? links_open(l) : ec;
}

/* -- telling --------------------------------------------------------------------------------- */

static size_t unverified(const struct load *l)
{
    uint8_t key[WIRE_KEY_LEN];
    size_t len = 0;

    if (l->options->fleet_key[0] == '\0')
        return 0;
    if (sodium_hex2bin(key, sizeof(key), l->options->fleet_key, strlen(l->options->fleet_key), NULL,
                       &len, NULL) != 0 ||
        len != sizeof(key))
        return SIZE_MAX;
    return score_unverified(&l->score, key);
}

static void tell(struct load *l)
{
    struct score *s = &l->score;
    uint64_t end_ns = l->options->ends_by == OPTIONS_NOTHING ? score_now_ns() : s->last_ns;
    double seconds = (double)(end_ns - s->start_ns + 1) / 1e9; /* never 0 */
    size_t batches = l->options->ends_by == OPTIONS_NOTHING ? s->sent : s->arrived;

    printf("{\"sent\":%zu,\"batches\":%zu,\"records\":%zu,\"seconds\":%.4f,\"batches_s\":%.0f,"
           "\"records_s\":%.0f,\"receipts\":%zu,\"sent_again\":%zu,\"strange\":%zu,"
           "\"unverified\":%zu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
           s->sent, batches, batches * l->corpus.shape.per_batch, seconds,
           (double)batches / seconds, (double)(batches * l->corpus.shape.per_batch) / seconds,
           s->receipts, l->repeated, s->strange, unverified(l), score_latency_ms(s, 0.5),
           score_latency_ms(s, 0.99), score_latency_ms(s, 1.0));
}

int command_load(const struct options *o)
{
    struct load l = {.options = o};

    for (int i = 0; i < LINKS; i++)
        l.links[i].fd = -1;
    enum error_code ec = prepare(&l);
    if (ec == EC_OK)
        ec = run(&l);
    if (ec != EC_OK)
        fprintf(stderr, "load: %s, after %zu of %zu batches\n", error_text(ec), l.score.arrived,
                l.count);
    else
        tell(&l);
    for (int i = 0; i < LINKS; i++)
        link_close(&l.links[i]);
    score_done(&l.score);
    free(l.topics);
    corpus_close(&l.corpus);
    return ec != EC_OK;
}
