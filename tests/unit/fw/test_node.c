/* A whole home in simulated time: the customer's story, the faults, and long random walks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define FAULT(cause) TRANSFER_FAULT(RECORD_CAUSE_##cause)

static struct rig rig;
static uint64_t from; /* seq of the first record after the start */

static int setup(void **state)
{
    (void)state;
    rig_init(&rig);
    rig_run(&rig, 60000);
    from = rig.node.journal.written + 1;
    return rig.node.transfer.state == TRANSFER_ON_UTILITY ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rig.both_commanded == 0 && rig.flash.twice == 0 && rig.bad_messages == 0 ? 0 : -1;
}

static void expect_kinds(const char *kinds)
{
    rig_run(&rig, 500);
    assert_string_equal(rig_kinds(&rig, from), kinds);
}

static uint64_t field(enum record_kind kind, enum record_key key)
{
    return rig_field(&rig, rig_last(&rig, kind), key);
}

static void assert_leds(uint8_t utility, uint8_t generator, uint8_t load, uint8_t fault)
{
    const uint8_t want[] = {utility, generator, load, fault};

    assert_memory_equal(rig.out.leds, want, sizeof(want));
}

/* ---- the story ---- */

static void test_story(void **state)
{
    (void)state;
    assert_leds(STATUS_ON, STATUS_OFF, STATUS_OFF, STATUS_OFF);
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    rig_run(&rig, 3000);
    assert_leds(STATUS_OFF, STATUS_OFF, STATUS_OFF, STATUS_OFF);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 1500);
    assert_leds(STATUS_OFF, STATUS_BLINK_FAST, STATUS_OFF, STATUS_OFF); /* not good yet */
    rig_run(&rig, 7500);
    assert_leds(STATUS_OFF, STATUS_ON, STATUS_OFF, STATUS_OFF); /* GEN. PWR ON */
    assert_int_equal(rig.status.contactors, STATUS_CLOSED_GENERATOR);
    rig_run(&rig, 60000);
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 5000);
    assert_leds(STATUS_BLINK_SLOW, STATUS_ON, STATUS_OFF, STATUS_OFF);
    rig_run(&rig, 7000);
    assert_leds(STATUS_ON, STATUS_BLINK_SLOW, STATUS_OFF, STATUS_OFF); /* may be shut down */
    plant_generator_stop(&rig.plant);
    rig_run(&rig, 2000);
    assert_leds(STATUS_ON, STATUS_OFF, STATUS_OFF, STATUS_OFF);
    expect_kinds("utility_lost generator_present transferred_to_generator utility_restored "
                 "transferred_to_utility generator_absent");
    assert_in_range(rig_field(&rig, from, RECORD_KEY_SINCE_MS), 100, 400);
    assert_int_equal(rig_field(&rig, from, RECORD_KEY_L1_DV), 0);
    /* cord pulled at 3 s, good after about 2 s, T_gen 5 s, dead time 0.3 s and contactor */
    assert_in_range(field(RECORD_KIND_TRANSFERRED_TO_GENERATOR, RECORD_KEY_DELAY_MS), 9900, 10700);
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_GENERATOR, RECORD_KEY_SETTING_MS), 10000);
    assert_in_range(field(RECORD_KIND_TRANSFERRED_TO_GENERATOR, RECORD_KEY_L1_DV), 1080, 1320);
    assert_in_range(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_DELAY_MS), 10300, 10900);
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_SETTING_MS), 10000);
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_CAUSE),
                     RECORD_CAUSE_RETURN_TIMER);
    assert_int_equal(rig.plant.both_closed_ms, 0);
    assert_int_equal(rig.node.journal.released, rig.node.journal.written);
}

/* The other kind of model: it stays until the customer stops the generator. */
static void test_story_stays(void **state)
{
    (void)state;
    rig.settings.policy = SETTINGS_STAYS;
    rig_boot(&rig, RECORD_CAUSE_SOFTWARE_RESET);
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 120000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    plant_generator_stop(&rig.plant);
    rig_run(&rig, 3000);
    expect_kinds("utility_restored generator_absent transferred_to_utility");
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_CAUSE),
                     RECORD_CAUSE_GENERATOR_STOPPED);
}

/* A generator beside a good utility is shown, and nothing else. */
static void test_generator_available(void **state)
{
    (void)state;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 300000);
    assert_leds(STATUS_ON, STATUS_BLINK_SLOW, STATUS_OFF, STATUS_OFF);
    expect_kinds("generator_present");
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
}

static void test_short_dip(void **state)
{
    (void)state;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 20000);
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    rig_run(&rig, 4000);
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 20000);
    expect_kinds("generator_present utility_lost utility_restored");
}

static void test_dip_restarts_return(void **state)
{
    (void)state;
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 8000);
    plant_utility(&rig.plant, PLANT_UTILITY_SAG);
    rig_run(&rig, 500);
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 8000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    rig_run(&rig, 4000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    expect_kinds("utility_restored utility_lost utility_restored transferred_to_utility");
}

static void test_generator_dies(void **state)
{
    (void)state;
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    plant_generator_stop(&rig.plant);
    rig_run(&rig, 3000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    expect_kinds("generator_absent transferred_to_utility");
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_CAUSE),
                     RECORD_CAUSE_GENERATOR_DIED);
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_DELAY_MS), 0);
    plant_generator_start(&rig.plant); /* the customer fills the tank */
    rig_run(&rig, 9000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
}

/* A motor start sags the generator for less than it may: nothing happens. */
static void test_ride_through(void **state)
{
    (void)state;
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    plant_generator_sag(&rig.plant);
    rig_run(&rig, 700);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 10000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    assert_int_equal(rig_last(&rig, RECORD_KIND_TRANSFERRED_TO_UTILITY), 0);
}

/* ---- faults ---- */

static void test_welded_utility(void **state)
{
    (void)state;
    rig.plant.contactors[PLANT_UTILITY_SIDE].welded = 1;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 60000);
    assert_false(rig.plant.contactors[PLANT_GENERATOR_SIDE].closed);
    assert_int_equal(rig.node.transfer.faults, FAULT(NO_OPEN));
    assert_leds(STATUS_OFF, STATUS_BLINK_SLOW, STATUS_OFF, STATUS_ON);
    expect_kinds("utility_lost generator_present fault_latched transfer_failed");
    assert_int_equal(field(RECORD_KIND_TRANSFER_FAILED, RECORD_KEY_CAUSE), RECORD_CAUSE_NO_OPEN);
    assert_int_equal(rig.plant.both_closed_ms, 0);
}

/* The contact is welded but its feedback shows open: the generator reaches the line for moments
 * only, and never again. */
static void test_backfeed(void **state)
{
    (void)state;
    rig.plant.contactors[PLANT_UTILITY_SIDE].welded = 1;
    rig.plant.contactors[PLANT_UTILITY_SIDE].feedback = PLANT_FEEDBACK_COIL;
    rig.plant.interlock = 0;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 600000);
    assert_true(rig.node.transfer.faults & FAULT(BACKFEED));
    assert_false(rig.plant.contactors[PLANT_GENERATOR_SIDE].closed);
    assert_in_range(rig.plant.both_closed_ms, 1, 500);
    assert_int_equal(rig.out.leds[STATUS_LED_FAULT], STATUS_BLINK_FAST);
    assert_true(rig_last(&rig, RECORD_KIND_FAULT_LATCHED) > 0);
    assert_int_equal(field(RECORD_KIND_FAULT_LATCHED, RECORD_KEY_CAUSE), RECORD_CAUSE_BACKFEED);
}

static void test_jammed_generator_contactor(void **state)
{
    (void)state;
    rig.plant.contactors[PLANT_GENERATOR_SIDE].jammed = 1;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 20000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_FAULT_UTILITY);
    assert_true(rig.plant.contactors[PLANT_UTILITY_SIDE].closed);
    expect_kinds("utility_lost generator_present fault_latched transfer_failed");
    assert_int_equal(field(RECORD_KIND_FAULT_LATCHED, RECORD_KEY_CAUSE), RECORD_CAUSE_NO_CLOSE);
}

static void test_welded_generator(void **state)
{
    (void)state;
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    rig.plant.interlock = 0;
    rig.plant.contactors[PLANT_GENERATOR_SIDE].welded = 1;
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_run(&rig, 30000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_FAULT_OPEN);
    assert_int_equal(rig.plant.both_closed_ms, 0);
    assert_false(rig.plant.contactors[PLANT_UTILITY_SIDE].closed);
}

static void test_open_neutral_blocks(void **state)
{
    (void)state;
    rig.plant.neutral_open = 1;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 60000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    assert_leds(STATUS_OFF, STATUS_BLINK_FAST, STATUS_OFF, STATUS_BLINK_SLOW);
    expect_kinds("utility_lost fault_latched transfer_failed");
    assert_int_equal(field(RECORD_KIND_TRANSFER_FAILED, RECORD_KEY_CAUSE), RECORD_CAUSE_IMBALANCE);
    plant_generator_stop(&rig.plant);
    rig_run(&rig, 2000);
    rig.plant.neutral_open = 0;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 9000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    assert_true(rig_last(&rig, RECORD_KIND_FAULT_CLEARED) > 0);
}

static void test_bad_generator_is_told_once(void **state)
{
    (void)state;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 3000);
    plant_generator_sag(&rig.plant);
    rig_run(&rig, 5000);
    from = rig.node.journal.written + 1;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    rig_run(&rig, 600000);
    expect_kinds("utility_lost transfer_failed");
    assert_int_equal(field(RECORD_KIND_TRANSFER_FAILED, RECORD_KEY_CAUSE),
                     RECORD_CAUSE_OUT_OF_WINDOW);
}

static void test_overload(void **state)
{
    (void)state;
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    rig.plant.load_da = 450;
    rig_run(&rig, 6000);
    assert_int_equal(rig.out.leds[STATUS_LED_LOAD], STATUS_ON);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    rig_run(&rig, 4000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    assert_int_equal(rig.out.leds[STATUS_LED_LOAD], STATUS_BLINK_FAST);
    expect_kinds("overload_trip transferred_to_utility");
    assert_in_range(field(RECORD_KIND_OVERLOAD_TRIP, RECORD_KEY_LOAD_DA), 450, 452);
    assert_int_equal(field(RECORD_KIND_OVERLOAD_TRIP, RECORD_KEY_COUNT), 1);
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_CAUSE),
                     RECORD_CAUSE_OVERLOAD_TRIP);
    rig_run(&rig, 600000); /* again and again, until it is locked out */
    assert_int_equal(field(RECORD_KIND_OVERLOAD_TRIP, RECORD_KEY_COUNT), OVERLOAD_TRIPS_MAX);
    assert_int_equal(rig.node.transfer.faults, FAULT(OVERLOAD_LOCKOUT));
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    plant_generator_stop(&rig.plant);
    rig_run(&rig, 5000);
    assert_int_equal(rig.node.transfer.faults, 0);
}

/* A fault outlives restarts, and the ring; service clears it. */
static void test_fault_persists(void **state)
{
    (void)state;
    test_jammed_generator_contactor(state);
    for (int i = 0; i < 400; i++) { /* the record of the fault is long erased */
        node_field_work(&rig.node, 1000, rig.now_ms - rig.boot_ms);
        rig_run(&rig, 200);
    }
    assert_true(journal_first(&rig.node.journal) > from + 4);
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_boot(&rig, RECORD_CAUSE_POWER_ON);
    rig_run(&rig, 5000);
    assert_int_equal(rig.node.transfer.faults, FAULT(NO_CLOSE));
    assert_int_equal(rig.node.transfer.state, TRANSFER_FAULT_UTILITY);
    rig.plant.contactors[PLANT_GENERATOR_SIDE].jammed = 0;
    node_reset(&rig.node);
    rig_run(&rig, 2000);
    assert_int_equal(rig.node.transfer.faults, 0);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    assert_true(rig_last(&rig, RECORD_KIND_FAULT_CLEARED) > 0);
    rig_boot(&rig, RECORD_CAUSE_POWER_ON);
    rig_run(&rig, 5000);
    assert_int_equal(rig.node.transfer.faults, 0);
}

/* One wrong sample of anything, at the slow rate of rest, changes nothing. */
static void test_single_bad_sample(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct plant good = rig.plant;

        rig.plant.contactors[0].feedback = i & 1 ? PLANT_FEEDBACK_OPEN : PLANT_FEEDBACK_TRUE;
        rig.plant.contactors[1].feedback = i & 2 ? PLANT_FEEDBACK_CLOSED : PLANT_FEEDBACK_TRUE;
        rig.plant.utility = i & 4 ? PLANT_UTILITY_OFF : PLANT_UTILITY_ON;
        rig_run(&rig, (uint32_t)(rig.due_ms - rig.now_ms)); /* exactly one sample */
        rig.plant = good;
        rig_run(&rig, 1000);
        assert_int_equal(rig.node.transfer.faults, 0);
        assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    }
    expect_kinds("");
}

/* ---- modes and restarts ---- */

static void test_field_work(void **state)
{
    (void)state;
    node_field_work(&rig.node, 60000, rig.now_ms - rig.boot_ms);
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    plant_generator_start(&rig.plant);
    rig_run(&rig, 59000);
    assert_int_equal(rig.status.mode, STATUS_MODE_FIELD_WORK);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    rig_run(&rig, 5000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    expect_kinds("field_work_start utility_lost generator_present field_work_end "
                 "transferred_to_generator");
    assert_int_equal(field(RECORD_KIND_FIELD_WORK_START, RECORD_KEY_SETTING_MS), 60000);
}

/* A restart on the generator falls back to the grid side, says so, and transfers again. */
static void test_restart_on_generator(void **state)
{
    (void)state;
    rig_to_generator(&rig);
    from = rig.node.journal.written + 1;
    rig_boot(&rig, RECORD_CAUSE_WATCHDOG);
    rig_run(&rig, 1000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    rig_run(&rig, 8000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
    rig_run(&rig, 2000);
    assert_int_equal(field(RECORD_KIND_TRANSFERRED_TO_UTILITY, RECORD_KEY_CAUSE),
                     RECORD_CAUSE_WATCHDOG);
    assert_int_equal(rig_last(&rig, RECORD_KIND_TRANSFERRED_TO_GENERATOR), rig.head);
    assert_int_equal(rig_last(&rig, RECORD_KIND_UTILITY_LOST) < from, 1); /* known already */
}

/* The utility comes back while the device is dark: the journal still closes the outage. */
static void test_restart_after_outage(void **state)
{
    (void)state;
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    rig_run(&rig, 2000);
    plant_utility(&rig.plant, PLANT_UTILITY_ON);
    rig_boot(&rig, RECORD_CAUSE_POWER_ON);
    rig_run(&rig, 5000);
    assert_true(rig_last(&rig, RECORD_KIND_UTILITY_RESTORED) >
                rig_last(&rig, RECORD_KIND_UTILITY_LOST));
    assert_int_equal(rig.records[rig.head].record.boot, 2);
}

/* No samples: the switch stands as it is, and the time without them counts for nothing. */
static void test_stale_samples(void **state)
{
    (void)state;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 10000);
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    rig_run(&rig, 2000);
    rig.frozen = 1;
    rig_run(&rig, 60000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    assert_true(mqtt_is_up(&rig.node.mqtt));
    rig.frozen = 0;
    rig_run(&rig, 4500);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    rig_run(&rig, 3000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
}

/* Nor does it count as dead time. */
static void test_stale_dead_time(void **state)
{
    (void)state;
    plant_generator_start(&rig.plant);
    rig_run(&rig, 10000);
    plant_utility(&rig.plant, PLANT_UTILITY_OFF);
    while (rig.node.transfer.open_ms == 0)
        rig_run(&rig, 10);
    rig.frozen = 1;
    rig_run(&rig, 30000);
    rig.frozen = 0;
    rig_run(&rig, 200);
    assert_int_equal(rig.node.transfer.state, TRANSFER_OPEN);
    rig_run(&rig, 10000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_GENERATOR);
}

static void test_identify(void **state)
{
    (void)state;
    node_identify(&rig.node, 3000, rig.now_ms - rig.boot_ms);
    rig_run(&rig, 500);
    assert_leds(STATUS_BLINK_FAST, STATUS_BLINK_FAST, STATUS_BLINK_FAST, STATUS_BLINK_FAST);
    rig_run(&rig, 3000);
    assert_leds(STATUS_ON, STATUS_OFF, STATUS_OFF, STATUS_OFF);
}

/* A utility that flaps cannot flush the journal. */
static void test_flapping(void **state)
{
    (void)state;
    rig.period_ms = 20;
    for (int i = 0; i < 1000; i++) {
        plant_utility(&rig.plant, i % 2 ? PLANT_UTILITY_ON : PLANT_UTILITY_OFF);
        rig_run(&rig, 300);
    }
    assert_true(rig.node.journal.written - from < 300000 / SCRIBE_HOLD_MS);
    rig_run(&rig, 5000);
    assert_int_equal(rig.node.transfer.state, TRANSFER_ON_UTILITY);
    assert_int_equal(rig_last(&rig, RECORD_KIND_UTILITY_RESTORED), rig.head);
}

/* ---- random walks ---- */

static uint32_t dice(uint32_t sides)
{
    rig.random = rig.random * 1664525u + 1013904223u;
    return (rig.random >> 8) % sides;
}

static void weld_or_free(int side)
{
    struct plant_contactor *c = &rig.plant.contactors[side];

    c->welded = c->closed && dice(4) == 0; /* only what is closed can weld */
    c->jammed = dice(8) == 0;
}

/* Feedback may lie, but not about a welded contact: that is the backfeed case. */
static void lie_or_not(int side)
{
    struct plant_contactor *c = &rig.plant.contactors[side];

    c->feedback = c->welded ? PLANT_FEEDBACK_TRUE : (uint8_t)dice(3);
}

static void random_action(void)
{
    switch (dice(14)) {
    case 0:
    case 1:
        plant_utility(&rig.plant, (enum plant_utility)dice(3));
        break;
    case 2:
    case 3:
    case 4:
        plant_generator_start(&rig.plant);
        break;
    case 5:
        plant_generator_stop(&rig.plant);
        break;
    case 6:
        plant_generator_sag(&rig.plant);
        break;
    case 7:
        rig.plant.load_da = dice(500);
        break;
    case 8:
        rig.plant.neutral_open = dice(6) == 0;
        break;
    case 9:
        weld_or_free((int)dice(2));
        rig.plant.contactors[0].feedback = rig.plant.contactors[1].feedback = PLANT_FEEDBACK_TRUE;
        break;
    case 10:
        if (dice(3) == 0)
            lie_or_not((int)dice(2));
        break;
    case 11:
        node_reset(&rig.node);
        break;
    case 12:
        rig.network = (int)dice(2);
        break;
    default:
        if (dice(20) == 0)
            rig_boot(&rig, RECORD_CAUSE_POWER_ON);
    }
}

/* Whatever happens, nothing shorts the generator to the grid, without help from the mechanics. */
static void walk(uint32_t seed, unsigned *ret_transfers)
{
    static const uint32_t pauses_ms[] = {50, 300, 2000, 6000, 20000};

    rig_init(&rig);
    rig.random = seed;
    rig.plant.interlock = 0;
    rig.plant.travel_ms = 5 + dice(60);
    for (int i = 0; i < 400; i++) {
        random_action();
        rig_run(&rig, pauses_ms[dice(5)]);
        assert_int_equal(rig.both_commanded, 0);
        assert_int_equal(rig.plant.both_closed_ms, 0);
    }
    rig.network = 1;
    rig.plant.neutral_open = 0;
    rig_run(&rig, 700000); /* and in the end every record is accounted for */
    assert_int_equal(rig.node.journal.released, rig.node.journal.written);
    for (uint64_t seq = 1; seq <= rig.head; seq++) {
        assert_true(rig.records[seq].stored || rig.records[seq].overwritten);
        *ret_transfers += rig.records[seq].stored &&
                          rig.records[seq].record.kind == RECORD_KIND_TRANSFERRED_TO_GENERATOR;
    }
    assert_int_equal(rig.flash.twice, 0);
}

static void test_random_walks(void **state)
{
    unsigned transfers = 0;

    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++)
        walk(seed * 7919, &transfers);
    print_message("%u transfers in 40 walks\n", transfers);
    assert_true(transfers > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_story),
        TEST(test_story_stays),
        TEST(test_generator_available),
        TEST(test_short_dip),
        TEST(test_dip_restarts_return),
        TEST(test_generator_dies),
        TEST(test_ride_through),
        TEST(test_welded_utility),
        TEST(test_backfeed),
        TEST(test_jammed_generator_contactor),
        TEST(test_welded_generator),
        TEST(test_open_neutral_blocks),
        TEST(test_bad_generator_is_told_once),
        TEST(test_overload),
        TEST(test_fault_persists),
        TEST(test_single_bad_sample),
        TEST(test_field_work),
        TEST(test_restart_on_generator),
        TEST(test_restart_after_outage),
        TEST(test_stale_samples),
        TEST(test_stale_dead_time),
        TEST(test_identify),
        TEST(test_flapping),
        TEST(test_random_walks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
