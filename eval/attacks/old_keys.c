/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A16: keys are changed while a frame is kept back.  It is let go when both
 * sides have spoken under the new ones, and then has to be worth nothing. */

static enum dg_fate hold_first(void *context,
                               struct dg_frame *frame,
                               unsigned number)
{
    (void)context;
    return ((frame->way == DG_WAY_TO_DEVICE) && (number == 0U)) ? DG_FATE_HOLD
                                                                : DG_FATE_PASS;
}

/* A dose that needs one frame more, and that frame is kept back. */
static bool keep_commit_back(struct dg_scene *scene, int64_t mU)
{
    (void)dg_scene_say(scene, "a", "status");
    (void)dg_scene_say(scene, "a", "lease");

    const struct dg_said ticket = dg_scene_phone_do(scene,
                                                    "a",
                                                    json_pack("{s:s, s:I, s:s}",
                                                              "do",
                                                              "propose",
                                                              "mU",
                                                              (json_int_t)mU,
                                                              "tier",
                                                              "confirmed"));

    if (!dg_scene_is(&ticket, "ticket")) {
        dg_scene_inconclusive(scene, "No dose could be proposed.");
        return false;
    }
    dg_relay_set_rule(&scene->relay, hold_first, NULL);
    (void)dg_scene_phone_do(
        scene, "a", json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));
    dg_relay_set_rule(&scene->relay, NULL, NULL);
    if (scene->relay.held_count == 0U) {
        dg_scene_inconclusive(scene, "No frame could be kept back.");
        return false;
    }
    dg_scene_packet(
        scene,
        DG_RUN_TO_PRODUCT,
        "frame kept back until the keys were changed",
        (dg_span){scene->relay.held[0].byte, scene->relay.held[0].size});
    return true;
}

static bool change_keys(struct dg_scene *scene)
{
    const struct dg_said changed = dg_scene_say(scene, "a", "rekey");
    const struct dg_said heard = dg_scene_say(scene, "a", "status");

    dg_scene_see(scene,
                 "Asked for fresh keys: \"%s\"; then a question under them: "
                 "\"%s\".",
                 changed.result,
                 heard.result);
    if (!dg_scene_is(&changed, "rekeyed") || !dg_scene_is(&heard, "status")) {
        dg_scene_inconclusive(
            scene, "The product changed no keys within its session.");
        return false;
    }
    return true;
}

void dg_attack_old_keys(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t pause_s = dg_scene_number(scene, "pause_s");
    const int64_t watch_s = dg_scene_number(scene, "watch_s");

    dg_scene_try(scene,
                 "Keep back the frame that would begin a dose. Let the phone "
                 "and the product change their keys and speak under the new "
                 "ones. Then let the frame go, and send again all that was "
                 "said under the old keys. Watch the mechanism.");
    dg_scene_start(scene, "adult");

    const unsigned door = dg_scene_phone(scene, "a", "bare");

    dg_scene_pair(scene, "a", "owner");

    const size_t from = scene->relay.heard;

    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, (uint32_t)pause_s);
    if (!keep_commit_back(scene, mU)) {
        return;
    }

    const size_t to = scene->relay.heard;

    if (!change_keys(scene)) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);

    dg_relay_release(&scene->relay);
    dg_scene_wait(scene, 30);
    for (size_t i = from; i < to; i++) {
        const struct dg_frame frame = scene->relay.frames[i];

        if (frame.way == DG_WAY_TO_DEVICE) {
            dg_relay_inject(&scene->relay,
                            door,
                            DG_WAY_TO_DEVICE,
                            (dg_span){frame.byte, frame.size});
            dg_scene_wait(scene, 10);
        }
    }
    dg_scene_advance(scene, (uint32_t)watch_s);
    dg_scene_expect(
        scene, before, (uint32_t)watch_s, 0, "After frames of the old keys");
    if (!scene->has_failed) {
        (void)dg_scene_control(scene, "a", mU);
    }
}
