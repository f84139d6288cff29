/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/envelope.h"
#include "tests/unit/rig.h"

#include <string.h>

#define CASES 300000U

static struct dg_limits limits_of_adult(void)
{
    const struct dg_therapy therapy = rig_therapy(800);
    struct dg_limits limits;

    assert_int_equal(dg_limits_derive(&therapy, &limits), DG_OK);
    return limits;
}

/* Nothing used, glucose 200 just measured. */
static struct dg_envelope_view fresh_view(void)
{
    struct dg_envelope_view view;

    memset(&view, 0, sizeof view);
    view.now.s = 100000U;
    view.has_glucose = true;
    view.glucose.mg_dL = 200;
    view.glucose_at.s = 100000U;
    return view;
}

static struct dg_decision decide(const struct dg_limits *limits,
                                 const struct dg_envelope_view *view,
                                 int32_t mU,
                                 enum dg_tier tier)
{
    struct dg_decision decision;

    assert_int_equal(
        dg_envelope_decide(limits, view, (dg_dose){mU}, tier, &decision),
        DG_OK);
    return decision;
}

static void expect_edge(const struct dg_limits *limits,
                        const struct dg_envelope_view *view,
                        enum dg_tier tier,
                        int32_t most_mU,
                        enum dg_rule rule)
{
    if (most_mU > 0) {
        const struct dg_decision at = decide(limits, view, most_mU, tier);

        assert_int_equal(at.verdict, DG_VERDICT_ALLOW);
        assert_int_equal(at.rule, DG_RULE_NONE);
        assert_int_equal(at.headroom.mU, most_mU);
    }

    const struct dg_decision above =
        decide(limits, view, most_mU + DG_PULSE_MU, tier);

    assert_int_equal(above.verdict, DG_VERDICT_DENY);
    assert_int_equal(above.rule, rule);
    assert_int_equal(above.headroom.mU, most_mU);
}

/* @verifies{FDP_DOSE.2@1} */
static void test_envelope__dose_per_tier__e1_to_the_pulse(void **state)
{
    struct dg_limits limits = limits_of_adult();
    const struct dg_envelope_view view = fresh_view();

    (void)state;
    /* 2.5 %, 15 % and 25 % of 50 U. */
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 1250, DG_RULE_E1);
    expect_edge(&limits, &view, DG_TIER_CONFIRMED, 7500, DG_RULE_E1);
    expect_edge(&limits, &view, DG_TIER_PRESENT, 10000, DG_RULE_E1);
    /* A cap of zero allows nothing. */
    limits.dose_max_mU[DG_TIER_AUTOMATIC] = 0;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 0, DG_RULE_E1);
}

/* Each tier's own windows bound it, and all wider tiers' windows do; narrower
 * ones do not. */
/* @verifies{FDP_DOSE.3@1} */
static void test_envelope__each_window_of_each_tier__e2_nests(void **state)
{
    const struct dg_limits limits = limits_of_adult();

    (void)state;
    for (unsigned asked = 1U; asked < DG_TIERS; asked++) {
        for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
            for (unsigned window = 0U; window < DG_WINDOWS; window++) {
                struct dg_envelope_view view = fresh_view();

                view.used_mU[tier][window] =
                    limits.window_max_mU[tier][window] - 300;
                if (tier >= asked) {
                    expect_edge(
                        &limits, &view, (enum dg_tier)asked, 300, DG_RULE_E2);
                } else {
                    expect_edge(&limits,
                                &view,
                                (enum dg_tier)asked,
                                limits.dose_max_mU[asked],
                                DG_RULE_E1);
                }
                view.used_mU[tier][window] = INT32_MAX;
                if (tier >= asked) {
                    expect_edge(
                        &limits, &view, (enum dg_tier)asked, 0, DG_RULE_E2);
                }
            }
        }
    }
}

/* @verifies{FDP_DOSE.4@1} */
static void test_envelope__insulin_on_board__e3_to_the_pulse(void **state)
{
    const struct dg_limits limits = limits_of_adult();
    struct dg_envelope_view view = fresh_view();

    (void)state;
    /* 30 % of 50 U = 15 U. */
    view.iob_mU = 15000 - 500;
    expect_edge(&limits, &view, DG_TIER_PRESENT, 500, DG_RULE_E3);
    view.iob_mU = 15000;
    expect_edge(&limits, &view, DG_TIER_CONFIRMED, 0, DG_RULE_E3);
    view.iob_mU = INT32_MAX;
    expect_edge(&limits, &view, DG_TIER_CONFIRMED, 0, DG_RULE_E3);
}

/* @verifies{FDP_DOSE.5@1} */
static void test_envelope__glucose__e4_binds_automatic_only(void **state)
{
    const struct dg_limits limits = limits_of_adult();
    struct dg_envelope_view view = fresh_view();

    (void)state;
    /* (88 - 70) / 36 = 0.5 U. */
    view.glucose.mg_dL = 88;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 500, DG_RULE_E4);
    /* One mU of insulin on board costs the whole pulse. */
    view.iob_mU = 1;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 450, DG_RULE_E4);
    view.iob_mU = 0;
    view.glucose.mg_dL = 79;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 0, DG_RULE_E4);
    expect_edge(&limits, &view, DG_TIER_CONFIRMED, 7500, DG_RULE_E1);
    view.glucose.mg_dL = 80; /* the floor itself is allowed: 10/36 U */
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 250, DG_RULE_E4);
    /* fresh for ten minutes and no more */
    view.glucose.mg_dL = 200;
    view.glucose_at.s = view.now.s - 600U;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 1250, DG_RULE_E1);
    view.glucose_at.s--;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 0, DG_RULE_E4);
    view.glucose_at.s = view.now.s + 1U;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 0, DG_RULE_E4);
    view.glucose_at = view.now;
    view.has_glucose = false;
    expect_edge(&limits, &view, DG_TIER_AUTOMATIC, 0, DG_RULE_E4);
    expect_edge(&limits, &view, DG_TIER_CONFIRMED, 7500, DG_RULE_E1);
}

/* @verifies{FDP_DOSE.6@1} */
static void test_envelope__interval__e7_binds_all_tiers(void **state)
{
    const struct dg_limits limits = limits_of_adult();
    struct dg_envelope_view view = fresh_view();

    (void)state;
    view.has_bolus = true;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        const int32_t most = limits.dose_max_mU[tier];

        view.last_bolus.s = view.now.s - 180U;
        expect_edge(&limits, &view, (enum dg_tier)tier, most, DG_RULE_E1);
        view.last_bolus.s++;
        expect_edge(&limits, &view, (enum dg_tier)tier, 0, DG_RULE_E7);
        /* From the future: the clock or the ledger lies. */
        view.last_bolus.s = view.now.s + 1U;
        expect_edge(&limits, &view, (enum dg_tier)tier, 0, DG_RULE_E7);
        view.last_bolus.s = UINT32_MAX;
        expect_edge(&limits, &view, (enum dg_tier)tier, 0, DG_RULE_E7);
    }
}

static void expect_refused(const struct dg_limits *limits,
                           const struct dg_envelope_view *view,
                           int32_t mU,
                           int tier,
                           enum dg_status want)
{
    struct dg_decision decision = {DG_VERDICT_ALLOW, DG_RULE_E1, {INT32_MAX}};

    assert_int_equal(
        dg_envelope_decide(
            limits, view, (dg_dose){mU}, (enum dg_tier)tier, &decision),
        want);
    assert_int_equal(decision.verdict, DG_VERDICT_DENY);
    assert_int_equal(decision.rule, DG_RULE_NONE);
    assert_int_equal(decision.headroom.mU, 0);
}

static void test_envelope__bad_arguments__deny(void **state)
{
    const struct dg_limits limits = limits_of_adult();
    const struct dg_envelope_view view = fresh_view();

    (void)state;
    assert_int_equal(
        dg_envelope_decide(
            &limits, &view, (dg_dose){50}, DG_TIER_AUTOMATIC, NULL),
        DG_E_USAGE);
    expect_refused(NULL, &view, 50, 1, DG_E_USAGE);
    expect_refused(&limits, NULL, 50, 1, DG_E_USAGE);
    expect_refused(&limits, &view, 0, 1, DG_E_RANGE);
    expect_refused(&limits, &view, -50, 1, DG_E_RANGE);
    expect_refused(&limits, &view, INT32_MIN, 1, DG_E_RANGE);
    expect_refused(&limits, &view, DG_EFFECT_MU_MAX + 1, 1, DG_E_RANGE);
    expect_refused(&limits, &view, 50, 0, DG_E_RANGE);
    expect_refused(&limits, &view, 50, 4, DG_E_RANGE);
    expect_refused(&limits, &view, 50, -1, DG_E_RANGE);
}

/* One field damaged at a time. */
/* @verifies{FPT_FLS.1@1} */
static void test_envelope__damaged_limits_or_view__corrupt(void **state)
{
    const struct dg_limits limits = limits_of_adult();
    const struct dg_envelope_view view = fresh_view();

    (void)state;
#define DAMAGE(field, value)                                  \
    do {                                                      \
        struct dg_limits damaged = limits;                    \
        damaged.field = (value);                              \
        expect_refused(&damaged, &view, 50, 1, DG_E_CORRUPT); \
    } while (0)

    DAMAGE(iob_max_mU, -1);
    DAMAGE(isf_mg_dL_per_U, 0);
    DAMAGE(isf_mg_dL_per_U, -1);
    DAMAGE(isf_mg_dL_per_U, 1001);
    DAMAGE(floor_mg_dL, 0);
    DAMAGE(glucose_age_s_max, -1);
    DAMAGE(interval_s_min, -1);
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        DAMAGE(dose_max_mU[tier], -1);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            struct dg_envelope_view bad = view;

            DAMAGE(window_max_mU[tier][window], -1);
            bad.used_mU[tier][window] = -1;
            expect_refused(&limits, &bad, 50, 1, DG_E_CORRUPT);
        }
    }

    struct dg_envelope_view bad = view;

    bad.iob_mU = -1;
    expect_refused(&limits, &bad, 50, 1, DG_E_CORRUPT);
}

/* The oracle: each rule as a predicate on one amount, in 64 bits, written
 * from SAFETY.md; the code under test solves for the room instead. */
static bool is_allowed(const struct dg_limits *l,
                       const struct dg_envelope_view *v,
                       int64_t mU,
                       unsigned tier)
{
    bool ok = mU <= l->dose_max_mU[tier];

    for (unsigned wider = tier; wider < DG_TIERS; wider++) {
        for (unsigned w = 0U; w < DG_WINDOWS; w++) {
            ok = ok && (((int64_t)v->used_mU[wider][w] + mU) <=
                        l->window_max_mU[wider][w]);
        }
    }
    ok = ok && (((int64_t)v->iob_mU + mU) <= l->iob_max_mU);
    if (v->has_bolus) {
        ok = ok && (((int64_t)v->now.s - v->last_bolus.s) >= l->interval_s_min);
    }
    if (tier == DG_TIER_AUTOMATIC) {
        const int64_t age = (int64_t)v->now.s - v->glucose_at.s;
        const int64_t fall = l->isf_mg_dL_per_U * ((int64_t)v->iob_mU + mU);

        ok = ok && v->has_glucose && (age >= 0) &&
             (age <= l->glucose_age_s_max) &&
             (v->glucose.mg_dL >= l->floor_mg_dL) &&
             (((int64_t)v->glucose.mg_dL * 1000 - fall) >= 70 * 1000);
    }
    return ok;
}

/* Near the edges more often than not. */
static int32_t around(uint64_t *seed, int32_t centre)
{
    const int32_t wide = (int32_t)(rig_random(seed) % 4001U) - 2000;
    const int32_t near = (int32_t)(rig_random(seed) % 5U) - 2;
    const int32_t value =
        centre + (((rig_random(seed) & 1U) != 0U) ? wide : near);

    return (value < 0) ? 0 : value;
}

static struct dg_envelope_view random_view(uint64_t *seed,
                                           const struct dg_limits *limits)
{
    struct dg_envelope_view view;

    memset(&view, 0, sizeof view);
    view.now.s = 100000U + (rig_random(seed) % 1000U);
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            /* Mostly far from the cap: else no other rule ever speaks. */
            view.used_mU[tier][window] =
                ((rig_random(seed) % 8U) == 0U)
                    ? around(seed, limits->window_max_mU[tier][window] - 500)
                    : (int32_t)(rig_random(seed) % 50U);
        }
    }
    view.iob_mU = ((rig_random(seed) & 1U) != 0U)
                      ? around(seed, limits->iob_max_mU - 500)
                      : (int32_t)(rig_random(seed) % 3000U);
    view.has_bolus = (rig_random(seed) & 1U) != 0U;
    view.last_bolus.s = view.now.s - 170U - (rig_random(seed) % 20U);
    view.has_glucose = (rig_random(seed) % 8U) != 0U;
    view.glucose.mg_dL = (int32_t)(39U + (rig_random(seed) % 363U));
    view.glucose_at.s = view.now.s + 2U - (rig_random(seed) % 620U);
    return view;
}

/* @verifies{FDP_DOSE.8@1} */
static void test_envelope__random_cases__as_the_oracle_says(void **state)
{
    uint64_t seed = 1U;
    unsigned allowed = 0U;

    (void)state;
    for (unsigned i = 0U; i < CASES; i++) {
        struct dg_therapy therapy = rig_therapy(800);
        struct dg_limits limits;

        therapy.total_daily_dose.mU = around(&seed, 40000) + 2000;
        therapy.isf_mg_dL_per_U = (int32_t)(2U + (rig_random(&seed) % 200U));
        therapy.age_class = (enum dg_age_class)(1U + (rig_random(&seed) % 3U));
        assert_int_equal(dg_limits_derive(&therapy, &limits), DG_OK);

        const struct dg_envelope_view view = random_view(&seed, &limits);
        const unsigned tier = 1U + (rig_random(&seed) % 3U);
        const int32_t mU = around(&seed, limits.dose_max_mU[tier]) + 1;
        const struct dg_decision got =
            decide(&limits, &view, mU, (enum dg_tier)tier);
        const int32_t room = got.headroom.mU;
        const bool want = is_allowed(&limits, &view, mU, tier);

        assert_int_equal(got.verdict,
                         want ? DG_VERDICT_ALLOW : DG_VERDICT_DENY);
        assert_int_equal(got.rule == DG_RULE_NONE, want);
        /* Headroom is exact to the pulse. */
        assert_int_equal(room % DG_PULSE_MU, 0);
        assert_true((room == 0) || is_allowed(&limits, &view, room, tier));
        assert_false(is_allowed(&limits, &view, room + DG_PULSE_MU, tier));
        allowed += want ? 1U : 0U;
    }
    /* Both verdicts were really seen. */
    assert_true((allowed > (CASES / 50U)) && (allowed < (CASES / 2U)));
}

/* @verifies{FDP_DOSE.10@1} */
static void test_goes_on__each_reason_to_end__alone_is_enough(void **state)
{
    struct dg_limits limits = limits_of_adult();
    const struct dg_envelope_view view = fresh_view();
    struct dg_envelope_view other = view;

    (void)state;
    limits.floor_mg_dL = 60;
    assert_true(dg_envelope_goes_on(&limits, &view));
    other.has_glucose = false;
    assert_false(dg_envelope_goes_on(&limits, &other));
    other = view;
    other.now.s += (uint32_t)limits.glucose_age_s_max + 1U;
    assert_false(dg_envelope_goes_on(&limits, &other));
    /* Above the person's floor, and not above 70: what acts takes it lower. */
    other = view;
    other.glucose.mg_dL = 70;
    assert_false(dg_envelope_goes_on(&limits, &other));
    assert_int_equal(
        decide(&limits, &other, DG_PULSE_MU, DG_TIER_AUTOMATIC).rule,
        DG_RULE_E4);
    other.glucose.mg_dL = 59;
    assert_false(dg_envelope_goes_on(&limits, &other));
    other = view;
    other.has_glucagon = true;
    other.last_glucagon = view.now;
    assert_false(dg_envelope_goes_on(&limits, &other));
    other = view;
    other.iob_mU = 12000;
    assert_false(dg_envelope_goes_on(&limits, &other));
    limits.isf_mg_dL_per_U = 0;
    assert_false(dg_envelope_goes_on(&limits, &view));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_envelope__dose_per_tier__e1_to_the_pulse),
        cmocka_unit_test(test_envelope__each_window_of_each_tier__e2_nests),
        cmocka_unit_test(test_envelope__insulin_on_board__e3_to_the_pulse),
        cmocka_unit_test(test_envelope__glucose__e4_binds_automatic_only),
        cmocka_unit_test(test_envelope__interval__e7_binds_all_tiers),
        cmocka_unit_test(test_envelope__bad_arguments__deny),
        cmocka_unit_test(test_envelope__damaged_limits_or_view__corrupt),
        cmocka_unit_test(test_envelope__random_cases__as_the_oracle_says),
        cmocka_unit_test(test_goes_on__each_reason_to_end__alone_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
