/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A16, DG-H40: a frame that comes late, after the person has stopped, or
 * that is thrown back at who sent it. */

struct hold {
    unsigned which;
};

static enum dg_fate hold_one(void *context,
                             struct dg_frame *frame,
                             unsigned number)
{
    const struct hold *hold = context;

    return ((frame->way == DG_WAY_TO_DEVICE) && (number == hold->which))
               ? DG_FATE_HOLD
               : DG_FATE_PASS;
}

/* Keep back one frame of a dose, let the person stop, then let it go. */
static void deliver_late(struct dg_scene *scene, unsigned which, int64_t mU)
{
    struct hold hold = {which};

    dg_relay_set_rule(&scene->relay, hold_one, &hold);

    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    dg_relay_set_rule(&scene->relay, NULL, NULL);

    const struct dg_said stopped = dg_scene_say(scene, "a", "stop");
    const int64_t before = dg_scene_moved(scene);

    if (scene->relay.held_count > 0U) {
        dg_scene_packet(
            scene,
            DG_RUN_TO_PRODUCT,
            "frame that came late",
            (dg_span){scene->relay.held[0].byte, scene->relay.held[0].size});
    }
    dg_scene_see(scene,
                 "Frame %u of the dose held (answer \"%s\"), the person "
                 "stopped (\"%s\"), then the frame was let go.",
                 which + 1U,
                 said.result,
                 stopped.result);
    dg_relay_release(&scene->relay);
    dg_scene_wait(scene, 30);
    dg_scene_advance(scene, 300U);
    dg_scene_expect(scene, before, 300U, 0, "After the late frame was let go");
}

/* A ticket that nobody used in its declared life is worth nothing. */
static void use_old_ticket(struct dg_scene *scene, int64_t mU)
{
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

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

    dg_scene_advance(scene, (uint32_t)scene->ticket_s + 10U);

    const struct dg_said said = dg_scene_phone_do(
        scene, "a", json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));

    dg_scene_advance(scene, 300U);
    dg_scene_see(scene,
                 "Proposal \"%s\", committed %lld s later: \"%s\" (%s).",
                 ticket.result,
                 (long long)scene->ticket_s + 10,
                 said.result,
                 said.reason);
    if (dg_scene_is_over(scene)) {
        return;
    }
    if (!dg_scene_is(&ticket, "ticket")) {
        dg_scene_inconclusive(scene, "No ticket was given to let it age.");
        return;
    }
    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene,
                      "A ticket was accepted after its declared life of "
                      "%lld s.",
                      (long long)scene->ticket_s);
        return;
    }
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "After a ticket that was too old");
}

/* Everything that was heard goes back to where it came from. */
static void reflect(struct dg_scene *scene, unsigned door)
{
    const size_t heard = scene->relay.heard;
    const size_t from = (heard > 24U) ? (heard - 24U) : 0U;
    const int64_t before = dg_scene_moved(scene);

    for (size_t i = from; i < heard; i++) {
        const struct dg_frame frame = scene->relay.frames[i];
        const enum dg_way back = (frame.way == DG_WAY_TO_DEVICE)
                                     ? DG_WAY_TO_PHONE
                                     : DG_WAY_TO_DEVICE;

        dg_relay_inject(
            &scene->relay, door, back, (dg_span){frame.byte, frame.size});
        dg_scene_wait(scene, 2);
    }
    dg_scene_advance(scene, 300U);
    dg_scene_expect(
        scene, before, 300U, 0, "After all frames were thrown back");
    dg_scene_see(scene,
                 "The last %zu frames were sent back to who sent them.",
                 heard - from);
}

void dg_attack_reorder(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t frames = dg_scene_number(scene, "frames_held");

    dg_scene_try(scene,
                 "Hold back each frame of a dose in turn; let the person give "
                 "up and stop; then deliver the frame after all. Send frames "
                 "back to their sender. Nothing may come of it.");
    dg_scene_start(scene, "adult");

    const unsigned door = dg_scene_phone(scene, "a", "bare");

    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    for (int64_t i = 0; (i < frames) && !dg_scene_is_over(scene); i++) {
        dg_scene_advance(scene, 600U);
        deliver_late(scene, (unsigned)i, mU);
    }
    dg_scene_advance(scene, 600U);
    use_old_ticket(scene, mU);
    reflect(scene, door);
    dg_scene_advance(scene, 600U);
    (void)dg_scene_control(scene, "a", mU);
}
