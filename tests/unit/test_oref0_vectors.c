/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "oref0_cases.h"
#include "patient/control/oref0/number.h"

/* Agreement with decisions that openaps/oref0 0.7.1 made: every case of every
 * file, and how many agree is printed.  The sequences are in
 * test_oref0_loop.c. */

#define LINE_MAX_BYTES 262144
#define SHOWN_MAX      12

static char line[LINE_MAX_BYTES];

static FILE *open_cases(const char *file)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/oref0/%s", DG_VECTORS, file);
    FILE *const in = fopen(path, "r");

    if (in == NULL) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    return in;
}

struct tally {
    const char *fn;
    unsigned cases;
    unsigned agree;
};

static const char *judge_round_basal(const json_t *json)
{
    struct dg_oref0_profile profile;

    oref0_read_profile(json_object_get(json, "profile"), &profile);
    return oref0_is_equal(
               dg_oref0_pump_rate(&profile, oref0_number(json, "basal")),
               oref0_number(json, "output"))
               ? NULL
               : "rate";
}

static const char *judge_set_temp(const json_t *json)
{
    const json_t *const output = json_object_get(json, "output");
    const struct dg_oref0_temp running =
        oref0_read_temp(json_object_get(json, "currenttemp"));
    struct dg_oref0_profile profile;
    struct dg_oref0_temp asked = {0.0, 0.0};

    oref0_read_profile(json_object_get(json, "profile"), &profile);
    if (json_object_get(json, "max_safe_basal") != NULL &&
        !oref0_is_equal(dg_oref0_safe_rate(&profile),
                        oref0_number(json, "max_safe_basal"))) {
        return "max_safe_basal";
    }

    const bool is_asked =
        dg_oref0_set_temp(&profile, &running, oref0_read_temp(json), &asked);

    if (is_asked != (json_object_get(output, "rate") != NULL)) {
        return "presence";
    }
    return !is_asked ||
                   (oref0_is_equal(asked.rate, oref0_number(output, "rate")) &&
                    oref0_is_equal(asked.minutes,
                                   oref0_number(output, "duration")))
               ? NULL
               : "rate or duration";
}

/* The names of sensors as numbers; 0 where none is given. */
static uint32_t device_of(const json_t *json)
{
    const char *name = json_string_value(json_object_get(json, "device"));
    uint32_t hash = 0;

    for (; name != NULL && *name != '\0'; name++) {
        hash = hash * 31U + (unsigned char)*name;
    }
    return hash;
}

static struct dg_oref0_reading read_reading(const json_t *json)
{
    const char *const type = json_string_value(json_object_get(json, "type"));
    const char *const text =
        json_string_value(json_object_get(json, "dateString"));
    const double glucose = oref0_number(json, "glucose");
    const double date = oref0_number(json, "date");

    return (struct dg_oref0_reading){
        .mg_dL = dg_oref0_is_set(glucose) ? glucose : oref0_number(json, "sgv"),
        .date_ms = date == date || text == NULL ? date : oref0_time_ms(text),
        .noise = oref0_number(json, "noise"),
        .device = device_of(json),
        .is_calibration = type != NULL && strcmp(type, "cal") == 0,
    };
}

static const char *judge_glucose(const json_t *json)
{
    const json_t *const output = json_object_get(json, "output");
    const json_t *const list = json_object_get(json, "readings");
    struct dg_oref0_reading readings[256];
    struct dg_oref0_glucose status;
    const size_t count = json_array_size(list);

    if (count > sizeof readings / sizeof readings[0]) {
        return "too many readings";
    }
    for (size_t i = 0; i < count; i++) {
        readings[i] = read_reading(json_array_get(list, i));
    }
    if (!dg_oref0_glucose_status(readings, count, &status)) {
        return json_is_null(output) ? NULL : "presence";
    }

    const struct {
        const char *name;
        double value;
    } rows[] = {
        {"glucose", status.mg_dL},
        {"delta", status.delta},
        {"short_avgdelta", status.short_avg},
        {"long_avgdelta", status.long_avg},
        {"noise", status.noise},
        {"date", status.date_ms},
        {"last_cal", (double)status.last_cal},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!oref0_is_equal(rows[i].value,
                            oref0_number(output, rows[i].name))) {
            return rows[i].name;
        }
    }
    return NULL;
}

static const char *judge_last(const struct dg_oref0_iob *iob,
                              const json_t *output)
{
    const json_t *const temp = json_object_get(output, "lastTemp");

    if (!oref0_is_equal(iob->last_bolus_ms,
                        oref0_number(output, "lastBolusTime"))) {
        return "lastBolusTime";
    }
    return oref0_is_equal(iob->last_temp.date_ms, oref0_number(temp, "date")) &&
                   oref0_is_equal(iob->last_temp.rate,
                                  oref0_number(temp, "rate")) &&
                   oref0_is_equal(iob->last_temp.minutes,
                                  oref0_number(temp, "duration"))
               ? NULL
               : "lastTemp";
}

static const char *judge_iob(const json_t *json)
{
    const json_t *const output = json_object_get(json, "output");
    const json_t *const list = json_object_get(json, "events");
    const double clock_ms =
        oref0_time_ms(json_string_value(json_object_get(json, "clock")));
    static struct dg_oref0_event events[CASE_EVENTS_MAX];
    static struct dg_oref0_curve_table table;
    struct dg_oref0_profile profile;
    struct dg_oref0_iob iob;
    struct dg_oref0_iob_parts parts;
    const size_t count = json_array_size(list);

    if (count > CASE_EVENTS_MAX) {
        return "too many events";
    }
    for (size_t i = 0; i < count; i++) {
        events[i] = oref0_read_event(json_array_get(list, i), clock_ms);
    }
    oref0_read_profile(json_object_get(json, "profile"), &profile);
    if (!dg_oref0_curve_table(&table, &profile) ||
        !dg_oref0_iob(&profile,
                      &table,
                      oref0_number(json_object_get(json, "autosens"), "ratio"),
                      events,
                      count,
                      clock_ms,
                      &iob,
                      &parts)) {
        return "refused";
    }

    const struct {
        const char *name;
        const double *column;
        double scale;
    } rows[] = {
        {"iob_e3", iob.iob, 1000.0},
        {"activity_e4", iob.activity, 10000.0},
        {"zt_iob_e3", iob.zt_iob, 1000.0},
        {"zt_activity_e4", iob.zt_activity, 10000.0},
        {"basaliob_e3", parts.basal_iob, 1000.0},
        {"bolusiob_e3", parts.bolus_iob, 1000.0},
        {"netbasalinsulin_e3", parts.basal_insulin, 1000.0},
        {"bolusinsulin_e3", parts.bolus_insulin, 1000.0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_t *const column = json_object_get(output, rows[i].name);

        if (json_array_size(column) != DG_OREF0_AHEAD) {
            return "number of entries";
        }
        for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
            if (!oref0_is_equal(
                    dg_oref0_round(rows[i].column[k] * rows[i].scale),
                    oref0_element(column, k))) {
                return rows[i].name;
            }
        }
    }
    return judge_last(&iob, output);
}

static const char *judge_decision(const json_t *json)
{
    static struct oref0_case one;
    struct dg_oref0_decision decision;

    oref0_read_case(json, &one);
    dg_oref0_decide(&one.profile, &one.situation, &decision);
    return oref0_judge(&decision, json_object_get(json, "output"), one.is_mmol);
}

static const struct {
    const char *fn;
    const char *(*judge)(const json_t *json);
} judges[] = {
    {"round-basal", judge_round_basal},
    {"set-temp", judge_set_temp},
    {"glucose-status", judge_glucose},
    {"iob", judge_iob},
    {"determine-basal", judge_decision},
};

#define FNS (sizeof judges / sizeof judges[0])

static void judge_line(const char *text, struct tally tally[FNS])
{
    json_t *const json = json_loads(text, 0, NULL);

    assert_non_null(json);

    const char *const named = json_string_value(json_object_get(json, "fn"));
    const char *const fn = named != NULL ? named : "determine-basal";
    const char *complaint = "unknown function";
    size_t at = 0;

    while (at < FNS && strcmp(judges[at].fn, fn) != 0) {
        at++;
    }
    assert_true(at < FNS);
    complaint = judges[at].judge(json);
    tally[at].cases++;
    if (complaint == NULL) {
        tally[at].agree++;
    } else if (tally[at].cases - tally[at].agree <= SHOWN_MAX) {
        print_message("%s: %s differs\n",
                      json_string_value(json_object_get(json, "id")),
                      complaint);
    }
    json_decref(json);
}

/* All of a file; how many cases it must have is the second oracle. */
static void judge_file(const char *file, unsigned expected)
{
    FILE *const in = open_cases(file);
    struct tally tally[FNS] = {{0}};
    unsigned cases = 0;
    unsigned agree = 0;

    while (fgets(line, sizeof line, in) != NULL) {
        if (line[0] == '{') {
            judge_line(line, tally);
        }
    }
    (void)fclose(in);
    for (size_t i = 0; i < FNS; i++) {
        if (tally[i].cases > 0) {
            print_message("%s %s: %u of %u agree\n",
                          file,
                          judges[i].fn,
                          tally[i].agree,
                          tally[i].cases);
        }
        cases += tally[i].cases;
        agree += tally[i].agree;
    }
    assert_int_equal(cases, expected);
    assert_int_equal(agree, cases);
}

static void test_oref0__calls_of_its_own_tests__agree(void **state)
{
    (void)state;
    judge_file("unit-cases.jsonl", 120);
}

static void test_oref0__generated_parts__agree(void **state)
{
    (void)state;
    judge_file("part-cases.jsonl", 773);
}

static void test_oref0__random_decisions__agree(void **state)
{
    (void)state;
    judge_file("random-cases.jsonl", 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oref0__calls_of_its_own_tests__agree),
        cmocka_unit_test(test_oref0__generated_parts__agree),
        cmocka_unit_test(test_oref0__random_decisions__agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
