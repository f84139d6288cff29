/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cmocka_all.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "patient/control/loop/carbs.h"

/* Agreement with the fixtures of LoopKit/LoopAlgorithm (vectors/trial/loop):
 * insulin on board, effects of insulin, counteraction, momentum, carbohydrate.
 * Predictions and doses (L24 to L26) are not there: no controller of ours is
 * Loop. */

#define ROWS_MAX 512U

static json_t *read_json(const char *folder, const char *file)
{
    char path[4096];

    (void)snprintf(
        path, sizeof path, "%s/trial/loop/%s%s", DG_VECTORS, folder, file);
    return json_load_file(path, 0, NULL);
}

static json_t *read_fixture(const json_t *name)
{
    json_t *const json = read_json("fixtures/", json_string_value(name));

    assert_non_null(json);
    return json;
}

/* A file by its name, or what stands there itself. */
static json_t *read_input(json_t *value)
{
    return json_is_string(value) ? read_fixture(value) : json_incref(value);
}

static double number(const json_t *object, const char *key)
{
    const json_t *const value = json_object_get(object, key);

    assert_true(json_is_number(value));
    return json_number_value(value);
}

static double number_or(const json_t *object, const char *key, double other)
{
    const json_t *const value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : other;
}

static double time_of(const json_t *object, const char *key)
{
    struct tm tm = {.tm_isdst = 0};
    const char *const text = json_string_value(json_object_get(object, key));

    assert_non_null(text);
    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%S", &tm));
    return (double)timegm(&tm);
}

static bool is_text(const json_t *object, const char *key, const char *text)
{
    const char *const value = json_string_value(json_object_get(object, key));

    return value != NULL && strcmp(value, text) == 0;
}

/* The largest difference from the expected rows, and their number. */
static double differ(const struct dg_loop_value *values,
                     size_t count,
                     const json_t *rows,
                     const char *date,
                     const char *amount)
{
    double worst = 0.0;

    assert_true(json_array_size(rows) <= count);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *const row = json_array_get(rows, i);

        assert_true(values[i].at_s == time_of(row, date));
        worst = fmax(worst, fabs(values[i].amount - number(row, amount)));
    }
    return worst;
}

static struct dg_loop_curve read_curve(const json_t *parameters)
{
    const json_t *const model = json_object_get(parameters, "insulin_model");

    return (struct dg_loop_curve){
        .duration_s = number(model, "td_min") * 60.0,
        .peak_s = number(model, "tp_min") * 60.0,
        .delay_s = number(model, "delay_min") * 60.0,
    };
}

static size_t read_rates(const json_t *list, struct dg_loop_rate *rates)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *const row = json_array_get(list, i);

        rates[i] = (struct dg_loop_rate){
            .from_s = time_of(row, "startDate"),
            .to_s = time_of(row, "endDate"),
            .U_per_h = number(row, "value"),
        };
    }
    return json_array_size(list);
}

/* Net of the schedule. */
static size_t read_doses(const json_t *inputs, struct dg_loop_dose *doses)
{
    json_t *const list = read_input(json_object_get(inputs, "doses"));
    static struct dg_loop_rate rates[ROWS_MAX];
    const size_t rate_count =
        read_rates(json_object_get(inputs, "scheduled_basal_U_per_h"), rates);
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *const row = json_array_get(list, i);
        const struct dg_loop_dose dose = {
            .from_s = time_of(row, "startDate"),
            .to_s = time_of(row, "endDate"),
            .units = number(row, "volume"),
        };

        if (is_text(row, "type", "bolus")) {
            doses[count] = dose;
            count++;
        } else {
            count += dg_loop_net(
                dose, rates, rate_count, &doses[count], ROWS_MAX - count);
        }
    }
    json_decref(list);
    return count;
}

static double judge_insulin(const json_t *pair, bool is_effect)
{
    const json_t *const parameters = json_object_get(pair, "parameters");
    const struct dg_loop_curve curve = read_curve(parameters);
    static struct dg_loop_dose doses[ROWS_MAX];
    static struct dg_loop_value values[ROWS_MAX];
    const size_t count = read_doses(json_object_get(pair, "inputs"), doses);
    double from = doses[0].from_s;
    double to = doses[0].to_s;
    size_t made = 0;

    for (size_t i = 1; i < count; i++) {
        from = fmin(from, doses[i].from_s);
        to = fmax(to, doses[i].to_s);
    }
    to += curve.duration_s + curve.delay_s;
    for (double at = dg_loop_floor(from); at <= dg_loop_ceil(to); at += 300.0) {
        assert_true(made < ROWS_MAX);
        values[made].at_s = at;
        values[made].amount =
            is_effect
                ? dg_loop_insulin_effect(&curve,
                                         doses,
                                         count,
                                         number(parameters, "isf_mg_dL_per_U"),
                                         at)
                : dg_loop_iob(&curve, doses, count, at);
        made++;
    }

    json_t *const rows = read_fixture(
        json_object_get(json_object_get(pair, "expected"), "file"));
    const size_t more =
        json_object_get(json_object_get(pair, "expected"), "note") != NULL ? 1
                                                                           : 0;
    assert_int_equal(made, json_array_size(rows) + more);
    const double worst = differ(values,
                                made,
                                rows,
                                is_effect ? "date" : "startDate",
                                is_effect ? "amount" : "value");
    json_decref(rows);
    return worst;
}

/* `twice`: the transform of L06. */
static size_t read_samples(json_t *inputs,
                           struct dg_loop_sample *samples,
                           bool twice)
{
    json_t *const list = read_input(json_object_get(inputs, "glucose"));
    const size_t first_n =
        (size_t)number_or(inputs, "use_first_n", (double)json_array_size(list));
    size_t count = 0;

    for (size_t i = 0; i < first_n; i++) {
        const json_t *const row = json_array_get(list, i);
        const char *from =
            json_string_value(json_object_get(row, "provenance_identifier"));
        unsigned provenance = 0;

        for (; from != NULL && *from != '\0'; from++) {
            provenance = provenance * 31U + (unsigned char)*from;
        }
        for (int k = 0; k < (twice ? 2 : 1); k++) {
            samples[count] = (struct dg_loop_sample){
                .at_s = time_of(row, "date"),
                .mg_dL = number(row, "amount"),
                .is_display_only =
                    json_is_true(json_object_get(row, "display_only")),
                .provenance = provenance,
            };
            count++;
        }
    }
    json_decref(list);
    return count;
}

static double judge_counteraction(const json_t *pair)
{
    json_t *const inputs = json_object_get(pair, "inputs");
    json_t *const effects = read_fixture(json_object_get(inputs, "effects"));
    json_t *const rows = read_fixture(
        json_object_get(json_object_get(pair, "expected"), "file"));
    struct dg_loop_sample samples[ROWS_MAX];
    struct dg_loop_value values[ROWS_MAX];
    struct dg_loop_velocity velocities[ROWS_MAX];
    double worst = 0.0;

    for (size_t i = 0; i < json_array_size(effects); i++) {
        const json_t *const row = json_array_get(effects, i);

        values[i] =
            (struct dg_loop_value){time_of(row, "date"), number(row, "amount")};
    }
    const size_t made = dg_loop_counteraction(
        samples,
        read_samples(
            inputs, samples, json_object_get(inputs, "transform") != NULL),
        values,
        json_array_size(effects),
        velocities,
        ROWS_MAX);
    assert_int_equal(made, json_array_size(rows));
    for (size_t i = 0; i < made; i++) {
        const json_t *const row = json_array_get(rows, i);

        assert_true(velocities[i].from_s == time_of(row, "startDate"));
        assert_true(velocities[i].to_s == time_of(row, "endDate"));
        worst =
            fmax(worst, fabs(velocities[i].mg_dL_min - number(row, "value")));
    }
    json_decref(effects);
    json_decref(rows);
    return worst;
}

static double judge_momentum(const json_t *pair)
{
    json_t *const inputs = json_object_get(pair, "inputs");
    const json_t *const expected = json_object_get(pair, "expected");
    struct dg_loop_sample samples[ROWS_MAX];
    struct dg_loop_value values[ROWS_MAX];
    const size_t made = dg_loop_momentum(
        samples,
        read_samples(inputs, samples, false),
        number(json_object_get(pair, "parameters"), "duration_min") * 60.0,
        values,
        ROWS_MAX);

    if (json_object_get(expected, "file") == NULL) {
        assert_int_equal(made, 0);
        return 0.0;
    }
    json_t *const rows = read_fixture(json_object_get(expected, "file"));
    assert_int_equal(made, json_array_size(rows));
    const double worst = differ(values, made, rows, "date", "amount");
    json_decref(rows);
    return worst;
}

struct meal {
    struct dg_loop_carb_settings settings;
    struct dg_loop_velocity velocities[DG_LOOP_SEGMENTS_MAX];
    size_t velocity_count;
    struct dg_loop_carb_entry entries[8];
    size_t entry_count;
    struct dg_loop_absorption absorptions[8];
};

static struct meal meal;

static double carb_ratio(const json_t *parameters, double at_s)
{
    const json_t *const ratio =
        json_object_get(parameters, "carb_ratio_g_per_U");

    if (json_is_number(ratio)) {
        return json_number_value(ratio);
    }
    for (size_t i = 0; i < json_array_size(ratio); i++) {
        const json_t *const row = json_array_get(ratio, i);

        if (at_s < time_of(row, "until")) {
            return number(row, "value");
        }
    }
    fail();
    return 0.0;
}

static void read_meal(const json_t *pair)
{
    const json_t *const parameters = json_object_get(pair, "parameters");
    const json_t *const inputs = json_object_get(pair, "inputs");
    const json_t *const index = json_object_get(inputs, "entry_index");
    json_t *const velocities =
        read_input(json_object_get(inputs, "velocities"));
    json_t *const entries = read_input(json_object_get(inputs, "entries"));

    meal.settings = (struct dg_loop_carb_settings){
        .model = is_text(parameters, "absorption_model", "linear")
                     ? DG_LOOP_LINEAR
                     : DG_LOOP_PIECEWISE_LINEAR,
        .overrun = number(parameters, "absorption_time_overrun"),
        .initial_overrun =
            number(parameters, "initial_absorption_time_overrun"),
        .delay_s = number(parameters, "map_delay_min") * 60.0,
    };
    meal.velocity_count = json_array_size(velocities);
    for (size_t i = 0; i < meal.velocity_count; i++) {
        const json_t *const row = json_array_get(velocities, i);

        meal.velocities[i] = (struct dg_loop_velocity){
            .from_s = time_of(row, "start_at"),
            .to_s = time_of(row, "end_at"),
            .mg_dL_min = number(row, "velocity"),
        };
    }
    meal.entry_count = 0;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *const row = json_array_get(entries, i);
        const double at_s = time_of(row, "start_at");

        if (json_is_integer(index) && (size_t)json_integer_value(index) != i) {
            continue;
        }
        meal.entries[meal.entry_count] = (struct dg_loop_carb_entry){
            .at_s = at_s,
            .grams = number(row, "amount"),
            .absorption_s = number(row, "absorption_time") * 60.0,
            .sensitivity = number(parameters, "isf_mg_dL_per_U") /
                           carb_ratio(parameters, at_s),
        };
        meal.entry_count++;
    }
    json_decref(velocities);
    json_decref(entries);
    assert_true(dg_loop_carb_map(&meal.settings,
                                 meal.velocities,
                                 meal.velocity_count,
                                 meal.entries,
                                 meal.entry_count,
                                 meal.absorptions));
}

static double judge_map(const json_t *pair)
{
    const json_t *const rows =
        json_object_get(json_object_get(pair, "expected"), "value");
    double worst = 0.0;

    read_meal(pair);
    assert_int_equal(meal.entry_count, json_array_size(rows));
    for (size_t i = 0; i < meal.entry_count; i++) {
        const json_t *const row = json_array_get(rows, i);
        const double left =
            dg_loop_time_left_s(&meal.settings, &meal.absorptions[i]);
        const double grams = dg_loop_observed_g(&meal.absorptions[i]);

        assert_true(isfinite(grams));
        worst =
            fmax(worst, fabs(left - number(row, "estimated_time_remaining_s")));
        worst = fmax(worst, fabs(grams - number_or(row, "observed_g", grams)));
    }
    return worst;
}

static double judge_carbs(const json_t *pair, bool is_effect)
{
    const json_t *const parameters = json_object_get(pair, "parameters");
    const json_t *const expected = json_object_get(pair, "expected");
    static struct dg_loop_value values[ROWS_MAX];
    size_t made = 0;

    read_meal(pair);

    const double map_delay = meal.settings.delay_s;
    const double left =
        dg_loop_time_left_s(&meal.settings, &meal.absorptions[0]);
    const double to = meal.velocities[0].from_s +
                      number(parameters, "timeline_hours") * 3600.0;

    assert_true(fabs(left - number(expected, "estimated_time_remaining_s")) <
                1.0);
    assert_true(fabs(dg_loop_observed_g(&meal.absorptions[0]) -
                     number(expected, "observed_g")) < 1e-6);
    meal.settings.delay_s = number(parameters, "timeline_delay_min") * 60.0;
    for (double at = dg_loop_floor(meal.velocities[0].from_s);
         at <= dg_loop_ceil(to);
         at += 300.0) {
        assert_true(made < ROWS_MAX);
        values[made].at_s = at;
        values[made].amount = (is_effect ? dg_loop_carb_effect : dg_loop_cob)(
            &meal.settings, map_delay, meal.absorptions, meal.velocities, at);
        made++;
    }
    json_t *const rows = read_fixture(json_object_get(expected, "file"));
    assert_int_equal(made, json_array_size(rows));
    const double worst = differ(values, made, rows, "date", "amount");
    json_decref(rows);
    return worst;
}

static double judge(const json_t *pair)
{
    if (is_text(pair, "compute", "iob_timeline")) {
        return judge_insulin(pair, false);
    }
    if (is_text(pair, "compute", "insulin_effect")) {
        return judge_insulin(pair, true);
    }
    if (is_text(pair, "compute", "counteraction")) {
        return judge_counteraction(pair);
    }
    if (is_text(pair, "compute", "momentum")) {
        return judge_momentum(pair);
    }
    if (is_text(pair, "compute", "carb_map")) {
        return judge_map(pair);
    }
    if (is_text(pair, "compute", "cob_timeline")) {
        return judge_carbs(pair, false);
    }
    if (is_text(pair, "compute", "carb_effect_timeline")) {
        return judge_carbs(pair, true);
    }
    return -1.0;
}

static void test_loop__curves_and_effects__agree_with_the_fixtures(void **state)
{
    json_t *const all = read_json("", "pairs.json");
    const json_t *const pairs = json_object_get(all, "pairs");
    size_t agree = 0;
    size_t left = 0;
    double largest = 0.0;

    (void)state;
    if (all == NULL) {
        print_message("skipped: no %s/trial/loop/pairs.json\n", DG_VECTORS);
        skip();
    }
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *const pair = json_array_get(pairs, i);
        const char *const id = json_string_value(json_object_get(pair, "id"));
        const json_t *const tolerance = json_object_get(pair, "tolerance");
        const double worst = judge(pair);

        if (worst < 0.0) {
            left++;
        } else if (worst <=
                   number_or(tolerance,
                             "amount",
                             number_or(tolerance, "time_remaining_s", 0.0))) {
            agree++;
            largest = fmax(largest, worst);
        } else {
            print_error("%s: off by %g\n", id, worst);
        }
    }
    print_message("Loop: %zu of %zu pairs agree, largest difference %.1e; "
                  "%zu are predictions and doses\n",
                  agree,
                  json_array_size(pairs) - left,
                  largest,
                  left);
    json_decref(all);
    assert_int_equal(agree, 23);
    assert_int_equal(left, 3);
}

/* Without the fixtures. source: the curve computed apart (models of trials,
 * 360 and 75 minutes, no delay). */
static void test_loop__curve__is_the_published_one(void **state)
{
    const struct dg_loop_curve curve = {21600.0, 4500.0, 0.0};

    (void)state;
    assert_true(dg_loop_remaining(&curve, -1.0) == 1.0);
    assert_true(fabs(dg_loop_remaining(&curve, 1800.0) - 0.9295208630) < 6e-11);
    assert_true(fabs(dg_loop_remaining(&curve, 7200.0) - 0.4497523127) < 6e-11);
    assert_true(dg_loop_remaining(&curve, 21600.0) == 0.0);
    assert_true(dg_loop_remaining(&dg_loop_rapid_adult, 600.0) == 1.0);
    assert_true(fabs(dg_loop_remaining(&dg_loop_rapid_adult, 2400.0) -
                     0.9295208630) < 6e-11);
}

static void test_loop__basal_at_the_schedule__has_no_effect(void **state)
{
    const struct dg_loop_dose dose = {0.0, 3600.0, 0.9};
    const struct dg_loop_rate rates[] = {{0.0, 1800.0, 1.0},
                                         {1800.0, 9000.0, 0.8}};
    struct dg_loop_dose net[4];

    (void)state;
    assert_int_equal(dg_loop_net(dose, rates, 2, net, 4), 2);
    assert_true(fabs(net[0].units + 0.05) < 1e-12);
    assert_true(fabs(net[1].units - 0.05) < 1e-12);
    assert_int_equal(dg_loop_net(dose, rates, 2, net, 1), 0);
    /* Half of it is not there yet. */
    assert_true(fabs(dg_loop_iob(&dg_loop_rapid_adult, &dose, 1, 1500.0) -
                     0.45) < 0.01);
    assert_true(dg_loop_insulin_effect(
                    &dg_loop_rapid_adult, &dose, 1, 40.0, 0.0) == 0.0);
    assert_true(fabs(dg_loop_insulin_effect(
                         &dg_loop_rapid_adult, &dose, 1, 40.0, 86400.0) +
                     36.0) < 1e-9);
}

/* 100 mg/dL in five minutes: 5 g take 25 of it and no more, 60 g the rest. */
static void test_loop__small_entry__takes_no_more_than_it_has(void **state)
{
    const struct dg_loop_carb_settings settings = {
        DG_LOOP_LINEAR, 1.5, 1.5, 0.0};
    const struct dg_loop_velocity velocity = {0.0, 300.0, 20.0};
    const struct dg_loop_carb_entry entries[] = {{0.0, 5.0, 600.0, 5.0},
                                                 {0.0, 60.0, 7200.0, 5.0}};
    static struct dg_loop_absorption absorptions[2];

    (void)state;
    assert_true(
        dg_loop_carb_map(&settings, &velocity, 1, entries, 2, absorptions));
    assert_true(fabs(dg_loop_observed_g(&absorptions[0]) - 5.0) < 1e-12);
    assert_true(absorptions[0].effect <= 25.0 && absorptions[0].is_complete);
    assert_true(fabs(dg_loop_observed_g(&absorptions[1]) - 15.0) < 1e-12);
    assert_false(absorptions[1].is_complete);
    assert_false(
        dg_loop_carb_map(&settings, &velocity, 0, entries, 2, absorptions));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_loop__curves_and_effects__agree_with_the_fixtures),
        cmocka_unit_test(test_loop__curve__is_the_published_one),
        cmocka_unit_test(test_loop__basal_at_the_schedule__has_no_effect),
        cmocka_unit_test(test_loop__small_entry__takes_no_more_than_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
