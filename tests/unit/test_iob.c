/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/iob.h"

#include <math.h>

/* The exponential model of LoopKit in floating point, peak 75 min, duration
 * 360 min (facts: models.md). */
static double left_after(double t)
{
    const double tp = 75.0;
    const double td = 360.0;
    const double tau = tp * (1.0 - tp / td) / (1.0 - 2.0 * tp / td);
    const double a = 2.0 * tau / td;
    const double s = 1.0 / (1.0 - a + (1.0 + a) * exp(-td / tau));

    return 1.0 - s * (1.0 - a) *
                     ((t * t / (tau * td * (1.0 - a)) - t / tau - 1.0) *
                          exp(-t / tau) +
                      1.0);
}

static void test_iob_share__whole_table__the_curve_rounded_up(void **state)
{
    (void)state;
    for (uint32_t step = 0U; step < DG_IOB_STEPS; step++) {
        const double exact =
            left_after(5.0 * (double)step) * (double)DG_IOB_ONE;
        const double share = (double)dg_iob_share(step);

        /* Never below, and not above by more than rounding explains. */
        assert_true(share >= (exact - 1e-6));
        assert_true(share < (exact + 1.0));
    }
}

static void test_iob_share__growing_age__never_rises_and_ends(void **state)
{
    (void)state;
    assert_int_equal(dg_iob_share(0U), DG_IOB_ONE);
    for (uint32_t step = 1U; step < 200U; step++) {
        assert_true(dg_iob_share(step) <= dg_iob_share(step - 1U));
    }
    assert_true(dg_iob_share(71U) > 0U);
    assert_int_equal(dg_iob_share(72U), 0U);
    assert_int_equal(dg_iob_share(UINT32_MAX), 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iob_share__whole_table__the_curve_rounded_up),
        cmocka_unit_test(test_iob_share__growing_age__never_rises_and_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
