/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/scene_neighbour.h"

/* DG-A49, DG-A50: another app takes every place at the door and says nothing.
 * Therapy does not hang on the door; and when the places are free again they
 * are free for others. */
/* A message that is no message: its answer says so. */
static struct dg_door knock(struct dg_scene *scene)
{
    uint8_t bytes[DG_SCENE_SAMPLE_MAX];
    size_t size = 0U;
    json_t *list = json_array();

    if (dg_scene_sample(scene, "a", 0U, bytes, &size)) {
        memset(bytes, '}', size - 1U);
        dg_scene_add_hex(list, (dg_span){bytes, size});
    }
    return dg_scene_door(scene, "a", list);
}

void dg_attack_door_flood(struct dg_scene *scene)
{
    const int64_t rounds = dg_scene_number(scene, "rounds");
    const int64_t held = dg_scene_number(scene, "connections");

    dg_scene_try(scene,
                 "Another app opens more connections to the door of the "
                 "medical part than it has places, says nothing, and closes "
                 "them; again and again. Afterwards a newcomer must be "
                 "answered, and the owner doses.");
    dg_scene_owner(scene, "a");
    if (!dg_scene_control(scene, "a", 1000)) {
        return;
    }

    const struct dg_door first = knock(scene);
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    int64_t most = 0;

    for (int64_t i = 0; (i < rounds) && !dg_scene_is_over(scene); i++) {
        json_t *answer = dg_scene_neighbour(
            scene, "a", "hold", json_pack("{s:I}", "count", (json_int_t)held));
        const int64_t got = json_integer_value(json_object_get(answer, "held"));

        most = (got > most) ? got : most;
        json_decref(answer);
        dg_scene_advance(scene, 60U);
        json_decref(dg_scene_neighbour(
            scene, "a", "hold", json_pack("{s:i}", "count", 0)));
        dg_scene_wait(scene, 20);
    }
    if (!dg_scene_is_over(scene) && (most == 0)) {
        dg_scene_inconclusive(scene, "No connection could be held at all.");
    }
    dg_scene_advance(scene, 4U * 3600U);
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "While the door was held shut");

    struct dg_door then = knock(scene);

    /* A busy bench is no shut door. */
    for (int i = 0; (i < 3) && (then.answered == 0); i++) {
        then = knock(scene);
    }

    const bool is_same = strcmp(first.first, then.first) == 0;

    if (!dg_scene_is_over(scene) && (first.answered == 0)) {
        dg_scene_inconclusive(scene, "The door never answered a newcomer.");
    }
    if (!dg_scene_is_over(scene) && !is_same) {
        dg_scene_fail(scene,
                      "After %lld times %lld silent connections the door has "
                      "another answer for a newcomer than before: \"%s\".",
                      (long long)rounds,
                      (long long)held,
                      then.first);
    }
    dg_scene_see(scene,
                 "%lld times %lld silent connections (%lld held at once); a "
                 "newcomer afterwards got %s answer.",
                 (long long)rounds,
                 (long long)held,
                 (long long)most,
                 is_same ? "the same" : "another");
    (void)dg_scene_control(scene, "a", 1000);
}
