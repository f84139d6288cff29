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

/* Each argument at each end of its range, one at a time. */
static void test_arguments__each_alone__refused(void **state)
{
    static const struct {
        enum dg_tier tier;
        uint32_t pulses;
        uint32_t seconds;
    } spreads[] = {{DG_TIER_CONFIRMED, 0U, 1U},
                   {DG_TIER_CONFIRMED, 65536U, 1U},
                   {DG_TIER_CONFIRMED, 1U, 0U},
                   {DG_TIER_CONFIRMED, 1U, 65536U},
                   {DG_TIER_NONE, 1U, 1U},
                   {(enum dg_tier)DG_TIERS, 1U, 1U}};
    static const struct {
        enum dg_tier tier;
        uint32_t permille;
        uint32_t seconds;
    } pauses[] = {{DG_TIER_CONFIRMED, 0U, 1U},
                  {DG_TIER_CONFIRMED, 1001U, 1U},
                  {DG_TIER_CONFIRMED, 1U, 0U},
                  {DG_TIER_PRESENT, 1U, 65536U},
                  {DG_TIER_CONFIRMED, 1U, DG_PAUSE_UNTIL_RESUMED},
                  {DG_TIER_NONE, 1U, 1U},
                  {(enum dg_tier)DG_TIERS, 1U, 1U}};
    const dg_seconds at = {2000U};
    const struct dg_ticket_id id = {{1U}};

    (void)state;
    start();
    for (size_t i = 0U; i < (sizeof spreads / sizeof spreads[0]); i++) {
        assert_int_equal(dg_ledger_announce_spread(&ledger,
                                                   at,
                                                   &id,
                                                   spreads[i].tier,
                                                   spreads[i].pulses,
                                                   spreads[i].seconds),
                         DG_E_RANGE);
    }
    for (size_t i = 0U; i < (sizeof pauses / sizeof pauses[0]); i++) {
        assert_int_equal(dg_ledger_pause(&ledger,
                                         at,
                                         NULL,
                                         pauses[i].tier,
                                         pauses[i].permille,
                                         pauses[i].seconds),
                         DG_E_RANGE);
    }
    assert_false(dg_ledger_has_room(&ledger, at, 65536U, 1U));
    assert_false(dg_ledger_has_room(&ledger, at, 1U, 65536U));
    assert_true(dg_ledger_has_room(&ledger, at, 1U, 1U));
    /* More than the whole ring holds. */
    assert_false(dg_ledger_has_room(&ledger, at, 6000U, 1U));
    /* No second bolus beside one, no second pause. */
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_CONFIRMED, 2U),
        DG_OK);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_CONFIRMED, 2U),
        DG_E_STATE);
    assert_int_equal(
        dg_ledger_pause(&ledger, at, NULL, DG_TIER_CONFIRMED, 1U, 1U), DG_OK);
    assert_int_equal(
        dg_ledger_pause(&ledger, at, NULL, DG_TIER_CONFIRMED, 1U, 1U),
        DG_E_STATE);
    dg_ledger_lose(&ledger, at, 0U);
    assert_int_equal(dg_ledger_paused_s(&ledger, at, 86400U), UINT32_MAX);
    assert_false(dg_ledger_has_room(&ledger, at, 1U, 1U));
}

/* Long before a number comes to its end no dose is begun any more. */
static void test_worn__each_number_alone__no_new_dose(void **state)
{
    const dg_seconds at = {2000U};
    const struct dg_ticket_id id = {{1U}};

    (void)state;
    for (unsigned which = 0U; which < 4U; which++) {
        start();

        uint32_t *const numbers[] = {&ledger.sequence,
                                     &ledger.moved,
                                     &ledger.uncertain_pulses,
                                     &ledger.last.s};

        *numbers[which] = DG_LEDGER_COUNT_MAX;
        assert_false(dg_ledger_is_worn(&ledger));
        *numbers[which] = DG_LEDGER_COUNT_MAX + 1U;
        assert_true(dg_ledger_is_worn(&ledger));
        assert_int_equal(
            dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_CONFIRMED, 2U),
            DG_E_STATE);
        assert_int_equal(dg_ledger_announce_spread(
                             &ledger, at, &id, DG_TIER_CONFIRMED, 2U, 9U),
                         DG_E_STATE);
        assert_int_equal(dg_ledger_announce_prime(&ledger, at, &id, 2U),
                         DG_E_STATE);
    }
    /* At the very end nothing is written: a number never begins anew. */
    start();
    ledger.sequence = UINT32_MAX;
    assert_int_equal(dg_ledger_announce_basal(&ledger, at), DG_E_STATE);
}

/* Insulin's alone, and a flash that is too small, wears out, or keeps other
 * bits than were written. */
static enum dg_status keep_nothing(void *context,
                                   uint32_t offset,
                                   dg_span bytes)
{
    (void)context;
    (void)offset;
    (void)bytes;
    return DG_OK;
}

static void test_flash__too_small_or_failing__refused(void **state)
{
    const dg_seconds at = {2000U};
    const struct dg_ticket_id id = {{1U}};

    (void)state;
    start();
    ledger.log.hormone = DG_HORMONE_GLUCAGON;
    assert_int_equal(dg_ledger_announce_prime(&ledger, at, &id, 1U),
                     DG_E_USAGE);
    assert_int_equal(dg_ledger_announce_basal(&ledger, at), DG_E_USAGE);
    assert_int_equal(
        dg_ledger_pause(&ledger, at, NULL, DG_TIER_CONFIRMED, 1U, 1U),
        DG_E_USAGE);
    assert_int_equal(
        dg_ledger_announce_spread(&ledger, at, &id, DG_TIER_CONFIRMED, 1U, 1U),
        DG_E_USAGE);

    static const struct {
        uint32_t size;
        uint32_t count;
    } small[] = {{2048U, DG_FLASH_SECTORS_MIN},
                 {4097U, DG_FLASH_SECTORS_MIN},
                 {4096U, DG_FLASH_SECTORS_MIN - 1U}};

    for (size_t i = 0U; i < (sizeof small / sizeof small[0]); i++) {
        rig_flash_init(&flash);
        flash.port.sector_size = small[i].size;
        flash.port.sector_count = small[i].count;
        assert_int_equal(dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, 0U),
                         DG_E_USAGE);
        assert_int_equal(
            dg_ledger_open(&ledger, &flash.port, DG_HORMONE_INSULIN, at, 0U),
            DG_E_USAGE);
    }
    rig_flash_init(&flash);
    flash.fails = true;
    assert_int_equal(dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, 0U),
                     DG_E_PORT);
    start();
    flash.port.program = keep_nothing;
    assert_int_equal(dg_ledger_announce_basal(&ledger, at), DG_E_PORT);
    assert_true(ledger.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments__out_of_range__refused),
        cmocka_unit_test(test_arguments__each_alone__refused),
        cmocka_unit_test(test_worn__each_number_alone__no_new_dose),
        cmocka_unit_test(test_flash__too_small_or_failing__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
