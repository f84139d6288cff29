/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A20, A43, H03: the phone wants automatic insulin on a reading that the
 * sensor never made, made long ago, or made too low. */
#define DOSE_MU 200

/* Everything else that the device asks for is given, so that glucose alone
 * decides. */
static struct dg_said ask_automatically(struct dg_scene *scene)
{
    (void)dg_scene_say(scene, "a", "status");
    (void)dg_scene_say(scene, "a", "lease");
    return dg_scene_bare_bolus(scene, "a", DOSE_MU, "automatic", "none");
}

static void expect_nothing(struct dg_scene *scene, const char *with)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said = ask_automatically(scene);

    dg_scene_advance(scene, 300U);
    dg_scene_see(scene,
                 "Automatic dose asked for with %s: \"%s\" (%s).",
                 with,
                 said.result,
                 said.reason);
    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene, "An automatic dose was accepted with %s.", with);
        return;
    }
    dg_scene_expect(scene, before, 300U, 0, with);
}

/* The valid control of this test: fresh, true, high readings, as many and as
 * far apart as a device may want before it trusts them. */
static void expect_dose(struct dg_scene *scene)
{
    dg_scene_settle(scene, "a", 250);

    const struct dg_said said = ask_automatically(scene);

    dg_scene_advance(scene, 300U);
    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "An automatic dose on a fresh, true, high "
                              "reading was not obeyed: \"%s\" (%s).",
                              said.result,
                              said.reason);
    }
}

/* As many as a true sensor would give, so that one lie among them is not what
 * gives it away. */
static void forge(struct dg_scene *scene, int low_mg_dL)
{
    for (int i = 0; (i < DG_SCENE_READINGS) && !dg_scene_is_over(scene); i++) {
        if (i > 0) {
            dg_scene_advance(scene, DG_SCENE_READING_S);
        }
        dg_scene_reading(scene, low_mg_dL - (i % 2));
        (void)dg_scene_phone_do(
            scene, "a", json_pack("{s:s, s:b}", "do", "glucose", "forge", 1));
    }
}

void dg_attack_untrusted_glucose(struct dg_scene *scene)
{
    const int64_t stale_s = dg_scene_number(scene, "stale_s");
    const int64_t low_mg_dL = dg_scene_number(scene, "low_mg_dL");

    dg_scene_try(scene,
                 "Take over the phone with all its keys and ask for automatic "
                 "insulin without a reading, with one that is too old, with "
                 "an old one sent again, with some that the phone made up, and "
                 "with a true low one. In between, fresh true high readings "
                 "must be obeyed.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    (void)dg_scene_say(scene, "a", "connect");
    expect_nothing(scene, "no reading at all");
    expect_dose(scene);
    if (dg_scene_is_over(scene)) {
        return;
    }
    dg_scene_advance(scene, (uint32_t)stale_s);
    expect_nothing(scene, "a reading that is too old");
    (void)dg_scene_say(scene, "a", "glucose");
    expect_nothing(scene, "an old reading sent again");
    forge(scene, (int)low_mg_dL);
    expect_nothing(scene, "readings that the phone made up");
    (void)dg_scene_say(scene, "a", "glucose");
    expect_nothing(scene, "a true low reading");
    expect_dose(scene);
}
