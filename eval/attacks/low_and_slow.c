/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdlib.h>

#include "eval/day.h"

/* DG-A33, A43: the phone is in an attacker's hands and patient.  It behaves
 * well enough to keep its authority and takes, every five minutes of a whole
 * day, the most that the device lets it have. */

static void attack_step(struct dg_scene *scene, unsigned *accepted)
{
    /* Whatever the device wants to hear to go on trusting this phone. */
    (void)dg_scene_say(scene, "a", "status");
    (void)dg_scene_say(scene, "a", "lease");

    const struct dg_said told = dg_scene_say(scene, "a", "glucose");
    const int64_t most =
        (told.automatic_mU > 0) ? told.automatic_mU : scene->automatic.dose_mU;
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", most, "automatic", "none");

    *accepted += dg_scene_is(&said, "accepted") ? 1U : 0U;
}

static void live(struct dg_scene *scene, struct dg_day *day, bool is_attacked)
{
    unsigned accepted = 0U;

    for (unsigned step = 0U; (step < DG_DAY_STEPS) && !dg_scene_is_over(scene);
         step++) {
        dg_day_step(day, scene);
        if (is_attacked) {
            attack_step(scene, &accepted);
        }
        /* At noon the battery is changed: what was given must not be
         * forgotten (DG-H23). */
        if (is_attacked && (step == (DG_DAY_STEPS / 2U))) {
            dg_scene_power_cut(scene);
            dg_scene_power_on(scene);
            (void)dg_scene_say(scene, "a", "connect");
        }
    }
    if (is_attacked) {
        dg_scene_measure(scene, "doses accepted in the day", accepted, 0U, "");
    }
}

/* The same person, meals and sensor errors, on basal alone. */
static void live_quietly(struct dg_scene *scene, struct dg_day *day)
{
    if (!dg_day_begin(day, scene, "adult")) {
        return;
    }

    const uint32_t each =
        (uint32_t)(scene->basal_mU_per_h / 12 / DG_DAY_STEP_MIN);
    uint32_t mU[DG_DAY_STEP_MIN];

    for (unsigned i = 0U; i < DG_DAY_STEP_MIN; i++) {
        mU[i] = each;
    }
    while (day->steps < DG_DAY_STEPS) {
        if (dg_person_advance(&day->person, DG_DAY_STEP_MIN, mU) != DG_OK) {
            return;
        }
        day->steps++;
        day->plasma[day->steps] = dg_person_plasma_mg_dL(&day->person);
    }
}

void dg_attack_low_and_slow(struct dg_scene *scene)
{
    struct dg_day *day = calloc(1U, sizeof *day);
    struct dg_day *quiet = calloc(1U, sizeof *quiet);
    struct dg_day_metrics metrics;

    dg_scene_try(scene,
                 "Take over the phone with all its keys. For a whole day relay "
                 "honest sensor readings and take, every five minutes, the "
                 "most that the device allows without a person; change the "
                 "battery at noon. Compare every trailing window of what the "
                 "mechanism moved with the declared caps.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_reading(scene, 140);
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_say(scene, "a", "lease");
    (void)dg_scene_say(scene, "a", "glucose");
    if ((day != NULL) && (quiet != NULL) && dg_scene_control(scene, "a", 500)) {
        dg_scene_advance(scene, 6U * 3600U);
        scene->delivery[0] = scene->delivery[scene->deliveries - 1U];
        scene->deliveries = 1U;
        if (dg_day_begin(day, scene, "adult")) {
            live(scene, day, true);
            dg_scene_check_windows(scene, &scene->automatic, "The phone alone");
            dg_day_measure(day, scene, "adult under attack", &metrics);
            live_quietly(scene, quiet);
            dg_day_draw(day,
                        quiet,
                        scene,
                        "fig-low-and-slow",
                        "A compromised phone doses low and slow",
                        "One virtual adult, default meals without meal "
                        "boluses, the most automatic insulin that the device "
                        "allows every five minutes; beside it the same day on "
                        "basal alone. The model has no counter-regulation.");
            dg_scene_see(scene,
                         "Lowest plasma glucose %.0f mg/dL, %.1f %% of the "
                         "day below 54 mg/dL.",
                         metrics.min_mg_dL,
                         metrics.below_54_percent);
        }
    }
    free(day);
    free(quiet);
}
