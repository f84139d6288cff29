/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Boot with a ledger that cannot be trusted: the device runs, names the fault,
 * delivers the scheduled basal, gives no dose and repairs nothing. */

#define RATE_MU_PER_H 3000
#define FIRST         (DG_FLASH_INSULIN_FIRST * RIG_SECTOR)
#define REGION        (DG_FLASH_INSULIN_SECTORS * RIG_SECTOR)

static struct rig rig;
static struct rig start;
static uint8_t before[REGION];

/* A device with a past: a dose, basal, a paired phone. */
static void make_start(void)
{
    const struct dg_therapy therapy = rig_therapy(RATE_MU_PER_H);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
    rig_wait(&rig, 600U);
    start = rig;
}

static void expect_safe_state(enum dg_fault fault)
{
    memcpy(before, &rig.flash.bytes[FIRST], REGION);
    rig_reboot(&rig);
    assert_true(rig.device.is_fault);
    assert_int_equal(rig.device.fault, fault);
    assert_true((rig.alarms & (1U << DG_ALARM_FAULT)) != 0U);

    /* The phone hears it, and gets no dose. */
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    assert_int_equal(rig_glucose(&rig, 0U, 250)->kind, DG_ANSWER_STATUS);

    const struct dg_device_status *status = &rig.phone[0].answer.status;

    assert_int_equal(status->therapy, DG_THERAPY_FAULT);
    assert_int_equal(status->fault, fault);
    assert_int_equal(status->headroom_automatic.mU, 0);
    assert_int_equal(status->headroom_confirmed.mU, 0);
    /* T6: what is not known is not small. */
    assert_int_equal(status->iob.mU, INT32_MAX);

    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 50);

    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_FAULT);

    /* T4: basal to within one pulse. */
    const uint32_t moved = rig.moved;

    rig_wait(&rig, 7200U);
    assert_in_range(rig.moved - moved, 119U, 121U);
    assert_memory_equal(before, &rig.flash.bytes[FIRST], REGION);
}

/* @verifies{FPT_FLS.2@1} */
static void test_safe_state__any_flipped_byte__basal_and_no_dose(void **state)
{
    (void)state;
    make_start();

    const uint32_t records = start.device.ledger.slot;

    assert_true(records >= 5U);
    /* In the last record a flip looks like a torn write: see below. */
    for (uint32_t at = 0U; at < ((records - 1U) * DG_LEDGER_RECORD_SIZE);
         at += 29U) {
        rig = start;
        rig.flash.bytes[FIRST + at] ^= (uint8_t)(1U << (at % 8U));
        expect_safe_state(DG_FAULT_LEDGER);
    }
}

static void test_safe_state__ledger_erased_or_noise__basal_and_no_dose(
    void **state)
{
    uint64_t seed = 12U;

    (void)state;
    make_start();
    rig = start;
    memset(&rig.flash.bytes[FIRST], 0xFF, REGION);
    expect_safe_state(DG_FAULT_LEDGER);
    rig = start;
    for (size_t i = 0U; i < REGION; i++) {
        rig.flash.bytes[FIRST + i] = (uint8_t)rig_random(&seed);
    }
    expect_safe_state(DG_FAULT_LEDGER);
}

/* The mechanism says that less or more moved than the records allow. */
/* @verifies{FDP_LEDGER.2@1} */
static void test_safe_state__mechanism_disagrees__basal_and_no_dose(
    void **state)
{
    (void)state;
    make_start();
    rig = start;
    /* One less could be the last announced pulse that never went out. */
    rig.moved -= 2U;
    expect_safe_state(DG_FAULT_LEDGER);
    rig = start;
    rig.moved += 2U;
    expect_safe_state(DG_FAULT_LEDGER);
}

/* Flash breaks, basal goes on without a record, then a reset: once this
 * refused to run. */
/* @verifies{FPT_FLS.2@1} */
static void test_safe_state__basal_unrecorded_then_reset__basal_goes_on(
    void **state)
{
    (void)state;
    make_start();
    rig = start;
    rig.flash.fails = true;
    rig_wait(&rig, 600U);
    assert_true(rig.device.is_fault);
    assert_int_equal(rig.device.fault, DG_FAULT_FLASH);
    assert_true(rig.moved > (start.moved + 8U));
    rig.flash.fails = false;
    expect_safe_state(DG_FAULT_LEDGER);
}

static enum dg_status (*plain_read)(void *, uint32_t, dg_buf);

static enum dg_status read_settings_only(void *context,
                                         uint32_t offset,
                                         dg_buf out)
{
    return (offset < FIRST) ? plain_read(context, offset, out) : DG_E_PORT;
}

static void test_safe_state__ledger_cannot_be_read__named_flash(void **state)
{
    (void)state;
    make_start();
    rig = start;
    plain_read = rig.flash.port.read;
    rig.flash.port.read = read_settings_only;
    expect_safe_state(DG_FAULT_FLASH);
}

static enum dg_status read_second_copy(void *context,
                                       uint32_t offset,
                                       dg_buf out)
{
    return (offset < RIG_SECTOR) ? DG_E_PORT : plain_read(context, offset, out);
}

/* One copy of the settings is enough; without any there is no schedule. */
static void test_safe_state__settings__one_sound_copy_is_enough(void **state)
{
    (void)state;
    make_start();
    for (unsigned copy = 0U; copy < 2U; copy++) {
        rig = start;
        rig.flash.bytes[(copy * RIG_SECTOR) + 40U] ^= 1U;
        rig_reboot(&rig);
        assert_false(rig.device.is_fault);
        rig.flash.bytes[FIRST + 8U] ^= 1U;
        rig_reboot(&rig);
        assert_true(rig.device.is_fault);
    }
    rig = start;
    plain_read = rig.flash.port.read;
    rig.flash.port.read = read_second_copy;
    rig_reboot(&rig);
    assert_false(rig.device.is_fault);
    rig = start;
    rig.flash.bytes[40] ^= 1U;
    rig.flash.bytes[RIG_SECTOR + 40U] ^= 1U;
    assert_int_equal(rig_try_reboot(&rig), DG_E_CORRUPT);
}

/* The safe state is not left by resets, and a storm of them does not
 * over-deliver basal. */
static void test_safe_state__resets__stay_in_it_and_give_no_more(void **state)
{
    (void)state;
    make_start();
    rig = start;
    rig.flash.bytes[FIRST + 8U] ^= 1U;

    const uint32_t moved = rig.moved;

    for (unsigned i = 0U; i < 100U; i++) {
        rig_reboot(&rig);
        assert_true(rig.device.is_fault);
        rig_wait(&rig, 72U);
    }
    assert_true((rig.moved - moved) <= 121U);
    assert_true((rig.moved - moved) >= 99U);
}

/* Time does not run back when the ledger is gone, as far as any record of it
 * can still be read. */
static void test_safe_state__clock_fell_back__later_time_counts(void **state)
{
    (void)state;
    make_start();
    rig = start;

    const uint32_t now_s = rig.device.ledger.last.s;

    rig.moved++;
    rig.moved++;
    rig.clock_s = 5U;
    rig_reboot(&rig);
    assert_true(rig.device.is_fault);
    assert_true(rig.device.now.s >= now_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_safe_state__any_flipped_byte__basal_and_no_dose),
        cmocka_unit_test(
            test_safe_state__ledger_erased_or_noise__basal_and_no_dose),
        cmocka_unit_test(
            test_safe_state__mechanism_disagrees__basal_and_no_dose),
        cmocka_unit_test(
            test_safe_state__basal_unrecorded_then_reset__basal_goes_on),
        cmocka_unit_test(test_safe_state__ledger_cannot_be_read__named_flash),
        cmocka_unit_test(test_safe_state__settings__one_sound_copy_is_enough),
        cmocka_unit_test(test_safe_state__resets__stay_in_it_and_give_no_more),
        cmocka_unit_test(test_safe_state__clock_fell_back__later_time_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
