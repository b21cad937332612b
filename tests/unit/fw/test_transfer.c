/* The transfer switch: rows, exploration of all states, and mutants of every condition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "transfer_trial.h"

/* The rule table is compiled into this file with every condition under a number. */
static int mutant = -1;
static int mutant_value;

static int check(int number, int real)
{
    return number == mutant ? mutant_value : real;
}

#define TRANSFER_CHECK(condition) check(__COUNTER__, (condition) != 0)
#include "transfer.c"
enum { CONDITIONS = __COUNTER__ };

static void test_rows(void **state)
{
    const char *broken = trial_rows();

    (void)state;
    if (broken != NULL)
        fail_msg("row '%s' differs", broken);
}

static void test_explore(void **state)
{
    (void)state;
    for (int stays = 0; stays < 2; stays++) {
        unsigned any = 0, honest = 0;
        const char *broken = trial_explore(stays, &any);

        if (broken == NULL)
            broken = trial_honest(stays, &honest);
        if (broken != NULL)
            fail_msg("policy %d: %s", stays, broken);
        print_message("policy %d: %u states with any inputs, %u with honest contactors\n", stays,
                      any, honest);
        assert_true(any > 100 && honest > 20);
    }
}

/* The explorer knows only what must never happen; the rows know what should. */
static const char *explorer_catches(void)
{
    const char *by = NULL;

    for (int stays = 0; stays < 2 && by == NULL; stays++)
        by = trial_honest(stays, NULL);
    for (int stays = 0; stays < 2 && by == NULL; stays++)
        by = trial_explore(stays, NULL);
    return by;
}

/* Every condition, forced to one value and to the other, is caught; by the explorer alone for the
 * most part. */
static void test_mutants(void **state)
{
    int by_explorer = 0, survived = 0;

    (void)state;
    assert_null(trial_rows());
    assert_null(explorer_catches());
    for (mutant = 0; mutant < CONDITIONS; mutant++)
        for (mutant_value = 0; mutant_value < 2; mutant_value++) {
            if (explorer_catches() != NULL) {
                by_explorer++;
            } else if (trial_rows() == NULL) {
                print_message("condition %d forced to %d is not caught\n", mutant, mutant_value);
                survived++;
            }
        }
    mutant = -1;
    print_message("%d mutants, %d caught by the explorer alone, %d survived\n", 2 * CONDITIONS,
                  by_explorer, survived);
    assert_int_equal(survived, 0);
    assert_true(by_explorer > CONDITIONS);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(transfer_state_name(TRANSFER_ON_GENERATOR), "on_generator");
    assert_string_equal(transfer_state_name(TRANSFER_STATE_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_explore),
        cmocka_unit_test(test_mutants),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
