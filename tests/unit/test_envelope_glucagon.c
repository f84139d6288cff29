/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/glucagon.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Rule E8 by itself: the numbers, every edge, and a random walk against rules
 * that are written down here a second time, in 64 bits. */

static struct dg_therapy therapy_of(enum dg_age_class age,
                                    int32_t dose_ug,
                                    int32_t day_ug,
                                    int32_t rescue_ug,
                                    int32_t below_mg_dL)
{
    struct dg_therapy therapy = rig_therapy(0);

    therapy.age_class = age;
    therapy.glucagon = (struct dg_glucagon_therapy){
        {dose_ug}, {day_ug}, {rescue_ug}, {below_mg_dL}, {0}};
    therapy.glucagon.below.mg_dL = (dose_ug != 0) ? 80 : 0;
    return therapy;
}

static struct dg_glucagon_limits adult(void)
{
    const struct dg_therapy therapy =
        therapy_of(DG_AGE_ADULT, 150, 1000, 1000, 54);
    struct dg_glucagon_limits limits;

    assert_int_equal(dg_glucagon_limits_derive(&therapy, &limits), DG_OK);
    return limits;
}

/* A time long after anything, in a trusted low. */
static struct dg_glucagon_view quiet(void)
{
    struct dg_glucagon_view view;

    memset(&view, 0, sizeof view);
    view.now.s = 1000000U;
    view.has_glucose = true;
    view.glucose.mg_dL = 60;
    view.glucose_at.s = view.now.s - 60U;
    return view;
}

static int32_t headroom(const struct dg_glucagon_limits *limits,
                        const struct dg_glucagon_view *view,
                        enum dg_tier tier)
{
    struct dg_glucagon_decision decision;

    assert_int_equal(
        dg_glucagon_decide(limits, view, (dg_glucagon){10}, tier, &decision),
        DG_OK);
    assert_true((decision.verdict == DG_VERDICT_ALLOW) ==
                (decision.headroom.ug >= 10));
    return decision.headroom.ug;
}

static int32_t rescue(const struct dg_glucagon_limits *limits,
                      const struct dg_glucagon_view *view,
                      enum dg_rescuer rescuer)
{
    dg_glucagon amount = {-1};

    assert_int_equal(dg_glucagon_rescue(limits, view, rescuer, &amount), DG_OK);
    return amount.ug;
}

/* The table of docs/adr/0014, for an adult, a child and nobody.
 * @verifies{FDP_GLUCAGON.2@1} */
static void test_glucagon_limits__people__as_documented(void **state)
{
    const struct {
        enum dg_age_class age;
        int32_t dose, day, rescue;
        int32_t automatic[5], confirmed[5]; /* dose, 5 min, 1, 4, 24 h */
    } cases[] = {
        {DG_AGE_ADULT,
         150,
         1000,
         1000,
         {150, 150, 450, 750, 750},
         {300, 300, 450, 750, 1000}},
        {DG_AGE_CHILD,
         80,
         500,
         500,
         {80, 80, 240, 400, 375},
         {160, 160, 240, 400, 500}},
        {DG_AGE_TEEN, 0, 0, 0, {0}, {0}},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        const struct dg_therapy therapy = therapy_of(
            cases[i].age, cases[i].dose, cases[i].day, cases[i].rescue, 0);
        struct dg_glucagon_limits limits;

        assert_int_equal(dg_glucagon_limits_derive(&therapy, &limits), DG_OK);
        assert_int_equal(limits.dose_max_ug[DG_TIER_AUTOMATIC],
                         cases[i].automatic[0]);
        assert_int_equal(limits.dose_max_ug[DG_TIER_CONFIRMED],
                         cases[i].confirmed[0]);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            assert_int_equal(limits.window_max_ug[DG_TIER_AUTOMATIC][window],
                             cases[i].automatic[window + 1U]);
            assert_int_equal(limits.window_max_ug[DG_TIER_CONFIRMED][window],
                             cases[i].confirmed[window + 1U]);
            assert_int_equal(limits.window_max_ug[DG_TIER_PRESENT][window],
                             cases[i].confirmed[window + 1U]);
        }
        assert_int_equal(limits.rescue_ug, cases[i].rescue);
        assert_int_equal(limits.interval_s_min, 600);
        assert_int_equal(limits.below_mg_dL, (cases[i].dose > 0) ? 80 : 60);
        assert_int_equal(limits.low_mg_dL, (cases[i].dose > 0) ? 70 : 60);
    }
}

/* @verifies{FDP_GLUCAGON.2@1} */
static void test_glucagon_limits__out_of_range__refused(void **state)
{
    const struct {
        enum dg_age_class age;
        int32_t dose, day, rescue, below;
        enum dg_status want;
    } cases[] = {
        {DG_AGE_ADULT, 150, 1000, 1000, 54, DG_OK},
        {DG_AGE_ADULT, 10, 10, 100, 40, DG_OK},
        {DG_AGE_ADULT, 0, 0, 0, 0, DG_OK},
        {DG_AGE_ADULT, 0, 1000, 1000, 0, DG_OK},
        {DG_AGE_ADULT, 151, 1000, 1000, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 9, 1000, 1000, 54, DG_E_RANGE},
        {DG_AGE_ADULT, -10, 1000, 1000, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 1001, 1000, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 140, 1000, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 0, 1000, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 1000, 1001, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 1000, 99, 54, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 1000, 1000, 55, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 1000, 1000, 39, DG_E_RANGE},
        {DG_AGE_ADULT, 150, 1000, 0, 54, DG_E_RANGE},
        {DG_AGE_CHILD, 130, 500, 1000, 54, DG_OK},
        {DG_AGE_CHILD, 131, 500, 1000, 54, DG_E_RANGE},
        {DG_AGE_CHILD, 130, 501, 1000, 54, DG_E_RANGE},
        {DG_AGE_NONE, 0, 0, 0, 0, DG_E_RANGE},
        {(enum dg_age_class)4, 0, 0, 0, 0, DG_E_RANGE},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        const struct dg_therapy therapy = therapy_of(cases[i].age,
                                                     cases[i].dose,
                                                     cases[i].day,
                                                     cases[i].rescue,
                                                     cases[i].below);
        struct dg_glucagon_limits limits;
        struct dg_limits insulin;

        assert_int_equal(dg_glucagon_limits_derive(&therapy, &limits),
                         cases[i].want);
        /* And a therapy like that is none at all. */
        assert_int_equal(dg_limits_derive(&therapy, &insulin), cases[i].want);
    }
}

/* @verifies{FDP_GLUCAGON.2@1} @verifies{FDP_GLUCAGON.3@1} */
static void test_glucagon_decide__edges__as_documented(void **state)
{
    const struct dg_glucagon_limits limits = adult();
    struct dg_glucagon_view view = quiet();

    (void)state;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 150);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 300);

    /* Glucose: below 80, fresh, trusted; a person needs none. */
    view.glucose.mg_dL = 79;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 150);
    view.glucose.mg_dL = 80;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 300);
    view = quiet();
    view.glucose_at.s = view.now.s - 600U;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 150);
    view.glucose_at.s--;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    view.glucose_at.s = view.now.s + 1U;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    view = quiet();
    view.has_glucose = false;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 300);

    /* Insulin of the controller in the last step: only in a low. */
    view = quiet();
    view.insulin_mU = 50;
    view.glucose.mg_dL = 69;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 150);
    view.glucose.mg_dL = 70;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 300);
    view.insulin_mU = 0;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 150);
    view.is_insulin_open = true;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 300);

    /* Interval, over all tiers; the future waits. */
    view = quiet();
    view.has_dose = true;
    view.last_dose.s = view.now.s - 600U;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 150);
    view.last_dose.s++;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 0);
    view.last_dose.s = view.now.s + 1U;
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 0);

    /* Windows: its own and the wider ones, down to whole steps. */
    view = quiet();
    view.used_ug[DG_TIER_AUTOMATIC][DG_WINDOW_24_H] = 745;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 0);
    view.used_ug[DG_TIER_AUTOMATIC][DG_WINDOW_24_H] = 735;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 10);
    view = quiet();
    view.used_ug[DG_TIER_PRESENT][DG_WINDOW_24_H] = 960;
    assert_int_equal(headroom(&limits, &view, DG_TIER_AUTOMATIC), 40);
    assert_int_equal(headroom(&limits, &view, DG_TIER_CONFIRMED), 40);
}

/* @verifies{FDP_GLUCAGON.4@1} */
static void test_glucagon_rescue__edges__as_documented(void **state)
{
    struct dg_glucagon_limits limits = adult();
    struct dg_glucagon_view view = quiet();

    (void)state;
    /* A person needs no reading and no prescription of the device's own. */
    view.has_glucose = false;
    limits.rescue_below_mg_dL = 0;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 1000);
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    /* The rest of one that was ended; no more in 15 min, two in a day. */
    view.rescue_recent_ug = 400;
    view.rescue_day_ug = 400;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 600);
    view.rescue_recent_ug = 1000;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 0);
    view.rescue_recent_ug = 0;
    view.rescue_day_ug = 1000;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 1000);
    view.rescue_day_ug = 1500;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 500);
    view.rescue_day_ug = 2000;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 0);

    /* The device: a run of readings below 54 over 4 min, the last one fresh. */
    limits = adult();
    view = quiet();
    view.glucose.mg_dL = 53;
    view.has_run = true;
    /* The run is the confirmation: "low" is no number to trust. */
    view.has_glucose = false;
    view.run_at.s = view.glucose_at.s - 240U;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 1000);
    view.run_at.s++;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    view.run_at.s = view.glucose_at.s + 1U;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    view.run_at.s = 0U;
    view.glucose.mg_dL = 54;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    view.glucose.mg_dL = 53;
    view.has_run = false;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    view.has_run = true;
    view.is_held = true;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 1000);
    view.is_held = false;
    view.glucose_at.s = view.now.s - 601U;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    view.glucose_at.s = view.now.s;
    /* One in a day by itself. */
    view.rescue_day_ug = 10;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 990);
    view.rescue_day_ug = 1000;
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_DEVICE), 0);
    assert_int_equal(rescue(&limits, &view, DG_RESCUER_PERSON), 1000);
}

/* E8 once more, in words of its own. */
static bool may(const struct dg_glucagon_limits *limits,
                const struct dg_glucagon_view *view,
                int64_t ug,
                enum dg_tier tier)
{
    const int64_t since_s = (int64_t)view->now.s - view->last_dose.s;
    const int64_t age_s = (int64_t)view->now.s - view->glucose_at.s;
    bool ok = ug <= limits->dose_max_ug[tier];

    for (unsigned wider = tier; wider <= DG_TIER_PRESENT; wider++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            ok = ok && ((ug + view->used_ug[wider][window]) <=
                        limits->window_max_ug[wider][window]);
        }
    }
    ok = ok && (!view->has_dose || (since_s >= limits->interval_s_min));
    if (tier == DG_TIER_AUTOMATIC) {
        ok = ok && view->has_glucose && (age_s >= 0) && (age_s <= 600) &&
             (view->glucose.mg_dL < 80) && !view->is_insulin_open &&
             ((view->insulin_mU == 0) || (view->glucose.mg_dL < 70));
    }
    return ok;
}

/* @verifies{FDP_GLUCAGON.2@1} @verifies{FDP_GLUCAGON.3@1} */
static void test_glucagon_decide__random_views__if_and_only_if(void **state)
{
    const struct dg_glucagon_limits limits = adult();
    uint64_t seed = 77U;
    unsigned allowed = 0U;

    (void)state;
    for (unsigned i = 0U; i < 300000U; i++) {
        const enum dg_tier tier = (enum dg_tier)(1U + (rig_random(&seed) % 2U));
        const int32_t ug = 1 + (int32_t)(rig_random(&seed) % 400U);
        struct dg_glucagon_view view = quiet();
        struct dg_glucagon_decision decision;

        for (unsigned which = 1U; which < DG_TIERS; which++) {
            for (unsigned window = 0U; window < DG_WINDOWS; window++) {
                view.used_ug[which][window] =
                    (int32_t)(rig_random(&seed) % 1100U) *
                    (((rig_random(&seed) % 8U) == 0U) ? 1 : 0);
            }
        }
        view.has_dose = (rig_random(&seed) & 1U) != 0U;
        view.last_dose.s = view.now.s - 900U + (rig_random(&seed) % 910U);
        view.has_glucose = (rig_random(&seed) % 8U) != 0U;
        view.glucose.mg_dL = 40 + (int32_t)(rig_random(&seed) % 60U);
        view.glucose_at.s = view.now.s - (rig_random(&seed) % 700U) + 5U;
        view.insulin_mU = (int32_t)(rig_random(&seed) % 2U) * 50;
        view.is_insulin_open = (rig_random(&seed) % 8U) == 0U;
        assert_int_equal(
            dg_glucagon_decide(
                &limits, &view, (dg_glucagon){ug}, tier, &decision),
            DG_OK);

        const int32_t room = decision.headroom.ug;

        assert_true((decision.verdict == DG_VERDICT_ALLOW) ==
                    may(&limits, &view, ((ug + 9) / 10) * 10, tier));
        assert_int_equal(room % DG_GLUCAGON_STEP_UG, 0);
        assert_true((room == 0) || may(&limits, &view, room, tier));
        assert_false(may(&limits, &view, room + 10, tier));
        allowed += (decision.verdict == DG_VERDICT_ALLOW) ? 1U : 0U;
    }
    assert_true(allowed > 1000U);
}

static void test_glucagon_decide__unsound__denies(void **state)
{
    const struct dg_glucagon_limits limits = adult();
    const struct dg_glucagon_view view = quiet();
    const dg_glucagon ten = {10};
    struct dg_glucagon_decision decision;
    dg_glucagon amount = {-1};

    (void)state;
#define DENIES(call, want)                                   \
    do {                                                     \
        decision.verdict = DG_VERDICT_ALLOW;                 \
        decision.headroom.ug = 1;                            \
        assert_int_equal((call), (want));                    \
        assert_int_equal(decision.verdict, DG_VERDICT_DENY); \
        assert_int_equal(decision.headroom.ug, 0);           \
    } while (false)
    DENIES(dg_glucagon_decide(NULL, &view, ten, DG_TIER_CONFIRMED, &decision),
           DG_E_USAGE);
    DENIES(dg_glucagon_decide(&limits, NULL, ten, DG_TIER_CONFIRMED, &decision),
           DG_E_USAGE);
    assert_int_equal(
        dg_glucagon_decide(&limits, &view, ten, DG_TIER_CONFIRMED, NULL),
        DG_E_USAGE);
    /* A rescue is no micro-dose, and PRESENT no tier of a message. */
    DENIES(dg_glucagon_decide(&limits, &view, ten, DG_TIER_PRESENT, &decision),
           DG_E_RANGE);
    DENIES(dg_glucagon_decide(&limits, &view, ten, DG_TIER_NONE, &decision),
           DG_E_RANGE);
    DENIES(dg_glucagon_decide(&limits, &view, ten, (enum dg_tier)4, &decision),
           DG_E_RANGE);
    DENIES(dg_glucagon_decide(
               &limits, &view, (dg_glucagon){0}, DG_TIER_CONFIRMED, &decision),
           DG_E_RANGE);
    DENIES(dg_glucagon_decide(&limits,
                              &view,
                              (dg_glucagon){DG_EFFECT_UG_MAX + 1},
                              DG_TIER_CONFIRMED,
                              &decision),
           DG_E_RANGE);
    for (unsigned what = 0U; what < 37U; what++) {
        struct dg_glucagon_limits bad = limits;
        struct dg_glucagon_view worse = view;

        bad.interval_s_min = (what == 0U) ? -1 : bad.interval_s_min;
        bad.below_mg_dL = (what == 1U) ? 0 : bad.below_mg_dL;
        bad.low_mg_dL = (what == 2U) ? 0 : bad.low_mg_dL;
        bad.glucose_age_s_max = (what == 3U) ? -1 : bad.glucose_age_s_max;
        bad.rescue_ug = (what == 4U) ? -1 : bad.rescue_ug;
        bad.rescue_ug = (what == 5U) ? (DG_EFFECT_UG_MAX + 1) : bad.rescue_ug;
        bad.rescue_below_mg_dL = (what == 6U) ? -1 : bad.rescue_below_mg_dL;
        worse.rescue_recent_ug = (what == 7U) ? -1 : 0;
        worse.rescue_day_ug = (what == 8U) ? -1 : 0;
        worse.insulin_mU = (what == 9U) ? -1 : 0;
        if (what >= 10U) { /* each of nine numbers of each tier */
            const unsigned tier = 1U + ((what - 10U) / 9U);
            const unsigned one = (what - 10U) % 9U;

            if (one == 8U) {
                bad.dose_max_ug[tier] = -1;
            } else if (one < 4U) {
                bad.window_max_ug[tier][one] = -1;
            } else {
                worse.used_ug[tier][one - 4U] = -1;
            }
        }
        DENIES(
            dg_glucagon_decide(&bad, &worse, ten, DG_TIER_CONFIRMED, &decision),
            DG_E_CORRUPT);
        assert_int_equal(
            dg_glucagon_rescue(&bad, &worse, DG_RESCUER_PERSON, &amount),
            DG_E_CORRUPT);
        assert_int_equal(amount.ug, 0);
    }
    assert_int_equal(
        dg_glucagon_rescue(NULL, &view, DG_RESCUER_PERSON, &amount),
        DG_E_USAGE);
    assert_int_equal(
        dg_glucagon_rescue(&limits, NULL, DG_RESCUER_PERSON, &amount),
        DG_E_USAGE);
    assert_int_equal(
        dg_glucagon_rescue(&limits, &view, DG_RESCUER_PERSON, NULL),
        DG_E_USAGE);
    assert_int_equal(
        dg_glucagon_rescue(&limits, &view, DG_RESCUER_NONE, &amount),
        DG_E_RANGE);
    assert_int_equal(
        dg_glucagon_rescue(&limits, &view, (enum dg_rescuer)3, &amount),
        DG_E_RANGE);
    assert_int_equal(dg_glucagon_limits_derive(NULL, NULL), DG_E_USAGE);
}

/* The side of insulin.  @verifies{FDP_GLUCAGON.3@1} */
static void test_envelope__after_glucagon__automatic_insulin_locked(
    void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);
    const dg_dose least = {DG_PULSE_MU};
    struct dg_limits limits;
    struct dg_envelope_view view;
    struct dg_decision decision;

    (void)state;
    assert_int_equal(dg_limits_derive(&therapy, &limits), DG_OK);
    memset(&view, 0, sizeof view);
    view.now.s = 1000000U;
    view.has_glucose = true;
    view.glucose.mg_dL = 250;
    view.glucose_at = view.now;
    view.has_glucagon = true;
    for (int32_t ago_s = -3; ago_s <= 3603; ago_s++) {
        view.last_glucagon.s = (uint32_t)((int32_t)view.now.s - ago_s);
        assert_int_equal(
            dg_envelope_decide(
                &limits, &view, least, DG_TIER_AUTOMATIC, &decision),
            DG_OK);
        assert_true((decision.verdict == DG_VERDICT_ALLOW) == (ago_s >= 3600));
        assert_int_equal(decision.rule,
                         (ago_s >= 3600) ? DG_RULE_NONE : DG_RULE_E8);
        assert_true((decision.headroom.mU > 0) == (ago_s >= 3600));
        /* A person may. */
        assert_int_equal(
            dg_envelope_decide(
                &limits, &view, least, DG_TIER_CONFIRMED, &decision),
            DG_OK);
        assert_int_equal(decision.verdict, DG_VERDICT_ALLOW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_glucagon_limits__people__as_documented),
        cmocka_unit_test(test_glucagon_limits__out_of_range__refused),
        cmocka_unit_test(test_glucagon_decide__edges__as_documented),
        cmocka_unit_test(test_glucagon_rescue__edges__as_documented),
        cmocka_unit_test(test_glucagon_decide__random_views__if_and_only_if),
        cmocka_unit_test(test_glucagon_decide__unsound__denies),
        cmocka_unit_test(
            test_envelope__after_glucagon__automatic_insulin_locked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
