/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/glucose.h"
#include "tests/unit/rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the device believes about glucose.  The bounds are written here a
 * second time, in floating point, from docs/adr/0024. */

#define FIVE_MIN 300U
#define BORN_S   100000U

static struct dg_glucose_state state;
static struct dg_glucose_context context;
static uint32_t sequence;

static int setup(void **unused)
{
    (void)unused;
    dg_glucose_start(&state, (dg_seconds){BORN_S});
    context =
        (struct dg_glucose_context){.at = {BORN_S}, .isf_mg_dL_per_U = 36};
    sequence = 0U;
    return 0;
}

/* The next reading, @p after seconds after the last. */
static uint16_t take(uint32_t after, int32_t mg_dL)
{
    context.at.s += after;
    sequence++;

    const struct dg_reading reading = {
        sequence, {context.at.s - BORN_S}, {mg_dL}};

    dg_glucose_take(&state, &reading, &context);
    assert_int_equal(state.value.mg_dL, mg_dL);
    assert_int_equal(state.at.s, context.at.s);
    assert_false(dg_glucose_is_suspect(&state) &&
                 dg_glucose_is_trusted(&state));
    return state.findings;
}

static void take_many(unsigned count, int32_t mg_dL)
{
    for (unsigned i = 0U; i < count; i++) {
        (void)take(FIVE_MIN, mg_dL + (int32_t)(i % 2U));
    }
}

static const uint16_t settling = 1U << DG_GLUCOSE_SETTLING;

/* @verifies{FDP_GLU.2@1} */
static void test_glucose__three_readings_over_ten_minutes__trusted(
    void **unused)
{
    (void)unused;
    assert_false(dg_glucose_is_trusted(&state));
    assert_int_equal(take(FIVE_MIN, 120), settling);
    assert_int_equal(take(FIVE_MIN, 121), settling);
    assert_false(dg_glucose_is_trusted(&state));
    assert_int_equal(take(FIVE_MIN, 122), 0U);
    assert_true(dg_glucose_is_trusted(&state));
    /* A sensor that speaks every minute must agree for as long. */
    (void)setup(NULL);
    for (unsigned minute = 0U; minute < 9U; minute++) {
        assert_int_equal(take(60U, 120 + (int32_t)minute), settling);
    }
    assert_int_equal(take(60U, 130), 0U);
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose__jump__suspect_then_settles_at_the_new_level(
    void **unused)
{
    (void)unused;
    take_many(4U, 120);
    /* 40 mg/dL in five minutes is what Loop still takes. */
    assert_int_equal(take(FIVE_MIN, 161), 0U);
    assert_int_equal(take(FIVE_MIN, 202), 1U << DG_GLUCOSE_JUMP);
    assert_true(dg_glucose_is_suspect(&state));
    assert_int_equal(take(FIVE_MIN, 204), settling);
    assert_int_equal(take(FIVE_MIN, 206), 0U);
    /* Down as well; and back is a jump again. */
    assert_int_equal(take(FIVE_MIN, 165), 1U << DG_GLUCOSE_JUMP);
    assert_int_equal(take(FIVE_MIN, 206), 1U << DG_GLUCOSE_JUMP);
}

/* Small steps, each within what one may move, do not add up to a cliff. */
/* @verifies{FDP_GLU.1@1} */
static void test_glucose__creep_at_short_steps__found(void **unused)
{
    unsigned at = 0U;

    (void)unused;
    take_many(4U, 300);
    while (take(30U, 300 - (20 * (int32_t)(at + 1U))) == 0U) {
        at++;
        assert_true(at < 4U);
    }
    assert_int_equal(state.findings & (1U << DG_GLUCOSE_JUMP),
                     1U << DG_GLUCOSE_JUMP);
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose__same_number_for_45_minutes__suspect(void **unused)
{
    (void)unused;
    take_many(3U, 120);
    for (unsigned i = 0U; i < 9U; i++) {
        assert_int_equal(take(FIVE_MIN, 140), 0U);
    }
    assert_int_equal(take(FIVE_MIN, 140), 1U << DG_GLUCOSE_FLAT);
    assert_int_equal(take(FIVE_MIN, 140), 1U << DG_GLUCOSE_FLAT);
    /* It moves again, and must show itself again. */
    assert_int_equal(take(FIVE_MIN, 141), settling);
    assert_int_equal(take(FIVE_MIN, 140), settling);
    assert_int_equal(take(FIVE_MIN, 141), 0U);
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose__low_and_high_codes__never_a_basis(void **unused)
{
    (void)unused;
    take_many(3U, 50);
    for (unsigned i = 0U; i < 3U; i++) {
        assert_int_equal(take(FIVE_MIN, 39), 1U << DG_GLUCOSE_CODE);
    }
    assert_int_equal(take(FIVE_MIN, 45), settling);
    (void)setup(NULL);
    take_many(3U, 395);
    for (unsigned i = 0U; i < 3U; i++) {
        assert_int_equal(take(FIVE_MIN, 401), 1U << DG_GLUCOSE_CODE);
        assert_false(dg_glucose_is_trusted(&state));
    }
    assert_int_equal(take(FIVE_MIN, 398), settling);
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose__pressure_on_the_sensor__suspect_when_it_ends(
    void **unused)
{
    static const int32_t dip[] = {110, 95, 82, 80, 81, 95};

    (void)unused;
    take_many(4U, 120);
    for (unsigned i = 0U; i < (sizeof dip / sizeof dip[0]); i++) {
        assert_int_equal(take(FIVE_MIN, dip[i]), 0U);
    }
    assert_int_equal(take(FIVE_MIN, 117), 1U << DG_GLUCOSE_DROP_OUT);
    assert_int_equal(take(FIVE_MIN, 119), settling);
    assert_int_equal(take(FIVE_MIN, 118), 0U);
}

/* A slow fall and a rise from it are life. */
static void test_glucose__ordinary_hours__nothing_found(void **unused)
{
    (void)unused;
    take_many(3U, 150);
    for (int32_t minute = 0; minute <= 720; minute += 5) {
        const double mg_dL = 150.0 + (60.0 * sin((double)minute / 30.0)) +
                             (double)((minute * 7) % 3);

        assert_int_equal(take(FIVE_MIN, (int32_t)mg_dL), 0U);
    }
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose__fall_without_insulin__suspect_with_it_not(
    void **unused)
{
    int32_t mg_dL = 300;
    uint16_t findings = 0U;

    (void)unused;
    /* 3.6 mg/dL a minute, half an hour: no basal does that. */
    take_many(3U, mg_dL);
    while ((findings == 0U) && (mg_dL > 60)) {
        mg_dL -= 18;
        findings = take(FIVE_MIN, mg_dL);
    }
    assert_int_equal(findings, 1U << DG_GLUCOSE_FALL);
    assert_in_range(mg_dL, 200, 240);

    (void)setup(NULL);
    take_many(3U, 300);
    /* 6 U on board act at 1 U in ten minutes. */
    context.iob_mU = 6000;
    context.bolus_steps = 120U;
    for (mg_dL = 282; mg_dL > 90; mg_dL -= 18) {
        assert_int_equal(take(FIVE_MIN, mg_dL), 0U);
        context.iob_mU -= 500;
    }
}

/* A ledger that is lost says INT32_MAX; what was given since comes on top.
 * @verifies{FDP_GLU.1@1} */
static void test_glucose__ledger_was_lost__as_much_as_may_act(void **unused)
{
    (void)unused;
    context.iob_mU = INT32_MAX;
    take_many(3U, 300);
    context.iob_mU = 0;
    context.bolus_steps = 120U;
    for (int32_t mg_dL = 282; mg_dL > 228; mg_dL -= 18) {
        assert_int_equal(take(FIVE_MIN, mg_dL) & (1U << DG_GLUCOSE_FALL), 0U);
    }
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose__rise_against_insulin__suspect_without_not(
    void **unused)
{
    int32_t mg_dL = 100;
    uint16_t findings = 0U;

    (void)unused;
    take_many(3U, mg_dL);
    for (mg_dL = 118; mg_dL < 300; mg_dL += 18) {
        assert_int_equal(take(FIVE_MIN, mg_dL), 0U);
    }
    (void)setup(NULL);
    mg_dL = 100;
    take_many(3U, mg_dL);
    context.iob_mU = 8000;
    context.bolus_steps = 160U;
    while ((findings == 0U) && (mg_dL < 380)) {
        mg_dL += 18;
        findings = take(FIVE_MIN, mg_dL);
        context.iob_mU -= 900;
    }
    assert_int_equal(findings, 1U << DG_GLUCOSE_RISE);
}

/* @verifies{FDP_GLU.2@1} */
static void test_glucose__gap_warm_up_spent_number__start_anew(void **unused)
{
    (void)unused;
    take_many(4U, 120);
    assert_int_equal(take(DG_GLUCOSE_GAP_S, 121), 0U);
    assert_int_equal(take(DG_GLUCOSE_GAP_S + 1U, 122), settling);
    assert_int_equal(take(FIVE_MIN, 121), settling);
    assert_int_equal(take(FIVE_MIN, 122), 0U);

    context.warm_s = context.at.s - BORN_S + FIVE_MIN + 1U;
    assert_int_equal(take(FIVE_MIN, 121), 1U << DG_GLUCOSE_WARM_UP);
    assert_int_equal(take(FIVE_MIN, 122), settling);

    (void)setup(NULL);
    sequence = DG_GLUCOSE_SEQUENCE_MAX - 3U;
    take_many(3U, 120);
    assert_int_equal(state.findings, 0U);
    assert_int_equal(take(FIVE_MIN, 121), 1U << DG_GLUCOSE_SPENT);
}

/* @verifies{FDP_GLU.2@1} */
static void test_glucose__other_sensor__old_readings_and_numbers_forgotten(
    void **unused)
{
    (void)unused;
    sequence = 500U;
    take_many(4U, 200);
    dg_glucose_meet(&state, (dg_seconds){0U});
    assert_true(dg_glucose_is_trusted(&state));
    dg_glucose_meet(&state, (dg_seconds){context.at.s + 10U});
    assert_false(state.has);
    assert_false(dg_glucose_is_trusted(&state));
    assert_false(
        dg_glucose_is_low(&state, context.at, 600U, (dg_glucose){400}));
    assert_int_equal(state.at.s, context.at.s + 10U);
    sequence = 0U;
    assert_int_equal(take(FIVE_MIN, 90), settling);
}

/* A reading that follows an omission is no basis; the next one is. */
/* @verifies{FDP_GLU.2@1} */
static void test_glucose__omissions__cost_trust(void **unused)
{
    (void)unused;
    take_many(4U, 120);
    sequence++;
    assert_int_equal(take(2U * FIVE_MIN, 121), settling);
    assert_int_equal(take(FIVE_MIN, 122), 0U);
    /* Every second one, for ever: never. */
    for (unsigned i = 0U; i < 50U; i++) {
        sequence++;
        assert_int_equal(take(2U * FIVE_MIN, 120 + (int32_t)(i % 2U)),
                         settling);
    }
    /* Two in a row of them: as a gap. */
    assert_int_equal(take(FIVE_MIN, 122), 0U);
    sequence += 2U;
    assert_int_equal(take(FIVE_MIN, 121), settling);
    assert_int_equal(take(FIVE_MIN, 122), settling);
    assert_int_equal(take(FIVE_MIN, 121), 0U);
}

/* @verifies{FDP_GLU.3@1} */
static void test_glucose__low__suspicion_never_hides_it(void **unused)
{
    const dg_glucose floor = {80};

    (void)unused;
    take_many(3U, 120);
    assert_false(dg_glucose_is_low(&state, context.at, 600U, floor));
    /* A low that may not be true is one. */
    assert_true(take(FIVE_MIN, 60) != 0U);
    assert_true(dg_glucose_is_low(&state, context.at, 600U, floor));
    /* A high that may not be true does not end it. */
    assert_true(take(FIVE_MIN, 200) != 0U);
    assert_true(dg_glucose_is_low(&state, context.at, 600U, floor));
    /* Time and readings that agree do. */
    (void)take(FIVE_MIN, 201);
    (void)take(FIVE_MIN, 202);
    assert_true(dg_glucose_is_trusted(&state));
    assert_false(dg_glucose_is_low(&state, context.at, 600U, floor));
    assert_true(take(FIVE_MIN, 39) != 0U);
    assert_true(dg_glucose_is_low(&state, context.at, 600U, floor));
    assert_true(dg_glucose_is_low(
        &state, (dg_seconds){context.at.s + 600U}, 600U, floor));
    assert_false(dg_glucose_is_low(
        &state, (dg_seconds){context.at.s + 601U}, 600U, floor));
}

/* @verifies{FDP_GLU.4@1} */
static void test_glucose__older_than_a_period__loses_value(void **unused)
{
    (void)unused;
    take_many(3U, 120);

    const int32_t value = state.value.mg_dL;

    for (uint32_t age_s = 0U; age_s <= 600U; age_s++) {
        const double late_min = ((double)age_s - 360.0) / 60.0;
        const double want =
            (double)value - ((late_min > 0.0) ? ceil(4.0 * late_min) : 0.0);

        assert_int_equal(
            dg_glucose_bound(&state, (dg_seconds){context.at.s + age_s}).mg_dL,
            (int32_t)want);
    }
    assert_int_equal(dg_glucose_bound(&state, (dg_seconds){UINT32_MAX}).mg_dL,
                     0);
}

/* Random streams, among them hostile ones: whatever was relayed, what is
 * trusted has three readings behind it that keep the bounds. */
/* @verifies{FDP_GLU.1@1} @verifies{FDP_GLU.2@1} */
static void test_glucose__a_million_readings__trusted_keep_the_bound(
    void **unused)
{
    struct {
        uint32_t at_s;
        uint32_t sequence;
        double mg_dL;
    } old[3] = {{0U, 0U, 0.0}, {0U, 0U, 0.0}, {0U, 0U, 0.0}};
    uint64_t seed = 24U;
    int32_t mg_dL = 150;
    unsigned trusted = 0U;
    unsigned suspect = 0U;

    (void)unused;
    for (unsigned i = 0U; i < 1000000U; i++) {
        const uint32_t kind = rig_random(&seed) % 40U;
        uint32_t after = FIVE_MIN;

        mg_dL += (int32_t)(rig_random(&seed) % 15U) - 7;
        if (kind == 0U) {
            mg_dL = 39 + (int32_t)(rig_random(&seed) % 363U);
        } else if (kind == 1U) {
            after = rig_random(&seed) % 1500U;
        } else if (kind == 2U) {
            sequence += rig_random(&seed) % 4U;
        } else if (kind == 3U) {
            after = rig_random(&seed) % 30U;
        }
        mg_dL = (mg_dL < 39) ? 39 : (mg_dL > 401) ? 401 : mg_dL;
        sequence %= DG_GLUCOSE_SEQUENCE_MAX - 10U;
        if (context.at.s > (UINT32_MAX - 10000U)) {
            (void)setup(NULL);
        }
        context.iob_mU = (int32_t)(rig_random(&seed) % 5000U);
        (void)take(after, mg_dL);
        suspect += dg_glucose_is_suspect(&state) ? 1U : 0U;
        old[2] = old[1];
        old[1] = old[0];
        old[0].at_s = context.at.s;
        old[0].sequence = sequence;
        old[0].mg_dL = (double)mg_dL;
        if (!dg_glucose_is_trusted(&state)) {
            continue;
        }
        trusted++;
        assert_true((mg_dL > 39) && (mg_dL < 401));
        assert_int_equal(old[0].sequence, old[1].sequence + 1U);
        for (unsigned j = 1U; j < 3U; j++) {
            const double s = (double)(old[0].at_s - old[j].at_s);

            assert_true(s <= 2.0 * DG_GLUCOSE_GAP_S);
            if (s <= 900.0) {
                assert_true(fabs(old[0].mg_dL - old[j].mg_dL) <=
                            (20.0 + (s / 15.0)));
            }
        }
        assert_true((old[0].at_s - old[1].at_s) <= DG_GLUCOSE_GAP_S);
    }
    assert_true(trusted > 300000U);
    assert_true(suspect > 20000U);
}

/* A phone that is wholly the attacker's cannot forge, but it chooses which of
 * the sensor's readings to relay, and when.  @return the most by which the
 * device's bound was above the truth while it could carry a dose, mg/dL. */
enum { HOURS = 12, TRACE = HOURS * 60 };

static double trace[TRACE + 1];

static void make_trace(uint64_t *seed)
{
    double rate = 0.0;

    trace[0] = 200.0;
    for (unsigned minute = 1U; minute <= TRACE; minute++) {
        if ((rig_random(seed) % 20U) == 0U) {
            rate = ((double)(rig_random(seed) % 801U) / 100.0) - 4.0;
        }
        trace[minute] = trace[minute - 1U] + rate;
        trace[minute] = (trace[minute] < 60.0)    ? 60.0
                        : (trace[minute] > 380.0) ? 380.0
                                                  : trace[minute];
    }
}

/* The next reading that the phone relays at @p minute, 0 for none. */
typedef unsigned (*choice)(unsigned minute, unsigned last, uint64_t *seed);

static unsigned honest(unsigned minute, unsigned last, uint64_t *seed)
{
    (void)last;
    (void)seed;
    return ((minute % 5U) == 0U) ? minute : 0U;
}

/* Any reading that is newer than the last one relayed, at any time. */
static unsigned at_random(unsigned minute, unsigned last, uint64_t *seed)
{
    const unsigned newest = minute - (minute % 5U);
    const unsigned room = (newest > last) ? ((newest - last) / 5U) : 0U;

    if ((room == 0U) || ((rig_random(seed) % 3U) != 0U)) {
        return 0U;
    }
    return last + (5U * (1U + (rig_random(seed) % room)));
}

/* While glucose falls say nothing; relay what keeps trust up at the last
 * moment. */
static unsigned hold_the_high(unsigned minute, unsigned last, uint64_t *seed)
{
    const unsigned newest = minute - (minute % 5U);

    (void)seed;
    if (newest <= last) {
        return 0U;
    }
    if (trace[last + 5U] >= trace[last]) {
        return last + 5U;
    }
    /* Ten minutes is all that a reading lives. */
    return ((minute - last) >= 10U) ? (last + 5U) : 0U;
}

static double gain_of(choice next, uint64_t seed)
{
    double gain = -1000.0;
    unsigned last = 0U;
    unsigned usable = 0U;

    make_trace(&seed);
    (void)setup(NULL);
    for (unsigned minute = 1U; minute <= TRACE; minute++) {
        const dg_seconds now = {BORN_S + (minute * 60U)};
        const unsigned chosen = next(minute, last, &seed);

        /* What the device asks of a frame before it is judged. */
        if ((chosen > last) && ((minute - chosen) <= 10U)) {
            const struct dg_reading reading = {
                chosen / 5U, {chosen * 60U}, {(int32_t)trace[chosen]}};

            context.at.s = BORN_S + (chosen * 60U);
            dg_glucose_take(&state, &reading, &context);
            last = chosen;
        } else if (chosen > last) {
            last = chosen;
        }
        if (dg_glucose_is_trusted(&state) && ((now.s - state.at.s) <= 600U)) {
            const double over =
                (double)dg_glucose_bound(&state, now).mg_dL - trace[minute];

            usable++;
            gain = (over > gain) ? over : gain;
        }
    }
    assert_true((next != honest) || (usable > (TRACE / 4)));
    return gain;
}

/* @verifies{FDP_GLU.4@1} */
static void test_glucose__phone_chooses_what_to_relay__gains_no_more(
    void **unused)
{
    static const choice choices[] = {honest, at_random, hold_the_high};
    double worst[3] = {-1000.0, -1000.0, -1000.0};

    (void)unused;
    for (unsigned i = 0U; i < 3U; i++) {
        for (uint64_t seed = 1U; seed <= 400U; seed++) {
            const double gain = gain_of(choices[i], seed);

            worst[i] = (gain > worst[i]) ? gain : worst[i];
        }
        print_message(
            "choice %u: at most %.1f mg/dL above the truth\n", i, worst[i]);
        /* Six minutes at 4 mg/dL: what an honest phone may be behind. */
        assert_true(worst[i] <= 24.0);
    }
    /* The attack was one: it came near. */
    assert_true(worst[2] > 15.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_glucose__three_readings_over_ten_minutes__trusted, setup),
        cmocka_unit_test_setup(
            test_glucose__jump__suspect_then_settles_at_the_new_level, setup),
        cmocka_unit_test_setup(test_glucose__creep_at_short_steps__found,
                               setup),
        cmocka_unit_test_setup(
            test_glucose__same_number_for_45_minutes__suspect, setup),
        cmocka_unit_test_setup(test_glucose__low_and_high_codes__never_a_basis,
                               setup),
        cmocka_unit_test_setup(
            test_glucose__pressure_on_the_sensor__suspect_when_it_ends, setup),
        cmocka_unit_test_setup(test_glucose__ordinary_hours__nothing_found,
                               setup),
        cmocka_unit_test_setup(
            test_glucose__fall_without_insulin__suspect_with_it_not, setup),
        cmocka_unit_test_setup(
            test_glucose__ledger_was_lost__as_much_as_may_act, setup),
        cmocka_unit_test_setup(
            test_glucose__rise_against_insulin__suspect_without_not, setup),
        cmocka_unit_test_setup(
            test_glucose__gap_warm_up_spent_number__start_anew, setup),
        cmocka_unit_test_setup(
            test_glucose__other_sensor__old_readings_and_numbers_forgotten,
            setup),
        cmocka_unit_test_setup(test_glucose__omissions__cost_trust, setup),
        cmocka_unit_test_setup(test_glucose__low__suspicion_never_hides_it,
                               setup),
        cmocka_unit_test_setup(test_glucose__older_than_a_period__loses_value,
                               setup),
        cmocka_unit_test_setup(
            test_glucose__a_million_readings__trusted_keep_the_bound, setup),
        cmocka_unit_test(
            test_glucose__phone_chooses_what_to_relay__gains_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
