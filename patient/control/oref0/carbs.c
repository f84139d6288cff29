/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/carbs.h"

#include "patient/control/oref0/number.h"

#define STEP_MS     300000.0
#define SLOPE_STEPS 9U /* 45 minutes                                      */
#define NO_SLOPE    999.0

/* Newest first: [0] is now. */
struct view {
    size_t count; /* glucose known, or interpolated    */
    double mg_dL[DG_OREF0_CARB_KEPT];
    double by_insulin[DG_OREF0_CARB_KEPT]; /* mg/dL per step                 */
};

void dg_oref0_carbs_record(struct dg_oref0_carb_history *history,
                           double mg_dL,
                           double activity,
                           double grams)
{
    size_t old = 0;

    history->step++;
    history->mg_dL[history->step % DG_OREF0_CARB_KEPT] = mg_dL;
    history->activity[history->step % DG_OREF0_CARB_KEPT] = activity;
    while (old < history->entries &&
           history->entry[old].step + DG_OREF0_CARB_STEPS <= history->step) {
        old++;
    }
    for (size_t i = old; i < history->entries; i++) {
        history->entry[i - old] = history->entry[i];
    }
    history->entries -= old;
    /* One entry a step, so there is room. */
    if (grams > 0.0 && history->entries < DG_OREF0_CARB_ENTRIES) {
        history->entry[history->entries] =
            (struct dg_oref0_carb_entry){.step = history->step, .grams = grams};
        history->entries++;
    }
}

/* Gaps are filled along a straight line. */
static void look_back(const struct dg_oref0_carb_history *history,
                      const struct dg_oref0_profile *profile,
                      size_t wanted,
                      struct view *view)
{
    size_t known = 0; /* the last place that had a reading */

    view->count = 0;
    for (size_t i = 0; i < wanted && i < history->step; i++) {
        const size_t at = (history->step - i) % DG_OREF0_CARB_KEPT;
        const double mg_dL = history->mg_dL[at];

        view->by_insulin[i] =
            dg_oref0_round2(-history->activity[at] * profile->sens * 5.0);
        if (!(mg_dL > 0.0)) {
            if (i == 0) {
                return;
            }
            continue;
        }
        view->mg_dL[i] = mg_dL;
        for (size_t gap = known + 1; gap < i; gap++) {
            view->mg_dL[gap] = view->mg_dL[known] +
                               (mg_dL - view->mg_dL[known]) *
                                   (double)(gap - known) / (double)(i - known);
        }
        known = i;
        view->count = i + 1;
    }
}

/* Of the mean over fifteen minutes; [at + 3] must be known. */
static double mean_deviation(const struct view *view, size_t at)
{
    return dg_oref0_round3((view->mg_dL[at] - view->mg_dL[at + 3]) / 3.0 -
                           view->by_insulin[at]);
}

static void take_slopes(const struct view *view,
                        double current,
                        struct dg_oref0_meal *meal)
{
    double most = 0.0;
    double least = NO_SLOPE;

    meal->slope_from_max = 0.0;
    meal->slope_from_min = NO_SLOPE;
    for (size_t i = 1; i <= SLOPE_STEPS && i + 3 < view->count; i++) {
        const double deviation = mean_deviation(view, i);
        const double slope = (current - deviation) / (double)i;

        if (deviation > most) {
            most = deviation;
            meal->slope_from_max = dg_oref0_min(0.0, slope);
        }
        if (deviation < least) {
            least = deviation;
            meal->slope_from_min = dg_oref0_max(0.0, slope);
        }
    }
}

/* From the newest entry back: what was entered since, less what was absorbed
 * since; the largest of these is on board. */
static void take_entries(const struct dg_oref0_carb_history *history,
                         const struct dg_oref0_profile *profile,
                         const struct view *view,
                         double current,
                         struct dg_oref0_meal *meal)
{
    const double least =
        dg_oref0_max(current / 2.0, profile->min_5m_carbimpact);
    const double per_g = profile->carb_ratio / profile->sens;
    double entered = 0.0;
    double absorbed = 0.0;
    double most = 0.0;
    size_t step = 0;

    for (size_t i = history->entries; i > 0; i--) {
        const struct dg_oref0_carb_entry *const entry = &history->entry[i - 1];
        const size_t age = history->step - entry->step;

        for (; step < age; step++) {
            const double deviation = step + 1 < view->count
                                         ? view->mg_dL[step] -
                                               view->mg_dL[step + 1] -
                                               view->by_insulin[step]
                                         : 0.0;
            absorbed += dg_oref0_max(deviation, least) * per_g;
        }
        entered += entry->grams;
        if (entered - absorbed >= most) {
            most = entered - absorbed;
            meal->carbs = entered;
        }
    }
    meal->cob = dg_oref0_round(dg_oref0_min(profile->max_cob, most));
}

void dg_oref0_carbs(const struct dg_oref0_carb_history *history,
                    const struct dg_oref0_profile *profile,
                    double now_ms,
                    struct dg_oref0_meal *meal)
{
    struct view view;
    const bool any = history->entries > 0;

    *meal = (struct dg_oref0_meal){.slope_from_min = NO_SLOPE};
    look_back(history,
              profile,
              any ? DG_OREF0_CARB_KEPT - 1U : SLOPE_STEPS + 4U,
              &view);
    if (any) {
        const struct dg_oref0_carb_entry *const newest =
            &history->entry[history->entries - 1];

        meal->last_carb_ms =
            now_ms - (double)(history->step - newest->step) * STEP_MS;
        for (size_t i = 0; i < history->entries; i++) {
            meal->carbs += history->entry[i].grams;
        }
    }
    if (view.count < 4) {
        return;
    }

    const double current = mean_deviation(&view, 0);

    take_slopes(&view, current, meal);
    if (any) {
        meal->carbs = 0.0;
        take_entries(history, profile, &view, current, meal);
    }
}
