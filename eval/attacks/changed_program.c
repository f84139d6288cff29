/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include "eval/scene_neighbour.h"

/* DG-A43: something that stays on the phone has changed a program of the
 * medical part, which is then started as every morning. */
void dg_attack_changed_program(struct dg_scene *scene)
{
    dg_scene_try(scene,
                 "Install the medical part anew as it is: it starts and "
                 "doses. Then change one byte of one of its programs and "
                 "start it again on the same state.");
    dg_scene_owner(scene, "a");

    const struct dg_said whole = dg_scene_neighbour_said(
        scene, "a", "change", json_pack("{s:b}", "is_changed", 0));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&whole, "started")) {
        dg_scene_inconclusive(scene,
                              "The medical part does not start when it was "
                              "installed anew without a change.");
    }
    if (dg_scene_is_over(scene) || !dg_scene_control(scene, "a", 1000)) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const struct dg_said changed = dg_scene_neighbour_said(
        scene, "a", "change", json_pack("{s:b}", "is_changed", 1));

    dg_scene_advance(scene, 600U);
    dg_scene_expect(scene, before, 600U, 0, "With a changed phone");
    if (!dg_scene_is_over(scene) && !dg_scene_is(&changed, "refused")) {
        dg_scene_fail(scene,
                      "A changed program of the medical part was started and "
                      "has its keys.");
    }
    dg_scene_see(scene,
                 "Installed as it is: \"%s\"; with one byte changed: \"%s\".",
                 whole.result,
                 changed.result);
}
