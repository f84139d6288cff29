/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/ledger.h"
#include "tests/unit/rig.h"

#include <string.h>

#define DAY_S 86400U

/* Two ledgers on one flash: neither sees, touches or counts the other. */
static struct rig_flash flash;
static struct dg_ledger insulin;
static struct dg_ledger glucagon;
static uint32_t insulin_moved;
static uint32_t glucagon_moved;
static dg_seconds now;

static void open_both(void)
{
    assert_int_equal(
        dg_ledger_open(
            &insulin, &flash.port, DG_HORMONE_INSULIN, now, insulin_moved),
        DG_OK);
    assert_int_equal(
        dg_ledger_open(
            &glucagon, &flash.port, DG_HORMONE_GLUCAGON, now, glucagon_moved),
        DG_OK);
}

static void start(void)
{
    rig_flash_init(&flash);
    insulin_moved = 7U;
    glucagon_moved = 3U;
    now.s = 1000U;
    assert_int_equal(
        dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, insulin_moved),
        DG_OK);
    assert_int_equal(
        dg_ledger_format(&flash.port, DG_HORMONE_GLUCAGON, glucagon_moved),
        DG_OK);
    open_both();
}

static void dose(struct dg_ledger *ledger, uint32_t *moved, uint32_t steps)
{
    struct dg_ticket_id id = {{0}};

    memcpy(id.byte, &now.s, sizeof now.s);
    assert_int_equal(
        dg_ledger_announce_bolus(ledger, now, &id, DG_TIER_AUTOMATIC, steps),
        DG_OK);
    for (uint32_t i = 0U; i < steps; i++) {
        dg_ledger_bolus_pulse(ledger, now);
        (*moved)++;
    }
    assert_int_equal(dg_ledger_close(ledger, now, DG_OUTCOME_DELIVERED), DG_OK);
}

/* @verifies{FDP_LEDGER.3@1} */
static void test_ledger__two_hormones__counted_apart_in_their_own_unit(
    void **state)
{
    (void)state;
    start();
    dose(&insulin, &insulin_moved, 4U);
    dose(&glucagon, &glucagon_moved, 5U);
    for (unsigned reset = 0U; reset < 2U; reset++) {
        assert_int_equal(
            dg_ledger_window(&insulin, now, DG_TIER_PRESENT, DG_WINDOW_24_H).mU,
            4 * DG_PULSE_MU);
        assert_int_equal(
            dg_ledger_glucagon(&glucagon, now, DG_TIER_PRESENT, DAY_S).ug,
            5 * DG_GLUCAGON_STEP_UG);
        assert_int_equal(insulin.moved, insulin_moved);
        assert_int_equal(glucagon.moved, glucagon_moved);
        open_both();
    }

    /* Asked for the other hormone, a ledger knows nothing: all is used up. */
    assert_int_equal(
        dg_ledger_window(&glucagon, now, DG_TIER_PRESENT, DG_WINDOW_24_H).mU,
        INT32_MAX);
    assert_int_equal(
        dg_ledger_glucagon(&insulin, now, DG_TIER_PRESENT, DAY_S).ug,
        INT32_MAX);
    assert_int_equal(dg_ledger_iob(&glucagon, now).mU, INT32_MAX);
    assert_int_equal(dg_ledger_glucagon(NULL, now, DG_TIER_PRESENT, DAY_S).ug,
                     INT32_MAX);
}

/* Every sector outside of the glucagon region stays as it was while its ring
 * goes round several times.  @verifies{FDP_LEDGER.3@1} */
static void test_ledger__glucagon_ring_goes_round__stays_in_its_region(
    void **state)
{
    static uint8_t before[RIG_SECTOR * RIG_SECTORS];
    const size_t first = (size_t)DG_FLASH_GLUCAGON_FIRST * RIG_SECTOR;
    const size_t behind =
        first + ((size_t)DG_FLASH_GLUCAGON_SECTORS * RIG_SECTOR);
    uint32_t turns = 0U;

    (void)state;
    start();
    memcpy(before, flash.bytes, sizeof before);
    while (turns < (3U * DG_FLASH_GLUCAGON_SECTORS)) {
        const uint32_t sector = glucagon.sector;

        now.s += 1800U;
        dose(&glucagon, &glucagon_moved, 1U);
        turns += (glucagon.sector != sector) ? 1U : 0U;
    }
    assert_memory_equal(before, flash.bytes, first);
    assert_memory_equal(
        &before[behind], &flash.bytes[behind], sizeof before - behind);
    open_both();
    assert_int_equal(glucagon.moved, glucagon_moved);
    /* 49 doses may lie in a day and a bin. */
    assert_in_range(
        dg_ledger_glucagon(&glucagon, now, DG_TIER_PRESENT, DAY_S).ug,
        48 * DG_GLUCAGON_STEP_UG,
        49 * DG_GLUCAGON_STEP_UG);
}

/* A record of one hormone in the place of the other is no record.
 * @verifies{FDP_LEDGER.3@1} */
static void test_ledger_open__the_other_hormones_records__refused(void **state)
{
    const size_t to = (size_t)DG_FLASH_GLUCAGON_FIRST * RIG_SECTOR;
    const size_t from = (size_t)DG_FLASH_INSULIN_FIRST * RIG_SECTOR;

    (void)state;
    start();
    memcpy(&flash.bytes[to], &flash.bytes[from], RIG_SECTOR);
    assert_int_equal(
        dg_ledger_open(
            &glucagon, &flash.port, DG_HORMONE_GLUCAGON, now, insulin_moved),
        DG_E_CORRUPT);
}

static void test_ledger__no_such_hormone__refused(void **state)
{
    (void)state;
    start();
    for (unsigned hormone = 0U; hormone < 6U; hormone++) {
        const enum dg_hormone which = (enum dg_hormone)hormone;
        const bool is_known =
            (which == DG_HORMONE_INSULIN) || (which == DG_HORMONE_GLUCAGON);

        assert_true((dg_ledger_region_of(which) != NULL) == is_known);
        if (!is_known) {
            assert_int_equal(dg_ledger_format(&flash.port, which, 0U),
                             DG_E_USAGE);
            assert_int_equal(
                dg_ledger_open(&insulin, &flash.port, which, now, 0U),
                DG_E_USAGE);
        }
    }
    start();
    /* Glucagon has no programme that could announce a step. */
    assert_int_equal(dg_ledger_announce_basal(&glucagon, now), DG_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_ledger__two_hormones__counted_apart_in_their_own_unit),
        cmocka_unit_test(
            test_ledger__glucagon_ring_goes_round__stays_in_its_region),
        cmocka_unit_test(test_ledger_open__the_other_hormones_records__refused),
        cmocka_unit_test(test_ledger__no_such_hormone__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
