/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include "eval/scene_hands.h"
#include "eval/scene_neighbour.h"

/* DG-A50, DG-H06, DG-H12: one part of the phone's medical software dies, as a
 * parser does that meets what it was not made for. */

/* End one part in the middle of a dose; false: there is no such part. */
static bool end_one(struct dg_scene *scene, int64_t part)
{
    const int64_t mU = 1000;
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const struct dg_said asked = dg_scene_bolus(scene, "a", mU);
    json_t *answer = dg_scene_neighbour(
        scene, "a", "end", json_pack("{s:I}", "part", (json_int_t)part));
    const char *name = json_string_value(json_object_get(answer, "ended"));
    const bool is_secret = json_is_true(json_object_get(answer, "secret"));
    const bool is_open = json_is_true(json_object_get(answer, "open"));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&asked, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose before part %lld ended was not "
                              "obeyed: \"%s\" (%s).",
                              (long long)part,
                              asked.result,
                              asked.reason);
    }
    if (!dg_scene_is_over(scene) && (name != NULL) && !is_secret && !is_open) {
        dg_scene_fail(scene,
                      "%s died, which holds nothing, and the phone does not "
                      "let the app in again.",
                      name);
    }
    if (is_secret) {
        dg_scene_power(scene, "a", "start");
    }
    dg_scene_advance(scene, 4U * 3600U);
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    mU,
                    (name == NULL) ? "A dose" : name);

    const struct dg_said then = dg_scene_status(scene, "a");

    if (!dg_scene_is_over(scene) &&
        (!dg_scene_is(&then, "status") ||
         (then.delivered_mU < mU - scene->pulse_mU) ||
         (then.delivered_mU > mU + scene->pulse_mU))) {
        dg_scene_fail(scene,
                      "Afterwards the phone does not know the dose: \"%s\", "
                      "%lld mU.",
                      then.result,
                      (long long)then.delivered_mU);
    }
    dg_scene_see(scene,
                 "%s ended in mid-dose%s: one dose, and the phone tells of "
                 "it.",
                 (name == NULL) ? "Nothing" : name,
                 is_secret ? " and the phone was started again" : "");
    json_decref(answer);
    return name != NULL;
}

void dg_attack_part_ends(struct dg_scene *scene)
{
    const int64_t most = dg_scene_number(scene, "parts_at_most");

    dg_scene_try(scene,
                 "End each process of the phone's medical part in turn, in "
                 "the middle of a dose. One dose comes of it, basal goes on, "
                 "what holds nothing is there again by itself, and the phone "
                 "tells what happened.");
    dg_scene_owner(scene, "a");

    int64_t part = 0;

    while ((part < most) && !dg_scene_is_over(scene) && !scene->has_failed &&
           end_one(scene, part)) {
        part++;
    }
    if (!dg_scene_is_over(scene) && !scene->has_failed &&
        ((part == 0) || (part == most))) {
        dg_scene_inconclusive(scene,
                              (part == 0)
                                  ? "The phone names no part to end."
                                  : "The phone has more parts than are tried.");
    }
}
