/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A06, A35, A43: the phone is wholly in an attacker's hands and wants as
 * much insulin in the body as it can get, now. */

/* One hour of asking every minute, for everything and for what is left. */
static void ask_without_end(struct dg_scene *scene,
                            const char *tier,
                            const char *sign)
{
    unsigned accepted = 0U;

    for (unsigned minute = 0U; (minute < 60U) && !dg_scene_is_over(scene);
         minute++) {
        (void)dg_scene_say(scene, "a", "status");

        struct dg_said said =
            dg_scene_bare_bolus(scene, "a", 25000, tier, sign);

        if (dg_scene_is(&said, "refused") && (said.headroom_mU > 0)) {
            said =
                dg_scene_bare_bolus(scene, "a", said.headroom_mU, tier, sign);
        }
        accepted += dg_scene_is(&said, "accepted") ? 1U : 0U;
        if ((minute % 5U) == 0U) {
            /* A sensor that works does not stand still. */
            dg_scene_reading(scene, 250 - (int)((minute / 5U) % 3U));
            (void)dg_scene_say(scene, "a", "glucose");
        }
        dg_scene_advance(scene, 60U);
    }
    dg_scene_see(scene,
                 "An hour of asking for 25 U and then for whatever is left "
                 "(%s, signature %s): %u doses accepted.",
                 tier,
                 sign,
                 accepted);
}

void dg_attack_overdose_at_once(struct dg_scene *scene)
{
    dg_scene_try(scene,
                 "Take over the phone with all its keys. Ask for 25 U and for "
                 "everything that is left, every minute for an hour: first "
                 "as automatic doses, then as confirmed ones without a "
                 "signature and with one that a person gave for something "
                 "else, then with a person who approves everything.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_reading(scene, 250);
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_say(scene, "a", "lease");
    (void)dg_scene_say(scene, "a", "glucose");
    if (!dg_scene_control(scene, "a", 500)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    /* The control dose was a person's; what follows is the controller's. */
    scene->delivery[0] = scene->delivery[scene->deliveries - 1U];
    scene->deliveries = 1U;
    dg_scene_settle(scene, "a", 250);
    ask_without_end(scene, "automatic", "none");
    ask_without_end(scene, "confirmed", "none");
    ask_without_end(scene, "confirmed", "wrong");
    dg_scene_check_windows(scene, &scene->automatic, "The phone alone");
    ask_without_end(scene, "confirmed", "valid");
    dg_scene_check_windows(
        scene, &scene->total, "The phone with a deceived person");
}
