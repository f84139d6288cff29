/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/hazards/hazards.h"

/* DG-H18: what happened in one and the same second happened nevertheless. */

/* Records from number @p from on; *total is how many the device counts.  The
 * caller gives the array back. */
static json_t *read_records(struct dg_scene *scene,
                            int64_t from,
                            int64_t *total)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:I}",
                                            "op",
                                            "phone",
                                            "phone",
                                            "a",
                                            "do",
                                            "records",
                                            "from",
                                            (json_int_t)from));
    json_t *list = json_incref(json_object_get(answer, "records"));

    *total = json_integer_value(json_object_get(answer, "total"));
    json_decref(answer);
    return list;
}

/* How many of @p list have a number of their own, higher than the one before,
 * and something in them. */
static int64_t count_distinct(const json_t *list)
{
    int64_t count = 0;
    int64_t last = -1;

    for (size_t i = 0U; i < json_array_size(list); i++) {
        const json_t *record = json_array_get(list, i);
        const int64_t number =
            json_integer_value(json_object_get(record, "number"));
        const char *hex = json_string_value(json_object_get(record, "hex"));

        if ((number > last) && (hex != NULL) && (hex[0] != '\0')) {
            count++;
            last = number;
        }
    }
    return count;
}

void dg_hazard_same_second(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t pairs = dg_scene_number(scene, "pairs");
    int64_t before = 0;
    int64_t total = 0;
    int64_t presses = 0;

    dg_scene_try(scene,
                 "Without a second passing press suspend and resume on the "
                 "device, again and again, and read its records; then cut "
                 "the power and read them once more.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    (void)dg_scene_say(scene, "a", "connect");
    json_decref(read_records(scene, 0, &before));
    if (!dg_scene_is_over(scene) && (before < 1)) {
        dg_scene_inconclusive(scene, "The device tells no records.");
        return;
    }
    for (int64_t i = 0; (i < pairs) && !dg_scene_is_over(scene); i++) {
        presses += dg_scene_press(scene, "suspend") ? 1 : 0;
        presses += dg_scene_press(scene, "resume") ? 1 : 0;
    }

    json_t *kept = read_records(scene, before, &total);
    const int64_t distinct = count_distinct(kept);

    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    (void)dg_scene_say(scene, "a", "connect");

    json_t *then = read_records(scene, before, &total);
    int64_t same = 0;

    for (size_t i = 0U; i < json_array_size(kept); i++) {
        same += json_equal(json_array_get(kept, i), json_array_get(then, i))
                    ? 1
                    : 0;
    }
    dg_scene_see(scene,
                 "%lld presses in one second: %lld records, %lld of them the "
                 "same after a loss of power.",
                 (long long)presses,
                 (long long)distinct,
                 (long long)same);
    dg_scene_measure(scene, "presses", presses, 0U, "");
    dg_scene_measure(scene, "records of them", distinct, 0U, "");
    if (!dg_scene_is_over(scene) && (presses < pairs)) {
        dg_scene_inconclusive(scene, "Too few buttons had something to do.");
    } else if (!dg_scene_is_over(scene) &&
               ((distinct < presses) || (same < distinct))) {
        dg_scene_fail(scene,
                      "Of %lld presses within one second %lld were kept, and "
                      "%lld after a loss of power.",
                      (long long)presses,
                      (long long)distinct,
                      (long long)same);
    }
    json_decref(kept);
    json_decref(then);
    dg_scene_advance(scene, 3600U);
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_control(scene, "a", mU);
}
