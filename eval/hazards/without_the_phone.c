/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H26, H04: it is urgent, and the phone is locked, dead or in the hands of
 * nobody.  What is urgent works at the device; what is large still wants a
 * person's proof. */

static bool begin_dose(struct dg_scene *scene, int64_t mU)
{
    const int64_t from = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose to be ended was not accepted: \"%s\" "
                              "%s.",
                              said.result,
                              said.reason);
    }
    dg_scene_advance(scene, 8U);
    if (!dg_scene_is_over(scene) &&
        (dg_scene_moved(scene) - from >= mU - scene->pulse_mU)) {
        dg_scene_inconclusive(scene,
                              "The dose was given before a button could end "
                              "it.");
    }
    return !dg_scene_is_over(scene);
}

/* Stop, and stop everything, while a phone is in control. */
static void end_it(struct dg_scene *scene,
                   int64_t mU,
                   const char *button,
                   bool is_basal_off)
{
    if (!begin_dose(scene, mU)) {
        return;
    }

    const bool is_done = dg_scene_press(scene, button);

    dg_scene_advance(scene, 5U);

    const int64_t after = dg_scene_moved(scene);

    dg_scene_advance(scene, 900U);

    const int64_t more = dg_scene_moved(scene) - after;
    const int64_t basal = is_basal_off ? 0 : dg_scene_basal(scene, 900U);

    dg_scene_see(scene,
                 "Button %s in the middle of a bolus of %lld mU: %s; %lld mU "
                 "moved in the quarter of an hour after.",
                 button,
                 (long long)mU,
                 is_done ? "done" : "nothing to do",
                 (long long)more);
    if (!is_done || (more > basal + scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "The button %s on the device did not end a bolus within "
                      "5 s: %lld mU followed.",
                      button,
                      (long long)more);
    }
    if (is_basal_off) {
        dg_scene_withhold(scene, dg_scene_basal(scene, 920U));
        (void)dg_scene_press(scene, "resume");

        const int64_t from = dg_scene_moved(scene);

        dg_scene_advance(scene, 1800U);
        dg_scene_expect(
            scene, from, 1800U, 0, "After the person resumed at the device");
    }
    dg_scene_advance(scene, 4U * 3600U);
}

/* A small dose by hand, and no second one. */
static void by_hand(struct dg_scene *scene)
{
    const int64_t from = dg_scene_moved(scene);

    if (!dg_scene_press(scene, "bolus") || !dg_scene_press(scene, "confirm")) {
        dg_scene_fail(scene, "The device gives no dose without a phone.");
        return;
    }
    dg_scene_advance(scene, 30U);

    const int64_t begun = dg_scene_moved(scene) - from;

    dg_scene_advance(scene, 270U);

    const int64_t got =
        dg_scene_moved(scene) - from - dg_scene_basal(scene, 300U);

    if (begun < scene->pulse_mU) {
        dg_scene_fail(scene,
                      "Thirty seconds after the buttons nothing had moved.");
    }
    if (got > scene->confirmed.dose_mU) {
        dg_scene_fail(scene,
                      "The dose by hand is no small one: %lld mU, more than a "
                      "person may confirm at a phone.",
                      (long long)got);
    }

    const int64_t again = dg_scene_moved(scene);
    const bool has_more =
        dg_scene_press(scene, "bolus") && dg_scene_press(scene, "confirm");

    dg_scene_advance(scene, 300U);
    dg_scene_see(scene,
                 "A dose by hand without any phone: %lld mU in 30 s, %lld mU "
                 "in all; asked for again at once: %s.",
                 (long long)begun,
                 (long long)got,
                 has_more ? "given" : "nothing to do");
    dg_scene_expect(scene, again, 300U, 0, "A second dose by hand at once");
    dg_scene_advance(scene, 4U * 3600U);
}

/* The person cannot prove who they are, so the phone sends no proof. */
static void large_wants_proof(struct dg_scene *scene)
{
    static const char *const sign[] = {"none", "wrong"};

    (void)dg_scene_say(scene, "a", "connect");
    for (unsigned i = 0U; i < 2U; i++) {
        const int64_t from = dg_scene_moved(scene);
        const struct dg_said said = dg_scene_bare_bolus(
            scene, "a", scene->confirmed.dose_mU, "confirmed", sign[i]);

        dg_scene_advance(scene, 300U);
        dg_scene_see(scene,
                     "A large dose with a proof that is %s: \"%s\" %s.",
                     sign[i],
                     said.result,
                     said.reason);
        dg_scene_expect(
            scene, from, 300U, 0, "A large dose without a person's proof");
    }
}

void dg_hazard_without_the_phone(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "While a phone is in control and a bolus runs, press stop on "
                 "the device; again, and press suspend, then resume. Switch "
                 "the phone off and take a dose by the buttons, twice. Then "
                 "ask for the largest dose with a phone whose person cannot "
                 "prove who they are.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    end_it(scene, mU, "stop", false);
    end_it(scene, mU, "suspend", true);
    dg_scene_power(scene, "a", "kill");
    by_hand(scene);
    dg_scene_power(scene, "a", "start");
    large_wants_proof(scene);
}
