/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-H14, H16, H23: power goes in the middle of a bolus.  Afterwards nothing
 * is delivered twice and nothing is forgotten. */

static void check_ledger(struct dg_scene *scene,
                         const struct dg_said *said,
                         int64_t moved)
{
    const int64_t told = said->bolus_total_mU + said->basal_total_mU;

    if (dg_scene_is(said, "status") && (told != moved)) {
        dg_scene_fail(scene,
                      "The device says that it delivered %lld mU in all; its "
                      "mechanism moved %lld mU.",
                      (long long)told,
                      (long long)moved);
    }
}

static void cut_after(struct dg_scene *scene, int64_t mU, uint32_t s)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose to be cut was not accepted: \"%s\" "
                              "%s.",
                              said.result,
                              said.reason);
        return;
    }
    dg_scene_advance(scene, s);

    const int64_t at_cut = dg_scene_moved(scene) - before;

    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    /* The person sees nothing and asks for the same once more. */
    (void)dg_scene_say(scene, "a", "connect");

    const struct dg_said state = dg_scene_say(scene, "a", "status");

    check_ledger(scene, &state, dg_scene_moved(scene));
    dg_scene_advance(scene, 100U);

    const int64_t after = dg_scene_moved(scene) - before;
    const int64_t basal = (scene->basal_mU_per_h * ((int64_t)s + 100)) / 3600;

    dg_scene_see(scene,
                 "Power cut %u s into %lld mU: %lld mU had moved; back on, "
                 "the device calls the dose \"%s\" and %lld mU had moved 100 s "
                 "later.",
                 (unsigned)s,
                 (long long)mU,
                 (long long)at_cut,
                 state.outcome,
                 (long long)after);
    if (after > mU + basal + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "A dose of %lld mU became %lld mU across a power cut.",
                      (long long)mU,
                      (long long)after);
    }
    if ((at_cut > basal + scene->pulse_mU) &&
        (state.bolus_total_mU + state.uncertain_mU <
         at_cut - basal - scene->pulse_mU)) {
        dg_scene_fail(scene, "The device forgot what it had delivered.");
    }
    if (dg_scene_is(&state, "status") && (at_cut < mU) &&
        (state.outcome[0] == 'n')) {
        dg_scene_fail(scene,
                      "After the power cut the device does not name the dose "
                      "that it had begun.");
    }
    dg_scene_advance(scene, 1200U);
    dg_scene_expect(scene,
                    before + after,
                    1200U,
                    0,
                    "In the twenty minutes after the power cut");
}

void dg_attack_power_cut(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    static const uint32_t at_s[] = {0U, 1U, 9U, 21U, 45U};

    dg_scene_try(scene,
                 "Cut the power at several points of a bolus, without any "
                 "warning, and switch on again. Compare what the mechanism "
                 "moved with what the device says, and watch whether "
                 "anything of the dose comes twice.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    for (unsigned i = 0U; (i < 5U) && !dg_scene_is_over(scene); i++) {
        /* Far enough apart for every window that a product may have. */
        dg_scene_advance(scene, 4U * 3600U);
        cut_after(scene, mU, at_s[i]);
    }
}
