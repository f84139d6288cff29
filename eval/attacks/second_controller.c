/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-H19, A38: two paired phones ask for the same meal at the same moment. */

void dg_attack_second_controller(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    json_t *order = json_pack("{s:s, s:I, s:s}",
                              "do",
                              "propose",
                              "mU",
                              (json_int_t)mU,
                              "tier",
                              "confirmed");
    json_t *commit = json_pack("{s:s, s:s}", "do", "commit", "sign", "valid");

    dg_scene_try(scene,
                 "Pair two phones. Both ask for the same dose at the same "
                 "moment and both persons approve. One dose may come of it, "
                 "and the other phone must be told why not.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (dg_scene_control(scene, "a", mU)) {
        dg_scene_advance(scene, 4U * 3600U);
        (void)dg_scene_say(scene, "b", "connect");

        const struct dg_said lease_a = dg_scene_say(scene, "a", "lease");
        const struct dg_said lease_b = dg_scene_say(scene, "b", "lease");
        const int64_t before = dg_scene_moved(scene);
        const uint32_t began_s = scene->now_s;

        (void)dg_scene_phone_do(scene, "a", json_deep_copy(order));

        const struct dg_said asked_b =
            dg_scene_phone_do(scene, "b", json_deep_copy(order));
        const struct dg_said done_a =
            dg_scene_phone_do(scene, "a", json_deep_copy(commit));

        /* Once at once, and once when the first dose has just ended. */
        const struct dg_said early_b =
            dg_scene_phone_do(scene, "b", json_deep_copy(commit));

        dg_scene_advance(scene, (uint32_t)(mU / scene->pulse_mU) * 2U + 4U);

        const struct dg_said late_b =
            dg_scene_phone_do(scene, "b", json_deep_copy(commit));

        dg_scene_advance(scene, 240U);
        dg_scene_expect(
            scene, before, scene->now_s - began_s, mU, "Two phones at once");
        if (!dg_scene_is_over(scene) && (!dg_scene_is(&done_a, "accepted") ||
                                         dg_scene_is(&early_b, "accepted") ||
                                         dg_scene_is(&late_b, "accepted"))) {
            dg_scene_fail(scene,
                          "Of two requests at once exactly the first must be "
                          "obeyed: first \"%s\" (%s), second \"%s\" and "
                          "\"%s\".",
                          done_a.result,
                          done_a.reason,
                          early_b.result,
                          late_b.result);
        }
        dg_scene_see(scene,
                     "Lease: \"%s\" and \"%s\" (%s). First phone's dose: "
                     "\"%s\"; second: proposal \"%s\" (%s), commit \"%s\" "
                     "and later \"%s\".",
                     lease_a.result,
                     lease_b.result,
                     lease_b.reason,
                     done_a.result,
                     asked_b.result,
                     asked_b.reason,
                     early_b.result,
                     late_b.result);
    }
    json_decref(order);
    json_decref(commit);
}
