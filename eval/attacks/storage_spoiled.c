/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include "eval/scene_neighbour.h"

/* DG-A30: what a reset, a lost file or a damaged one leaves must not be more
 * than what was there: no right comes back, no proof falls away. */

/* Spoil one file, and try what then needs no person; false: no such file. */
static bool spoil(struct dg_scene *scene, int64_t file, const char *how)
{
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    json_t *answer = dg_scene_neighbour(
        scene,
        "a",
        "spoil",
        json_pack("{s:I, s:s}", "file", (json_int_t)file, "how", how));
    const bool is_there =
        file < json_integer_value(json_object_get(answer, "files"));
    const char *result = json_string_value(json_object_get(answer, "result"));
    const bool is_up = (result != NULL) && (result[0] == 's');

    if (is_there && is_up) {
        const struct dg_said said = dg_scene_neighbour_said(
            scene, "a", "script", json_pack("{s:i, s:[]}", "mU", 1000, "pins"));

        dg_scene_advance(scene, 120U);
        dg_scene_expect(
            scene, before, scene->now_s - began_s, 0, "After a file was lost");
        if (!dg_scene_is_over(scene) && dg_scene_is(&said, "accepted")) {
            dg_scene_fail(scene,
                          "With file %lld (%s) the phone started and approved "
                          "a dose by itself.",
                          (long long)file,
                          how);
        }
        dg_scene_see(scene,
                     "File %lld, %s: started; a dose without the person: "
                     "\"%s\".",
                     (long long)file,
                     how,
                     said.result);
    } else if (is_there) {
        dg_scene_see(
            scene, "File %lld, %s: does not start.", (long long)file, how);
    }
    json_decref(answer);
    if (is_there) {
        (void)dg_scene_neighbour_said(
            scene, "a", "spoil", json_pack("{s:s}", "how", "restore"));
    }
    return is_there;
}

void dg_attack_storage_spoiled(struct dg_scene *scene)
{
    const int64_t most = dg_scene_number(scene, "files_at_most");
    const char *how =
        (dg_scene_number(scene, "how") == 0) ? "remove" : "damage";

    dg_scene_try(scene,
                 "The person has set a PIN. Take away or damage each file of "
                 "the phone's medical part in turn and start it; a program "
                 "asks for a dose and confirms it without the PIN. Put the "
                 "file back. At the end the person doses.");
    dg_scene_owner(scene, "a");

    const struct dg_said pin = dg_scene_neighbour_said(
        scene, "a", "pin", json_pack("{s:s}", "pin", "918273"));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&pin, "done")) {
        dg_scene_inconclusive(scene, "The person could not set a PIN.");
    }

    /* Whether a program can get a dose at all: with the PIN it must. */
    const struct dg_said known = dg_scene_neighbour_said(
        scene,
        "a",
        "script",
        json_pack("{s:i, s:[s]}", "mU", 1000, "pins", "918273"));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&known, "accepted")) {
        dg_scene_inconclusive(scene,
                              "A program that knows the PIN got no dose: "
                              "\"%s\" (%s).",
                              known.result,
                              known.reason);
    }
    dg_scene_advance(scene, 3600U);

    int64_t file = 0;

    while ((file < most) && !dg_scene_is_over(scene) && !scene->has_failed &&
           spoil(scene, file, how)) {
        file++;
    }
    if (!dg_scene_is_over(scene) && !scene->has_failed &&
        ((file == 0) || (file == most))) {
        dg_scene_inconclusive(scene,
                              (file == 0)
                                  ? "The phone shows no file to spoil."
                                  : "The phone has more files than are tried.");
    }
    (void)dg_scene_control(scene, "a", 1000);
}
