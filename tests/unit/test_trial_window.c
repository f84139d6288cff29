/* SPDX-License-Identifier: Apache-2.0 */
/* The lanes' windows and insulin on board are the core's at every step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dosegate/bins.h"
#include "dosegate/limits.h"
#include "patient/random.h"
#include "patient/trial/window.h"

#define LANES DG_TRIAL_WINDOW_LANES
#define STEPS 2000U
#define HEAD  576U

static void compare(const struct dg_trial_windows *windows,
                    unsigned lane,
                    const struct dg_bins *bins)
{
    const uint32_t now_s = windows->head * DG_BIN_S;
    const uint64_t weighted = dg_bins_weighted(bins, windows->head);

    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            const uint32_t first =
                (now_s - dg_window_s((enum dg_window)window)) / DG_BIN_S;

            assert_int_equal(windows->used[tier - 1U][window][lane],
                             dg_bins_since(bins, first, (enum dg_tier)tier));
        }
    }
    assert_int_equal(windows->weighted[lane], weighted);
    assert_int_equal(dg_trial_windows_iob_mU(windows, lane),
                     ((weighted * 50U) + 1023U) / 1024U);
}

/* Seldom much, often nothing, and now and then a bin that is full. */
static uint32_t draw(uint64_t index)
{
    const double chance = dg_random_uniform(7U, 1U, index);
    const double size = dg_random_uniform(7U, 2U, index);

    if (chance < 0.6) {
        return 0U;
    }
    return (uint32_t)(size * ((chance > 0.999) ? 6000.0 : 40.0));
}

static void windows_and_iob_are_those_of_the_core(void **state)
{
    static struct dg_trial_windows windows;
    static struct dg_bins bins[LANES];
    uint64_t index = 0U;

    (void)state;
    dg_trial_windows_start(&windows, HEAD);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        bins[lane].head = HEAD;
    }
    for (uint32_t step = 0U; step < STEPS; step++) {
        dg_trial_windows_step(&windows);
        for (unsigned lane = 0U; lane < LANES; lane++) {
            dg_bins_advance(&bins[lane], windows.head);
            compare(&windows, lane, &bins[lane]);
            for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
                const uint32_t pulses = draw(index++);

                dg_bins_add(&bins[lane], (enum dg_tier)tier, pulses);
                dg_trial_windows_add(
                    &windows, lane, (enum dg_tier)tier, pulses);
            }
            compare(&windows, lane, &bins[lane]);
        }
    }
}

static void all_insulin_has_its_own_sum(void **state)
{
    static struct dg_trial_windows windows;
    static struct dg_bins bins;

    (void)state;
    dg_trial_windows_start(&windows, HEAD);
    bins.head = HEAD;
    for (uint32_t step = 0U; step < 300U; step++) {
        dg_trial_windows_step(&windows);
        dg_bins_advance(&bins, windows.head);
        dg_bins_add(&bins, DG_TIER_AUTOMATIC, draw(step));
        dg_trial_windows_add_whole(&windows, 3U, draw(step));
        assert_int_equal(windows.whole_weighted[3],
                         dg_bins_weighted(&bins, windows.head));
        assert_int_equal(windows.weighted[3], 0);
        assert_int_equal(windows.whole_weighted[4], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_and_iob_are_those_of_the_core),
        cmocka_unit_test(all_insulin_has_its_own_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
