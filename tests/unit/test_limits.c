/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/limits.h"
#include "tests/unit/rig.h"

#include <math.h>

/* Written from SAFETY.md and facts/models.md, section 10.1, in per cent and
 * units; not from the table under test. */
static int32_t percent(int32_t daily_mU, double share)
{
    return (int32_t)floor(((double)daily_mU * share / 100.0) + 1e-9);
}

static int32_t least(int32_t a, double units)
{
    const int32_t b = (int32_t)lround(units * 1000.0);

    return (a < b) ? a : b;
}

static void test_limits_derive__all_classes_and_doses__as_safety_says(
    void **state)
{
    static const double dose_units[] = {0.0, 5.0, 10.0, 17.0};
    static const double iob_units[] = {0.0, 7.0, 13.0, 22.0};

    (void)state;
    for (unsigned age = 1U; age <= 3U; age++) {
        for (int32_t daily = 2000; daily <= 300000; daily += 1777) {
            struct dg_therapy therapy = rig_therapy(800);
            struct dg_limits got;

            therapy.age_class = (enum dg_age_class)age;
            therapy.total_daily_dose.mU = daily;
            assert_int_equal(dg_limits_derive(&therapy, &got), DG_OK);
            assert_int_equal(got.dose_max_mU[DG_TIER_AUTOMATIC],
                             least(percent(daily, 2.5), dose_units[age]));
            assert_int_equal(got.dose_max_mU[DG_TIER_CONFIRMED],
                             least(percent(daily, 15), dose_units[age]));
            assert_int_equal(got.window_max_mU[DG_TIER_AUTOMATIC][1],
                             percent(daily, 6));
            assert_int_equal(got.window_max_mU[DG_TIER_AUTOMATIC][2],
                             percent(daily, 12));
            assert_int_equal(got.window_max_mU[DG_TIER_CONFIRMED][2],
                             percent(daily, 30));
            assert_int_equal(got.window_max_mU[DG_TIER_PRESENT][3],
                             percent(daily, 100));
            assert_int_equal(got.iob_max_mU,
                             least(percent(daily, 30), iob_units[age]));
            assert_int_equal(got.glucose_age_s_max, 600);
            assert_int_equal(got.interval_s_min, 180);
            assert_int_equal(got.isf_mg_dL_per_U, 36);
            assert_int_equal(got.floor_mg_dL, 80);
        }
    }
}

/* Wider windows and wider tiers never allow less, and no cap of a window is
 * looser than as many of its shortest parts. */
static void test_limits_derive__every_package__caps_are_ordered(void **state)
{
    (void)state;
    for (unsigned package = 1U; package <= 3U; package++) {
        struct dg_therapy therapy = rig_therapy(800);
        struct dg_limits got;

        therapy.package = (enum dg_package)package;
        assert_int_equal(dg_limits_derive(&therapy, &got), DG_OK);
        for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
            assert_true(got.dose_max_mU[tier] <= got.window_max_mU[tier][0]);
            for (unsigned window = 1U; window < DG_WINDOWS; window++) {
                assert_true(got.window_max_mU[tier][window - 1U] <=
                            got.window_max_mU[tier][window]);
            }
            for (unsigned window = 0U; (tier > 1U) && (window < DG_WINDOWS);
                 window++) {
                assert_true(got.window_max_mU[tier - 1U][window] <=
                            got.window_max_mU[tier][window]);
            }
        }
    }
}

static void test_limits_derive__package_low__confirmed_as_automatic(
    void **state)
{
    struct dg_therapy therapy = rig_therapy(800);
    struct dg_limits low;
    struct dg_limits medium;

    (void)state;
    assert_int_equal(dg_limits_derive(&therapy, &medium), DG_OK);
    therapy.package = DG_PACKAGE_LOW;
    assert_int_equal(dg_limits_derive(&therapy, &low), DG_OK);
    assert_int_equal(low.dose_max_mU[DG_TIER_CONFIRMED],
                     low.dose_max_mU[DG_TIER_AUTOMATIC]);
    assert_memory_equal(low.window_max_mU[DG_TIER_CONFIRMED],
                        low.window_max_mU[DG_TIER_AUTOMATIC],
                        sizeof low.window_max_mU[0]);
    assert_int_equal(low.dose_max_mU[DG_TIER_PRESENT],
                     medium.dose_max_mU[DG_TIER_PRESENT]);
    assert_true(medium.dose_max_mU[DG_TIER_CONFIRMED] >
                low.dose_max_mU[DG_TIER_CONFIRMED]);
}

static enum dg_status derive(const struct dg_therapy *therapy)
{
    struct dg_limits limits;

    return dg_limits_derive(therapy, &limits);
}

static void test_limits_derive__each_field_at_its_edges__range(void **state)
{
    const struct dg_therapy good = rig_therapy(DG_BASAL_MU_PER_H_MAX);
    struct dg_limits limits;

    (void)state;
    assert_int_equal(dg_limits_derive(NULL, &limits), DG_E_USAGE);
    assert_int_equal(dg_limits_derive(&good, NULL), DG_E_USAGE);
    assert_int_equal(derive(&good), DG_OK);

/* One field, its range. */
#define EDGES(field, low, high)                                              \
    do {                                                                     \
        static const int64_t at[] = {                                        \
            (int64_t)(low)-1, (low), (high), (int64_t)(high) + 1};           \
        for (unsigned i = 0U; i < 4U; i++) {                                 \
            struct dg_therapy therapy = good;                                \
            therapy.field = (int32_t)at[i];                                  \
            assert_int_equal(derive(&therapy),                               \
                             ((i == 1U) || (i == 2U)) ? DG_OK : DG_E_RANGE); \
        }                                                                    \
    } while (0)

    EDGES(total_daily_dose.mU, 2000, 300000);
    EDGES(isf_mg_dL_per_U, 2, 1000);
    EDGES(floor.mg_dL, 60, 120);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        EDGES(basal[hour].mU_per_h, 0, DG_BASAL_MU_PER_H_MAX);
    }
    /* Zero: nobody decided.  Above the table: nobody can. */
    for (unsigned i = 0U; i < DG_SHARES; i++) {
        struct dg_therapy therapy = good;
        const uint16_t most = (uint16_t)dg_limits_share_max(i);

        therapy.share[i] = 0U;
        assert_int_equal(derive(&therapy), DG_E_RANGE);
        therapy.share[i] = 1U;
        assert_int_equal(derive(&therapy), DG_OK);
        therapy.share[i] = most;
        assert_int_equal(derive(&therapy), DG_OK);
        therapy.share[i] = (uint16_t)(most + 1U);
        assert_int_equal(derive(&therapy), DG_E_RANGE);
    }
    assert_int_equal(dg_limits_share_max(DG_SHARES), 0);
    for (int value = -1; value <= 4; value++) {
        struct dg_therapy therapy = good;
        const bool is_good = (value >= 1) && (value <= 3);

        therapy.age_class = (enum dg_age_class)value;
        assert_int_equal(derive(&therapy), is_good ? DG_OK : DG_E_RANGE);
        therapy = good;
        therapy.package = (enum dg_package)value;
        assert_int_equal(derive(&therapy), is_good ? DG_OK : DG_E_RANGE);
    }
}

static void test_window_s__each__its_length(void **state)
{
    (void)state;
    assert_int_equal(dg_window_s(DG_WINDOW_5_MIN), 5 * 60);
    assert_int_equal(dg_window_s(DG_WINDOW_1_H), 60 * 60);
    assert_int_equal(dg_window_s(DG_WINDOW_4_H), 4 * 60 * 60);
    assert_int_equal(dg_window_s(DG_WINDOW_24_H), 24 * 60 * 60);
    assert_int_equal(dg_window_s((enum dg_window)4), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_limits_derive__all_classes_and_doses__as_safety_says),
        cmocka_unit_test(test_limits_derive__every_package__caps_are_ordered),
        cmocka_unit_test(
            test_limits_derive__package_low__confirmed_as_automatic),
        cmocka_unit_test(test_limits_derive__each_field_at_its_edges__range),
        cmocka_unit_test(test_window_s__each__its_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
