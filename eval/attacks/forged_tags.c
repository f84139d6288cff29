/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/dice.h"

/* DG-A07, A19, A24: one frame is worth a dose.  It is kept back, and copies of
 * it whose check value is wrong in every way that home-made checks have let
 * through are sent in its place. */
#define TAG_MAX     16U   /* bytes at the end that may be a check value */
#define HEADER      12U   /* bytes at the start that may name the session */
#define BATCH       32U   /* frames that a device takes in a millisecond */
#define LOOK_FRAMES 4096U /* between two looks at the mechanism          */

struct forger {
    struct dg_scene *scene;
    struct dg_dice *dice;
    unsigned door;
    struct dg_frame frame; /* that was kept back */
    unsigned sent;
};

static enum dg_fate hold_first(void *context,
                               struct dg_frame *frame,
                               unsigned number)
{
    (void)context;
    return ((frame->way == DG_WAY_TO_DEVICE) && (number == 0U)) ? DG_FATE_HOLD
                                                                : DG_FATE_PASS;
}

/* The frame of an approved dose, which the device never saw. */
static bool keep_commit_back(struct forger *forger, int64_t mU)
{
    struct dg_scene *scene = forger->scene;

    (void)dg_scene_say(scene, "a", "connect");
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
        dg_scene_inconclusive(scene,
                              "No dose could be proposed: \"%s\" (%s).",
                              ticket.result,
                              ticket.reason);
        return false;
    }
    scene->relay.held_count = 0U;
    dg_relay_set_rule(&scene->relay, hold_first, NULL);
    (void)dg_scene_phone_do(
        scene, "a", json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));
    dg_relay_set_rule(&scene->relay, NULL, NULL);
    if ((scene->relay.held_count == 0U) ||
        (scene->relay.held[0].size <= (HEADER + TAG_MAX))) {
        dg_scene_inconclusive(scene, "No frame could be kept back.");
        return false;
    }
    forger->frame = scene->relay.held[0];
    return true;
}

static void send(struct forger *forger, const struct dg_frame *frame)
{
    dg_relay_inject(&forger->scene->relay,
                    forger->door,
                    DG_WAY_TO_DEVICE,
                    (dg_span){frame->byte, frame->size});
    forger->sent++;
    if ((forger->sent % BATCH) == 0U) {
        dg_scene_wait(forger->scene, 1);
    }
}

static uint8_t *tail_of(struct dg_frame *frame, size_t size)
{
    return &frame->byte[frame->size - size];
}

/* Zeros, ones, and every other value; also where only a part is compared. */
static void send_plain_tags(struct forger *forger)
{
    for (unsigned value = 0U; value < 256U; value++) {
        struct dg_frame frame = forger->frame;

        memset(tail_of(&frame, TAG_MAX), (int)value, TAG_MAX);
        send(forger, &frame);
    }
    for (size_t size = 1U; size < TAG_MAX; size++) {
        struct dg_frame frame = forger->frame;

        tail_of(&frame, size)[0] ^= 0xFFU;
        memset(tail_of(&frame, size), 0, size);
        if (memcmp(frame.byte, forger->frame.byte, frame.size) != 0) {
            send(forger, &frame);
        }
    }
}

static void send_truncated(struct forger *forger)
{
    for (uint16_t less = 1U; less <= TAG_MAX; less++) {
        struct dg_frame frame = forger->frame;

        frame.size = (uint16_t)(frame.size - less);
        send(forger, &frame);
    }
}

/* The tag of another frame on this one, and this one's header on another. */
static void send_transplanted(struct forger *forger)
{
    const struct dg_relay *relay = &forger->scene->relay;
    unsigned done = 0U;

    for (size_t i = relay->heard; (i > 0U) && (done < 64U); i--) {
        const struct dg_frame *other = &relay->frames[i - 1U];
        struct dg_frame frame = forger->frame;

        if ((other->size < (HEADER + TAG_MAX)) ||
            ((other->size == frame.size) &&
             (memcmp(other->byte, frame.byte, frame.size) == 0))) {
            continue;
        }
        memcpy(tail_of(&frame, TAG_MAX),
               &other->byte[other->size - TAG_MAX],
               TAG_MAX);
        send(forger, &frame);
        frame = *other;
        memcpy(frame.byte, forger->frame.byte, HEADER);
        send(forger, &frame);
        done += 2U;
    }
}

static void roll_tag(struct forger *forger, struct dg_frame *frame)
{
    uint8_t *tag = tail_of(frame, TAG_MAX);

    for (size_t at = 0U; at < TAG_MAX; at++) {
        tag[at] = (uint8_t)dg_dice_roll(forger->dice, 256U);
    }
}

/* Chance, as often as the tier has time for. */
static void send_random(struct forger *forger, int64_t count)
{
    struct dg_scene *scene = forger->scene;
    const int64_t before = dg_scene_moved(scene);

    for (int64_t i = 0; (i < count) && !dg_scene_is_over(scene); i++) {
        struct dg_frame frame = forger->frame;

        roll_tag(forger, &frame);
        send(forger, &frame);
        if ((((i + 1) % (int64_t)LOOK_FRAMES) == 0) &&
            (dg_scene_moved(scene) >= before + scene->pulse_mU)) {
            return; /* it is seen below; more would only take time */
        }
    }
}

/* No time but that of the frames passes while they are sent. */
static void expect_untouched(struct forger *forger,
                             int64_t before,
                             uint32_t began_s,
                             const char *after)
{
    struct dg_scene *scene = forger->scene;

    dg_scene_wait(scene, 20);
    dg_scene_advance(scene, 20U);
    dg_scene_expect(scene, before, scene->now_s - began_s, 0, after);
    if (scene->has_failed) {
        dg_scene_packet(scene,
                        DG_RUN_TO_PRODUCT,
                        "frame of which the forgeries were made",
                        (dg_span){forger->frame.byte, forger->frame.size});
    }
}

/* Every simple forgery, and then the frame itself: it was worth a dose. */
static void forge_simply(struct forger *forger, int64_t mU)
{
    struct dg_scene *scene = forger->scene;
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    send_plain_tags(forger);
    send_truncated(forger);
    send_transplanted(forger);
    expect_untouched(forger, before, began_s, "After simple forgeries");
    dg_scene_see(scene,
                 "%u copies of the frame that would begin the dose, with "
                 "plain, cut and transplanted tags.",
                 forger->sent);
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }

    const int64_t now = dg_scene_moved(scene);

    dg_relay_release(&scene->relay);
    dg_scene_wait(scene, 20);
    dg_scene_advance(scene, 120U);
    if (dg_scene_moved(scene) < (now + mU - scene->pulse_mU)) {
        dg_scene_inconclusive(scene,
                              "The frame itself, let go at last, began no "
                              "dose; its forgeries have shown nothing.");
    }
}

void dg_attack_forged_tags(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t count = dg_scene_number(scene, "forged_frames");
    const int64_t pause_s = dg_scene_number(scene, "pause_s");
    struct dg_dice dice = {.seed = scene->seed};
    struct forger forger = {.scene = scene, .dice = &dice};

    dg_scene_try(scene,
                 "Keep back the frame that would begin an approved dose. Send "
                 "copies of it with zero, uniform, cut and transplanted tags, "
                 "then the frame itself. Keep back another one and send "
                 "copies with random tags. Watch the mechanism.");
    dg_scene_start(scene, "adult");
    forger.door = dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    (void)dg_scene_say(scene, "b", "connect");
    dg_scene_advance(scene, (uint32_t)pause_s);
    if (!keep_commit_back(&forger, mU)) {
        return;
    }
    forge_simply(&forger, mU);
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }
    dg_scene_advance(scene, (uint32_t)pause_s);
    if (!keep_commit_back(&forger, mU)) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const unsigned simple = forger.sent;

    send_random(&forger, count);
    expect_untouched(&forger, before, began_s, "After random tags");
    dg_scene_measure(scene, "simple forgeries", simple, 0U, "");
    dg_scene_measure(
        scene, "random tags", (int64_t)(forger.sent - simple), 0U, "");
    if (!scene->has_failed) {
        dg_scene_advance(scene, (uint32_t)pause_s);
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
