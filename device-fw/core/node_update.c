/* The update as a node lives with it. */
#include "node_update.h"

/* Erasing takes long, and so does hashing: neither while anything else matters. */
static int at_rest(const struct node *n)
{
    return n->transfer.state == TRANSFER_ON_UTILITY && qual_is(&n->qual, QUAL_UTILITY_GOOD) &&
           !qual_unsettled(&n->qual);
}

void node_update_init(struct node *n, const struct update_port *port)
{
    if (update_init(&n->update, port) != EC_OK && update_init(&n->update, NULL) != EC_OK)
        n->update.port = NULL;
}

uint32_t node_update_offer(struct node *n, const struct command *o, uint64_t now_ms)
{
    return at_rest(n) ? update_offer(&n->update, o->argument, now_ms) : RECORD_CAUSE_NOT_AT_REST;
}

/* What is passed over is asked for again. */
void node_update_chunk(struct node *n, struct span message, uint64_t now_ms)
{
    if (at_rest(n))
        update_chunk(&n->update, message, now_ms);
}

void node_update_receipted(struct node *n)
{
    if (n->boot_seq == 0 || n->journal.released < n->boot_seq)
        return;
    if (update_confirm(&n->update) != EC_OK)
        n->scribe.refused++; /* the next receipt tries again */
}

/* Recorded first: a cut between the two stages it, and records it, once more. */
static void stage(struct node *n, uint64_t now_ms)
{
    scribe_firmware(&n->scribe, RECORD_KIND_FIRMWARE_STAGED, n->update.manifest.version, now_ms);
    if (update_stage(&n->update, now_ms) != EC_OK)
        n->scribe.refused++;
}

static void write_news(struct node *n, uint64_t now_ms)
{
    enum record_kind kind;
    uint32_t version;

    if (update_news(&n->update, &kind, &version) &&
        scribe_firmware(&n->scribe, kind, version, now_ms))
        update_told(&n->update, kind, version);
}

static void ask(struct node *n, const struct firmware_request *r, uint64_t now_ms, uint32_t random)
{
    uint8_t payload[FIRMWARE_REQUEST_MAX], aad[WIRE_AAD_MAX];
    size_t aad_len = cose_aad(COSE_FIRMWARE, n->settings.device, aad);
    struct mqtt_message m = {.topic = n->topic_request, .payload = n->scratch->message};
    size_t len;

    if (firmware_request_encode(r, payload, sizeof(payload), &len) == EC_OK &&
        cose_sign(&n->key, (struct span){aad, aad_len}, (struct span){payload, len},
                  n->scratch->signing, n->scratch->message, FIRMWARE_REQUEST_MAX,
                  &m.len) == EC_OK &&
        mqtt_publish(&n->mqtt, &m, now_ms) == EC_OK) /* QoS 0: lost, it is asked again */
        update_asked(&n->update, now_ms, random);
}

void node_update_step(struct node *n, uint64_t now_ms, uint32_t random)
{
    struct firmware_request r;

    write_news(n, now_ms);
    if (at_rest(n))
        update_work(&n->update);
    if (n->update.state == UPDATE_READY && at_rest(n))
        stage(n, now_ms);
    if (mqtt_is_up(&n->mqtt) && at_rest(n) && update_request(&n->update, now_ms, &r))
        ask(n, &r, now_ms, random);
}

int node_wants_restart(const struct node *n, uint64_t now_ms)
{
    return at_rest(n) && update_wants_restart(&n->update, now_ms);
}
