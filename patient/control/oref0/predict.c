/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/number.h"
#include "patient/control/oref0/parts.h"

/* The carbohydrate impact may not be more than 30 g/h. */
#define CARBS_G_PER_H_MAX  30.0
#define ABSORPTION_H       3.0
#define ABSORPTION_G_PER_H 20.0
#define LEFTOVER_CAP_G     90.0
#define FADE_STEPS         12.0 /* in which a deviation fades: an hour      */
#define UAM_FADE_STEPS     36.0
#define POINTS_PER_H       12.0
#define SERIES_MIN_MG_DL   39.0
#define SERIES_MAX_MG_DL   401.0
#define UNSET              999.0
#define IOB_FROM_POINTS    18U /* minima count behind the insulin's peak   */
#define UAM_FROM_POINTS    12U
#define TRIM_TO_POINTS     13U
#define TRIM_ZT_TO_POINTS  7U
#define MINUTES_TO_LOW     240.0
#define CARBS_REQ_MIN_MAX  45.0
#define MS_PER_MINUTE      60000.0

/* Of one series, mg/dL. */
struct line {
    double last;  /* the last point that was stored                          */
    double final; /* what the last entry gave, stored or not                 */
    double guard; /* least rounded value from the first entry on             */
    double least; /* ... behind the peak                                     */
};

struct forecast {
    double uncapped;   /* u, mg/dL per 5 min                              */
    double hours;      /* H, of absorption                                */
    double slope;      /* v                                               */
    double carb_steps; /* w                                               */
    bool carb_mode;
    double max_iob; /* xI                                              */
    double max_cob; /* xC, the latest above xI                         */
    struct line line[DG_OREF0_SERIES_KINDS];
};

static void size_carbs(struct dg_oref0_now *now, struct forecast *forecast)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const struct dg_oref0_meal *const meal = &now->situation->meal;
    const double sensitivity = now->isf / profile->carb_ratio;
    const double most =
        dg_oref0_round1(CARBS_G_PER_H_MAX * sensitivity * 5.0 / 60.0);

    now->carb_sensitivity = sensitivity;
    forecast->uncapped = dg_oref0_round1(now->min_delta - now->bgi);
    now->impact = forecast->uncapped > most ? most : forecast->uncapped;

    forecast->hours =
        dg_oref0_is_set(now->ratio) ? ABSORPTION_H / now->ratio : ABSORPTION_H;
    if (dg_oref0_is_set(meal->carbs)) {
        const double minutes = dg_oref0_round(
            (now->situation->now_ms - meal->last_carb_ms) / MS_PER_MINUTE);
        const double least =
            dg_oref0_max(forecast->hours, meal->cob / ABSORPTION_G_PER_H);

        forecast->hours = dg_oref0_round1(least + 1.5 * minutes / 60.0);
    }

    const double hours = forecast->hours;
    const double explained =
        dg_oref0_max(0.0, now->impact / 5.0 * 60.0 * hours / 2.0) / sensitivity;
    const double cap = dg_oref0_min(
        LEFTOVER_CAP_G,
        dg_oref0_unless_set(profile->remaining_carbs_cap, LEFTOVER_CAP_G));
    const double fraction = dg_oref0_min(
        1.0, dg_oref0_unless_set(profile->remaining_carbs_fraction, 1.0));
    const double leftover = dg_oref0_min(
        cap,
        dg_oref0_max(0.0,
                     meal->cob - explained - meal->carbs * (1.0 - fraction)));

    now->leftover_peak = leftover * sensitivity * 5.0 / 60.0 / (hours / 2.0);
    forecast->slope =
        dg_oref0_min(dg_oref0_round2(meal->slope_from_max),
                     -dg_oref0_round2(meal->slope_from_min) / 3.0);
    forecast->carb_steps =
        now->impact == 0.0
            ? 0.0
            : dg_oref0_min(
                  hours * 60.0 / 5.0 / 2.0,
                  dg_oref0_max(0.0, meal->cob * sensitivity / now->impact));
    forecast->carb_mode =
        forecast->carb_steps > 0.0 || now->leftover_peak > 0.0;
}

static void note(struct line *line, double value, bool counts)
{
    if (value < line->guard) {
        line->guard = dg_oref0_round(value);
    }
    if (counts && value < line->least) {
        line->least = dg_oref0_round(value);
    }
}

/* One entry of the outlook, with `points` points so far in each series. */
static void advance(const struct dg_oref0_now *now,
                    struct forecast *forecast,
                    struct dg_oref0_decision *decision,
                    size_t entry,
                    size_t points)
{
    const struct dg_oref0_outlook *const outlook = &now->situation->outlook;
    const double n = (double)points;
    const double hours = forecast->hours;
    const double impact = now->impact;
    const double by_insulin =
        dg_oref0_round2(-outlook->activity[entry] * now->isf * 5.0);
    const double by_zero =
        dg_oref0_round2(-outlook->zt_activity[entry] * now->isf * 5.0);
    const double deviation = impact * (1.0 - dg_oref0_min(1.0, n / FADE_STEPS));
    const double by_carbs = dg_oref0_max(
        0.0,
        dg_oref0_max(0.0, impact) *
            (1.0 - n / dg_oref0_max(forecast->carb_steps * 2.0, 1.0)));
    const double by_leftover =
        dg_oref0_max(0.0,
                     dg_oref0_min(n, hours * POINTS_PER_H - n) /
                         (hours / 2.0 * POINTS_PER_H) * now->leftover_peak);
    const double by_meals = dg_oref0_min(
        dg_oref0_max(0.0, forecast->uncapped + n * forecast->slope),
        dg_oref0_max(0.0, forecast->uncapped * (1.0 - n / UAM_FADE_STEPS)));

    struct line *const line = forecast->line;
    double value[DG_OREF0_SERIES_KINDS];

    value[DG_OREF0_SERIES_IOB] =
        line[DG_OREF0_SERIES_IOB].last + by_insulin + deviation;
    value[DG_OREF0_SERIES_ZT] = line[DG_OREF0_SERIES_ZT].last + by_zero;
    value[DG_OREF0_SERIES_COB] = line[DG_OREF0_SERIES_COB].last + by_insulin +
                                 dg_oref0_min(0.0, deviation) + by_carbs +
                                 by_leftover;
    value[DG_OREF0_SERIES_UAM] = line[DG_OREF0_SERIES_UAM].last + by_insulin +
                                 dg_oref0_min(0.0, deviation) + by_meals;

    const bool stores = points < DG_OREF0_POINTS;
    const size_t length = stores ? points + 1 : points;

    for (size_t i = 0; i < DG_OREF0_SERIES_KINDS; i++) {
        line[i].final = value[i];
        if (stores) {
            line[i].last = value[i];
            decision->series[i].point[points] = value[i];
        }
    }
    note(&line[DG_OREF0_SERIES_IOB],
         value[DG_OREF0_SERIES_IOB],
         length > IOB_FROM_POINTS);
    note(&line[DG_OREF0_SERIES_ZT], value[DG_OREF0_SERIES_ZT], false);
    note(&line[DG_OREF0_SERIES_COB],
         value[DG_OREF0_SERIES_COB],
         forecast->carb_mode && length > IOB_FROM_POINTS);
    note(&line[DG_OREF0_SERIES_UAM],
         value[DG_OREF0_SERIES_UAM],
         now->profile->enable_uam && length > UAM_FROM_POINTS);
    if (value[DG_OREF0_SERIES_IOB] > forecast->max_iob) {
        forecast->max_iob = value[DG_OREF0_SERIES_IOB];
    }
    if (forecast->carb_mode && value[DG_OREF0_SERIES_COB] > forecast->max_iob) {
        forecast->max_cob = value[DG_OREF0_SERIES_COB];
    }
}

/* Run all series side by side, and say how many points each has. */
static size_t run(const struct dg_oref0_now *now,
                  struct forecast *forecast,
                  struct dg_oref0_decision *decision)
{
    const struct dg_oref0_outlook *const outlook = &now->situation->outlook;
    const double mg_dL = now->situation->glucose.mg_dL;
    size_t points = 1;

    for (size_t i = 0; i < DG_OREF0_SERIES_KINDS; i++) {
        forecast->line[i] = (struct line){
            .last = mg_dL,
            .final = now->eventual,
            .guard = UNSET,
            .least = UNSET,
        };
        decision->series[i].point[0] = mg_dL;
    }
    forecast->max_iob = mg_dL;
    forecast->max_cob = mg_dL;
    if (!outlook->is_list) {
        return points;
    }
    for (size_t entry = 0; entry < outlook->count; entry++) {
        if (!dg_oref0_is_there(outlook->zt_activity[entry])) {
            break;
        }
        advance(now, forecast, decision, entry, points);
        points += points < DG_OREF0_POINTS ? 1U : 0U;
    }
    return points;
}

/* Round and clamp a series, and take off an end that says nothing new. */
static void store(struct dg_oref0_series *series, size_t points)
{
    for (size_t i = 0; i < points; i++) {
        series->point[i] = dg_oref0_min(
            SERIES_MAX_MG_DL,
            dg_oref0_max(SERIES_MIN_MG_DL, dg_oref0_round(series->point[i])));
    }
    series->count = points;
}

static void trim_flat(struct dg_oref0_series *series)
{
    while (series->count > TRIM_TO_POINTS &&
           series->point[series->count - 1] ==
               series->point[series->count - 2]) {
        series->count--;
    }
}

static void trim_rising(struct dg_oref0_series *series, double target)
{
    while (series->count > TRIM_ZT_TO_POINTS &&
           series->point[series->count - 1] >
               series->point[series->count - 2] &&
           series->point[series->count - 1] > target) {
        series->count--;
    }
}

static double end_of(const struct dg_oref0_series *series)
{
    return series->point[series->count - 1];
}

/* Which series are given, and what carbohydrate may still do. */
static void publish(struct dg_oref0_now *now,
                    struct dg_oref0_decision *decision,
                    size_t points)
{
    struct dg_oref0_series *const series = decision->series;
    const bool rises = now->impact > 0.0 || now->leftover_peak > 0.0;

    store(&series[DG_OREF0_SERIES_IOB], points);
    trim_flat(&series[DG_OREF0_SERIES_IOB]);
    store(&series[DG_OREF0_SERIES_ZT], points);
    trim_rising(&series[DG_OREF0_SERIES_ZT], now->target);
    if (now->situation->meal.cob > 0.0 && rises) {
        store(&series[DG_OREF0_SERIES_COB], points);
        trim_flat(&series[DG_OREF0_SERIES_COB]);
        now->eventual =
            dg_oref0_max(now->eventual, end_of(&series[DG_OREF0_SERIES_COB]));
    }
    if (now->profile->enable_uam && rises) {
        store(&series[DG_OREF0_SERIES_UAM], points);
        trim_flat(&series[DG_OREF0_SERIES_UAM]);
        now->eventual =
            dg_oref0_max(now->eventual, end_of(&series[DG_OREF0_SERIES_UAM]));
    }
    if (rises) {
        decision->eventual_bg = now->eventual;
    }
}

/* Mean of the final values that count; not below the zero-temp guard. */
static double average(const struct forecast *forecast,
                      double share,
                      double cob_least,
                      double uam_least)
{
    const struct line *const line = forecast->line;
    const double iob = line[DG_OREF0_SERIES_IOB].final;
    const double cob = line[DG_OREF0_SERIES_COB].final;
    const double uam = line[DG_OREF0_SERIES_UAM].final;
    double mean = iob;

    if (uam_least < UNSET && cob_least < UNSET) {
        mean = (1.0 - share) * uam + share * cob;
    } else if (cob_least < UNSET) {
        mean = (iob + cob) / 2.0;
    } else if (uam_least < UNSET) {
        mean = (iob + uam) / 2.0;
    }
    return dg_oref0_max(dg_oref0_round(mean), line[DG_OREF0_SERIES_ZT].guard);
}

static double guard_of(const struct dg_oref0_now *now,
                       const struct forecast *forecast,
                       double share)
{
    const struct line *const line = forecast->line;
    const double cob = line[DG_OREF0_SERIES_COB].guard;
    const double uam = line[DG_OREF0_SERIES_UAM].guard;

    if (forecast->carb_mode) {
        return dg_oref0_round(
            now->profile->enable_uam ? share * cob + (1.0 - share) * uam : cob);
    }
    return dg_oref0_round(
        now->profile->enable_uam ? uam : line[DG_OREF0_SERIES_IOB].guard);
}

/* What an unannounced meal promises, tempered by what zero temp can save. */
static double tempered(const struct dg_oref0_now *now,
                       double uam_least,
                       double zero)
{
    if (zero < now->threshold) {
        return dg_oref0_round((uam_least + zero) / 2.0);
    }
    if (zero < now->target) {
        const double part =
            (zero - now->threshold) / (now->target - now->threshold);
        const double blend = uam_least * part + zero * (1.0 - part);

        return dg_oref0_round((uam_least + blend) / 2.0);
    }
    if (zero > uam_least) {
        return dg_oref0_round((uam_least + zero) / 2.0);
    }
    return dg_oref0_round(uam_least);
}

static double with_carbs(const struct dg_oref0_now *now,
                         double share,
                         double cob_least,
                         double uam)
{
    if (cob_least < UNSET) {
        const double most = dg_oref0_max(now->min_iob_pred, cob_least);

        return dg_oref0_round(
            now->profile->enable_uam
                ? dg_oref0_max(most, share * cob_least + (1.0 - share) * uam)
                : most);
    }
    return now->profile->enable_uam ? uam : now->min_guard;
}

static void summarise(struct dg_oref0_now *now,
                      const struct forecast *forecast,
                      struct dg_oref0_decision *decision)
{
    const struct line *const line = forecast->line;
    const struct dg_oref0_meal *const meal = &now->situation->meal;
    const double share = meal->cob / meal->carbs;
    const double cob_least =
        dg_oref0_max(SERIES_MIN_MG_DL, line[DG_OREF0_SERIES_COB].least);
    const double uam_least =
        dg_oref0_max(SERIES_MIN_MG_DL, line[DG_OREF0_SERIES_UAM].least);
    const double uam = tempered(now, uam_least, line[DG_OREF0_SERIES_ZT].guard);
    const double mean = average(forecast, share, cob_least, uam_least);

    now->min_iob_pred =
        dg_oref0_max(SERIES_MIN_MG_DL, line[DG_OREF0_SERIES_IOB].least);
    now->min_guard = guard_of(now, forecast, share);
    if (dg_oref0_is_set(meal->carbs)) {
        now->min_pred = with_carbs(now, share, cob_least, uam);
    } else if (now->profile->enable_uam) {
        now->min_pred = dg_oref0_round(dg_oref0_max(now->min_iob_pred, uam));
    } else {
        now->min_pred = dg_oref0_round(now->min_iob_pred);
    }
    now->min_pred = dg_oref0_min(now->min_pred, mean);
    if (forecast->max_cob > now->situation->glucose.mg_dL) {
        now->min_pred = dg_oref0_min(now->min_pred, forecast->max_cob);
    }
    decision->min_pred_bg = now->min_pred;
    decision->min_guard_bg = now->min_guard;
}

/* Carbohydrate that the person should eat, whatever the pump does. */
static void require_carbs(struct dg_oref0_now *now,
                          struct dg_oref0_decision *decision)
{
    const struct dg_oref0_meal *const meal = &now->situation->meal;
    const struct dg_oref0_series *const series =
        decision->series[DG_OREF0_SERIES_COB].count > 0
            ? &decision->series[DG_OREF0_SERIES_COB]
            : &decision->series[DG_OREF0_SERIES_IOB];
    const double reference = now->naive < 40.0
                                 ? dg_oref0_min(now->min_guard, now->naive)
                                 : now->naive;
    double minutes = MINUTES_TO_LOW;

    for (size_t i = 0; i < series->count; i++) {
        if (series->point[i] < now->threshold) {
            minutes = 5.0 * (double)i;
            break;
        }
    }

    const double spared =
        now->profile->current_basal * now->isf * minutes / 60.0;
    const double on_board = dg_oref0_max(0.0, meal->cob - 0.25 * meal->carbs);

    now->carbs_req = dg_oref0_round(((now->threshold - reference) - spared) /
                                        now->carb_sensitivity -
                                    on_board);
    if (now->carbs_req >= now->profile->carbs_req_threshold &&
        minutes <= CARBS_REQ_MIN_MAX && !meal->clock_unread) {
        decision->carbs_req = now->carbs_req;
    }
}

void dg_oref0_predict(struct dg_oref0_now *now,
                      struct dg_oref0_decision *decision)
{
    struct forecast forecast;

    size_carbs(now, &forecast);
    publish(now, decision, run(now, &forecast, decision));
    summarise(now, &forecast, decision);
    require_carbs(now, decision);
}
