/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "domain/loop.h"

static const struct dg_loop_settings usual = {.target = {110},
                                              .isf_mg_dL_per_U = 50};

static struct dg_loop loop_of(int32_t a, int32_t b, int32_t c)
{
    const int32_t value[3] = {a, b, c};
    struct dg_loop loop = {.count = 0};

    for (uint32_t i = 0; i < 3U; i++) {
        const struct dg_reading reading = {
            .sequence = i + 1U, .at = {300U * (i + 1U)}, .value = {value[i]}};

        dg_loop_add(&loop, &reading);
    }
    return loop;
}

static int32_t decide(const struct dg_loop *loop, int32_t iob, int32_t headroom)
{
    dg_dose dose = {-1};

    assert_int_equal(
        dg_loop_decide(
            loop, &usual, (dg_dose){iob}, (dg_dose){headroom}, &dose),
        DG_OK);
    return dose.mU;
}

static void test_loop__worked_examples__as_by_hand(void **state)
{
    struct dg_loop loop = loop_of(210, 210, 210);

    (void)state;
    /* 100 above, ISF 50: 2 U needed, half of it. */
    assert_int_equal(decide(&loop, 0, 100000), 1000);
    assert_int_equal(decide(&loop, 1000, 100000), 500);
    assert_int_equal(decide(&loop, 2000, 100000), 0);
    assert_int_equal(decide(&loop, 0, 640), 600);
    assert_int_equal(decide(&loop, 0, 49), 0);
    /* +10 in ten minutes is +30 in thirty: 130 above, 2.6 U, half. */
    loop = loop_of(200, 205, 210);
    assert_int_equal(decide(&loop, 0, 100000), 1300);
    /* +100 in ten minutes is held to +60. */
    loop = loop_of(110, 160, 210);
    assert_int_equal(decide(&loop, 0, 100000), 1600);
    /* -10 in ten minutes: falling fast. */
    loop = loop_of(220, 215, 210);
    assert_int_equal(decide(&loop, 0, 100000), 0);
    loop = loop_of(217, 213, 210); /* -21 */
    assert_int_equal(decide(&loop, 0, 100000), 750);
}

/* For every reading and trend: never above half of the need by a wide
 * computation, never above the headroom, never below or at the target. */
static void test_loop__all_readings__within_its_promises(void **state)
{
    (void)state;
    for (int32_t first = 39; first <= 401; first += 6) {
        for (int32_t last = 39; last <= 401; last += 6) {
            for (int32_t iob = 0; iob <= 6000; iob += 1500) {
                const struct dg_loop loop =
                    loop_of(first, (first + last) / 2, last);
                const int32_t dose = decide(&loop, iob, 1234);
                const int64_t reach = (int64_t)last + 60 - 110;

                assert_true((dose >= 0) && (dose <= 1234));
                assert_int_equal(dose % DG_PULSE_MU, 0);
                if (dose > 0) {
                    assert_true(last > 110);
                    assert_true(last - first > -10);
                    assert_true(((int64_t)dose * 2 + iob) * 50 <= reach * 1000);
                }
            }
        }
    }
}

static void test_loop__few_or_broken_readings__nothing(void **state)
{
    struct dg_loop loop = {.count = 0};
    struct dg_reading reading = {.sequence = 1, .at = {1000}, .value = {300}};
    dg_dose dose = {-1};

    (void)state;
    for (unsigned i = 0; i < 2U; i++) {
        dg_loop_add(&loop, &reading);
        reading.at.s += 300U;
        assert_int_equal(
            dg_loop_decide(&loop, &usual, (dg_dose){0}, (dg_dose){5000}, &dose),
            DG_E_STATE);
        assert_int_equal(dose.mU, 0);
    }
    dg_loop_add(&loop, &reading);
    assert_true(decide(&loop, 0, 5000) > 0);
    reading.at.s += DG_LOOP_GAP_S_MAX + 1U;
    dg_loop_add(&loop, &reading);
    assert_int_equal(loop.count, 1);
    reading.at.s -= 1U; /* time ran back */
    dg_loop_add(&loop, &reading);
    assert_int_equal(loop.count, 1);
}

static void test_loop__settings_out_of_range__refused(void **state)
{
    static const struct dg_loop_settings bad[] = {
        {{79}, 50}, {{251}, 50}, {{110}, 1}, {{110}, 1001}, {{110}, 0}};
    const struct dg_loop loop = loop_of(210, 210, 210);
    dg_dose dose = {-1};

    (void)state;
    for (size_t i = 0; i < 5U; i++) {
        assert_int_equal(
            dg_loop_decide(
                &loop, &bad[i], (dg_dose){0}, (dg_dose){5000}, &dose),
            DG_E_RANGE);
        assert_int_equal(dose.mU, 0);
    }
    assert_int_equal(
        dg_loop_decide(&loop, &usual, (dg_dose){-1}, (dg_dose){1}, &dose),
        DG_E_RANGE);
    assert_int_equal(
        dg_loop_decide(NULL, &usual, (dg_dose){0}, (dg_dose){1}, &dose),
        DG_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop__worked_examples__as_by_hand),
        cmocka_unit_test(test_loop__all_readings__within_its_promises),
        cmocka_unit_test(test_loop__few_or_broken_readings__nothing),
        cmocka_unit_test(test_loop__settings_out_of_range__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
