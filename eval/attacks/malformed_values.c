/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdlib.h>
#include <string.h>

#include "eval/scene_probe.h"

/* DG-A28, A34: values that are too long, too deep, repeated, cut short or
 * followed by more, behind the authentication: the phone is the attacker's. */

struct counts {
    unsigned sent;
    unsigned refused;
    unsigned silent;
};

static bool is_word(const json_t *answer, const char *key, const char *word)
{
    const char *text = json_string_value(json_object_get(answer, key));

    return (text != NULL) && (strcmp(text, word) == 0);
}

/* A value that is no message of the protocol is refused or heard by nobody. */
static void judge(struct dg_scene *scene,
                  const json_t *answer,
                  const char *shape,
                  int code,
                  struct counts *counts)
{
    counts->sent++;
    if (is_word(answer, "result", "refused")) {
        counts->refused++;
        return;
    }
    if (is_word(answer, "result", "silent")) {
        counts->silent++;
        /* Does it still live?  Else this would be a long wait. */
        (void)dg_scene_moved(scene);
        dg_scene_reopen(scene, "a");
        return;
    }

    const char *result = json_string_value(json_object_get(answer, "result"));

    dg_scene_fail(scene,
                  "A message of op code %d that is %s was not refused: \"%s\".",
                  code,
                  shape,
                  (result == NULL) ? "" : result);
}

static void send_shape(struct dg_scene *scene,
                       const char *shape,
                       int64_t codes,
                       struct counts *counts)
{
    for (int code = 0;
         (code < codes) && !scene->has_failed && !dg_scene_is_over(scene);
         code++) {
        json_t *list = dg_scene_probe(scene, "a", code, shape);

        for (size_t i = 0U; i < json_array_size(list); i++) {
            judge(scene, json_array_get(list, i), shape, code, counts);
        }
        json_decref(list);
    }
}

/* The valid control of the probes: some op codes do something. */
static bool is_heard(struct dg_scene *scene, int64_t codes)
{
    bool is_obeyed = false;

    for (int code = 0; (code < codes) && !is_obeyed; code++) {
        json_t *list = dg_scene_probe(scene, "a", code, "plain");
        const json_t *answer = json_array_get(list, 0U);

        is_obeyed = (answer != NULL) && !is_word(answer, "result", "refused") &&
                    !is_word(answer, "result", "silent");
        json_decref(list);
    }
    if (!is_obeyed) {
        dg_scene_inconclusive(scene, "No op code was obeyed as it should be.");
    }
    return is_obeyed;
}

void dg_attack_malformed_values(struct dg_scene *scene)
{
    static const char *const shapes[] = {
        "repeated", "short", "trailing", "long", "nested", "huge"};
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t codes = dg_scene_number(scene, "op_codes");
    struct counts counts = {0U, 0U, 0U};

    dg_scene_try(scene,
                 "With the keys of a paired phone, send messages whose values "
                 "are too long, nested a hundred deep, repeated, cut short, "
                 "of a length that is not there or followed by more. Each "
                 "must be refused; device, settings and therapy go on.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU) || !is_heard(scene, codes)) {
        return;
    }

    char *settings = dg_scene_settings(scene);
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    for (size_t i = 0U; (i < (sizeof shapes / sizeof shapes[0])) &&
                        !scene->has_failed && !dg_scene_is_over(scene);
         i++) {
        send_shape(scene, shapes[i], codes, &counts);
        dg_scene_advance(scene, 600U);
    }
    dg_scene_expect(
        scene, before, scene->now_s - began_s, 0, "Through malformed values");
    dg_scene_expect_settings(scene, settings, "after malformed values");
    free(settings);
    dg_scene_measure(scene, "malformed messages", (int64_t)counts.sent, 0U, "");
    dg_scene_see(scene,
                 "%u malformed messages: %u refused, %u without an answer.",
                 counts.sent,
                 counts.refused,
                 counts.silent);
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
