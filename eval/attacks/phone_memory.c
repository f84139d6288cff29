/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include "eval/scene_neighbour.h"

/* DG-A41, DG-A43: a program of the same user reaches for the processes of the
 * medical part that hold keys or decide about doses. */

static bool is_reached(const json_t *part)
{
    return json_is_true(json_object_get(part, "memory")) ||
           json_is_true(json_object_get(part, "environment")) ||
           json_is_true(json_object_get(part, "trace"));
}

void dg_attack_phone_memory(struct dg_scene *scene)
{
    unsigned tried = 0U;
    unsigned reached = 0U;
    size_t index = 0U;
    json_t *part = NULL;

    dg_scene_try(scene,
                 "A program of the same user tries to open the memory of each "
                 "process of the medical part, to read its environment and to "
                 "trace it, before and after a dose.");
    dg_scene_owner(scene, "a");
    for (int round = 0; (round < 2) && !dg_scene_is_over(scene); round++) {
        json_t *answer = dg_scene_neighbour(scene, "a", "reach", NULL);
        const json_t *parts = json_object_get(answer, "parts");

        json_array_foreach(parts, index, part)
        {
            const char *name = json_string_value(json_object_get(part, "name"));

            if (!json_is_true(json_object_get(part, "secret"))) {
                continue;
            }
            tried++;
            if (is_reached(part)) {
                reached++;
                dg_scene_fail(scene,
                              "A program of the same user reaches into %s, "
                              "which holds keys or decides about doses.",
                              (name == NULL) ? "a part" : name);
            }
        }
        json_decref(answer);
        if (round == 0) {
            (void)dg_scene_control(scene, "a", 1000);
        }
    }
    if (!dg_scene_is_over(scene) && (tried == 0U)) {
        dg_scene_inconclusive(
            scene, "The vendor names no part of the phone that holds keys.");
    }
    dg_scene_see(scene,
                 "%u tries at parts that hold keys or decide about doses; %u "
                 "reached.",
                 tried,
                 reached);
}
