/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "oref0_cases.h"
#include "patient/control/oref0/number.h"

/* Agreement with openaps/oref0 0.7.1 in closed loop: 200 sequences of 24
 * steps, each from readings to status, insulin on board, decision and pump
 * events, which the next step sees.  vectors/oref0/README says how. */

#define LINE_MAX_BYTES 262144
#define READINGS_MAX   256U
#define NEWEST         24U
#define STEP_MS        300000.0

static char line[LINE_MAX_BYTES];

struct loop {
    double t0_ms;
    json_t *profile_json;
    struct dg_oref0_profile profile;
    struct dg_oref0_curve_table table;
    bool is_mmol;
    bool has_autosens;
    double autosens_ratio;
    bool micro_bolus_allowed;
    struct dg_oref0_event events[CASE_EVENTS_MAX];
    size_t event_count;
    struct dg_oref0_reading readings[READINGS_MAX]; /* oldest first */
    size_t reading_count;
};

static struct loop loop;

static void add_reading(const json_t *row)
{
    assert_true(loop.reading_count < READINGS_MAX);
    loop.readings[loop.reading_count] = (struct dg_oref0_reading){
        .date_ms = loop.t0_ms + oref0_element(row, 0) * 1000.0,
        .mg_dL = oref0_element(row, 1),
        .noise = json_array_size(row) > 2 ? oref0_element(row, 2) : 1.0,
    };
    loop.reading_count++;
}

static void read_profile(void)
{
    const char *const units =
        json_string_value(json_object_get(loop.profile_json, "out_units"));

    oref0_read_profile(loop.profile_json, &loop.profile);
    loop.is_mmol = units != NULL && strcmp(units, "mmol/L") == 0;
    assert_true(dg_oref0_curve_table(&loop.table, &loop.profile));
}

static void begin(const json_t *json)
{
    const json_t *const events = json_object_get(json, "events");
    const json_t *const readings = json_object_get(json, "readings");
    const json_t *const autosens = json_object_get(json, "autosens");

    memset(&loop, 0, sizeof loop);
    loop.t0_ms = oref0_time_ms(json_string_value(json_object_get(json, "t0")));
    loop.profile_json = json_object_get(json, "profile");
    loop.has_autosens = json_is_object(autosens);
    loop.autosens_ratio = oref0_number(autosens, "ratio");
    loop.micro_bolus_allowed =
        json_is_true(json_object_get(json, "microBolusAllowed"));
    for (size_t i = 0; i < json_array_size(events); i++) {
        loop.events[loop.event_count] =
            oref0_read_event(json_array_get(events, i), loop.t0_ms);
        loop.event_count++;
    }
    for (size_t i = 0; i < json_array_size(readings); i++) {
        add_reading(json_array_get(readings, i));
    }
}

/* The newest readings, newest first. */
static bool glucose_now(struct dg_oref0_glucose *glucose)
{
    struct dg_oref0_reading newest[NEWEST];
    size_t count = 0;

    while (count < NEWEST && count < loop.reading_count) {
        newest[count] = loop.readings[loop.reading_count - 1 - count];
        count++;
    }
    return dg_oref0_glucose_status(newest, count, glucose);
}

static struct dg_oref0_temp running_at(double now_ms)
{
    struct dg_oref0_temp temp = {0.0, 0.0};

    for (size_t i = loop.event_count; i > 0; i--) {
        const struct dg_oref0_event *const event = &loop.events[i - 1];

        if (event->kind == DG_OREF0_TEMP) {
            const double elapsed = (now_ms - event->at_ms) / 60000.0;

            if (elapsed < event->minutes) {
                temp.rate = event->amount;
                temp.minutes = dg_oref0_round(event->minutes - elapsed);
            }
            break;
        }
    }
    return temp;
}

static struct dg_oref0_meal read_meal(const json_t *row)
{
    const json_t *const last = json_array_get(row, 4);

    return (struct dg_oref0_meal){
        .carbs = oref0_element(row, 0),
        .cob = oref0_element(row, 1),
        .slope_from_max = oref0_element(row, 2),
        .slope_from_min = oref0_element(row, 3),
        .last_carb_ms = json_is_null(last)
                            ? 0.0
                            : loop.t0_ms + json_number_value(last) * 1000.0,
    };
}

static bool is_row(const double *values, size_t count, const json_t *row)
{
    if (json_array_size(row) != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!oref0_is_equal(values[i], oref0_element(row, i))) {
            return false;
        }
    }
    return true;
}

static const char *judge_inputs(const struct dg_oref0_situation *situation,
                                const struct dg_oref0_iob *iob,
                                const struct dg_oref0_iob_parts *parts,
                                const json_t *out)
{
    const struct dg_oref0_glucose *const glucose = &situation->glucose;
    const double status[] = {
        glucose->mg_dL, glucose->delta, glucose->short_avg, glucose->long_avg};
    const double board[] = {iob->iob[0],
                            iob->activity[0],
                            parts->basal_iob[0],
                            parts->bolus_iob[0],
                            iob->zt_iob[0],
                            iob->iob[47],
                            iob->zt_iob[47]};
    const double running[] = {situation->running.rate,
                              situation->running.minutes};
    const json_t *const last_bolus = json_object_get(out, "lastBolus");
    const json_t *const last_temp = json_object_get(out, "lastTemp");
    const double last[] = {(iob->last_temp.date_ms - loop.t0_ms) / 1000.0,
                           iob->last_temp.rate,
                           iob->last_temp.minutes};

    if (!is_row(status, 4, json_object_get(out, "gs"))) {
        return "gs";
    }
    if (!is_row(board, 7, json_object_get(out, "iob"))) {
        return "iob";
    }
    if (!is_row(running, 2, json_object_get(out, "ct"))) {
        return "ct";
    }
    if (last_bolus != NULL &&
        !oref0_is_equal(iob->last_bolus_ms,
                        json_is_null(last_bolus)
                            ? 0.0
                            : loop.t0_ms +
                                  json_number_value(last_bolus) * 1000.0)) {
        return "lastBolus";
    }
    if (last_temp != NULL &&
        !(json_is_null(last_temp) ? iob->last_temp.date_ms == 0.0
                                  : is_row(last, 3, last_temp))) {
        return "lastTemp";
    }
    return NULL;
}

static const char *judge_series(const struct dg_oref0_decision *decision,
                                const json_t *pred)
{
    static const char *const names[DG_OREF0_SERIES_KINDS] = {
        [DG_OREF0_SERIES_IOB] = "IOB",
        [DG_OREF0_SERIES_ZT] = "ZT",
        [DG_OREF0_SERIES_COB] = "COB",
        [DG_OREF0_SERIES_UAM] = "UAM",
    };

    for (size_t i = 0; i < DG_OREF0_SERIES_KINDS; i++) {
        const struct dg_oref0_series *const series = &decision->series[i];
        const json_t *const row = json_object_get(pred, names[i]);

        if ((series->count > 0) != (row != NULL)) {
            return names[i];
        }
        if (row == NULL) {
            continue;
        }
        double said[] = {(double)series->count, 1.0e9, 0.0};
        for (size_t k = 0; k < series->count; k++) {
            said[1] = series->point[k] < said[1] ? series->point[k] : said[1];
            said[2] = series->point[k];
        }
        if (!is_row(said, 3, row)) {
            return names[i];
        }
    }
    return NULL;
}

static const char *judge_decision(const struct dg_oref0_decision *decision,
                                  const json_t *out)
{
    const json_t *const key = json_object_get(out, "key");
    const struct {
        const char *name;
        double value;
    } exact[] = {
        {"rate", decision->has_temp ? decision->temp.rate : DG_OREF0_ABSENT},
        {"duration",
         decision->has_temp ? decision->temp.minutes : DG_OREF0_ABSENT},
        {"units", decision->units},
        {"eventualBG",
         decision->is_full ? decision->eventual_bg : DG_OREF0_ABSENT},
        {"carbsReq", decision->carbs_req},
        {"insulinReq",
         decision->insulin_req == 0.0 ? DG_OREF0_ABSENT
                                      : decision->insulin_req},
    };
    const json_t *const target = json_object_get(out, "target_bg");
    const json_t *const isf = json_object_get(out, "ISF");
    const json_t *const ratio = json_object_get(out, "sensitivityRatio");

    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        if (!oref0_is_equal(exact[i].value, oref0_number(out, exact[i].name))) {
            return exact[i].name;
        }
    }
    if (decision->is_full != (key != NULL)) {
        return "presence of predictions";
    }
    if (!decision->is_full) {
        return NULL;
    }
    if (!oref0_is_shown(
            decision->min_pred_bg, json_array_get(key, 0), loop.is_mmol) ||
        !oref0_is_shown(
            decision->min_guard_bg, json_array_get(key, 1), loop.is_mmol)) {
        return "key";
    }
    if ((target != NULL &&
         !oref0_is_shown(decision->target_bg, target, loop.is_mmol)) ||
        (isf != NULL && !oref0_is_shown(decision->isf, isf, loop.is_mmol)) ||
        (ratio != NULL && !oref0_is_equal(decision->sensitivity_ratio,
                                          json_number_value(ratio)))) {
        return "target, ISF or ratio";
    }
    return judge_series(decision, json_object_get(out, "pred"));
}

static void add_event(struct dg_oref0_event event)
{
    assert_true(loop.event_count < CASE_EVENTS_MAX);
    loop.events[loop.event_count] = event;
    loop.event_count++;
}

static const char *run_step(const json_t *step, double now_ms)
{
    const json_t *const cgm = json_object_get(step, "cgm");
    const json_t *const out = json_object_get(step, "out");
    struct dg_oref0_iob iob;
    struct dg_oref0_iob_parts parts;
    struct dg_oref0_decision decision;
    struct dg_oref0_situation situation = {
        .now_ms = now_ms,
        .has_autosens = loop.has_autosens,
        .autosens_ratio = loop.autosens_ratio,
        .micro_bolus_allowed = loop.micro_bolus_allowed,
    };

    (void)json_object_update(loop.profile_json,
                             json_object_get(step, "profile_patch"));
    read_profile();
    loop.profile.current_basal = dg_oref0_scheduled_rate(
        &loop.profile, fmod(dg_oref0_floor(now_ms / 60000.0), 1440.0));
    if (json_is_array(cgm)) {
        add_reading(cgm);
    }
    if (!glucose_now(&situation.glucose)) {
        return "no reading";
    }
    situation.running = running_at(now_ms);
    situation.meal = read_meal(json_object_get(step, "meal"));
    if (!dg_oref0_iob(&loop.profile,
                      &loop.table,
                      loop.has_autosens ? loop.autosens_ratio : DG_OREF0_ABSENT,
                      loop.events,
                      loop.event_count,
                      now_ms,
                      &iob,
                      &parts)) {
        return "refused";
    }
    situation.outlook = (struct dg_oref0_outlook){
        .count = DG_OREF0_AHEAD,
        .is_list = true,
        .iob = iob.iob[0],
        .activity = iob.activity,
        .zt_activity = iob.zt_activity,
        .last_bolus_ms = iob.last_bolus_ms,
        .last_temp = iob.last_temp,
    };

    const char *const complaint = judge_inputs(&situation, &iob, &parts, out);

    if (complaint != NULL) {
        return complaint;
    }
    dg_oref0_decide(&loop.profile, &situation, &decision);
    if (dg_oref0_is_there(decision.units)) {
        add_event((struct dg_oref0_event){
            .at_ms = now_ms, .kind = DG_OREF0_BOLUS, .amount = decision.units});
    }
    if (decision.has_temp) {
        add_event((struct dg_oref0_event){.at_ms = now_ms,
                                          .kind = DG_OREF0_TEMP,
                                          .amount = decision.temp.rate,
                                          .minutes = decision.temp.minutes});
    }
    return judge_decision(&decision, out);
}

static bool run_sequence(const json_t *json, unsigned *steps)
{
    const json_t *const list = json_object_get(json, "steps");

    begin(json);
    for (size_t k = 0; k < json_array_size(list); k++) {
        const char *const complaint =
            run_step(json_array_get(list, k), loop.t0_ms + (double)k * STEP_MS);

        if (complaint != NULL) {
            print_message("%s step %zu: %s differs\n",
                          json_string_value(json_object_get(json, "id")),
                          k,
                          complaint);
            return false;
        }
        (*steps)++;
    }
    return true;
}

static void test_oref0__sequences_in_closed_loop__agree(void **state)
{
    char path[4096];
    unsigned sequences = 0;
    unsigned agree = 0;
    unsigned steps = 0;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/oref0/loop-cases.jsonl", DG_VECTORS);
    FILE *const in = fopen(path, "r");

    if (in == NULL) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    while (fgets(line, sizeof line, in) != NULL) {
        json_t *const json = json_loads(line, 0, NULL);

        assert_non_null(json);
        sequences++;
        agree += run_sequence(json, &steps) ? 1U : 0U;
        json_decref(json);
    }
    (void)fclose(in);
    print_message("loop-cases.jsonl: %u of %u sequences agree (%u steps)\n",
                  agree,
                  sequences,
                  steps);
    assert_int_equal(sequences, 200);
    assert_int_equal(steps, 4800);
    assert_int_equal(agree, sequences);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oref0__sequences_in_closed_loop__agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
