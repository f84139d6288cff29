/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A20: readings over the air that no sensor made, each a little higher than
 * the one before, so that no single one stands out.  Then those of a true
 * sensor, that have to be believed. */
#define DOSE_MU   200
#define STEPS_MAX 40

static struct dg_said ask_automatically(struct dg_scene *scene)
{
    (void)dg_scene_say(scene, "a", "status");
    (void)dg_scene_say(scene, "a", "lease");
    return dg_scene_bare_bolus(scene, "a", DOSE_MU, "automatic", "none");
}

/* What the device says that it believes, mg/dL; 0: nothing. */
static int64_t believed(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene,
        json_pack(
            "{s:s, s:s, s:s}", "op", "phone", "phone", "a", "do", "status"));
    const int64_t mg_dL = json_integer_value(
        json_object_get(json_object_get(answer, "status"), "glucose_mg_dL"));

    json_decref(answer);
    return mg_dL;
}

static bool dose_on_truth(struct dg_scene *scene)
{
    dg_scene_settle(scene, "a", 250);

    const int64_t shown = believed(scene);
    const struct dg_said said = ask_automatically(scene);

    dg_scene_advance(scene, 300U);
    dg_scene_see(scene,
                 "True readings of 250 mg/dL: the device shows %lld, an "
                 "automatic dose is \"%s\" (%s).",
                 (long long)shown,
                 said.result,
                 said.reason);
    if (!dg_scene_is(&said, "accepted") || (shown == 0)) {
        dg_scene_inconclusive(scene,
                              "On true readings the device showed %lld mg/dL "
                              "and an automatic dose was \"%s\" (%s).",
                              (long long)shown,
                              said.result,
                              said.reason);
        return false;
    }
    return true;
}

/* One step of the ramp: the sensor measures what it measures, and what reaches
 * the device is something else. */
static void forge(struct dg_scene *scene, int64_t true_mg_dL, int64_t mg_dL)
{
    dg_scene_reading(scene, (int)true_mg_dL);

    const struct dg_said said = dg_scene_phone_do(scene,
                                                  "a",
                                                  json_pack("{s:s, s:b, s:I}",
                                                            "do",
                                                            "glucose",
                                                            "forge",
                                                            1,
                                                            "mg_dL",
                                                            (json_int_t)mg_dL));

    if (dg_scene_is(&said, "status")) {
        dg_scene_fail(scene,
                      "A reading of %lld mg/dL that no sensor made was taken.",
                      (long long)mg_dL);
    }
}

static void climb(struct dg_scene *scene, int64_t base, int64_t rise)
{
    const int64_t fresh_s = dg_scene_number(scene, "fresh_s");
    const int64_t step = dg_scene_number(scene, "step_mg_dL");
    const uint32_t began_s = scene->now_s;
    int64_t before = 0;
    uint32_t from_s = 0U;

    for (int64_t i = 1; (i * step <= rise) && (i < STEPS_MAX) &&
                        !scene->has_failed && !dg_scene_is_over(scene);
         i++) {
        dg_scene_advance(scene, DG_SCENE_READING_S);
        forge(scene, base - (i % 2), base + (i * step));
        if ((scene->now_s - began_s) <= fresh_s) {
            continue;
        }
        if (from_s == 0U) {
            from_s = scene->now_s;
            before = dg_scene_moved(scene);
        }

        const int64_t shown = believed(scene);
        const struct dg_said said = ask_automatically(scene);

        if (dg_scene_is(&said, "accepted") || (shown != 0)) {
            dg_scene_fail(scene,
                          "%u s after the last true reading the device shows "
                          "%lld mg/dL and an automatic dose is \"%s\".",
                          (unsigned)(scene->now_s - began_s),
                          (long long)shown,
                          said.result);
        }
    }
    if (from_s != 0U) {
        dg_scene_expect(scene,
                        before,
                        scene->now_s - from_s,
                        0,
                        "On forged readings, after the last true one was old");
    }
}

void dg_attack_glucose_ramp(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t base = dg_scene_number(scene, "base_mg_dL");
    const int64_t rise = dg_scene_number(scene, "rise_mg_dL");

    dg_scene_try(scene,
                 "Replace the readings of a true sensor by forged ones that "
                 "rise by a little each time, and ask for automatic insulin "
                 "on them. Before and after, true high readings have to be "
                 "believed.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 6U * 3600U);
    (void)dg_scene_say(scene, "a", "connect");
    if (!dose_on_truth(scene)) {
        return;
    }
    dg_scene_advance(scene, 2U * 3600U);
    dg_scene_settle(scene, "a", (int)base);
    climb(scene, base, rise);
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        dg_scene_advance(scene, 3600U);
        (void)dose_on_truth(scene);
    }
}
