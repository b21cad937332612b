/* The ingest against a real PostgreSQL: what a group of messages leaves in the tables. */
#include "ingest_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chain.h"
#include "store/quarantine.h"
#include "store/receipt_issued.h"

#define HEAD    "select head_seq from fleet.journal_head where device_id = $1"
#define RECORDS "select count(*) from fleet.journal_record where device_id = $1"
#define BATCHES "select count(*) from fleet.journal_batch where device_id = $1"
#define FORKS   "select count(*) from fleet.journal_fork where device_id = $1"
#define OPEN_GAPS                                                                                  \
    "select count(*) from fleet.journal_gap where device_id = $1 and closed_at is null"

static void assert_stored(const struct rig_device *d, int64_t head, int64_t records)
{
    assert_int_equal(rig_number(HEAD, d->device_id), head);
    assert_int_equal(rig_number(RECORDS, d->device_id), records);
    assert_int_equal(
        rig_number("select stored from fleet.journal_head where device_id = $1", d->device_id),
        records);
    assert_int_equal(
        rig_number("select count(*) from fleet.journal_head h where h.device_id = $1 and"
                   " h.seen = (select coalesce(range_agg(int8range(r.seq, r.seq, '[]')), '{}')"
                   "  from fleet.journal_record r where r.device_id = h.device_id)",
                   d->device_id),
        1);
}

static void a_group_of_devices_is_stored(void **state)
{
    struct rig_device *d[3];
    struct message *list[6];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        d[i] = rig_device_new(0);
        rig_write_to(d[i], 40);
        list[i] = rig_send(d[i], 21, 40); /* the later one first: order is made in the group */
        list[3 + i] = rig_send(d[i], 1, 20);
    }
    assert_int_equal(rig_commit(list, 6), EC_OK);
    for (size_t i = 0; i < 3; i++) {
        struct receipt r = rig_receipt(d[i]);

        assert_stored(d[i], 40, 40);
        assert_int_equal(rig_number(BATCHES, d[i]->device_id), 2);
        assert_int_equal(rig_number("select count(*) from fleet.journal_gap where device_id = $1",
                                    d[i]->device_id),
                         0);
        assert_int_equal(r.through_seq, 40);
        assert_memory_equal(r.head_hash, d[i]->hash[40], WIRE_HASH_LEN);
        assert_int_equal(r.resend_from, 0);
    }
    for (size_t i = 0; i < 3; i++)
        free(d[i]);
}

static void a_record_lands_in_its_columns(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct record rec = {.kind = RECORD_KIND_TRANSFERRED_TO_UTILITY};

    (void)state;
    record_add_uint(&rec, RECORD_KEY_DELAY_MS, 10500);
    record_add_uint(&rec, RECORD_KEY_SETTING_MS, 10000);
    record_add_uint(&rec, RECORD_KEY_CAUSE, RECORD_CAUSE_RETURN_TIMER);
    record_add_uint(&rec, RECORD_KEY_L1_DV, 1201);
    record_add_uint(&rec, RECORD_KEY_L2_DV, (uint64_t)1 << 40); /* does not fit its column */
    record_add_text(&rec, RECORD_KEY_VERSION, "a\"\\\n\0b", 6);
    record_add_uint(&rec, (enum record_key)900, 7);
    rig_write(d, &rec);
    rig_deliver(d, 1, 1);
    assert_string_equal(
        rig_text("select concat_ws(' ', kind, delay_ms, setting_ms, cause, l1_dv, l2_dv is null,"
                 " quality, boot, mono_ms, device_at = to_timestamp(1800000001),"
                 " part_ts = device_at, encode(hash, 'hex') = '')"
                 " from fleet.journal_record where device_id = $1",
                 d->device_id),
        "7 10500 10000 10 1201 t 2 1 1000 t t f");
    assert_string_equal(
        rig_text("select extra from fleet.journal_record where device_id = $1", d->device_id),
        "{\"900\": 7, \"l2_dv\": 1099511627776, \"version\": \"a\\\"\\\\\\n\xef\xbf\xbd"
        "b\"}");
    assert_string_equal(rig_text("select anchor_at = to_timestamp(1800000000)"
                                 " from fleet.device_boot where device_id = $1",
                                 d->device_id),
                        "t");
    free(d);
}

static void a_record_without_a_sane_clock_lies_with_its_boot(void **state)
{
    static const int64_t far_ms = 400000000000000; /* after the year 10000 */
    struct rig_device *d = rig_device_new(0);
    struct record none = {.kind = 1, .boot = 2, .mono_ms = 5};
    struct record far = {.kind = 2, .boot = 2, .mono_ms = 6, .quality = 1, .utc_ms = far_ms};
    struct record again = {.kind = 3, .boot = 2, .mono_ms = 7};

    (void)state;
    rig_write(d, &none);
    rig_write(d, &far);
    rig_write(d, &again);
    rig_deliver(d, 1, 2);
    rig_script("select pg_sleep(0.02)");
    rig_deliver(d, 3, 3);
    assert_stored(d, 3, 3);
    assert_int_equal(rig_number("select count(*) from fleet.journal_record r join fleet.device_boot"
                                " b using (device_id, boot) where device_id = $1"
                                " and r.part_ts = b.part_ts and r.device_at is null"
                                " and b.anchor_at is null",
                                d->device_id),
                     3);
    assert_int_equal(rig_number("select (extra ->> 'utc_ms')::bigint from fleet.journal_record"
                                " where device_id = $1 and seq = 2",
                                d->device_id),
                     far_ms);
    free(d);
}

static void a_duplicate_is_stored_once_and_receipted_again(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct message *list[3];

    (void)state;
    rig_write_to(d, 9);
    rig_deliver(d, 1, 9);
    list[0] = rig_send(d, 1, 9);
    list[1] = rig_send(d, 2, 4);
    list[2] = rig_send(d, 5, 9);
    assert_int_equal(rig_commit(list, 3), EC_OK);
    assert_stored(d, 9, 9);
    assert_int_equal(rig_number(BATCHES, d->device_id), 1);
    assert_int_equal(
        rig_number("select duplicates from fleet.journal_head where device_id = $1", d->device_id),
        9 + 3 + 5);
    assert_int_equal(rig_receipt(d).through_seq, 9);
    free(d);
}

static void twice_in_one_group_is_stored_once(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct message *list[3];

    (void)state;
    rig_write_to(d, 9);
    list[0] = rig_send(d, 1, 6);
    list[1] = rig_send(d, 1, 6);
    list[2] = rig_send(d, 3, 9);
    assert_int_equal(rig_commit(list, 3), EC_OK);
    assert_stored(d, 9, 9);
    assert_int_equal(rig_number(BATCHES, d->device_id), 2);
    free(d);
}

static void a_gap_is_named_and_closes_by_a_resend(void **state)
{
    struct rig_device *d = rig_device_new(0);

    (void)state;
    rig_write_to(d, 9);
    rig_deliver(d, 1, 3);
    rig_deliver(d, 7, 9);
    assert_stored(d, 3, 6);
    assert_int_equal(rig_receipt(d).resend_from, 4);
    assert_string_equal(rig_text("select from_seq || '-' || to_seq from fleet.journal_gap"
                                 " where device_id = $1 and closed_at is null",
                                 d->device_id),
                        "4-6");
    rig_deliver(d, 4, 5);
    assert_int_equal(rig_number(OPEN_GAPS, d->device_id), 1);
    assert_int_equal(rig_receipt(d).resend_from, 6);
    rig_deliver(d, 4, 7);
    assert_stored(d, 9, 9);
    assert_int_equal(rig_receipt(d).resend_from, 0);
    assert_memory_equal(rig_receipt(d).head_hash, d->hash[9], WIRE_HASH_LEN);
    assert_string_equal(
        rig_text("select closed_by from fleet.journal_gap where device_id = $1", d->device_id),
        "resend");
    free(d);
}

static void a_gap_closes_by_an_overwritten_record(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct record rec = {.kind = RECORD_KIND_RECORDS_OVERWRITTEN};

    (void)state;
    rig_write_to(d, 9);
    record_add_uint(&rec, RECORD_KEY_FROM_SEQ, 4);
    record_add_uint(&rec, RECORD_KEY_TO_SEQ, 6);
    rig_write(d, &rec);
    rig_deliver(d, 1, 3);
    rig_deliver(d, 7, 9);
    rig_deliver(d, 10, 10);
    assert_stored(d, 10, 7);
    assert_string_equal(
        rig_text("select overwritten from fleet.journal_head where device_id = $1", d->device_id),
        "{[4,7)}");
    assert_string_equal(
        rig_text("select closed_by from fleet.journal_gap where device_id = $1", d->device_id),
        "overwritten");
    assert_memory_equal(rig_receipt(d).head_hash, d->hash[10], WIRE_HASH_LEN);
    free(d);
}

/* Make a device that shares the first `same` records and then tells another story. */
static struct rig_device *forked(const struct rig_device *d, size_t same, size_t last)
{
    struct rig_device *f = malloc(sizeof(*f));

    assert_non_null(f);
    memcpy(f, d, sizeof(*f));
    f->written = same;
    while (f->written < last) {
        struct record rec = {.kind = RECORD_KIND_GENERATOR_ABSENT};

        rig_write(f, &rec);
    }
    return f;
}

static void a_fork_is_kept_once_beside_the_chain(void **state)
{
    struct rig_device *d = rig_device_new(0), *f;

    (void)state;
    rig_write_to(d, 9);
    rig_deliver(d, 1, 9);
    f = forked(d, 5, 12);
    rig_deliver(f, 4, 12);
    rig_deliver(f, 4, 12);
    assert_stored(d, 9, 9);
    assert_int_equal(rig_number(FORKS, d->device_id), 1);
    assert_string_equal(
        rig_text("select fork_seq || ' ' || (stored_hash <> claimed_hash) || ' ' || first_seq"
                 " from fleet.journal_fork where device_id = $1",
                 d->device_id),
        "6 true 4");
    assert_int_equal(rig_receipt(d).through_seq, 9);
    rig_deliver(f, 10, 12); /* continues another past */
    assert_stored(d, 9, 9);
    assert_int_equal(rig_number(FORKS, d->device_id), 2);
    free(f);
    free(d);
}

static void a_gap_may_not_be_filled_with_another_story(void **state)
{
    struct rig_device *d = rig_device_new(0), *f;

    (void)state;
    rig_write_to(d, 9);
    rig_deliver(d, 1, 3);
    rig_deliver(d, 7, 9);
    f = forked(d, 3, 6);
    rig_deliver(f, 4, 6);
    assert_stored(d, 3, 6);
    assert_int_equal(rig_number(FORKS, d->device_id), 1);
    rig_deliver(d, 4, 6);
    assert_stored(d, 9, 9);
    free(f);
    free(d);
}

static void a_key_that_ended_is_refused_by_the_database(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct message *m;

    (void)state;
    rig_write_to(d, 2);
    m = rig_send(d, 1, 2);
    assert_int_equal(m->kind, MESSAGE_JOURNAL); /* the worker still believed it */
    rig_number("update fleet.device_key set valid_from = now() - interval '2 s',"
               " valid_to = now() - interval '1 s' where device_id = $1 returning 1",
               d->device_id);
    assert_int_equal(rig_commit(&m, 1), EC_OK);
    assert_stored(d, 0, 0);
    assert_ptr_equal(group_refused(rig_group, 0), m);
    free(d);
}

static int64_t quarantined(const struct rig_device *d, const char *reason)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "select count(*) from fleet.quarantine where serial = '%s' and reason like '%s'",
             d->serial, reason);
    return rig_number(sql, 0);
}

static void quarantine_is_bounded_per_device(void **state)
{
    struct rig_device *d = rig_device_new(1);
    int64_t dropped = rig_number(
        "select value from fleet.counter where name = 'quarantine_dropped' and label = ''", 0);
    struct message *list[RIG_PER_DEVICE + 3];

    (void)state;
    for (size_t i = 0; i < RIG_PER_DEVICE + 3; i++) {
        rig_write_to(d, i + 1);
        list[i] = rig_send(d, i + 1, i + 1);
        assert_int_equal(list[i]->reason, EC_DEVICE_UNKNOWN);
    }
    assert_int_equal(rig_commit(list, RIG_PER_DEVICE + 3), EC_OK);
    assert_int_equal(quarantined(d, "device-unknown"), RIG_PER_DEVICE);
    assert_int_equal(
        rig_number("select value from fleet.counter where name = 'quarantine_dropped'", 0),
        dropped + 3);
    free(d);
}

static void quarantine_is_bounded_in_all(void **state)
{
    uint64_t dropped;
    int64_t had = rig_number("select count(*) from fleet.quarantine", 0);
    int64_t newest = rig_number("select max(quarantine_id) from fleet.quarantine", 0);

    (void)state;
    assert_true(had > 1);
    assert_int_equal(quarantine_trim(rig_mqtt, 1, &dropped), EC_OK);
    assert_int_equal(dropped, had - 1);
    assert_int_equal(rig_number("select quarantine_id from fleet.quarantine", 0), newest);
}

struct bad {
    const char *name;
    size_t size, flip; /* size 0: a true batch, with one bit of byte `flip` turned over */
    const char *reason;
};

static void what_cannot_be_believed_is_kept_by_reason(void **state)
{
    static const struct bad bads[] = {
        {"a bit of the signature", 0, 0, "cose-signature"},
        {"a bit of a record", 0, 20, "%"},
        {"no message", 5, 0, "wire-%"},
        {"nothing", 0 + 1, 0, "wire-%"},
        {"too large", WIRE_MESSAGE_MAX + 1, 0, "wire-too-large"},
    };
    static uint8_t bytes[WIRE_MESSAGE_MAX * 2];

    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct rig_device *d = rig_device_new(0);
        size_t len = bads[i].size;
        struct message *m;

        memset(bytes, 'x', sizeof(bytes));
        rig_write_to(d, 3);
        if (len == 0) {
            len = rig_batch(d, 1, 3, bytes);
            bytes[len - 1 - bads[i].flip * 6] ^= 4;
        }
        m = rig_message(d->serial, TOPIC_UP_JOURNAL, bytes, len);
        print_message("# %s\n", bads[i].name);
        assert_int_equal(m->kind, MESSAGE_REFUSED);
        assert_int_equal(rig_commit(&m, 1), EC_OK);
        assert_stored(d, 0, 0);
        assert_int_equal(quarantined(d, bads[i].reason), 1);
        free(d);
    }
    assert_int_equal(rig_number("select size - length(payload) from fleet.quarantine"
                                " where reason = 'wire-too-large' order by 1 desc",
                                0),
                     1);
}

static void a_lost_lease_fences_off_its_holder(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct lease first, second;
    struct message *m;

    (void)state;
    rig_script("delete from fleet.lease where name = 'test'");
    lease_init(&first, "test");
    lease_init(&second, "test");
    assert_int_equal(lease_take(rig_mqtt, &first), EC_OK);
    assert_int_equal(lease_take(rig_mqtt, &second), EC_CONFLICT);
    assert_int_equal(lease_renew(rig_mqtt, &first), EC_OK);
    rig_write_to(d, 3);
    m = rig_send(d, 1, 1);
    assert_int_equal(group_commit(rig_group, rig_mqtt, &first, &m, 1), EC_OK);
    message_free(m);
    rig_script("update fleet.lease set until = now() - interval '1 s' where name = 'test'");
    assert_int_equal(lease_take(rig_mqtt, &second), EC_OK);
    assert_true(second.token > first.token);
    m = rig_send(d, 2, 3);
    assert_int_equal(group_commit(rig_group, rig_mqtt, &first, &m, 1), EC_CONFLICT);
    assert_stored(d, 1, 1);
    assert_int_equal(group_commit(rig_group, rig_mqtt, &second, &m, 1), EC_OK);
    assert_stored(d, 3, 3);
    message_free(m);
    assert_int_equal(lease_renew(rig_mqtt, &first), EC_CONFLICT);
    assert_int_equal(first.token, 0);
    assert_int_equal(lease_release(rig_mqtt, &second), EC_OK);
    assert_int_equal(lease_take(rig_mqtt, &first), EC_OK); /* at once */
    free(d);
}

static void a_raised_epoch_asks_for_what_is_missing(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct receipt r;

    (void)state;
    rig_write_to(d, 3);
    rig_script("insert into fleet.receipt_epoch select max(epoch) + 1, now(), 'test'"
               " from fleet.receipt_epoch");
    rig_deliver(d, 1, 3);
    r = rig_receipt(d);
    assert_int_equal(r.epoch, rig_number("select max(epoch) from fleet.receipt_epoch", 0));
    assert_int_equal(r.through_seq, 3);
    assert_int_equal(r.resend_from, 4);
    d->epoch = r.epoch;
    rig_deliver(d, 1, 3);
    assert_int_equal(rig_receipt(d).resend_from, 0);
    free(d);
}

static void a_receipt_never_goes_back(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct receipt_issued r = {
        .device_id = d->device_id, .epoch = 1, .through_seq = 5, .message = {1}, .message_len = 1};
    const struct receipt_issued *list[] = {&r};

    (void)state;
    assert_int_equal(receipt_issued_put(rig_mqtt, list, 1), EC_OK);
    r.through_seq = 4;
    assert_int_equal(receipt_issued_put(rig_mqtt, list, 1), EC_OK);
    assert_int_equal(
        rig_number("select through_seq from fleet.receipt where device_id = $1", d->device_id), 5);
    free(d);
}

static void a_receipt_is_held_while_batches_come(void **state)
{
    struct rig_device *d = rig_device_new(0);
    struct receipt_issued r = {.device_id = d->device_id,
                               .epoch = 1,
                               .issued_ms = clock_utc_ms(),
                               .message = {1},
                               .message_len = 1};
    const char *sql =
        "select coalesce(max(through_seq), 0) from fleet.receipt where device_id = $1";

    (void)state;
    rig_write_to(d, 3);
    rig_deliver(d, 1, 1);
    for (r.through_seq = 1; r.through_seq <= 3; r.through_seq++)
        issued_put(group_issued(rig_group), db_generation(rig_mqtt), &r);
    rig_deliver(d, 2, 2);
    assert_int_equal(rig_number(sql, d->device_id), 0);
    clock_sleep_ms(LIMIT_RECEIPT_HOLD_MS);
    rig_deliver(d, 3, 3);
    assert_int_equal(rig_number(sql, d->device_id), 3);
    r.through_seq = 4;
    issued_put(group_issued(rig_group), db_generation(rig_mqtt), &r);
    assert_int_equal(rig_commit(NULL, 0), EC_OK); /* nothing else to do */
    assert_int_equal(rig_number(sql, d->device_id), 4);
    assert_int_equal(issued_count(group_issued(rig_group)), 0);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_of_devices_is_stored),
        cmocka_unit_test(a_record_lands_in_its_columns),
        cmocka_unit_test(a_record_without_a_sane_clock_lies_with_its_boot),
        cmocka_unit_test(a_duplicate_is_stored_once_and_receipted_again),
        cmocka_unit_test(twice_in_one_group_is_stored_once),
        cmocka_unit_test(a_gap_is_named_and_closes_by_a_resend),
        cmocka_unit_test(a_gap_closes_by_an_overwritten_record),
        cmocka_unit_test(a_fork_is_kept_once_beside_the_chain),
        cmocka_unit_test(a_gap_may_not_be_filled_with_another_story),
        cmocka_unit_test(a_key_that_ended_is_refused_by_the_database),
        cmocka_unit_test(quarantine_is_bounded_per_device),
        cmocka_unit_test(quarantine_is_bounded_in_all),
        cmocka_unit_test(what_cannot_be_believed_is_kept_by_reason),
        cmocka_unit_test(a_lost_lease_fences_off_its_holder),
        cmocka_unit_test(a_raised_epoch_asks_for_what_is_missing),
        cmocka_unit_test(a_receipt_never_goes_back),
        cmocka_unit_test(a_receipt_is_held_while_batches_come),
    };
    int failed;

    if (!rig_open()) {
        puts("1..0 # SKIP no PostgreSQL: PGHOST is not set");
        return 77;
    }
    failed = cmocka_run_group_tests_name("ingest", tests, NULL, NULL);
    rig_commit(NULL, 0);
    rig_close();
    return failed;
}
