/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H05, H06: the app that would have told the person is gone.  The device
 * tells. */

/* Nothing may sound from before, or it would answer for what comes. */
static bool is_quiet(struct dg_scene *scene)
{
    dg_scene_silence(scene);

    const struct dg_scene_alarms alarms = dg_scene_alarms(scene);

    if (alarms.sounds) {
        dg_scene_inconclusive(scene,
                              "The device sounds before anything happened: %s.",
                              alarms.words);
    }
    return !alarms.sounds;
}

/* Whoever is in control falls silent. */
static void expect_missed(struct dg_scene *scene,
                          const char *how,
                          int64_t within_s)
{
    (void)dg_scene_say(scene, "a", "status");
    dg_scene_power(scene, "a", how);

    const int64_t took_s =
        dg_scene_until_heard(scene, (uint32_t)within_s + 600U);
    const struct dg_scene_alarms alarms = dg_scene_alarms(scene);

    dg_scene_see(scene,
                 "The app in control: %s. The device was heard after %lld s "
                 "(%s).",
                 how,
                 (long long)took_s,
                 alarms.words);
    if ((took_s < 0) || (took_s > within_s)) {
        dg_scene_fail(scene,
                      "The app in control ended (%s) and the device did not "
                      "sound within %lld s.",
                      how,
                      (long long)within_s);
    }
}

/* Something that harms a person, while no phone can tell. */
static void expect_occlusion(struct dg_scene *scene, int64_t within_s)
{
    if (!is_quiet(scene)) {
        return;
    }

    const uint32_t began_s = scene->now_s;
    const int64_t moved = dg_scene_moved(scene);

    dg_scene_block(scene, true);
    /* The next step of basal is the first that can feel it. */
    dg_scene_advance(
        scene,
        (uint32_t)((scene->pulse_mU * 3600) / scene->basal_mU_per_h) + 1U);

    const int64_t took_s =
        dg_scene_until_heard(scene, (uint32_t)within_s + 600U);

    dg_scene_see(scene,
                 "The tube is blocked and no phone is there: heard %lld s "
                 "after the first step that failed.",
                 (long long)took_s);
    if ((took_s < 0) || (took_s > within_s)) {
        dg_scene_fail(scene,
                      "Nothing flowed and the device did not sound within "
                      "%lld s.",
                      (long long)within_s);
    }
    dg_scene_block(scene, false);
    dg_scene_withhold(scene,
                      dg_scene_basal(scene, scene->now_s - began_s) -
                          (dg_scene_moved(scene) - moved));
    dg_scene_advance(scene, 600U);
    dg_scene_silence(scene);
}

/* The same, told by glucose: the last thing that the phone relayed. */
static void expect_low(struct dg_scene *scene, int64_t within_s)
{
    if (!is_quiet(scene)) {
        return;
    }
    for (int i = 0; (i < DG_SCENE_READINGS) && !dg_scene_is_over(scene); i++) {
        if (i > 0) {
            dg_scene_advance(scene, DG_SCENE_READING_S);
        }
        dg_scene_reading(scene, 48 - i);
        (void)dg_scene_say(scene, "b", "glucose");
    }
    dg_scene_power(scene, "b", "kill");

    const int64_t took_s =
        dg_scene_until_heard(scene, (uint32_t)within_s + 600U);
    const struct dg_scene_alarms alarms = dg_scene_alarms(scene);

    dg_scene_see(scene,
                 "Glucose of 48 mg/dL and falling, then the phone was gone: "
                 "heard after %lld s (%s).",
                 (long long)took_s,
                 alarms.words);
    if ((took_s < 0) || (took_s > within_s)) {
        dg_scene_fail(scene,
                      "A severe low was relayed and the device did not sound "
                      "within %lld s.",
                      (long long)within_s);
    }
    /* Nobody answers: it must not rest. */
    dg_scene_advance(scene, 1800U);
    if (!dg_scene_alarms(scene).sounds) {
        dg_scene_fail(scene,
                      "Nobody acknowledged the severe low, and half an hour "
                      "later the device was quiet.");
    }
}

void dg_hazard_alarm_at_the_device(struct dg_scene *scene)
{
    const int64_t heartbeat_s = dg_scene_number(scene, "heartbeat_s");
    const int64_t alarm_s = dg_scene_number(scene, "alarm_s");
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Let an app take control and freeze it, then kill it. Block "
                 "the tube while no phone is there. Let a second phone relay a "
                 "severe low and die. Listen to the device each time, and let "
                 "nobody answer the last alarm.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");
    (void)dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (!dg_scene_control(scene, "a", mU) || !is_quiet(scene)) {
        return;
    }
    expect_missed(scene, "freeze", heartbeat_s + alarm_s);
    dg_scene_power(scene, "a", "thaw");
    dg_scene_advance(scene, 3600U);
    if (dg_scene_control(scene, "a", mU) && is_quiet(scene)) {
        expect_missed(scene, "kill", heartbeat_s + alarm_s);
        dg_scene_advance(scene, 3600U);
        expect_occlusion(scene, alarm_s);
        (void)dg_scene_say(scene, "b", "connect");
        expect_low(scene, alarm_s);
    }
}
