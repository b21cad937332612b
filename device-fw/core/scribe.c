/* Writing records: presence of the sources, transfers, faults, and what the device itself does. */
#include "scribe.h"

#include <string.h>

#include "manifest.h"

/* ---- the note ---- */

/* How a record changes the note; applied when it is written, and again at the next start. */
static uint32_t note_after(uint32_t note, const struct record *r)
{
    uint64_t cause = 0;

    switch (r->kind) {
    case RECORD_KIND_UTILITY_LOST:
        return note | SCRIBE_UTILITY_LOST;
    case RECORD_KIND_UTILITY_RESTORED:
        return note & ~(uint32_t)SCRIBE_UTILITY_LOST;
    case RECORD_KIND_GENERATOR_PRESENT:
        return note | SCRIBE_GENERATOR_PRESENT;
    case RECORD_KIND_GENERATOR_ABSENT:
        return note & ~(uint32_t)SCRIBE_GENERATOR_PRESENT;
    case RECORD_KIND_TRANSFERRED_TO_GENERATOR:
        return note | SCRIBE_ON_GENERATOR;
    case RECORD_KIND_TRANSFERRED_TO_UTILITY:
        return note & ~(uint32_t)SCRIBE_ON_GENERATOR;
    case RECORD_KIND_FIELD_WORK_START:
        return note | SCRIBE_FIELD_WORK;
    case RECORD_KIND_FIELD_WORK_END:
        return note & ~(uint32_t)SCRIBE_FIELD_WORK;
    case RECORD_KIND_FAULT_LATCHED:
    case RECORD_KIND_FAULT_CLEARED:
        if (!record_get_uint(r, RECORD_KEY_CAUSE, &cause) || cause < RECORD_CAUSE_NO_OPEN ||
            cause > RECORD_CAUSE_OVERLOAD_LOCKOUT)
            return note;
        return r->kind == RECORD_KIND_FAULT_LATCHED ? note | TRANSFER_FAULT(cause)
                                                    : note & ~TRANSFER_FAULT(cause);
    default:
        return note;
    }
}

/* Counters only rise, with the record that says what became of the command. */
static uint64_t counter_after(uint64_t counter, const struct record *r)
{
    uint64_t used = 0;

    if (r->kind != RECORD_KIND_COMMAND_DONE && r->kind != RECORD_KIND_COMMAND_REFUSED)
        return counter;
    return record_get_uint(r, RECORD_KEY_COUNTER, &used) && used > counter ? used : counter;
}

static void remember(struct journal *j, const struct record *r)
{
    j->note = note_after(j->note, r);
    j->counter = counter_after(j->counter, r);
}

static int read_record(struct journal *j, uint64_t seq, uint8_t bytes[WIRE_RECORD_MAX],
                       struct record *ret)
{
    struct cbor_reader reader;
    size_t len;

    if (journal_read(j, seq, bytes, &len) != EC_OK)
        return 0;
    cbor_reader_init(&reader, bytes, len);
    return record_decode(&reader, ret) == EC_OK;
}

void scribe_init(struct scribe *s, struct journal *journal, const struct clock *clock,
                 enum record_cause boot_cause)
{
    uint8_t bytes[WIRE_RECORD_MAX];
    struct record r = {0};

    memset(s, 0, sizeof(*s));
    s->journal = journal;
    s->clock = clock;
    s->boot_cause = (uint8_t)boot_cause;
    for (uint64_t seq = journal_sector_base(journal); seq <= journal->written; seq++)
        if (read_record(journal, seq, bytes, &r))
            remember(journal, &r);
    if (journal->written > 0 && read_record(journal, journal->written, bytes, &r))
        s->boot = r.boot;
    s->boot++;
}

uint32_t scribe_note_of(const struct scribe *s)
{
    return s->journal->note;
}

/* ---- one record ---- */

static struct record begin(const struct scribe *s, enum record_kind kind, uint64_t now_ms)
{
    struct record r = {
        .seq = s->journal->written + 1,
        .boot = s->boot,
        .mono_ms = now_ms,
        .utc_ms = clock_utc_ms(s->clock, now_ms),
        .quality = (uint8_t)clock_quality(s->clock, now_ms),
        .kind = (uint16_t)kind,
    };

    return r;
}

/* What cannot be written is counted, and the switch goes on: acting matters more. */
static int commit(struct scribe *s, const struct record *r)
{
    uint8_t bytes[WIRE_RECORD_MAX];
    size_t len;

    if (record_encode(r, bytes, sizeof(bytes), &len) != EC_OK ||
        journal_append(s->journal, bytes, len) != EC_OK) {
        s->refused++;
        return 0;
    }
    remember(s->journal, r);
    return 1;
}

static void add_legs(struct record *r, const struct status_source *source)
{
    record_add_uint(r, RECORD_KEY_L1_DV, source->l1_dv);
    record_add_uint(r, RECORD_KEY_L2_DV, source->l2_dv);
}

static void add_source(struct record *r, const struct status_source *source)
{
    add_legs(r, source);
    record_add_uint(r, RECORD_KEY_FREQ_CHZ, source->freq_chz);
}

uint64_t scribe_boot(struct scribe *s, const char *version, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_BOOT, now_ms);

    record_add_uint(&r, RECORD_KEY_CAUSE, s->boot_cause);
    record_add_text(&r, RECORD_KEY_VERSION, version, strnlen(version, WIRE_TEXT_MAX));
    return commit(s, &r) ? r.seq : 0;
}

int scribe_firmware(struct scribe *s, enum record_kind kind, uint32_t version, uint64_t now_ms)
{
    struct record r = begin(s, kind, now_ms);
    char text[MANIFEST_VERSION_TEXT];

    manifest_version_text(version, text);
    record_add_text(&r, RECORD_KEY_VERSION, text, strlen(text));
    return commit(s, &r);
}

void scribe_time_set(struct scribe *s, const struct clock_step *step, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_TIME_SET, now_ms);

    if (step->old_utc_ms > 0)
        record_add_uint(&r, RECORD_KEY_OLD_UTC_MS, (uint64_t)step->old_utc_ms);
    record_add_uint(&r, RECORD_KEY_NEW_UTC_MS, (uint64_t)step->new_utc_ms);
    commit(s, &r);
}

void scribe_field_work(struct scribe *s, int on, uint32_t setting_ms, uint64_t now_ms)
{
    struct record r =
        begin(s, on ? RECORD_KIND_FIELD_WORK_START : RECORD_KIND_FIELD_WORK_END, now_ms);

    if (on)
        record_add_uint(&r, RECORD_KEY_SETTING_MS, setting_ms);
    commit(s, &r);
}

void scribe_self_test(struct scribe *s, uint32_t result, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_SELF_TEST, now_ms);

    record_add_uint(&r, RECORD_KEY_RESULT, result);
    commit(s, &r);
}

void scribe_config_applied(struct scribe *s, uint64_t counter, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_CONFIG_APPLIED, now_ms);

    record_add_uint(&r, RECORD_KEY_COUNTER, counter);
    commit(s, &r);
}

static void add_command(struct record *r, uint64_t counter, uint32_t code)
{
    if (counter == 0)
        return;
    record_add_uint(r, RECORD_KEY_COUNTER, counter);
    record_add_uint(r, RECORD_KEY_COMMAND, code);
}

void scribe_command(struct scribe *s, const struct command *c, uint32_t cause, uint64_t now_ms)
{
    struct record r;

    if (cause == RECORD_CAUSE_REPLAYED) {
        s->replayed.count++;
        s->replayed.counter = c->counter;
        s->replayed.code = c->code;
    } else if (c == NULL) {
        s->foreign.count++;
    } else {
        r = begin(s, cause != 0 ? RECORD_KIND_COMMAND_REFUSED : RECORD_KIND_COMMAND_DONE, now_ms);
        if (cause != 0)
            record_add_uint(&r, RECORD_KEY_CAUSE, cause);
        add_command(&r, c->counter, c->code);
        commit(s, &r);
    }
}

static void observe_refusals(struct scribe *s, struct scribe_refusals *f, enum record_cause cause,
                             uint64_t now_ms)
{
    struct record r;

    if (f->count == 0 || (f->told_ms != 0 && now_ms - f->told_ms < SCRIBE_REFUSED_MS))
        return;
    r = begin(s, RECORD_KIND_COMMAND_REFUSED, now_ms);
    record_add_uint(&r, RECORD_KEY_CAUSE, cause);
    record_add_uint(&r, RECORD_KEY_COUNT, f->count);
    add_command(&r, f->counter, f->code);
    if (!commit(s, &r))
        return;
    f->count = 0;
    f->told_ms = now_ms;
}

/* A declaration may be overwritten like any record, so each one covers all that the server has
 * not receipted: when it is lost itself, the next one, which then is due, covers it too. */
void scribe_lost(struct scribe *s, uint64_t now_ms)
{
    uint64_t from, to;
    struct record r;

    if (!journal_lost(s->journal, &from, &to) || (s->declared_from <= from && s->declared_to >= to))
        return;
    r = begin(s, RECORD_KIND_RECORDS_OVERWRITTEN, now_ms);
    record_add_uint(&r, RECORD_KEY_FROM_SEQ, from);
    record_add_uint(&r, RECORD_KEY_TO_SEQ, to);
    if (!commit(s, &r))
        return;
    s->declared_from = from;
    s->declared_to = to;
}

/* ---- sources ---- */

static const struct presence {
    enum qual_id id;
    uint32_t bit;          /* of the note */
    uint8_t bit_when_good; /* the note's bit means present (1) or lost (0) */
    enum record_kind appears;
    enum record_kind goes;
} presences[2] = {
    {QUAL_UTILITY_GOOD, SCRIBE_UTILITY_LOST, 0, RECORD_KIND_UTILITY_RESTORED,
     RECORD_KIND_UTILITY_LOST},
    {QUAL_GENERATOR_GOOD, SCRIBE_GENERATOR_PRESENT, 1, RECORD_KIND_GENERATOR_PRESENT,
     RECORD_KIND_GENERATOR_ABSENT},
};

/* A source that flaps faster than the hold time is written once per hold time, so that it cannot
 * flush the journal. */
static void observe_source(struct scribe *s, int i, const struct qual *q, uint64_t now_ms)
{
    const struct presence *p = &presences[i];
    int good = qual_is(q, p->id);
    int told = ((s->journal->note & p->bit) != 0) == p->bit_when_good;
    struct record r;

    if (good == told || now_ms < SCRIBE_SETTLE_MS ||
        (s->told_ms[i] != 0 && now_ms - s->told_ms[i] < SCRIBE_HOLD_MS))
        return;
    s->told_ms[i] = now_ms;
    r = begin(s, good ? p->appears : p->goes, now_ms);
    record_add_uint(&r, RECORD_KEY_SINCE_MS, qual_age_ms(q, p->id, now_ms));
    if (r.kind != RECORD_KIND_GENERATOR_ABSENT)
        add_source(&r, i == 0 ? &q->sample.utility : &q->sample.generator);
    commit(s, &r);
}

/* ---- the switch ---- */

static void observe_faults(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    uint32_t changed = (s->journal->note & SCRIBE_FAULTS) ^ v->transfer->faults;

    for (uint32_t n = 0; n < TRANSFER_FAULT_COUNT; n++) {
        int latched = (v->transfer->faults >> n & 1) != 0;
        struct record r;

        if ((changed >> n & 1) == 0)
            continue;
        r = begin(s, latched ? RECORD_KIND_FAULT_LATCHED : RECORD_KIND_FAULT_CLEARED, now_ms);
        record_add_uint(&r, RECORD_KEY_CAUSE, RECORD_CAUSE_NO_OPEN + n);
        if (latched)
            add_legs(&r, &v->qual->sample.generator);
        commit(s, &r);
    }
}

static void write_failed(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_TRANSFER_FAILED, now_ms);
    uint64_t cause = RECORD_CAUSE_OUT_OF_WINDOW;

    for (uint32_t n = 0; n < TRANSFER_FAULT_COUNT; n++)
        if (v->transfer->faults >> n & 1) {
            cause = RECORD_CAUSE_NO_OPEN + n;
            break;
        }
    record_add_uint(&r, RECORD_KEY_CAUSE, cause);
    add_legs(&r, &v->qual->sample.generator);
    commit(s, &r);
    s->blocked_told = 1; /* the customer's trouble is known */
}

static void write_to_generator(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_TRANSFERRED_TO_GENERATOR, now_ms);
    int lost = !qual_is(v->qual, QUAL_UTILITY_GOOD);

    record_add_uint(&r, RECORD_KEY_DELAY_MS,
                    lost ? qual_age_ms(v->qual, QUAL_UTILITY_GOOD, now_ms) : 0);
    record_add_uint(&r, RECORD_KEY_SETTING_MS, v->forth_ms);
    add_source(&r, &v->qual->sample.generator);
    commit(s, &r);
}

/* Why the generator was left: a fault says so itself; after a start the start is the reason. */
static uint64_t leave_cause(const struct scribe *s, const struct scribe_view *v)
{
    uint32_t contacts = transfer_contact_faults(v->transfer);

    for (uint32_t n = 0; n < TRANSFER_FAULT_COUNT; n++)
        if (contacts >> n & 1)
            return RECORD_CAUSE_NO_OPEN + n;
    return v->transfer->cause != 0 ? v->transfer->cause : s->boot_cause;
}

static void write_to_utility(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    struct record r = begin(s, RECORD_KIND_TRANSFERRED_TO_UTILITY, now_ms);
    int back = qual_is(v->qual, QUAL_UTILITY_GOOD);

    record_add_uint(&r, RECORD_KEY_DELAY_MS,
                    back ? qual_age_ms(v->qual, QUAL_UTILITY_GOOD, now_ms) : 0);
    record_add_uint(&r, RECORD_KEY_SETTING_MS, v->back_ms);
    record_add_uint(&r, RECORD_KEY_CAUSE, leave_cause(s, v));
    add_source(&r, &v->qual->sample.utility);
    commit(s, &r);
}

/* Resting on the utility: proven in ON_UTILITY, with a fault by the feedback of its contactor. */
static int on_utility(const struct scribe_view *v)
{
    return v->transfer->state == TRANSFER_ON_UTILITY ||
           (v->transfer->state == TRANSFER_FAULT_UTILITY && v->input->utility_closed);
}

static void observe_switch(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    int was_on_generator = (s->journal->note & SCRIBE_ON_GENERATOR) != 0;
    uint8_t state = v->transfer->state;

    if (s->state == TRANSFER_ON_UTILITY && state == TRANSFER_OPEN)
        s->attempting = 1;
    s->state = state;
    if (state == TRANSFER_ON_GENERATOR && !was_on_generator)
        write_to_generator(s, v, now_ms);
    if (on_utility(v) && was_on_generator)
        write_to_utility(s, v, now_ms);
    if (s->attempting && !was_on_generator &&
        (on_utility(v) || state == TRANSFER_FAULT_OPEN || state == TRANSFER_FAULT_UTILITY))
        write_failed(s, v, now_ms);
    if (!transfer_moving(v->transfer))
        s->attempting = 0;
}

/* A generator runs in an outage and the switch does not take it: tell once why. */
static void observe_blocked(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    int blocked = v->input->utility_failed && v->input->generator_live &&
                  v->transfer->state != TRANSFER_ON_GENERATOR && !v->input->field_work &&
                  !v->input->tripped;

    if (!v->input->utility_failed)
        s->blocked_told = 0;
    if (!blocked) {
        s->blocked_ms = 0;
        return;
    }
    if (s->blocked_ms == 0)
        s->blocked_ms = now_ms;
    if (s->blocked_told || now_ms - s->blocked_ms < SCRIBE_BLOCKED_MS)
        return;
    s->blocked_told = 1;
    write_failed(s, v, now_ms);
}

static void observe_overload(struct scribe *s, const struct overload *o, uint64_t now_ms)
{
    struct record r;

    if (o->trips > s->trips) {
        r = begin(s, RECORD_KIND_OVERLOAD_TRIP, now_ms);
        record_add_uint(&r, RECORD_KEY_LOAD_DA, o->trip_da);
        record_add_uint(&r, RECORD_KEY_COUNT, o->trips);
        commit(s, &r);
    }
    s->trips = o->trips;
}

void scribe_observe(struct scribe *s, const struct scribe_view *v, uint64_t now_ms)
{
    for (int i = 0; i < 2; i++)
        observe_source(s, i, v->qual, now_ms);
    observe_overload(s, v->overload, now_ms);
    observe_faults(s, v, now_ms);
    observe_switch(s, v, now_ms);
    observe_blocked(s, v, now_ms);
    observe_refusals(s, &s->replayed, RECORD_CAUSE_REPLAYED, now_ms);
    observe_refusals(s, &s->foreign, RECORD_CAUSE_FOREIGN_SIGNATURE, now_ms);
}
