/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/dice.h"

/* DG-A28, A34: frames that are wrong in every simple way.  The device neither
 * dies nor stops therapy nor takes one for a command. */

struct damage {
    struct dg_dice *random;
    unsigned which;
    enum dg_way way;
};

static enum dg_fate damage_one(void *context,
                               struct dg_frame *frame,
                               unsigned number)
{
    const struct damage *damage = context;

    if ((frame->way != damage->way) || (number != damage->which) ||
        (frame->size == 0U)) {
        return DG_FATE_PASS;
    }
    switch (dg_dice_roll(damage->random, 4U)) {
    case 0U:
        frame->byte[dg_dice_roll(damage->random, frame->size)] ^=
            (uint8_t)(1U << dg_dice_roll(damage->random, 8U));
        break;
    case 1U:
        frame->size =
            (uint16_t)(1U + dg_dice_roll(damage->random, frame->size));
        break;
    case 2U:
        if (frame->size < DG_RELAY_FRAME_MAX) {
            frame->byte[frame->size] = 0x5AU;
            frame->size++;
        }
        break;
    default:
        memset(frame->byte, 0xFF, frame->size / 2U);
        break;
    }
    return DG_FATE_TWICE;
}

static void send_noise(struct dg_scene *scene,
                       struct dg_dice *random,
                       unsigned door,
                       unsigned count)
{
    uint8_t noise[DG_RELAY_FRAME_MAX];

    for (unsigned i = 0U; i < count; i++) {
        const size_t size = 1U + dg_dice_roll(random, sizeof noise);
        size_t from = 0U;

        /* Half of it begins like something the product once said. */
        if ((scene->relay.heard > 0U) && ((i % 2U) == 0U)) {
            const struct dg_frame *like = &scene->relay.frames[dg_dice_roll(
                random, (uint32_t)scene->relay.heard)];

            from = (like->size < size) ? like->size : size;
            memcpy(noise, like->byte, from);
            noise[dg_dice_roll(random, (uint32_t)from)] ^= 0x11U;
        }
        for (size_t at = from; at < size; at++) {
            noise[at] = (uint8_t)dg_dice_roll(random, 256U);
        }
        dg_relay_inject(
            &scene->relay, door, DG_WAY_TO_DEVICE, (dg_span){noise, size});
        if ((i % 32U) == 31U) {
            dg_scene_wait(scene, 2);
        }
    }
}

void dg_attack_corrupted_frames(struct dg_scene *scene)
{
    const int64_t rounds = dg_scene_number(scene, "rounds");
    const int64_t noise = dg_scene_number(scene, "noise_frames");
    struct dg_dice random = {.seed = scene->seed};
    struct damage damage = {.random = &random};
    unsigned unanswered = 0U;

    dg_scene_try(scene,
                 "Flip bits, cut short, lengthen and overwrite single frames "
                 "of a live session in both directions, then send noise, half "
                 "of it beginning like a real frame. Basal must go on, and "
                 "the next proper dose must be obeyed.");
    dg_scene_start(scene, "adult");

    const unsigned door = dg_scene_phone(scene, "a", "bare");

    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", 1000)) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    for (int64_t i = 0; (i < rounds) && !dg_scene_is_over(scene); i++) {
        damage.way = ((i % 2) == 0) ? DG_WAY_TO_DEVICE : DG_WAY_TO_PHONE;
        dg_relay_set_rule(&scene->relay, damage_one, &damage);

        const struct dg_said said = dg_scene_say(scene, "a", "status");

        dg_relay_set_rule(&scene->relay, NULL, NULL);
        unanswered += dg_scene_is(&said, "status") ? 0U : 1U;
    }
    send_noise(scene, &random, door, (unsigned)noise);
    dg_scene_wait(scene, 50);
    dg_scene_advance(scene, 3600U);
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "Through damaged frames and noise");
    dg_scene_measure(scene, "damaged frames", rounds, 0U, "");
    dg_scene_measure(scene, "of these unanswered", unanswered, 0U, "");
    dg_scene_measure(scene, "noise frames", noise, 0U, "");
    if (dg_scene_is_over(scene)) {
        return;
    }

    const int64_t now = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", 1000, "confirmed", "valid");

    dg_scene_advance(scene, 120U);
    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene,
                      "After the damaged frames a proper dose is no longer "
                      "obeyed: \"%s\" %s.",
                      said.result,
                      said.reason);
        return;
    }
    dg_scene_expect(scene, now, 120U, 1000, "The proper dose after the damage");
    dg_scene_see(scene,
                 "Basal went on through %lld damaged and %lld noise frames; "
                 "the next proper dose was obeyed.",
                 (long long)rounds,
                 (long long)noise);
}
