/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <string.h>

/* DG-A24, A46: the weakest choice on the list.  A phone that has all keys asks
 * for less protection than the product pairs with: nobody else could get this
 * far, so whoever is in the middle gets no further. */
#define WAYS_MAX 32

/* One weaker way in; false: there are no more.  @p what gets its name. */
static bool try_way(struct dg_scene *scene, int number, char what[96])
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:i}",
                                            "op",
                                            "phone",
                                            "phone",
                                            "a",
                                            "do",
                                            "weaker",
                                            "number",
                                            number));
    const char *result = json_string_value(json_object_get(answer, "result"));
    const char *name = json_string_value(json_object_get(answer, "what"));
    const bool is_none = (result == NULL) || (strcmp(result, "none") == 0);

    (void)snprintf(what, 96U, "%s", (name == NULL) ? "a weaker way" : name);
    if (!is_none) {
        dg_scene_see(scene, "%s: \"%s\".", what, result);
    }
    if (!is_none && (strcmp(result, "status") == 0)) {
        dg_scene_fail(scene,
                      "The device opened a session with %s, and pairs with "
                      "something stronger.",
                      what);
    }
    json_decref(answer);
    return !is_none && !dg_scene_is_over(scene);
}

/* What the session, if there is one, is worth. */
static void dose_in_it(struct dg_scene *scene, int64_t mU, const char *what)
{
    const int64_t before = dg_scene_moved(scene);

    (void)dg_scene_say(scene, "a", "lease");
    (void)dg_scene_phone_do(scene,
                            "a",
                            json_pack("{s:s, s:I, s:s}",
                                      "do",
                                      "propose",
                                      "mU",
                                      (json_int_t)mU,
                                      "tier",
                                      "confirmed"));

    const struct dg_said said = dg_scene_phone_do(
        scene, "a", json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));

    if (said.outcome[0] == 'w') {
        json_decref(dg_scene_ask(scene,
                                 json_pack("{s:s, s:s, s:s}",
                                           "op",
                                           "press",
                                           "unit",
                                           "x",
                                           "button",
                                           "confirm")));
    }
    dg_scene_advance(scene, 600U);
    dg_scene_expect(scene, before, 600U, 0, what);
}

void dg_attack_downgrade(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    char what[96];
    int tried = 0;

    dg_scene_try(scene,
                 "With a paired phone and all its keys connect in each way "
                 "that the protocol names and that is weaker or older than "
                 "what the product pairs with, and ask for a dose.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 3600U);
    while ((tried < WAYS_MAX) && try_way(scene, tried, what)) {
        dose_in_it(scene, mU, what);
        tried++;
    }
    dg_scene_measure(scene, "weaker ways", tried, 0U, "");
    if (dg_scene_is_over(scene)) {
        return;
    }
    if (tried == 0) {
        dg_scene_inconclusive(scene,
                              "The adapter knows no weaker way to connect; "
                              "where the protocol has none, say so in the "
                              "report.");
        return;
    }
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_control(scene, "a", mU);
}
