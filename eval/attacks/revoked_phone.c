/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

/* DG-A37: a phone that may dose is stolen, unlocked and in a session.  It has
 * all its keys but not the person; and then its owner revokes it. */
#define FRAMES_MAX 32U

/* The thief asks for a dose; nothing may come of it. */
static void refuse_dose(struct dg_scene *scene,
                        int64_t mU,
                        const char *sign,
                        const char *when)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "b", mU, "confirmed", sign);

    dg_scene_advance(scene, 120U);
    dg_scene_see(scene,
                 "Dose asked for by the stolen phone %s: \"%s\" (%s).",
                 when,
                 said.result,
                 said.reason);
    if (dg_scene_is(&said, "accepted") || dg_scene_is(&said, "already")) {
        dg_scene_fail(scene, "A stolen phone dosed %s.", when);
    }
    dg_scene_expect(scene, before, 120U, 0, when);
}

/* Revoked, the phone is nobody: it is not let in again. */
static void expect_nobody(struct dg_scene *scene, int64_t mU, const char *when)
{
    const struct dg_said said = dg_scene_say(scene, "b", "connect");

    dg_scene_see(
        scene, "The revoked phone connects %s: \"%s\".", when, said.result);
    if (dg_scene_is(&said, "status")) {
        dg_scene_fail(scene, "A phone that was revoked is let in %s.", when);
        refuse_dose(scene, mU, "valid", when);
    }
}

static void send_again(struct dg_scene *scene,
                       unsigned door,
                       size_t from,
                       size_t to)
{
    const int64_t before = dg_scene_moved(scene);
    unsigned sent = 0U;

    for (size_t i = from; (i < to) && (sent < FRAMES_MAX); i++) {
        const struct dg_frame frame = scene->relay.frames[i];

        if ((frame.way == DG_WAY_TO_DEVICE) && (frame.door == door)) {
            dg_relay_inject(&scene->relay,
                            door,
                            DG_WAY_TO_DEVICE,
                            (dg_span){frame.byte, frame.size});
            dg_scene_wait(scene, 2);
            sent++;
        }
    }
    dg_scene_advance(scene, 300U);
    dg_scene_expect(
        scene, before, 300U, 0, "After old frames of a revoked phone");
}

static bool revoke(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene,
        json_pack("{s:s, s:s, s:s}", "op", "revoke", "phone", "a", "of", "b"));
    const char *result = json_string_value(json_object_get(answer, "result"));
    const bool is_done = (result != NULL) && (strcmp(result, "status") == 0);

    if (!is_done) {
        dg_scene_inconclusive(scene,
                              "The owner's phone could not revoke the other: "
                              "\"%s\".",
                              (result == NULL) ? "no answer" : result);
    }
    json_decref(answer);
    return is_done;
}

void dg_attack_revoked_phone(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t pause_s = dg_scene_number(scene, "pause_s");

    dg_scene_try(scene,
                 "Steal a caregiver's phone while it is in a session. Ask for "
                 "doses without its person's approval and with one for "
                 "another dose. Then let the owner revoke it, and try again "
                 "in the old session, in a new one, with recorded frames and "
                 "after a loss of power.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");

    const unsigned door = dg_scene_phone(scene, "b", "bare");

    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");

    const size_t from = scene->relay.heard;

    if (!dg_scene_control(scene, "b", mU)) {
        return;
    }

    const size_t to = scene->relay.heard;

    dg_scene_advance(scene, (uint32_t)pause_s);
    refuse_dose(scene, mU, "none", "without an approval");
    refuse_dose(scene, mU, "wrong", "with an approval of another dose");
    /* Its lease has run out by then, and the owner has the pump again. */
    dg_scene_advance(scene, (uint32_t)pause_s);
    (void)dg_scene_say(scene, "a", "connect");
    if (scene->has_failed || dg_scene_is_over(scene) || !revoke(scene)) {
        return;
    }
    refuse_dose(scene, mU, "valid", "in the session that it had");
    expect_nobody(scene, mU, "after it was revoked");
    send_again(scene, door, from, to);
    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    if (!scene->has_failed) {
        expect_nobody(scene, mU, "after a loss of power");
    }
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        (void)dg_scene_say(scene, "a", "connect");
        dg_scene_advance(scene, (uint32_t)pause_s);
        (void)dg_scene_control(scene, "a", mU);
    }
}
