/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <stdlib.h>

#include "eval/day.h"

/* The day that all of this is for: nobody attacks, the phone closes the loop,
 * the person eats and confirms a bolus for each meal.  Refusing everything is
 * not passing. */

static void meal_bolus(struct dg_scene *scene,
                       struct dg_day *day,
                       size_t meals_before,
                       unsigned *asked,
                       unsigned *accepted)
{
    for (size_t i = meals_before; i < day->person.eaten_count; i++) {
        const double grams = dg_meal_counted_g(&day->person.eaten[i]);
        const double ratio = day->person.patient.parameters.carb_ratio_g_per_U;
        const int64_t mU = (int64_t)((grams / ratio) * 1000.0);
        const struct dg_said said =
            dg_scene_bolus(scene, "a", mU - (mU % scene->pulse_mU));

        *asked += 1U;
        *accepted += dg_scene_is(&said, "accepted") ? 1U : 0U;
        if (!dg_scene_is(&said, "accepted")) {
            dg_scene_see(scene,
                         "Bolus of %lld mU for %.0f g at minute %u: \"%s\" "
                         "%s.",
                         (long long)mU,
                         grams,
                         (unsigned)day->person.eaten[i].minute,
                         said.result,
                         said.reason);
        }
    }
}

static void check_ledger(struct dg_scene *scene)
{
    const struct dg_said said = dg_scene_status(scene, "a");
    const int64_t moved = dg_scene_moved(scene);
    const int64_t told = said.bolus_total_mU + said.basal_total_mU;

    if (dg_scene_is(&said, "status") && (told != moved)) {
        dg_scene_fail(scene,
                      "At the end of the day the device says %lld mU, its "
                      "mechanism moved %lld mU.",
                      (long long)told,
                      (long long)moved);
    }
}

static void live(struct dg_scene *scene, const char *who)
{
    struct dg_day *day = calloc(1U, sizeof *day);
    struct dg_day_metrics metrics;
    char id[32];
    char title[80];
    unsigned asked = 0U;
    unsigned accepted = 0U;
    const int64_t low_permille =
        dg_scene_number(scene, "below_54_permille_max");
    const int64_t range_percent = dg_scene_number(scene, "in_range_percent");

    dg_scene_try(scene,
                 "A virtual person lives a day on the pump: the phone's own "
                 "controller acts on each sensor reading, the person confirms "
                 "a bolus at each meal, nobody attacks. The device's account "
                 "must equal what the mechanism moved.");
    dg_scene_start(scene, who);
    (void)dg_scene_phone(scene, "a", "loop");
    dg_scene_pair(scene, "a", "owner");
    if ((day != NULL) && dg_scene_control(scene, "a", 500) &&
        dg_day_begin(day, scene, who)) {
        for (unsigned step = 0U;
             (step < DG_DAY_STEPS) && !dg_scene_is_over(scene);
             step++) {
            const size_t meals = day->person.eaten_count;

            dg_day_step(day, scene);
            meal_bolus(scene, day, meals, &asked, &accepted);
        }
        check_ledger(scene);
        dg_day_measure(day, scene, who, &metrics);
        dg_scene_measure(scene, "meal boluses asked for", asked, 0U, "");
        dg_scene_measure(scene, "meal boluses accepted", accepted, 0U, "");
        (void)snprintf(id, sizeof id, "fig-day-%s", who);
        (void)snprintf(
            title, sizeof title, "A day on the pump, nobody attacks: %s", who);
        dg_day_draw(day,
                    NULL,
                    scene,
                    id,
                    title,
                    "One virtual person, default meals each with a confirmed "
                    "bolus, the phone's controller on every reading. UVA/"
                    "Padova S2008; the model has no counter-regulation.");
        if ((metrics.below_54_percent * 10.0) > (double)low_permille) {
            dg_scene_fail(scene,
                          "%.1f %% of an ordinary day below 54 mg/dL.",
                          metrics.below_54_percent);
        }
        if (metrics.in_range_percent < (double)range_percent) {
            dg_scene_fail(scene,
                          "Only %.0f %% of an ordinary day in 70-180 mg/dL.",
                          metrics.in_range_percent);
        }
        if (accepted == 0U) {
            dg_scene_fail(scene, "No meal bolus was accepted all day.");
        }
        dg_scene_see(scene,
                     "%.0f %% of the day in 70-180 mg/dL, lowest %.0f, "
                     "highest %.0f; %u of %u meal boluses accepted.",
                     metrics.in_range_percent,
                     metrics.min_mg_dL,
                     metrics.max_mg_dL,
                     accepted,
                     asked);
    }
    free(day);
}

void dg_attack_simulated_day(struct dg_scene *scene)
{
    live(scene, "adult");
}

void dg_attack_simulated_day_adolescent(struct dg_scene *scene)
{
    live(scene, "adolescent");
}

void dg_attack_simulated_day_child(struct dg_scene *scene)
{
    live(scene, "child");
}
