/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "patient/control/oref0/number.h"
#include "patient/control/oref0/parts.h"

/* Part of each variant of dg_oref0_predict(), so that a compiler may use the
 * instructions of that variant. */
#define WIDE static inline __attribute__((always_inline))

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
#define IOB_FROM_ENTRY     17U /* minima count behind the insulin's peak */
#define UAM_FROM_ENTRY     11U
#define TRIM_TO_POINTS     13U
#define TRIM_ZT_TO_POINTS  7U
#define MINUTES_TO_LOW     240.0
#define CARBS_REQ_MIN_MAX  45.0
#define MS_PER_MINUTE      60000.0

/* Of one series, mg/dL. */
struct line {
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
    double max_cob; /* xC, the latest above the insulin's own          */
    struct line line[DG_OREF0_SERIES_KINDS];
};

/* How many points a series has when an entry comes: as many as entries until
 * it is full. */
static const double points_at[DG_OREF0_OUTLOOK_MAX] = {
    1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
};

_Static_assert(DG_OREF0_POINTS == 48U && DG_OREF0_OUTLOOK_MAX == 64U,
               "the table ends there");

/* What each entry of the outlook adds to the series, mg/dL. */
struct changes {
    double insulin[DG_OREF0_OUTLOOK_MAX];
    double zero[DG_OREF0_OUTLOOK_MAX]; /* insulin with zero temp             */
    double deviation[DG_OREF0_OUTLOOK_MAX];
    double carbs[DG_OREF0_OUTLOOK_MAX];
    double leftover[DG_OREF0_OUTLOOK_MAX];
    double meals[DG_OREF0_OUTLOOK_MAX];
};

/* The same with every entry. */
struct values {
    double of[DG_OREF0_SERIES_KINDS][DG_OREF0_OUTLOOK_MAX];
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

/* Entries that have everything; a missing one ends the predictions. */
static size_t entries_of(const struct dg_oref0_outlook *outlook)
{
    size_t count = 0;

    if (!outlook->is_list) {
        return 0;
    }
    while (count < outlook->count && count < DG_OREF0_OUTLOOK_MAX &&
           dg_oref0_is_there(outlook->zt_activity[count])) {
        count++;
    }
    return count;
}

/* Entry by entry and free of each other; n is how many points a series has
 * when the entry comes, and stays where they are full. */
WIDE void work_out(const struct dg_oref0_now *now,
                   const struct forecast *forecast,
                   size_t count,
                   struct changes *changes)
{
    const double *const activity = now->situation->outlook.activity;
    const double *const zt_activity = now->situation->outlook.zt_activity;
    const double isf = now->isf;
    const double impact = now->impact;
    const double peak = now->leftover_peak;
    const double rising = dg_oref0_max(0.0, impact);
    const double fade = dg_oref0_max(forecast->carb_steps * 2.0, 1.0);
    const double steps = forecast->hours * POINTS_PER_H;
    const double half = forecast->hours / 2.0 * POINTS_PER_H;
    const double uncapped = forecast->uncapped;
    const double slope = forecast->slope;

    for (size_t i = 0; i < count; i++) {
        changes->insulin[i] = dg_oref0_round2(-activity[i] * isf * 5.0);
        changes->zero[i] = dg_oref0_round2(-zt_activity[i] * isf * 5.0);
    }
    for (size_t i = 0; i < count; i++) {
        const double n = points_at[i];
        const double part = n / FADE_STEPS;
        const double sinks = 1.0 - n / fade;

        changes->deviation[i] = impact * (1.0 - (part > 1.0 ? 1.0 : part));
        changes->carbs[i] = dg_oref0_max(0.0, rising * sinks);
    }
    for (size_t i = 0; i < count; i++) {
        const double n = points_at[i];

        changes->leftover[i] =
            dg_oref0_max(0.0, dg_oref0_min(n, steps - n) / half * peak);
    }
    for (size_t i = 0; i < count; i++) {
        const double n = points_at[i];

        changes->meals[i] = dg_oref0_min(
            dg_oref0_max(0.0, uncapped + n * slope),
            dg_oref0_max(0.0, uncapped * (1.0 - n / UAM_FADE_STEPS)));
    }
}

/* A point that finds no room is a value, but the next one starts from the
 * last point all the same. */
WIDE void add_up(const struct changes *changes,
                 size_t count,
                 double mg_dL,
                 struct values *values)
{
    double iob = mg_dL;
    double zero = mg_dL;
    double cob = mg_dL;
    double uam = mg_dL;

    for (size_t i = 0; i < count; i++) {
        const double falls = dg_oref0_min(0.0, changes->deviation[i]);
        const double next_iob =
            iob + changes->insulin[i] + changes->deviation[i];
        const double next_zero = zero + changes->zero[i];
        const double next_cob = cob + changes->insulin[i] + falls +
                                changes->carbs[i] + changes->leftover[i];
        const double next_uam =
            uam + changes->insulin[i] + falls + changes->meals[i];

        values->of[DG_OREF0_SERIES_IOB][i] = next_iob;
        values->of[DG_OREF0_SERIES_ZT][i] = next_zero;
        values->of[DG_OREF0_SERIES_COB][i] = next_cob;
        values->of[DG_OREF0_SERIES_UAM][i] = next_uam;
        if (i + 1 < DG_OREF0_POINTS) {
            iob = next_iob;
            zero = next_zero;
            cob = next_cob;
            uam = next_uam;
        }
    }
}

/* The least of the rounded values is the least one, rounded. */
WIDE double least_of(const double *values, size_t from, size_t count)
{
    double least = UNSET;

    for (size_t i = from; i < count; i++) {
        least = values[i] < least ? values[i] : least;
    }
    return dg_oref0_round(least);
}

/* In carb mode, the latest value with carbohydrate above all of those by
 * insulin alone so far. */
WIDE double latest_above(const struct values *values,
                         size_t count,
                         double mg_dL)
{
    const double *const iob = values->of[DG_OREF0_SERIES_IOB];
    const double *const cob = values->of[DG_OREF0_SERIES_COB];
    double most = mg_dL;
    double latest = mg_dL;

    for (size_t i = 0; i < count; i++) {
        most = iob[i] > most ? iob[i] : most;
        latest = cob[i] > most ? cob[i] : latest;
    }
    return latest;
}

/* Run all series side by side, and say how many points each has. */
WIDE size_t run(const struct dg_oref0_now *now,
                struct forecast *forecast,
                struct dg_oref0_decision *decision)
{
    const double mg_dL = now->situation->glucose.mg_dL;
    const size_t count = entries_of(&now->situation->outlook);
    const size_t points =
        count + 1 < DG_OREF0_POINTS ? count + 1 : DG_OREF0_POINTS;
    struct changes changes;
    struct values values;

    work_out(now, forecast, count, &changes);
    add_up(&changes, count, mg_dL, &values);
    for (size_t i = 0; i < DG_OREF0_SERIES_KINDS; i++) {
        forecast->line[i] = (struct line){
            .final = count > 0 ? values.of[i][count - 1] : now->eventual,
            .guard = least_of(values.of[i], 0, count),
            .least = UNSET,
        };
        decision->series[i].point[0] = mg_dL;
        memcpy(&decision->series[i].point[1],
               values.of[i],
               (points - 1) * sizeof values.of[i][0]);
    }
    forecast->line[DG_OREF0_SERIES_IOB].least =
        least_of(values.of[DG_OREF0_SERIES_IOB], IOB_FROM_ENTRY, count);
    if (forecast->carb_mode) {
        forecast->line[DG_OREF0_SERIES_COB].least =
            least_of(values.of[DG_OREF0_SERIES_COB], IOB_FROM_ENTRY, count);
    }
    if (now->profile->enable_uam) {
        forecast->line[DG_OREF0_SERIES_UAM].least =
            least_of(values.of[DG_OREF0_SERIES_UAM], UAM_FROM_ENTRY, count);
    }
    forecast->max_cob =
        forecast->carb_mode ? latest_above(&values, count, mg_dL) : mg_dL;
    return points;
}

/* Round and clamp a series, and take off an end that says nothing new. */
WIDE void store(struct dg_oref0_series *series, size_t points)
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
WIDE void publish(struct dg_oref0_now *now,
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

WIDE void predict(struct dg_oref0_now *now, struct dg_oref0_decision *decision)
{
    struct forecast forecast;

    size_carbs(now, &forecast);
    publish(now, decision, run(now, &forecast, decision));
    summarise(now, &forecast, decision);
    require_carbs(now, decision);
}

/* Each operation rounds by itself, several at once or not: the same bits. */
#if defined(__x86_64__)
__attribute__((target("avx2"))) static void predict_avx2(
    struct dg_oref0_now *now, struct dg_oref0_decision *decision)
{
    predict(now, decision);
}
#endif

void dg_oref0_predict(struct dg_oref0_now *now,
                      struct dg_oref0_decision *decision)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0) {
        predict_avx2(now, decision);
        return;
    }
#endif
    predict(now, decision);
}
