/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

/* The basal programme: on schedule whatever the clock and the power do. */

static struct rig rig;

/* What the schedule has given since the first boot, in (mU/h) x s. */
static uint64_t schedule_mU_s(const struct dg_therapy *therapy, uint32_t until)
{
    uint64_t sum = 0U;

    for (uint32_t s = RIG_START; s < until; s++) {
        sum += (uint64_t)therapy->basal[(s / 3600U) % 24U].mU_per_h;
    }
    return sum;
}

/* Pulses that went out, in the same unit, against the schedule: at most one
 * pulse ahead (the one that manufacture owes) and @behind pulses late. */
static void expect_on_schedule(const struct dg_therapy *therapy,
                               uint32_t behind)
{
    const uint64_t want = schedule_mU_s(therapy, rig.clock_s);
    const uint64_t got = (uint64_t)rig.moved * DG_BASAL_PULSE;

    assert_true(got <= (want + DG_BASAL_PULSE));
    assert_true((got + ((behind + 1ULL) * DG_BASAL_PULSE)) > want);
}

static const int32_t rates[] = {0, 49, 50, 395, 836, 1267, 9999, 10000};

static void run_days(uint32_t step, uint64_t *seed)
{
    for (size_t i = 0U; i < (sizeof rates / sizeof rates[0]); i++) {
        const struct dg_therapy therapy = rig_therapy(rates[i]);
        uint32_t checked_s = 0U;

        rig_init(&rig, &therapy);
        for (uint32_t t = 0U; t < 86400U;) {
            const uint32_t here =
                (seed != NULL) ? (1U + (rig_random(seed) % 900U)) : step;

            rig_wait_in_steps(&rig, here, here);
            t += here;
            if ((t - checked_s) >= 7000U) {
                expect_on_schedule(&therapy, 0U);
                checked_s = t;
            }
        }
        expect_on_schedule(&therapy, 0U);
        assert_int_equal(rig.device.ledger.basal_pulses, rig.moved);
    }
}

/* @verifies{FDP_BASAL.1@1} */
static void test_basal__any_rate_and_tick__within_one_pulse(void **state)
{
    uint64_t seed = 4U;

    (void)state;
    run_days(1U, NULL);
    run_days(60U, NULL);
    run_days(0U, &seed);
}

static void test_basal__rates_change_by_the_hour__within_one_pulse(void **state)
{
    struct dg_therapy therapy = rig_therapy(0);
    uint64_t seed = 9U;

    (void)state;
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h =
            ((hour % 3U) == 0U) ? 0 : (int32_t)(rig_random(&seed) % 4000U);
    }
    rig_init(&rig, &therapy);
    for (unsigned i = 0U; i < 172800U; i += 600U) {
        rig_wait_in_steps(&rig, 600U, 7U);
        expect_on_schedule(&therapy, 0U);
    }
}

/* Resets every few minutes neither starve the schedule nor feed it: each may
 * cost the part of a pulse that one second brings. */
static void test_basal__resets_all_day__on_schedule(void **state)
{
    struct dg_therapy therapy = rig_therapy(0);
    uint64_t seed = 5U;

    (void)state;
    for (size_t i = 0U; i < (sizeof rates / sizeof rates[0]); i++) {
        unsigned resets = 0U;

        for (unsigned hour = 0U; hour < 24U; hour++) {
            /* Half of the days alternate with an hour of nothing. */
            therapy.basal[hour].mU_per_h =
                (((i % 2U) == 0U) && ((hour % 2U) == 0U)) ? 0 : rates[i];
        }
        rig_init(&rig, &therapy);
        for (uint32_t t = 0U; t < 86400U;) {
            const uint32_t here = 20U + (rig_random(&seed) % 400U);

            rig_wait_in_steps(&rig, here, 1U);
            rig_reboot(&rig);
            t += here;
            resets++;
            expect_on_schedule(&therapy,
                               1U + (((resets * 10000U) / DG_BASAL_PULSE)));
        }
        assert_int_equal(rig.device.ledger.moved, rig.moved);
    }
}

static void test_basal__long_gap__not_made_up(void **state)
{
    const struct dg_therapy therapy = rig_therapy(3000);

    (void)state;
    rig_init(&rig, &therapy);
    rig_wait(&rig, 600U);

    const uint32_t moved = rig.moved;

    /* An hour is made up to the pulse, more than an hour is not. */
    rig_wait_in_steps(&rig, DG_GAP_S_MAX, DG_GAP_S_MAX);
    assert_int_equal(rig.moved, moved + 60U);
    rig_wait_in_steps(&rig, DG_GAP_S_MAX + 1U, DG_GAP_S_MAX + 1U);
    assert_int_equal(rig.moved, moved + 60U);
    rig_wait(&rig, 120U);
    assert_in_range(rig.moved - moved, 61U, 62U);
    /* Off for a night: one pulse at most, then the schedule. */
    const uint32_t before = rig.moved;

    rig.clock_s += 8U * 3600U;
    rig_reboot(&rig);
    rig_wait(&rig, 1U);
    assert_int_equal(rig.moved, before + 1U);
    rig_wait(&rig, 59U);
    assert_in_range(rig.moved - before, 1U, 2U);
}

/* The hardware clock falls back, while running and over a reset, and nears
 * its end: time goes on, and never back. */
static void test_basal__clock_falls_back__goes_on(void **state)
{
    const struct dg_therapy therapy = rig_therapy(3000);

    (void)state;
    rig_init(&rig, &therapy);
    rig_wait(&rig, 3600U);

    const uint32_t moved = rig.moved;
    const uint32_t now_s = rig.device.now.s;

    rig.clock_s = 50U;
    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - moved, 59U, 61U);
    assert_in_range(rig.device.now.s - now_s, 3599U, 3601U);
    rig.clock_s = 7U;
    rig_reboot(&rig);
    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - moved, 118U, 122U);
    assert_true(rig.device.now.s >= (now_s + 7100U));
    /* A glitch to the end of time and back: it stands still, it never falls. */
    dg_device_tick(&rig.device, (dg_seconds){UINT32_MAX - 1U});
    dg_device_tick(&rig.device, (dg_seconds){1000U});
    dg_device_tick(&rig.device, (dg_seconds){2000U});
    assert_true(rig.device.now.s >= (UINT32_MAX - 1U));
}

/* One word of what time is made of is wrong: no hour is made up, the schedule
 * goes on, and a dose is refused. */
/* @verifies{FPT_FAULT.2@1} */
static void test_basal__time_is_overwritten__not_made_up(void **state)
{
    const struct dg_therapy therapy = rig_therapy(3000);

    (void)state;
    for (unsigned bit = 0U; bit < 64U; bit += 3U) {
        rig_init(&rig, &therapy);
        rig_wait(&rig, 600U);
        rig.clock_s = 50U; /* so that the lead is not zero */
        rig_wait(&rig, 300U);

        const uint32_t moved = rig.moved;
        const uint32_t now_s = rig.device.now.s;
        uint32_t *word = (bit < 32U) ? &rig.device.clock_s : &rig.device.lead_s;

        *word ^= (uint32_t)1U << (bit % 32U);
        rig_wait(&rig, 1200U);
        assert_in_range(rig.moved - moved, 19U, 21U);
        assert_in_range(rig.device.now.s - now_s, 1198U, 1200U);
        assert_true(rig.device.is_fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basal__any_rate_and_tick__within_one_pulse),
        cmocka_unit_test(
            test_basal__rates_change_by_the_hour__within_one_pulse),
        cmocka_unit_test(test_basal__resets_all_day__on_schedule),
        cmocka_unit_test(test_basal__long_gap__not_made_up),
        cmocka_unit_test(test_basal__clock_falls_back__goes_on),
        cmocka_unit_test(test_basal__time_is_overwritten__not_made_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
