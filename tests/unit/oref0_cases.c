/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "oref0_cases.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "patient/control/oref0/number.h"

double oref0_number(const json_t *object, const char *key)
{
    const json_t *const value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : DG_OREF0_ABSENT;
}

double oref0_element(const json_t *array, size_t at)
{
    const json_t *const value = json_array_get(array, at);

    return json_is_number(value) ? json_number_value(value) : DG_OREF0_ABSENT;
}

double oref0_time_ms(const char *iso)
{
    struct tm tm = {.tm_isdst = 0};
    const char *const rest = strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm);
    int ms = 0;
    int zone = 0; /* hours and minutes as one number: -800 */

    if (rest != NULL && rest[0] == '.') {
        (void)sscanf(rest, ".%3d%d", &ms, &zone);
    }
    return (double)(timegm(&tm) - zone / 100 * 3600 - zone % 100 * 60) *
               1000.0 +
           (double)ms;
}

static bool flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static bool is_text(const json_t *object, const char *key, const char *text)
{
    const char *const value = json_string_value(json_object_get(object, key));

    return value != NULL && strcmp(value, text) == 0;
}

static void read_curve(const json_t *json, struct dg_oref0_profile *profile)
{
    const char *const curve = json_string_value(json_object_get(json, "curve"));

    profile->curve = DG_OREF0_RAPID;
    profile->curve_is_exact = false;
    if (curve == NULL || strcasecmp(curve, "bilinear") == 0) {
        profile->curve = DG_OREF0_BILINEAR;
    } else if (strcasecmp(curve, "ultra-rapid") == 0) {
        profile->curve = DG_OREF0_ULTRA_RAPID;
        profile->curve_is_exact = strcmp(curve, "ultra-rapid") == 0;
    } else {
        profile->curve_is_exact = strcmp(curve, "rapid-acting") == 0;
    }
}

static bool ends(const char *text, const char *end)
{
    const size_t length = strlen(text);

    return length >= 2 && strcmp(text + length - 2, end) == 0;
}

void oref0_read_profile(const json_t *json, struct dg_oref0_profile *profile)
{
    const json_t *const basal = json_object_get(json, "basalprofile");
    const json_t *const a52 = json_object_get(json, "A52_risk_enable");
    const char *const model = json_string_value(json_object_get(json, "model"));

    *profile = (struct dg_oref0_profile){
        .dia = oref0_number(json, "dia"),
        .use_custom_peak_time = flag(json, "useCustomPeakTime"),
        .insulin_peak_time = oref0_number(json, "insulinPeakTime"),
        .suspend_zeros_iob = flag(json, "suspend_zeros_iob"),
        .current_basal = oref0_number(json, "current_basal"),
        .max_daily_basal = oref0_number(json, "max_daily_basal"),
        .sens = oref0_number(json, "sens"),
        .carb_ratio = oref0_number(json, "carb_ratio"),
        .min_bg = oref0_number(json, "min_bg"),
        .max_bg = oref0_number(json, "max_bg"),
        .temptarget_set = flag(json, "temptargetSet"),
        .max_iob = oref0_number(json, "max_iob"),
        .max_basal = oref0_number(json, "max_basal"),
        .max_daily_safety_multiplier =
            oref0_number(json, "max_daily_safety_multiplier"),
        .current_basal_safety_multiplier =
            oref0_number(json, "current_basal_safety_multiplier"),
        .fine_steps = model != NULL && (ends(model, "54") || ends(model, "23")),
        .skip_neutral_temps = flag(json, "skip_neutral_temps"),
        .autosens_max = oref0_number(json, "autosens_max"),
        .noisy_cgm_target_multiplier =
            oref0_number(json, "noisyCGMTargetMultiplier"),
        .exercise_mode = flag(json, "exercise_mode"),
        .high_temptarget_raises_sensitivity =
            flag(json, "high_temptarget_raises_sensitivity"),
        .low_temptarget_lowers_sensitivity =
            flag(json, "low_temptarget_lowers_sensitivity"),
        .sensitivity_raises_target = flag(json, "sensitivity_raises_target"),
        .resistance_lowers_target = flag(json, "resistance_lowers_target"),
        .half_basal_exercise_target =
            oref0_number(json, "half_basal_exercise_target"),
        .remaining_carbs_cap = oref0_number(json, "remainingCarbsCap"),
        .remaining_carbs_fraction =
            oref0_number(json, "remainingCarbsFraction"),
        .carbs_req_threshold = oref0_number(json, "carbsReqThreshold"),
        .enable_uam = flag(json, "enableUAM"),
        .a52_risk_enable = json_is_false(a52)  ? DG_OREF0_NO
                           : json_is_true(a52) ? DG_OREF0_YES
                                               : DG_OREF0_UNSAID,
        .enable_smb_always = flag(json, "enableSMB_always"),
        .enable_smb_with_cob = flag(json, "enableSMB_with_COB"),
        .enable_smb_after_carbs = flag(json, "enableSMB_after_carbs"),
        .enable_smb_with_temptarget = flag(json, "enableSMB_with_temptarget"),
        .enable_smb_high_bg = flag(json, "enableSMB_high_bg"),
        .enable_smb_high_bg_target =
            oref0_number(json, "enableSMB_high_bg_target"),
        .allow_smb_with_high_temptarget =
            flag(json, "allowSMB_with_high_temptarget"),
        .max_smb_basal_minutes = oref0_number(json, "maxSMBBasalMinutes"),
        .max_uam_smb_basal_minutes =
            oref0_number(json, "maxUAMSMBBasalMinutes"),
        .smb_interval = oref0_number(json, "SMBInterval"),
        .bolus_increment = oref0_number(json, "bolus_increment"),
        .max_delta_bg_threshold = oref0_number(json, "maxDelta_bg_threshold"),
    };
    read_curve(json, profile);
    for (size_t i = 0; i < json_array_size(basal) && i < DG_OREF0_SCHEDULE_MAX;
         i++) {
        const json_t *const entry = json_array_get(basal, i);

        profile->basal.entry[i].minute = oref0_number(entry, "minutes");
        profile->basal.entry[i].rate = oref0_number(entry, "rate");
        profile->basal.count++;
    }
}

struct dg_oref0_temp oref0_read_temp(const json_t *json)
{
    return (struct dg_oref0_temp){
        .rate = oref0_number(json, "rate"),
        .minutes = oref0_number(json, "duration"),
    };
}

struct dg_oref0_event oref0_read_event(const json_t *json, double zero_ms)
{
    struct dg_oref0_event event = {
        .at_ms = zero_ms + oref0_number(json, "t") * 1000.0,
    };

    if (json_object_get(json, "bolus") != NULL) {
        event.kind = DG_OREF0_BOLUS;
        event.amount = oref0_number(json, "bolus");
    } else if (json_object_get(json, "rate") != NULL) {
        event.kind = DG_OREF0_TEMP;
        event.amount = oref0_number(json, "rate");
        event.minutes = oref0_number(json, "duration");
    } else {
        event.kind = json_object_get(json, "suspend") != NULL ? DG_OREF0_SUSPEND
                                                              : DG_OREF0_RESUME;
    }
    return event;
}

static struct dg_oref0_glucose read_glucose(const json_t *json)
{
    return (struct dg_oref0_glucose){
        .mg_dL = oref0_number(json, "glucose"),
        .delta = oref0_number(json, "delta"),
        .short_avg = oref0_number(json, "short_avgdelta"),
        .long_avg = oref0_number(json, "long_avgdelta"),
        .noise = oref0_number(json, "noise"),
        .date_ms = oref0_number(json, "date"),
        .fake_cgm = is_text(json, "device", "fakecgm"),
    };
}

static struct dg_oref0_meal read_meal(const json_t *json)
{
    return (struct dg_oref0_meal){
        .carbs = oref0_number(json, "carbs"),
        .cob = oref0_number(json, "mealCOB"),
        .slope_from_max = oref0_number(json, "slopeFromMaxDeviation"),
        .slope_from_min = oref0_number(json, "slopeFromMinDeviation"),
        .last_carb_ms = oref0_number(json, "lastCarbTime"),
        .bw_found = flag(json, "bwFound"),
        .clock_unread = is_text(json, "reason", "Could not parse clock data"),
    };
}

/* Packed: two columns of numbers times 10000. */
static void read_packed(const json_t *json, struct oref0_case *one)
{
    const json_t *const column = json_object_get(json, "activity_e4");
    const json_t *const zero = json_object_get(json, "zt_activity_e4");

    one->situation.outlook.is_list = true;
    one->situation.outlook.count = json_array_size(column);
    for (size_t i = 0; i < one->situation.outlook.count; i++) {
        one->activity[i] = oref0_element(column, i) / 10000.0;
        one->zt_activity[i] = oref0_element(zero, i) / 10000.0;
    }
}

static void read_outlook(const json_t *json, struct oref0_case *one)
{
    struct dg_oref0_outlook *const outlook = &one->situation.outlook;
    const json_t *first = json;

    outlook->activity = one->activity;
    outlook->zt_activity = one->zt_activity;
    if (json_is_array(json)) {
        first = json_array_get(json, 0);
        outlook->is_list = true;
        outlook->count = json_array_size(json);
        for (size_t i = 0; i < outlook->count; i++) {
            const json_t *const entry = json_array_get(json, i);

            one->activity[i] = oref0_number(entry, "activity");
            one->zt_activity[i] = oref0_number(
                json_object_get(entry, "iobWithZeroTemp"), "activity");
        }
    } else if (json_object_get(json, "activity_e4") != NULL) {
        read_packed(json, one);
    } else if (json_is_object(json)) {
        outlook->count = 1;
        one->activity[0] = oref0_number(json, "activity");
    }

    const json_t *const last = json_object_get(first, "lastTemp");

    outlook->iob = oref0_number(first, "iob");
    outlook->last_bolus_ms = oref0_number(first, "lastBolusTime");
    outlook->last_temp = (struct dg_oref0_last_temp){
        .is_there = last != NULL,
        .date_ms = oref0_number(last, "date"),
        .rate = oref0_number(last, "rate"),
        .minutes = oref0_number(last, "duration"),
    };
}

void oref0_read_case(const json_t *json, struct oref0_case *one)
{
    const json_t *const profile = json_object_get(json, "profile");
    const json_t *const autosens = json_object_get(json, "autosens");

    memset(one, 0, sizeof *one);
    oref0_read_profile(profile, &one->profile);
    one->is_mmol = is_text(profile, "out_units", "mmol/L");
    one->situation.now_ms =
        oref0_time_ms(json_string_value(json_object_get(json, "now")));
    one->situation.glucose =
        read_glucose(json_object_get(json, "glucose_status"));
    one->situation.running =
        oref0_read_temp(json_object_get(json, "currenttemp"));
    one->situation.has_autosens = json_is_object(autosens);
    one->situation.autosens_ratio = oref0_number(autosens, "ratio");
    one->situation.meal = read_meal(json_object_get(json, "meal_data"));
    one->situation.micro_bolus_allowed = flag(json, "microBolusAllowed");
    read_outlook(json_object_get(json, "iob_data"), one);
}

bool oref0_is_equal(double a, double b)
{
    return (a != a && b != b) || fabs(a - b) <= 1e-9;
}

bool oref0_is_shown(double mg_dL, const json_t *shown, bool is_mmol)
{
    char text[32];

    if (!is_mmol) {
        return oref0_is_equal(dg_oref0_round(mg_dL),
                              json_is_number(shown) ? json_number_value(shown)
                                                    : DG_OREF0_ABSENT);
    }
    (void)snprintf(text, sizeof text, "%.1f", dg_oref0_round1(mg_dL / 18.0));
    if (json_is_string(shown)) {
        const char *const said = json_string_value(shown);

        return strcmp(strcmp(text, "-0.0") == 0 ? "0.0" : text,
                      strcmp(said, "-0.0") == 0 ? "0.0" : said) == 0;
    }
    return fabs(strtod(text, NULL) - json_number_value(shown)) <= 1e-9;
}

static const char *const errors[] = {
    [DG_OREF0_FINE] = NULL,
    [DG_OREF0_NO_CURRENT_BASAL] = "no_current_basal",
    [DG_OREF0_NO_TARGET] = "no_target",
    [DG_OREF0_NO_IOB] = "no_iob",
    [DG_OREF0_IOB_INCOMPLETE] = "iob_incomplete",
    [DG_OREF0_NO_EVENTUAL_BG] = "no_eventual_bg",
};

static bool is_series(const struct dg_oref0_series *series,
                      const json_t *points)
{
    if (series->count != json_array_size(points)) {
        return false;
    }
    for (size_t i = 0; i < series->count; i++) {
        if (!oref0_is_equal(series->point[i], oref0_element(points, i))) {
            return false;
        }
    }
    return true;
}

static const char *judge_series(const struct dg_oref0_decision *decision,
                                const json_t *output,
                                bool is_mmol)
{
    static const struct {
        enum dg_oref0_series_kind kind;
        const char *name;
        const char *last;
    } rows[] = {
        {DG_OREF0_SERIES_IOB, "IOB", "IOBpredBG"},
        {DG_OREF0_SERIES_ZT, "ZT", NULL},
        {DG_OREF0_SERIES_COB, "COB", "COBpredBG"},
        {DG_OREF0_SERIES_UAM, "UAM", "UAMpredBG"},
    };
    const json_t *const all = json_object_get(output, "predBGs");
    const json_t *const key = json_object_get(output, "key");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct dg_oref0_series *const series =
            &decision->series[rows[i].kind];

        if (!is_series(series, json_object_get(all, rows[i].name))) {
            return rows[i].name;
        }
        const json_t *const last =
            rows[i].last != NULL ? json_object_get(key, rows[i].last) : NULL;
        if (last != NULL &&
            (series->count == 0 ||
             !oref0_is_shown(
                 series->point[series->count - 1], last, is_mmol))) {
            return rows[i].last;
        }
    }
    return NULL;
}

static const char *judge_numbers(const struct dg_oref0_decision *decision,
                                 const json_t *output)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {
        {"eventualBG", decision->eventual_bg},
        {"insulinReq", decision->insulin_req},
        {"sensitivityRatio", decision->sensitivity_ratio},
        {"carbsReq", decision->carbs_req},
        {"COB", decision->cob},
        {"IOB", decision->iob},
        {"CR", decision->cr},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!oref0_is_equal(rows[i].value,
                            oref0_number(output, rows[i].name))) {
            return rows[i].name;
        }
    }
    return NULL;
}

static const char *judge_shown(const struct dg_oref0_decision *decision,
                               const json_t *output,
                               bool is_mmol)
{
    const json_t *const key = json_object_get(output, "key");
    const struct {
        const json_t *object;
        const char *name;
        double value;
    } rows[] = {
        {output, "BGI", decision->bgi},
        {output, "deviation", decision->deviation},
        {output, "ISF", decision->isf},
        {output, "target_bg", decision->target_bg},
        {key, "minPredBG", decision->min_pred_bg},
        {key, "minGuardBG", decision->min_guard_bg},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_t *const shown =
            json_object_get(rows[i].object, rows[i].name);

        if (shown != NULL && !oref0_is_shown(rows[i].value, shown, is_mmol)) {
            return rows[i].name;
        }
    }
    return NULL;
}

static bool is_tick(double tick, const json_t *said)
{
    char text[32];

    if (json_is_number(said)) {
        return tick <= 0.0 && oref0_is_equal(tick, json_number_value(said));
    }
    (void)snprintf(text, sizeof text, "+%.0f", tick == 0.0 ? 0.0 : tick);
    return json_is_string(said) && strcmp(text, json_string_value(said)) == 0;
}

const char *oref0_judge(const struct dg_oref0_decision *decision,
                        const json_t *output,
                        bool is_mmol)
{
    const char *const error =
        json_string_value(json_object_get(output, "error"));

    if (error != NULL || decision->error != DG_OREF0_FINE) {
        return error != NULL && decision->error != DG_OREF0_FINE &&
                       strcmp(error, errors[decision->error]) == 0
                   ? NULL
                   : "error";
    }
    if (decision->has_temp != (json_object_get(output, "rate") != NULL)) {
        return "presence of rate";
    }
    if (decision->has_temp &&
        !(oref0_is_equal(decision->temp.rate, oref0_number(output, "rate")) &&
          oref0_is_equal(decision->temp.minutes,
                         oref0_number(output, "duration")))) {
        return "rate or duration";
    }
    if (!oref0_is_equal(decision->units, oref0_number(output, "units"))) {
        return "units";
    }
    if (decision->is_full != (json_object_get(output, "predBGs") != NULL)) {
        return "presence of predictions";
    }
    if (!decision->is_full) {
        return NULL;
    }
    if (!is_tick(decision->tick, json_object_get(output, "tick"))) {
        return "tick";
    }

    const char *complaint = judge_numbers(decision, output);

    complaint =
        complaint != NULL ? complaint : judge_shown(decision, output, is_mmol);
    return complaint != NULL ? complaint
                             : judge_series(decision, output, is_mmol);
}
