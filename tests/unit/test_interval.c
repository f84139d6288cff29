/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "eval/trial/interval.h"

static void assert_near(double found, double should, double within)
{
    if (!(fabs(found - should) <= within)) {
        fail_msg("%.12g instead of %.12g", found, should);
    }
}

/* Quantiles as in any table of Student's t, two-sided 95 %. */
static void student_agrees_with_the_tables(void **state)
{
    (void)state;
    assert_near(dg_student_quantile(1.0), 12.7062047, 1e-6);
    assert_near(dg_student_quantile(2.0), 4.30265273, 1e-7);
    assert_near(dg_student_quantile(10.0), 2.22813885, 1e-7);
    assert_near(dg_student_quantile(30.0), 2.04227246, 1e-7);
    assert_near(dg_student_quantile(1e6), 1.95996636, 1e-6);
}

/* Closed forms: nobody of n has the upper end 1 - 0.025^(1/n); I_x(1, b) is
 * 1 - (1-x)^b. */
static void clopper_pearson_agrees_with_its_closed_forms(void **state)
{
    (void)state;
    const struct dg_estimate none = dg_interval_share(0U, 1000U);

    assert_near(none.low, 0.0, 0.0);
    assert_near(none.high, 1.0 - pow(0.025, 0.001), 1e-12);

    const struct dg_estimate all = dg_interval_share(20U, 20U);

    assert_near(all.high, 1.0, 0.0);
    assert_near(all.low, pow(0.025, 0.05), 1e-12);
    assert_near(dg_beta_share(1.0, 7.0, 0.2), 1.0 - pow(0.8, 7.0), 1e-13);
    assert_near(dg_beta_share(3.0, 4.0, 0.5), 0.65625, 1e-13);
}

/* Coverage by its own definition: at the ends, the tails of the binomial
 * distribution hold 2.5 %. */
static void the_tails_of_the_binomial_hold_what_they_should(void **state)
{
    (void)state;
    const unsigned people = 40U;

    for (unsigned hits = 1U; hits < people; hits++) {
        const struct dg_estimate found = dg_interval_share(hits, people);
        double upper = 0.0;
        double lower = 0.0;

        for (unsigned k = 0U; k <= people; k++) {
            const double ways = lgamma(people + 1.0) - lgamma(k + 1.0) -
                                lgamma((double)(people - k) + 1.0);

            if (k >= hits) {
                upper += exp(ways + (k * log(found.low)) +
                             ((people - k) * log1p(-found.low)));
            }
            if (k <= hits) {
                lower += exp(ways + (k * log(found.high)) +
                             ((people - k) * log1p(-found.high)));
            }
        }
        assert_near(upper, 0.025, 1e-9);
        assert_near(lower, 0.025, 1e-9);
        assert_true((found.low < found.value) && (found.value < found.high));
    }
}

static void a_mean_of_two_and_of_nobody(void **state)
{
    (void)state;
    /* 1 and 3: mean 2, standard error 1. */
    const struct dg_estimate two = dg_interval_mean(2U, 2.0, sqrt(2.0));

    assert_near(two.value, 2.0, 0.0);
    assert_near(two.high - two.value, 12.7062047, 1e-6);
    assert_true(isnan(dg_interval_mean(0U, 0.0, 0.0).value));
    assert_true(isnan(dg_interval_mean(1U, 5.0, 0.0).low));
    assert_true(isnan(dg_interval_share(0U, 0U).value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student_agrees_with_the_tables),
        cmocka_unit_test(clopper_pearson_agrees_with_its_closed_forms),
        cmocka_unit_test(the_tails_of_the_binomial_hold_what_they_should),
        cmocka_unit_test(a_mean_of_two_and_of_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
