/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A31, A44: firmware over the right channel, from the owner's phone, with a
 * person who presses the button: all that is wrong is the firmware. */

static int64_t version_of(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "firmware", "unit", "x"));
    const int64_t version =
        json_integer_value(json_object_get(answer, "version"));

    json_decref(answer);
    return version;
}

/* The phone carries a release of this kind, and the person agrees. */
static struct dg_said install(struct dg_scene *scene, const char *kind)
{
    json_t *release = dg_scene_ask(
        scene,
        json_pack(
            "{s:s, s:s, s:s}", "op", "release", "unit", "x", "kind", kind));
    const char *manifest =
        json_string_value(json_object_get(release, "manifest"));
    const char *image = json_string_value(json_object_get(release, "image"));
    const struct dg_said said =
        dg_scene_phone_do(scene,
                          "a",
                          json_pack("{s:s, s:s, s:s, s:b}",
                                    "do",
                                    "update",
                                    "manifest",
                                    (manifest == NULL) ? "" : manifest,
                                    "image",
                                    (image == NULL) ? "" : image,
                                    "apply",
                                    1));

    json_decref(release);
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:s}",
                                       "op",
                                       "press",
                                       "unit",
                                       "x",
                                       "button",
                                       "confirm")));
    return said;
}

static void refuse_kind(struct dg_scene *scene, const char *kind)
{
    const int64_t running = version_of(scene);
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said = install(scene, kind);

    dg_scene_advance(scene, 300U);
    dg_scene_expect(scene, before, 300U, 0, "After a wrong update");

    const int64_t now = version_of(scene);

    dg_scene_see(scene,
                 "Update, %s: \"%s\"; version %lld before, %lld after.",
                 kind,
                 said.result,
                 (long long)running,
                 (long long)now);
    if (!dg_scene_is_over(scene) && (now != running)) {
        dg_scene_fail(scene,
                      "An update that is %s was installed: version %lld "
                      "instead of %lld.",
                      kind,
                      (long long)now,
                      (long long)running);
    }
    (void)dg_scene_say(scene, "a", "connect");
}

void dg_attack_update_authenticity(struct dg_scene *scene)
{
    static const char *const kinds[] = {
        "unsigned", "wrong_key", "changed", "truncated"};
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t trial_s = dg_scene_number(scene, "trial_s");

    dg_scene_try(scene,
                 "Let the owner's phone carry firmware that is unsigned, "
                 "signed by somebody else, changed or cut short, and press "
                 "the device's button each time. Then install a good release, "
                 "and after it an older one that is signed.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    for (size_t i = 0U; (i < (sizeof kinds / sizeof kinds[0])) &&
                        !scene->has_failed && !dg_scene_is_over(scene);
         i++) {
        refuse_kind(scene, kinds[i]);
    }
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }

    const int64_t first = version_of(scene);
    const struct dg_said said = install(scene, "good");

    dg_scene_advance(scene, (uint32_t)trial_s);

    const int64_t second = version_of(scene);

    dg_scene_see(scene,
                 "Good release: \"%s\"; version %lld before, %lld after.",
                 said.result,
                 (long long)first,
                 (long long)second);
    if (second == first) {
        dg_scene_inconclusive(
            scene, "A good release was not installed: \"%s\".", said.result);
        return;
    }

    const struct dg_said opened = dg_scene_say(scene, "a", "connect");

    if (!dg_scene_is_over(scene) && !dg_scene_is(&opened, "status")) {
        dg_scene_inconclusive(scene,
                              "The new release lets no phone in: \"%s\" (%s).",
                              opened.result,
                              opened.reason);
        return;
    }
    refuse_kind(scene, "older");
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        (void)dg_scene_control(scene, "a", mU);
    }
}
