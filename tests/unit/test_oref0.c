/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "patient/control/oref0/decide.h"
#include "patient/control/oref0/number.h"

/* What holds where the recorded cases of the original are absent. */

#define NOW_MS 1790000000000.0

static struct dg_oref0_profile adult(void)
{
    struct dg_oref0_profile profile;

    dg_oref0_profile_defaults(&profile);
    profile.dia = 6.0;
    profile.current_basal = 1.0;
    profile.max_daily_basal = 1.0;
    profile.max_basal = 4.0;
    profile.max_iob = 6.0;
    profile.sens = 40.0;
    profile.carb_ratio = 10.0;
    profile.min_bg = 100.0;
    profile.max_bg = 100.0;
    profile.basal.count = 1;
    profile.basal.entry[0].rate = 1.0;
    return profile;
}

static void test_oref0__rounding__takes_halves_upwards(void **state)
{
    (void)state;
    assert_true(dg_oref0_round(2.5) == 3.0);
    assert_true(dg_oref0_round(-2.5) == -2.0);
    assert_true(dg_oref0_round(-2.6) == -3.0);
    assert_true(dg_oref0_round(0.49999999999999994) == 0.0);
    assert_true(dg_oref0_round(1.0e300) == 1.0e300);
    assert_false(dg_oref0_is_there(dg_oref0_round(DG_OREF0_ABSENT)));
    assert_true(dg_oref0_round2(1.005) == 1.0); /* 100.49999999999999 */
    assert_false(dg_oref0_is_there(dg_oref0_min(1.0, DG_OREF0_ABSENT)));
    assert_false(dg_oref0_is_there(dg_oref0_min(DG_OREF0_ABSENT, 1.0)));
    assert_false(dg_oref0_is_there(dg_oref0_max(1.0, DG_OREF0_ABSENT)));
    assert_false(dg_oref0_is_there(dg_oref0_max(DG_OREF0_ABSENT, 1.0)));
}

static void test_oref0__pump_rate__has_the_steps_of_the_pump(void **state)
{
    struct dg_oref0_profile profile = adult();

    (void)state;
    assert_true(dg_oref0_pump_rate(&profile, 0.83) == 0.85);
    assert_true(dg_oref0_pump_rate(&profile, 0.025) == 0.05);
    assert_true(dg_oref0_pump_rate(&profile, 10.86) == 10.9);
    profile.fine_steps = true;
    assert_true(dg_oref0_pump_rate(&profile, 0.026) == 0.025);
    assert_true(dg_oref0_pump_rate(&profile, 1.026) == 1.05);
}

static void test_oref0__temp__is_limited_then_rounded_or_kept(void **state)
{
    struct dg_oref0_profile profile = adult();
    struct dg_oref0_temp running = {0.0, 0.0};
    struct dg_oref0_temp wanted = {9.0, 30.0};
    struct dg_oref0_temp asked = {-1.0, -1.0};

    (void)state;
    assert_true(dg_oref0_safe_rate(&profile) == 3.0);
    assert_true(dg_oref0_set_temp(&profile, &running, wanted, &asked));
    assert_true(asked.rate == 3.0 && asked.minutes == 30.0);
    /* Limited to 2.98, then rounded to the pump's 3.00: the original does. */
    profile.max_basal = 2.98;
    assert_true(dg_oref0_set_temp(&profile, &running, wanted, &asked));
    assert_true(asked.rate == 3.0);
    running = (struct dg_oref0_temp){2.6, 21.0};
    assert_false(dg_oref0_set_temp(&profile, &running, wanted, &asked));
    running.minutes = 20.0;
    assert_true(dg_oref0_set_temp(&profile, &running, wanted, &asked));
    running = (struct dg_oref0_temp){2.4, 25.0}; /* 1.2 x 2.4 < 3 */
    assert_true(dg_oref0_set_temp(&profile, &running, wanted, &asked));
}

static void test_oref0__glucose__has_slopes_and_one_of_two_twins(void **state)
{
    struct dg_oref0_reading readings[] = {
        {.mg_dL = 103, .date_ms = NOW_MS, .noise = 1.0},
        {.mg_dL = 100, .date_ms = NOW_MS - 30000.0},
        {.mg_dL = 98, .date_ms = NOW_MS - 300500.0},
        {.mg_dL = 95, .date_ms = NOW_MS - 330500.0},
        {.mg_dL = 10, .date_ms = NOW_MS - 600000.0},
        {.mg_dL = 50, .date_ms = NOW_MS - 600000.0, .device = 7},
        {.mg_dL = 77, .date_ms = NOW_MS - 1500000.0},
    };
    struct dg_oref0_glucose glucose;

    (void)state;
    assert_true(dg_oref0_glucose_status(readings, 7, &glucose));
    assert_true(glucose.mg_dL == 101.5);
    assert_true(glucose.date_ms == NOW_MS - 15000.0);
    assert_true(glucose.delta == 5.0); /* mean of 3.5 and 6.5 */
    assert_true(glucose.short_avg == 5.0);
    assert_true(glucose.long_avg == 4.9); /* 24.5 in 25 minutes */
    assert_true(glucose.noise == 1.0);
    readings[2].is_calibration = true;
    assert_true(dg_oref0_glucose_status(readings, 7, &glucose));
    assert_true(glucose.delta == 0.0 && glucose.last_cal == 2);
    assert_false(dg_oref0_glucose_status(readings, 0, &glucose));
    readings[0].mg_dL = 0.0;
    assert_false(dg_oref0_glucose_status(readings, 1, &glucose));
}

/* source: the exponential curve of 360 and 75 minutes, as computed apart. */
static void test_oref0__curve__is_the_published_one(void **state)
{
    static const struct {
        size_t minute;
        double on_board;
    } points[] = {
        {0, 1.0},
        {30, 0.9295208630},
        {75, 0.6942633437},
        {120, 0.4497523127},
        {180, 0.2081707343},
        {240, 0.0726661035},
        {300, 0.0139180626},
        {360, 0.0},
        {720, 0.0},
    };
    static struct dg_oref0_curve_table table;
    struct dg_oref0_profile profile = adult();
    double sum = 0.0;

    (void)state;
    assert_true(dg_oref0_curve_table(&table, &profile));
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        const double got =
            table.on_board[points[i].minute % 5][points[i].minute / 5];

        assert_true(fabs(got - points[i].on_board) < 6e-11);
    }
    for (size_t minute = 0; minute < 360; minute++) {
        sum += table.activity[minute % 5][minute / 5];
    }
    assert_true(fabs(sum - 1.0) < 1e-4);
    profile.dia = 13.0;
    assert_false(dg_oref0_curve_table(&table, &profile));
    profile.dia = DG_OREF0_ABSENT;
    assert_false(dg_oref0_curve_table(&table, &profile));
    /* The curve may not be shorter than five hours, the bilinear than three. */
    profile.dia = 2.0;
    assert_true(dg_oref0_curve_table(&table, &profile));
    assert_true(table.hours == 5.0);
    profile.curve = DG_OREF0_BILINEAR;
    assert_true(dg_oref0_curve_table(&table, &profile));
    assert_true(table.hours == 3.0);
    assert_true(table.on_board[0][0] == 1.0);
}

/* Two U/h over a basal of one for half an hour are ten quanta of 0.05 U. */
static void test_oref0__iob__counts_what_lies_above_the_basal_rate(void **state)
{
    static struct dg_oref0_curve_table table;
    const struct dg_oref0_profile profile = adult();
    const struct dg_oref0_event events[] = {
        {NOW_MS - 3600000.0, DG_OREF0_BOLUS, 2.0, 0.0},
        {NOW_MS - 1800000.0, DG_OREF0_TEMP, 2.0, 30.0},
        {NOW_MS + 1.0, DG_OREF0_BOLUS, 50.0, 0.0}, /* not yet */
    };
    struct dg_oref0_iob iob;
    struct dg_oref0_iob_parts parts;
    double expected = 0.0;

    (void)state;
    assert_true(dg_oref0_curve_table(&table, &profile));
    assert_true(dg_oref0_iob(
        &profile, &table, DG_OREF0_ABSENT, events, 3, NOW_MS, &iob, &parts));
    for (size_t age = 30; age > 0; age -= 3) {
        expected += 0.05 * table.on_board[age % 5][age / 5];
    }
    assert_true(iob.iob[0] ==
                dg_oref0_round3(expected + 2.0 * table.on_board[0][12]));
    assert_true(parts.basal_iob[0] == dg_oref0_round3(expected));
    assert_true(parts.bolus_insulin[0] == 2.0);
    assert_true(parts.basal_insulin[0] == 0.5);
    assert_true(iob.last_bolus_ms == NOW_MS - 3600000.0);
    assert_true(iob.last_temp.date_ms == NOW_MS - 1800000.0);
    /* Four hours without basal take away up to four units. */
    assert_true(iob.zt_iob[0] == iob.iob[0]);
    assert_true(iob.zt_iob[47] < iob.iob[47] - 1.5);

    const struct dg_oref0_event endless = {
        NOW_MS - 60000.0, DG_OREF0_TEMP, 1.0, 1441.0};
    assert_false(dg_oref0_iob(
        &profile, &table, DG_OREF0_ABSENT, &endless, 1, NOW_MS, &iob, NULL));
}

static struct dg_oref0_decision decide(double mg_dL,
                                       double delta,
                                       struct dg_oref0_temp running,
                                       double age_min)
{
    const struct dg_oref0_profile profile = adult();
    double activity[DG_OREF0_AHEAD] = {0.0};
    const struct dg_oref0_situation situation = {
        .now_ms = NOW_MS,
        .glucose = {.mg_dL = mg_dL,
                    .delta = delta,
                    .short_avg = delta,
                    .long_avg = delta,
                    .noise = 1.0,
                    .date_ms = NOW_MS - age_min * 60000.0},
        .running = running,
        .outlook = {.count = DG_OREF0_AHEAD,
                    .is_list = true,
                    .activity = activity,
                    .zt_activity = activity},
        .has_autosens = true,
        .autosens_ratio = 1.0,
        .meal = {.slope_from_min = 999.0},
    };
    struct dg_oref0_decision decision;

    memset(&decision, 0xA5, sizeof decision);
    dg_oref0_decide(&profile, &situation, &decision);
    assert_int_equal(decision.error, DG_OREF0_FINE);
    return decision;
}

static void test_oref0__decision__follows_the_ladder(void **state)
{
    const struct dg_oref0_temp none = {0.0, 0.0};
    const struct dg_oref0_temp high = {3.0, 20.0};
    struct dg_oref0_decision decision = decide(60.0, -1.0, none, 1.0);

    (void)state;
    /* Low: zero. */
    assert_true(decision.has_temp && decision.temp.rate == 0.0);
    assert_true(decision.temp.minutes >= 30.0);
    /* High and level: 100 above target is 2.5 U; 1 + 2 x 2.5, limited. */
    decision = decide(200.0, 0.1, none, 1.0);
    assert_true(decision.has_temp && decision.temp.rate == 3.0);
    assert_true(decision.temp.minutes == 30.0);
    assert_true(decision.insulin_req > 2.0);
    assert_false(dg_oref0_is_there(decision.units));
    /* A reading of a quarter of an hour ago: the high temp ends, no more. */
    decision = decide(200.0, 0.1, high, 15.0);
    assert_true(decision.has_temp && decision.temp.rate == 1.0);
    assert_false(decision.is_full);
    decision = decide(200.0, 0.1, none, 15.0);
    assert_false(decision.has_temp);
    /* A flat line is no sensor. */
    assert_false(decide(200.0, 0.0, none, 1.0).has_temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oref0__rounding__takes_halves_upwards),
        cmocka_unit_test(test_oref0__pump_rate__has_the_steps_of_the_pump),
        cmocka_unit_test(test_oref0__temp__is_limited_then_rounded_or_kept),
        cmocka_unit_test(test_oref0__glucose__has_slopes_and_one_of_two_twins),
        cmocka_unit_test(test_oref0__curve__is_the_published_one),
        cmocka_unit_test(
            test_oref0__iob__counts_what_lies_above_the_basal_rate),
        cmocka_unit_test(test_oref0__decision__follows_the_ladder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
