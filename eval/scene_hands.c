/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scene_hands.h"

#include <stdio.h>
#include <string.h>

#define STEP_S 30U

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return (text == NULL) ? "" : text;
}

bool dg_scene_press(struct dg_scene *scene, const char *button)
{
    json_t *answer = dg_scene_ask(
        scene,
        json_pack(
            "{s:s, s:s, s:s}", "op", "press", "unit", "x", "button", button));
    const bool is_done =
        (answer != NULL) && (strcmp(text_of(answer, "result"), "nothing") != 0);

    json_decref(answer);
    return is_done;
}

struct dg_scene_alarms dg_scene_alarms(struct dg_scene *scene)
{
    struct dg_scene_alarms alarms = {.sounds = false};
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "alarms", "unit", "x"));
    const json_t *names = json_object_get(answer, "alarms");

    for (size_t i = 0U; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        const size_t used = strlen(alarms.words);

        (void)snprintf(&alarms.words[used],
                       sizeof alarms.words - used,
                       "%s%s",
                       (i == 0U) ? "" : ", ",
                       (name == NULL) ? "?" : name);
    }
    (void)snprintf(
        alarms.sound, sizeof alarms.sound, "%s", text_of(answer, "sound"));
    alarms.sounds =
        (alarms.sound[0] != '\0') && (strcmp(alarms.sound, "off") != 0);
    json_decref(answer);
    return alarms;
}

int64_t dg_scene_until_heard(struct dg_scene *scene, uint32_t most_s)
{
    for (uint32_t past_s = 0U;; past_s += STEP_S) {
        if (dg_scene_alarms(scene).sounds) {
            return (int64_t)past_s;
        }
        if ((past_s >= most_s) || dg_scene_is_over(scene)) {
            return -1;
        }
        dg_scene_advance(scene, STEP_S);
    }
}

void dg_scene_silence(struct dg_scene *scene)
{
    (void)dg_scene_press(scene, "silence");
}

void dg_scene_block(struct dg_scene *scene, bool is_on)
{
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:b}",
                                       "op",
                                       "block",
                                       "unit",
                                       "x",
                                       "on",
                                       is_on ? 1 : 0)));
}

void dg_scene_power(struct dg_scene *scene, const char *phone, const char *how)
{
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:s}",
                                       "op",
                                       "phone_power",
                                       "phone",
                                       phone,
                                       "how",
                                       how)));
}

void dg_scene_reading_at_once(struct dg_scene *scene, int mg_dL)
{
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:i, s:b}",
                                       "op",
                                       "place_reading",
                                       "unit",
                                       "x",
                                       "mg_dL",
                                       mg_dL,
                                       "wait",
                                       0)));
}

void dg_scene_clock_back(struct dg_scene *scene, uint32_t s)
{
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:I}",
                                       "op",
                                       "clock",
                                       "unit",
                                       "x",
                                       "back_s",
                                       (json_int_t)s)));
}

void dg_scene_withhold(struct dg_scene *scene, int64_t mU)
{
    scene->withheld_mU += mU;
}

int64_t dg_scene_basal(const struct dg_scene *scene, uint32_t s)
{
    return (scene->basal_mU_per_h * (int64_t)s) / 3600;
}

bool dg_scene_try_pair(struct dg_scene *scene,
                       const char *phone,
                       const char *role,
                       bool has_presence)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:s, s:b}",
                                            "op",
                                            "pair",
                                            "phone",
                                            phone,
                                            "unit",
                                            "x",
                                            "role",
                                            role,
                                            "presence",
                                            has_presence ? 1 : 0));
    const bool is_paired = strcmp(text_of(answer, "result"), "paired") == 0;

    json_decref(answer);
    return is_paired;
}
