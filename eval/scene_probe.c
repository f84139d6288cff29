/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scene_probe.h"

#include <stdlib.h>
#include <string.h>

#define REOPEN_TRIES 4U
#define REOPEN_S     600U

json_t *dg_scene_probe(struct dg_scene *scene,
                       const char *phone,
                       int code,
                       const char *shape)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}",
                                            "op",
                                            "phone",
                                            "phone",
                                            phone,
                                            "do",
                                            "probe",
                                            "code",
                                            code,
                                            "count",
                                            1,
                                            "shape",
                                            shape));
    json_t *list = json_incref(json_object_get(answer, "answers"));

    json_decref(answer);
    return list;
}

void dg_scene_reopen(struct dg_scene *scene, const char *phone)
{
    struct dg_said said = {.result = ""};

    for (unsigned i = 0U; (i < REOPEN_TRIES) && !dg_scene_is_over(scene); i++) {
        if (i > 0U) {
            dg_scene_advance(scene, REOPEN_S);
        }
        said = dg_scene_say(scene, phone, "connect");
        if (dg_scene_is(&said, "status")) {
            return;
        }
    }
    if (!dg_scene_is_over(scene)) {
        dg_scene_inconclusive(scene,
                              "After a message without an answer phone %s got "
                              "no session any more: \"%s\" (%s).",
                              phone,
                              said.result,
                              said.reason);
    }
}

char *dg_scene_settings(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "settings", "unit", "x"));
    const char *text = json_string_value(json_object_get(answer, "settings"));
    char *copy = (text == NULL) ? NULL : strdup(text);

    json_decref(answer);
    return copy;
}

void dg_scene_expect_settings(struct dg_scene *scene,
                              const char *before,
                              const char *after)
{
    char *now = dg_scene_settings(scene);

    if ((now != NULL) && (before != NULL) && (strcmp(now, before) != 0)) {
        dg_scene_fail(scene, "What is set in the device changed: %s.", after);
    }
    free(now);
}
