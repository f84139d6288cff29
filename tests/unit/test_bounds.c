/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/bounds.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Rule E9, the pure part: which number is looser, what is in force at once, and
 * what nobody can write down. */

/* Written down a second time: name, lowest, highest by age class, whether none
 * is a decision, and which way is looser. */
static const struct {
    int32_t low;
    int32_t high[3]; /* child, teen, adult */
    bool may_be_none;
    bool less_is_looser;
} facts[DG_BOUNDS] = {
    {2000, {300000, 300000, 300000}, false, false}, /* daily dose, mU     */
    {2, {1000, 1000, 1000}, false, true},           /* sensitivity        */
    {60, {120, 120, 120}, false, true},             /* floor              */
    {10, {130, 150, 150}, true, false},             /* micro-dose, ug     */
    {10, {500, 1000, 1000}, true, false},           /* ... in a day       */
    {100, {1000, 1000, 1000}, true, false},         /* rescue             */
    {40, {54, 54, 54}, true, false},                /* ... by itself      */
    {60, {80, 80, 80}, true, false},                /* micro-doses below  */
    {1, {300, 300, 300}, false, false},             /* on board, permille */
    {1, {25, 25, 25}, false, false},                /* automatic          */
    {1, {25, 25, 25}, false, false},
    {1, {60, 60, 60}, false, false},
    {1, {120, 120, 120}, false, false},
    {1, {480, 480, 480}, false, false},
    {1, {150, 150, 150}, false, false}, /* confirmed */
    {1, {150, 150, 150}, false, false},
    {1, {200, 200, 200}, false, false},
    {1, {300, 300, 300}, false, false},
    {1, {800, 800, 800}, false, false},
    {1, {200, 200, 200}, false, false}, /* present */
    {1, {200, 200, 200}, false, false},
    {1, {250, 250, 250}, false, false},
    {1, {400, 400, 400}, false, false},
    {1, {1000, 1000, 1000}, false, false},
};

static bool is_looser(unsigned bound, int32_t value, int32_t other)
{
    return facts[bound].less_is_looser ? (value < other) : (value > other);
}

/* Sound for everybody, and in the middle of most ranges. */
static struct dg_bounds middle(void)
{
    return (struct dg_bounds){{40000, 40,  80,  100, 400, 500, 50,  70,
                               200,   10,  15,  30,  60,  240, 100, 110,
                               150,   200, 500, 150, 160, 200, 300, 700}};
}

/* Sound by chance: each number in its range, then what goes together. */
static struct dg_bounds random_sound(uint64_t *seed, unsigned age)
{
    struct dg_bounds made;

    do {
        for (unsigned i = 0U; i < DG_BOUNDS; i++) {
            const int32_t span = facts[i].high[age - 1U] - facts[i].low + 1;

            made.value[i] =
                (facts[i].may_be_none && ((rig_random(seed) & 3U) == 0U))
                    ? 0
                    : facts[i].low +
                          (int32_t)(rig_random(seed) % (uint32_t)span);
        }
        for (unsigned i = 10U; i < DG_BOUNDS; i++) {
            if (((i % 5U) != 4U) && (made.value[i] < made.value[i - 1U])) {
                made.value[i] = made.value[i - 1U];
            }
        }
        if (made.value[DG_BOUND_MICRO] == 0) {
            made.value[DG_BOUND_MICRO_BELOW] = 0;
        }
    } while (dg_bounds_unsound(&made, (enum dg_age_class)age) != DG_BOUNDS);
    return made;
}

/* @verifies{FMT_LIM.3@1} */
static void test_bounds__each_number_at_its_edges__named(void **state)
{
    (void)state;
    for (unsigned age = 1U; age <= 3U; age++) {
        for (unsigned i = 0U; i < DG_BOUNDS; i++) {
            const int32_t high = facts[i].high[age - 1U];
            const int32_t wrong[] = {
                facts[i].low - 1, -1, 0, high + 1, INT32_MAX, INT32_MIN};

            for (unsigned k = 0U; k < (sizeof wrong / sizeof wrong[0]); k++) {
                struct dg_bounds bounds = middle();

                bounds.value[i] = wrong[k];
                if (facts[i].may_be_none && (wrong[k] == 0)) {
                    continue;
                }
                assert_int_equal(
                    dg_bounds_unsound(&bounds, (enum dg_age_class)age), i);
            }
        }
        /* All at the top, and all at the bottom. */
        struct dg_bounds top;
        struct dg_bounds bottom;

        for (unsigned i = 0U; i < DG_BOUNDS; i++) {
            top.value[i] = facts[i].high[age - 1U];
            bottom.value[i] = facts[i].low;
        }
        assert_int_equal(dg_bounds_unsound(&top, (enum dg_age_class)age),
                         DG_BOUNDS);
        assert_int_equal(dg_bounds_unsound(&bottom, (enum dg_age_class)age),
                         DG_BOUNDS);
    }

    const struct dg_bounds good = middle();

    assert_int_equal(dg_bounds_unsound(&good, DG_AGE_NONE), 0U);
    assert_int_equal(dg_bounds_unsound(&good, (enum dg_age_class)4), 0U);
}

/* A shorter window never allows more than a longer one; glucagon without a
 * dose has nothing else. */
static void test_bounds__what_goes_together__or_named(void **state)
{
    static const struct {
        unsigned bound;
        int32_t value;
        unsigned named;
    } cases[] = {
        {DG_BOUND_DAY, 99, DG_BOUND_DAY},
        {DG_BOUND_MICRO, 0, DG_BOUND_MICRO_BELOW},
        {DG_BOUND_MICRO_BELOW, 0, DG_BOUND_MICRO_BELOW},
        {DG_BOUND_FLOOR, 69, DG_BOUND_MICRO_BELOW},
        {DG_BOUND_RESCUE, 0, DG_BOUND_RESCUE_BELOW},
        {10U, 9, 10U},
        {11U, 14, 11U},
        {12U, 29, 12U},
        {13U, 59, 13U},
        {9U, 16, 10U},
        {22U, 199, 22U},
        {23U, 299, 23U},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        struct dg_bounds bounds = middle();

        bounds.value[cases[i].bound] = cases[i].value;
        assert_int_equal(dg_bounds_unsound(&bounds, DG_AGE_ADULT),
                         cases[i].named);
    }
}

/* @verifies{FMT_LIM.1@1} */
static void test_bounds_meet__any_two_sound__tightest_of_each_and_sound(
    void **state)
{
    uint64_t seed = 19U;

    (void)state;
    for (unsigned turn = 0U; turn < 20000U; turn++) {
        const unsigned age = 1U + (turn % 3U);
        const struct dg_bounds a = random_sound(&seed, age);
        const struct dg_bounds b = random_sound(&seed, age);
        struct dg_bounds made;
        struct dg_bounds in_place = a;
        unsigned looser = DG_BOUNDS;

        dg_bounds_meet(&a, &b, &made);
        for (unsigned i = DG_BOUNDS; i > 0U; i--) {
            const unsigned at = i - 1U;

            assert_false(is_looser(at, made.value[at], a.value[at]));
            assert_false(is_looser(at, made.value[at], b.value[at]));
            assert_true((made.value[at] == a.value[at]) ||
                        (made.value[at] == b.value[at]));
            looser = is_looser(at, b.value[at], a.value[at]) ? at : looser;
        }
        assert_int_equal(dg_bounds_unsound(&made, (enum dg_age_class)age),
                         DG_BOUNDS);
        assert_int_equal(dg_bounds_looser(&b, &a), looser);
        assert_int_equal(dg_bounds_looser(&made, &a), DG_BOUNDS);
        assert_int_equal(dg_bounds_looser(&a, &a), DG_BOUNDS);
        /* Into its own arguments as well. */
        dg_bounds_meet(&in_place, &b, &in_place);
        assert_memory_equal(&in_place, &made, sizeof made);
        in_place = b;
        dg_bounds_meet(&a, &in_place, &in_place);
        assert_memory_equal(&in_place, &made, sizeof made);
    }
    assert_false(dg_bound_is_looser(DG_BOUNDS, 2, 1));
    assert_false(dg_bound_is_looser(DG_BOUNDS, 1, 2));
}

/* A tighter row gives limits of which none is looser: T8 from the row down to
 * what the envelope goes by. */
/* @verifies{FMT_LIM.1@1} */
static void test_bounds_meet__derived_limits__none_is_looser(void **state)
{
    uint64_t seed = 8U;

    (void)state;
    for (unsigned turn = 0U; turn < 5000U; turn++) {
        const unsigned age = 1U + (turn % 3U);
        const struct dg_bounds in_force = random_sound(&seed, age);
        const struct dg_bounds wanted = random_sound(&seed, age);
        struct dg_therapy therapy = rig_therapy(800);
        struct dg_bounds made;
        struct dg_bounds back;
        struct dg_limits old;
        struct dg_limits new;
        struct dg_glucagon_limits old_ug;
        struct dg_glucagon_limits new_ug;

        therapy.age_class = (enum dg_age_class)age;
        dg_bounds_put(&in_force, &therapy);
        dg_bounds_of(&therapy, &back);
        assert_memory_equal(&back, &in_force, sizeof back);
        assert_int_equal(dg_limits_derive(&therapy, &old), DG_OK);
        assert_int_equal(dg_glucagon_limits_derive(&therapy, &old_ug), DG_OK);
        dg_bounds_meet(&in_force, &wanted, &made);
        dg_bounds_put(&made, &therapy);
        assert_int_equal(dg_limits_derive(&therapy, &new), DG_OK);
        assert_int_equal(dg_glucagon_limits_derive(&therapy, &new_ug), DG_OK);
        for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
            assert_true(new.dose_max_mU[tier] <= old.dose_max_mU[tier]);
            assert_true(new_ug.dose_max_ug[tier] <= old_ug.dose_max_ug[tier]);
            for (unsigned w = 0U; w < DG_WINDOWS; w++) {
                assert_true(new.window_max_mU[tier][w] <=
                            old.window_max_mU[tier][w]);
                assert_true(new_ug.window_max_ug[tier][w] <=
                            old_ug.window_max_ug[tier][w]);
            }
        }
        assert_true(new.iob_max_mU <= old.iob_max_mU);
        assert_true(new.isf_mg_dL_per_U >= old.isf_mg_dL_per_U);
        assert_true(new.floor_mg_dL >= old.floor_mg_dL);
        assert_true(new.glucose_age_s_max <= old.glucose_age_s_max);
        assert_true(new.interval_s_min >= old.interval_s_min);
        assert_true(new_ug.below_mg_dL <= old_ug.below_mg_dL);
        assert_true(new_ug.low_mg_dL <= old_ug.low_mg_dL);
        assert_true(new_ug.rescue_ug <= old_ug.rescue_ug);
        assert_true(new_ug.rescue_below_mg_dL <= old_ug.rescue_below_mg_dL);
    }
}

/* What does not fit a share is none, and a therapy with none is refused. */
static void test_bounds_put__absurd_share__nobody_decided(void **state)
{
    struct dg_therapy therapy = rig_therapy(800);
    struct dg_bounds bounds = middle();
    struct dg_limits limits;

    (void)state;
    bounds.value[DG_BOUND_SHARE] = 65536 + 100;
    dg_bounds_put(&bounds, &therapy);
    assert_int_equal(therapy.share[0], 0U);
    bounds.value[DG_BOUND_SHARE] = -1;
    dg_bounds_put(&bounds, &therapy);
    assert_int_equal(therapy.share[0], 0U);
    assert_int_equal(dg_limits_derive(&therapy, &limits), DG_E_RANGE);
}

static void test_bounds__range_of_each__as_it_is_held_against(void **state)
{
    int32_t low = 0;
    int32_t high = 0;

    (void)state;
    assert_false(dg_bound_range(DG_BOUNDS, DG_AGE_ADULT, &low, &high));
    assert_false(dg_bound_range(0U, DG_AGE_NONE, &low, &high));
    assert_true(dg_bound_range(DG_BOUND_DAILY, DG_AGE_ADULT, &low, &high));
    assert_true((low == 2000) && (high == 300000));
    assert_true(dg_bound_range(DG_BOUND_MICRO, DG_AGE_CHILD, &low, &high));
    assert_true((low == 10) && (high == 130));
    assert_true(dg_bound_range(DG_BOUND_SHARE, DG_AGE_TEEN, &low, &high));
    assert_true((low == 1) && (high == 300));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds__range_of_each__as_it_is_held_against),
        cmocka_unit_test(test_bounds__each_number_at_its_edges__named),
        cmocka_unit_test(test_bounds__what_goes_together__or_named),
        cmocka_unit_test(
            test_bounds_meet__any_two_sound__tightest_of_each_and_sound),
        cmocka_unit_test(test_bounds_meet__derived_limits__none_is_looser),
        cmocka_unit_test(test_bounds_put__absurd_share__nobody_decided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
