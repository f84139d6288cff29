/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/ledger.h"
#include "tests/unit/rig.h"

#include <string.h>

/* What the ledger of spread doses, pauses and primes does not take. */

static struct rig_flash flash;
static struct dg_ledger ledger;

static void start(void)
{
    rig_flash_init(&flash);
    assert_int_equal(dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, 0U),
                     DG_OK);
    assert_int_equal(
        dg_ledger_open(
            &ledger, &flash.port, DG_HORMONE_INSULIN, (dg_seconds){1000U}, 0U),
        DG_OK);
}

static void test_arguments__out_of_range__refused(void **state)
{
    const dg_seconds at = {2000U};
    const struct dg_ticket_id id = {{1U}};

    (void)state;
    start();
    assert_int_equal(
        dg_ledger_announce_spread(NULL, at, &id, DG_TIER_CONFIRMED, 1U, 1U),
        DG_E_USAGE);
    assert_int_equal(
        dg_ledger_announce_spread(&ledger, at, &id, DG_TIER_NONE, 1U, 1U),
        DG_E_RANGE);
    assert_int_equal(
        dg_ledger_announce_spread(&ledger, at, &id, DG_TIER_CONFIRMED, 0U, 1U),
        DG_E_RANGE);
    assert_int_equal(dg_ledger_announce_spread(
                         &ledger, at, &id, DG_TIER_CONFIRMED, 1U, 65536U),
                     DG_E_RANGE);
    assert_int_equal(dg_ledger_announce_drip(&ledger, at), DG_E_STATE);
    assert_int_equal(dg_ledger_announce_drip(NULL, at), DG_E_USAGE);
    assert_int_equal(dg_ledger_close_spread(&ledger, at, DG_OUTCOME_STOPPED),
                     DG_E_STATE);
    assert_int_equal(dg_ledger_close_spread(NULL, at, DG_OUTCOME_STOPPED),
                     DG_E_USAGE);
    assert_int_equal(
        dg_ledger_announce_spread(&ledger, at, &id, DG_TIER_CONFIRMED, 1U, 1U),
        DG_OK);
    assert_int_equal(
        dg_ledger_announce_spread(&ledger, at, &id, DG_TIER_CONFIRMED, 1U, 1U),
        DG_E_STATE);
    assert_int_equal(
        dg_ledger_pause(&ledger, at, NULL, DG_TIER_CONFIRMED, 1001U, 1U),
        DG_E_RANGE);
    assert_int_equal(dg_ledger_pause(&ledger,
                                     at,
                                     NULL,
                                     DG_TIER_CONFIRMED,
                                     1000U,
                                     DG_PAUSE_UNTIL_RESUMED),
                     DG_E_RANGE);
    assert_int_equal(
        dg_ledger_pause(NULL, at, NULL, DG_TIER_CONFIRMED, 1000U, 1U),
        DG_E_USAGE);
    assert_int_equal(dg_ledger_resume(&ledger, at), DG_E_STATE);
    assert_int_equal(dg_ledger_resume(NULL, at), DG_E_USAGE);
    assert_int_equal(dg_ledger_announce_prime(&ledger, at, NULL, 1U),
                     DG_E_USAGE);
    assert_int_equal(dg_ledger_announce_prime(&ledger, at, &id, 0U),
                     DG_E_RANGE);
    assert_int_equal(dg_ledger_paused_s(NULL, at, 86400U), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments__out_of_range__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
