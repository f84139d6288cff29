/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A02, DG-A16: the exact frames of an accepted dose, sent again. */

static void send_again(struct dg_scene *scene,
                       unsigned door,
                       size_t from,
                       size_t to,
                       const char *when)
{
    const int64_t before = dg_scene_moved(scene);
    unsigned sent = 0U;

    for (size_t i = from; i < to; i++) {
        const struct dg_frame frame = scene->relay.frames[i];

        if (frame.way == DG_WAY_TO_DEVICE) {
            dg_relay_inject(&scene->relay,
                            door,
                            DG_WAY_TO_DEVICE,
                            (dg_span){frame.byte, frame.size});
            dg_scene_wait(scene, 10);
            sent++;
        }
    }
    dg_scene_advance(scene, 180U);
    dg_scene_expect(scene, before, 180U, 0, when);
    dg_scene_see(scene, "%u recorded frames sent again %s.", sent, when);
}

void dg_attack_replay(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t first_s = dg_scene_number(scene, "first_delay_s");
    const int64_t second_s = dg_scene_number(scene, "second_delay_s");
    const int64_t watch_min = dg_scene_number(scene, "watch_min");

    dg_scene_try(scene,
                 "Record every frame of a dose that is accepted and delivered. "
                 "Send the phone's frames again after a second, after ten "
                 "minutes, and after the phone has connected anew. Watch the "
                 "mechanism.");
    dg_scene_start(scene, "adult");

    const unsigned door = dg_scene_phone(scene, "a", "bare");

    dg_scene_pair(scene, "a", "owner");

    const size_t from = scene->relay.heard;

    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }

    const size_t to = scene->relay.heard;

    for (size_t i = from; i < to; i++) {
        const struct dg_frame *frame = &scene->relay.frames[i];

        dg_scene_packet(scene,
                        (frame->way == DG_WAY_TO_DEVICE) ? DG_RUN_TO_PRODUCT
                                                         : DG_RUN_FROM_PRODUCT,
                        "frame of the accepted dose",
                        (dg_span){frame->byte, frame->size});
    }
    dg_scene_advance(scene, (uint32_t)first_s);
    send_again(scene, door, from, to, "after a second");
    dg_scene_advance(scene, (uint32_t)second_s);
    send_again(scene, door, from, to, "after ten minutes");
    (void)dg_scene_say(scene, "a", "connect");
    send_again(scene, door, from, to, "in a new connection");

    const int64_t before = dg_scene_moved(scene);

    dg_scene_advance(scene, (uint32_t)watch_min * 60U);
    dg_scene_expect(
        scene, before, (uint32_t)watch_min * 60U, 0, "In the hour after");
}
