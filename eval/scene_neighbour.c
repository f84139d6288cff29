/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scene_neighbour.h"

#include <stdio.h>
#include <string.h>

#include "eval/hex.h"

json_t *dg_scene_neighbour(struct dg_scene *scene,
                           const char *phone,
                           const char *what,
                           json_t *order)
{
    json_t *request = (order == NULL) ? json_object() : order;

    json_object_set_new(request, "op", json_string("neighbour"));
    json_object_set_new(request, "phone", json_string(phone));
    json_object_set_new(request, "do", json_string(what));
    return dg_scene_ask(scene, request);
}

struct dg_said dg_scene_neighbour_said(struct dg_scene *scene,
                                       const char *phone,
                                       const char *what,
                                       json_t *order)
{
    struct dg_said said = {.result = "none"};
    json_t *answer = dg_scene_neighbour(scene, phone, what, order);
    const char *result = json_string_value(json_object_get(answer, "result"));
    const char *reason = json_string_value(json_object_get(answer, "reason"));

    if (result != NULL) {
        (void)snprintf(said.result, sizeof said.result, "%s", result);
    }
    if (reason != NULL) {
        (void)snprintf(said.reason, sizeof said.reason, "%s", reason);
    }
    json_decref(answer);
    return said;
}

struct dg_door dg_scene_door(struct dg_scene *scene,
                             const char *phone,
                             json_t *list)
{
    struct dg_door door = {.sent = (int64_t)json_array_size(list)};
    json_t *answer = dg_scene_neighbour(
        scene, phone, "send", json_pack("{s:o}", "hex", list));
    const json_t *answers = json_object_get(answer, "answers");
    size_t index = 0U;
    json_t *text = NULL;

    door.asked = json_integer_value(json_object_get(answer, "asked"));
    json_array_foreach(answers, index, text)
    {
        door.answered += (json_string_length(text) > 0U) ? 1 : 0;
        if (index == 0U) {
            (void)snprintf(
                door.first, sizeof door.first, "%s", json_string_value(text));
        }
    }
    json_decref(answer);
    return door;
}

void dg_scene_add_hex(json_t *list, dg_span bytes)
{
    char hex[2U * 4096U + 1U];

    if (bytes.size <= 4096U) {
        dg_hex_put(bytes, hex);
        json_array_append_new(list, json_string(hex));
    }
}

void dg_scene_owner(struct dg_scene *scene, const char *phone)
{
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, phone, "app");
    dg_scene_pair(scene, phone, "owner");
}

bool dg_scene_sample(struct dg_scene *scene,
                     const char *phone,
                     size_t number,
                     uint8_t bytes[DG_SCENE_SAMPLE_MAX],
                     size_t *size)
{
    json_t *answer = dg_scene_neighbour(scene, phone, "sample", NULL);
    const char *hex = json_string_value(
        json_array_get(json_object_get(answer, "hex"), number));

    *size = (hex == NULL) ? 0U : strlen(hex) / 2U;

    const bool is_there = (*size > 0U) && (*size <= DG_SCENE_SAMPLE_MAX) &&
                          dg_hex_get(hex, (dg_buf){bytes, *size});

    json_decref(answer);
    return is_there;
}
