/* The writer against a real PostgreSQL: poison, a database that goes away, status, registration. */
#include "ingest_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "status.h"

enum { DEVICES = 9, POISONED = 4, POISON_KIND = 64999 };

static int64_t head_of(const struct rig_device *d)
{
    return rig_number("select head_seq from fleet.journal_head where device_id = $1", d->device_id);
}

static void poison_goes_alone(void **state)
{
    struct rig_device *d[DEVICES];
    struct rig_writer *w;
    char sql[160];

    (void)state;
    rig_script("alter table fleet.journal_record add constraint poison check (kind <> 64999)");
    for (size_t i = 0; i < DEVICES; i++) {
        struct record rec = {.kind = i == POISONED ? POISON_KIND : 5};

        d[i] = rig_device_new(0);
        rig_write(d[i], &rec);
    }
    w = rig_writer_start();
    for (size_t i = 0; i < DEVICES; i++)
        rig_writer_put(w, rig_send(d[i], 1, 1));
    rig_writer_wait(w, DEVICES - 1);
    assert_int_equal(rig_writer_stop(w), DEVICES - 1);
    rig_script("alter table fleet.journal_record drop constraint poison");
    for (size_t i = 0; i < DEVICES; i++)
        assert_int_equal(head_of(d[i]), i == POISONED ? 0 : 1);
    snprintf(sql, sizeof(sql), "select reason from fleet.quarantine where serial = '%s'",
             d[POISONED]->serial);
    assert_string_equal(rig_text(sql, 0), "fields-invalid");
    for (size_t i = 0; i < DEVICES; i++)
        free(d[i]);
}

/* A role may end its own sessions. */
static void cut_connections(void)
{
    assert_int_equal(db_run(rig_mqtt,
                            "select pg_terminate_backend(pid) from pg_stat_activity"
                            " where application_name = 'bptmd mqtt'"
                            " and datname = current_database()",
                            NULL, 0, NULL),
                     EC_OK);
}

static void a_lost_connection_loses_nothing(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct rig_writer *w = rig_writer_start();

    (void)state;
    rig_write_to(d, 100);
    for (uint64_t seq = 1; seq <= 100; seq += 5) {
        rig_writer_put(w, rig_send(d, seq, seq + 4));
        if (seq % 25 == 1)
            cut_connections();
        clock_sleep_ms(10);
    }
    for (int i = 0; i < 400 && head_of(d) < 100; i++)
        clock_sleep_ms(50);
    assert_int_equal(head_of(d), 100);
    rig_writer_stop(w);
    assert_int_equal(
        rig_number("select count(*) from fleet.journal_record where device_id = $1", d->device_id),
        100);
    free(d);
}

static void a_refusing_database_is_waited_for(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct rig_writer *w = rig_writer_start();

    (void)state;
    rig_write_to(d, 2);
    rig_script("revoke insert on fleet.journal_record from bptm_mqtt");
    rig_writer_put(w, rig_send(d, 1, 2));
    clock_sleep_ms(600);
    assert_int_equal(head_of(d), 0);
    rig_script("grant insert on fleet.journal_record to bptm_mqtt");
    rig_writer_wait(w, 1);
    assert_int_equal(head_of(d), 2);
    assert_int_equal(rig_writer_stop(w), 1);
    free(d);
}

static void stopping_commits_and_remembers_what_was_taken(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct rig_writer *w = rig_writer_start();

    (void)state;
    rig_write_to(d, 60);
    for (uint64_t seq = 1; seq <= 60; seq++)
        rig_writer_put(w, rig_send(d, seq, seq));
    assert_true(rig_writer_stop(w) > 0);
    assert_int_equal(head_of(d), 60);
    assert_int_equal(
        rig_number("select max(through_seq) from fleet.receipt where device_id = $1", d->device_id),
        60);
    assert_string_equal(rig_text("select until < now() from fleet.lease where name = 'mqtt'", 0),
                        "t");
    free(d);
}

static struct message *status_message(const struct rig_device *d, uint32_t boot, uint64_t mono_ms)
{
    struct status s = {.boot = boot,
                       .mono_ms = mono_ms,
                       .firmware = "1.0",
                       .reset_cause = 1,
                       .load_da = 99,
                       .faults = 4,
                       .fill_permille = 7,
                       .epoch = 1,
                       .contactors = STATUS_CLOSED_UTILITY,
                       .leds = {1, 2, 3, 0},
                       .utility = {1200, 1201, 6000},
                       .generator = {1, 2, 3}};
    uint8_t payload[WIRE_STATUS_MAX], bytes[WIRE_STATUS_MAX], scratch[WIRE_SCRATCH_LEN];
    uint8_t aad_bytes[WIRE_AAD_MAX];
    struct span aad = {aad_bytes, cose_aad(COSE_STATUS, d->serial, aad_bytes)};
    size_t len;

    assert_int_equal(status_encode(&s, payload, sizeof(payload), &len), EC_OK);
    assert_int_equal(
        cose_sign(&d->key, aad, (struct span){payload, len}, scratch, bytes, sizeof(bytes), &len),
        EC_OK);
    return rig_message(d->serial, TOPIC_UP_STATUS, bytes, len);
}

static struct message *link_message(const struct rig_device *d, uint64_t session, int online)
{
    struct status_link l = {session, online};
    uint8_t bytes[32];
    size_t len;

    assert_int_equal(status_link_encode(&l, bytes, sizeof(bytes), &len), EC_OK);
    return rig_message(d->serial, TOPIC_UP_LINK, bytes, len);
}

static void the_latest_status_and_link_win(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct message *list[6] = {
        status_message(d, 2, 10), status_message(d, 2, 30), status_message(d, 1, 99),
        link_message(d, 5, 1),    link_message(d, 6, 0),    link_message(d, 4, 1),
    };
    struct message *old[2];

    (void)state;
    assert_int_equal(rig_commit(list, 6), EC_OK);
    old[0] = status_message(d, 2, 20);
    old[1] = link_message(d, 5, 1);
    assert_int_equal(rig_commit(old, 2), EC_OK);
    assert_string_equal(
        rig_text("select concat_ws(' ', boot, mono_ms, quality, state, led_utility, led_generator,"
                 " led_load, led_fault, contactors, utility_l1_dv, utility_l2_dv,"
                 " utility_freq_chz, generator_l1_dv, generator_l2_dv, generator_freq_chz, load_da,"
                 " mode, firmware, written_through, receipted_through, fill_permille, reset_cause,"
                 " faults, epoch, device_at is null)"
                 " from fleet.device_status where device_id = $1",
                 d->device_id),
        "2 30 0 0 1 2 3 0 1 1200 1201 6000 1 2 3 99 0 1.0 0 0 7 1 4 1 t");
    assert_string_equal(
        rig_text("select session || ' ' || online from fleet.device_link where device_id = $1",
                 d->device_id),
        "6 false");
    free(d);
}

static void messages_from_before_registration_come_back(void **state)
{
    struct rig_device *d = rig_device_new(1);
    struct rig_writer *w = rig_writer_start();
    char sql[160];

    (void)state;
    snprintf(sql, sizeof(sql), "select count(*) from fleet.quarantine where serial = '%s'",
             d->serial);
    rig_writer_put(w, link_message(d, 3, 1));
    for (int i = 0; i < 200 && rig_number(sql, 0) == 0; i++)
        clock_sleep_ms(20);
    assert_int_equal(rig_number(sql, 0), 1);
    rig_register(d);
    for (int i = 0; i < 200 && rig_number(sql, 0) > 0; i++)
        clock_sleep_ms(20);
    assert_int_equal(rig_number(sql, 0), 0); /* back among what was received */
    rig_writer_stop(w);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poison_goes_alone),
        cmocka_unit_test(a_lost_connection_loses_nothing),
        cmocka_unit_test(a_refusing_database_is_waited_for),
        cmocka_unit_test(stopping_commits_and_remembers_what_was_taken),
        cmocka_unit_test(the_latest_status_and_link_win),
        cmocka_unit_test(messages_from_before_registration_come_back),
    };
    int failed;

    if (!rig_open()) {
        puts("1..0 # SKIP no PostgreSQL: PGHOST is not set");
        return 77;
    }
    failed = cmocka_run_group_tests_name("writer", tests, NULL, NULL);
    rig_commit(NULL, 0);
    rig_close();
    return failed;
}
