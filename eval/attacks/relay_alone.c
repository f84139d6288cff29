/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/dice.h"

/* DG-A05, A27, A32: whoever carries the frames - radio, relay, gateway, serial
 * server - and has no key.  It can lose and delay them, and no more: it starts
 * nothing, and what runs it does not stop. */
#define NOISE_MAX 64U

struct carrier {
    struct dg_scene *scene;
    struct dg_dice *dice;
    unsigned door;
};

/* Everything that was heard, whole, cut, flipped and with its head alone. */
static unsigned send_heard(struct carrier *carrier, size_t from, size_t to)
{
    struct dg_scene *scene = carrier->scene;
    unsigned sent = 0U;

    for (size_t i = from; i < to; i++) {
        struct dg_frame frame = scene->relay.frames[i];
        const uint16_t whole = frame.size;

        for (unsigned how = 0U; (how < 4U) && (whole > 4U); how++) {
            frame = scene->relay.frames[i];
            frame.size = (how == 1U) ? (uint16_t)(whole / 2U) : whole;
            if (how == 2U) {
                frame.byte[dg_dice_roll(carrier->dice, whole)] ^= 0x04U;
            }
            if (how == 3U) {
                memset(&frame.byte[4], 0, whole - 4U);
            }
            dg_relay_inject(&scene->relay,
                            carrier->door,
                            DG_WAY_TO_DEVICE,
                            (dg_span){frame.byte, frame.size});
            sent++;
            if ((sent % 16U) == 0U) {
                dg_scene_wait(scene, 1);
            }
        }
    }
    return sent;
}

/* Each first byte that a frame can have. */
static unsigned send_heads(struct carrier *carrier)
{
    uint8_t noise[NOISE_MAX];

    for (unsigned head = 0U; head < 256U; head++) {
        for (size_t at = 0U; at < sizeof noise; at++) {
            noise[at] = (uint8_t)dg_dice_roll(carrier->dice, 256U);
        }
        noise[0] = (uint8_t)head;
        dg_relay_inject(&carrier->scene->relay,
                        carrier->door,
                        DG_WAY_TO_DEVICE,
                        DG_SPAN_OF(noise));
        if ((head % 16U) == 15U) {
            dg_scene_wait(carrier->scene, 1);
        }
    }
    return 256U;
}

static enum dg_fate drop_all(void *context,
                             struct dg_frame *frame,
                             unsigned number)
{
    (void)context;
    (void)frame;
    (void)number;
    return DG_FATE_DROP;
}

/* A dose is under way: all of it comes, whatever the carrier does. */
static void disturb_dose(struct carrier *carrier, int64_t mU, size_t from)
{
    struct dg_scene *scene = carrier->scene;
    const size_t to = scene->relay.heard;
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose to disturb was not accepted: \"%s\" "
                              "(%s).",
                              said.result,
                              said.reason);
        return;
    }
    dg_scene_advance(scene, 4U);
    dg_relay_set_rule(&scene->relay, drop_all, NULL);

    unsigned sent = send_heads(carrier);

    sent += send_heard(carrier, from, to);
    dg_scene_advance(scene, 240U); /* a slow mechanism is no stopped one */
    dg_relay_set_rule(&scene->relay, NULL, NULL);
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    mU,
                    "A dose under way in the hands of the carrier");
    dg_scene_see(scene,
                 "%u frames of the carrier's own while a dose was under way.",
                 sent);
}

void dg_attack_relay_alone(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t hours = dg_scene_number(scene, "hours_cut");
    struct dg_dice dice = {.seed = scene->seed};
    struct carrier carrier = {.scene = scene, .dice = &dice};

    dg_scene_try(scene,
                 "Be the radio: carry a dose, then keep everything back for "
                 "hours, send what was heard whole, cut and changed and every "
                 "first byte with noise behind it, at rest and while a dose "
                 "is under way. Nothing starts and nothing stops.");
    dg_scene_start(scene, "adult");
    carrier.door = dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");

    const size_t from = scene->relay.heard;

    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    dg_relay_set_rule(&scene->relay, drop_all, NULL);

    const unsigned sent =
        send_heads(&carrier) + send_heard(&carrier, from, scene->relay.heard);

    dg_scene_advance(scene, (uint32_t)hours * 3600U);
    dg_relay_set_rule(&scene->relay, NULL, NULL);
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "While the carrier kept everything back");
    dg_scene_measure(scene, "frames of the carrier", sent, 0U, "");
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }
    (void)dg_scene_say(scene, "a", "connect");
    disturb_dose(&carrier, mU, from);
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        dg_scene_advance(scene, 600U);
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
