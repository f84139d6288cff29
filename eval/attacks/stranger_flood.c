/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/dice.h"

/* DG-A23, A25, A49: a stranger talks without end.  Therapy goes on, the owner
 * still gets through, and each frame costs next to nothing. */

struct heard {
    size_t frames;
    size_t first; /* of a connection */
};

/* What a stranger can send: noise, and what he once heard, changed.  Half of
 * it is the first frame of a connection, where the most work may hide. */
static size_t make_frame(const struct dg_scene *scene,
                         struct dg_dice *dice,
                         const struct heard *heard,
                         uint8_t room[DG_RELAY_FRAME_MAX])
{
    size_t size = 1U + dg_dice_roll(dice, 300U);
    const uint32_t choice = dg_dice_roll(dice, 4U);

    if ((heard->frames > 0U) && (choice != 0U)) {
        const struct dg_frame *like =
            (choice == 1U)
                ? &scene->relay
                       .frames[dg_dice_roll(dice, (uint32_t)heard->frames)]
                : &scene->relay.frames[heard->first];

        size = like->size;
        memcpy(room, like->byte, size);
        /* Not in the first bytes: it should look as real as it can. */
        room[dg_dice_roll(dice, (uint32_t)size)] ^=
            (uint8_t)(1U + dg_dice_roll(dice, 255U));
        return size;
    }
    for (size_t at = 0U; at < size; at++) {
        room[at] = (uint8_t)dg_dice_roll(dice, 256U);
    }
    return size;
}

static void flood(struct dg_scene *scene,
                  struct dg_dice *dice,
                  unsigned door,
                  const struct heard *heard,
                  int64_t count)
{
    uint8_t room[DG_RELAY_FRAME_MAX];

    for (int64_t i = 0; i < count; i++) {
        const size_t size = make_frame(scene, dice, heard, room);

        dg_relay_inject(
            &scene->relay, door, DG_WAY_TO_DEVICE, (dg_span){room, size});
        /* As fast as the device takes them, and no faster: a frame lost in a
         * socket buffer costs the device nothing and would prove nothing. */
        if ((i % 16) == 15) {
            dg_scene_wait(scene, 1);
        }
    }
}

/* Right before each real frame of a connection the stranger throws changed
 * copies of it: the fastest that one can be who hears it. */
struct race {
    struct dg_scene *scene;
    struct dg_dice *dice;
    unsigned copies;
};

static enum dg_fate race_frame(void *context,
                               struct dg_frame *frame,
                               unsigned number)
{
    const struct race *race = context;
    uint8_t room[DG_RELAY_FRAME_MAX];

    (void)number;
    for (unsigned i = 0U; i < race->copies; i++) {
        memcpy(room, frame->byte, frame->size);
        /* Somewhere in the second half: the head looks right. */
        room[frame->size - 1U - dg_dice_roll(race->dice, frame->size / 2U)] ^=
            (uint8_t)(1U + dg_dice_roll(race->dice, 255U));
        dg_relay_inject(&race->scene->relay,
                        frame->door,
                        frame->way,
                        (dg_span){room, frame->size});
    }
    return DG_FATE_PASS;
}

static void connect_in_a_race(struct dg_scene *scene, struct dg_dice *dice)
{
    struct race race = {
        scene, dice, (unsigned)dg_scene_number(scene, "copies_in_race")};

    dg_relay_set_rule(&scene->relay, race_frame, &race);

    const struct dg_said said = dg_scene_say(scene, "a", "connect");

    dg_relay_set_rule(&scene->relay, NULL, NULL);
    dg_scene_see(scene,
                 "Owner connects while %u forged copies go before each frame: "
                 "\"%s\".",
                 race.copies,
                 said.result);
    if (!dg_scene_is_over(scene) && !dg_scene_is(&said, "status")) {
        dg_scene_fail(scene,
                      "A stranger who throws forged frames keeps the owner "
                      "out: \"%s\".",
                      said.result);
    }
}

void dg_attack_stranger_flood(struct dg_scene *scene)
{
    const int64_t hours = dg_scene_number(scene, "hours");
    const int64_t per_hour = dg_scene_number(scene, "frames_per_hour");
    const int64_t limit_nAh = dg_scene_number(scene, "charge_per_frame_nAh");
    struct dg_dice dice = {.seed = scene->seed};

    dg_scene_try(scene,
                 "Record one connection and one dose. Then, as a stranger, "
                 "send noise and changed copies of what was heard for hours "
                 "of the device's time. Compare delivery with the schedule "
                 "and the charge used with as many quiet hours, and let the "
                 "owner dose in the middle of it.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");

    const size_t first = scene->relay.heard;

    if (!dg_scene_control(scene, "a", 1000)) {
        return;
    }

    const unsigned door = dg_scene_phone(scene, "s", "stranger");
    const struct heard heard = {scene->relay.heard, first};
    const uint32_t span_s = (uint32_t)hours * 3600U;
    const int64_t quiet_from = dg_scene_used_nAh(scene);

    dg_scene_advance(scene, span_s);

    const int64_t quiet_nAh = dg_scene_used_nAh(scene) - quiet_from;
    const int64_t before = dg_scene_moved(scene);
    const int64_t loud_from = dg_scene_used_nAh(scene);

    for (int64_t hour = 0; (hour < hours) && !dg_scene_is_over(scene); hour++) {
        flood(scene, &dice, door, &heard, per_hour);
        dg_scene_wait(scene, 30);
        dg_scene_advance(scene, 3600U);
    }

    const int64_t loud_nAh = dg_scene_used_nAh(scene) - loud_from;
    const int64_t frames = hours * per_hour;
    const int64_t each_nAh =
        (loud_nAh - quiet_nAh) / ((frames > 0) ? frames : 1);

    dg_scene_expect(scene, before, span_s, 0, "Under the flood");
    dg_scene_measure(scene, "frames sent", frames, 0U, "");
    dg_scene_measure(scene, "charge in quiet hours", quiet_nAh, 3U, "uAh");
    dg_scene_measure(scene, "charge under the flood", loud_nAh, 3U, "uAh");
    dg_scene_measure(scene, "extra charge for a frame", each_nAh, 0U, "nAh");
    if (dg_scene_is_over(scene)) {
        return;
    }
    scene->energy = (each_nAh > limit_nAh) ? DG_RUN_FAIL : DG_RUN_PASS;
    if (each_nAh > limit_nAh) {
        dg_scene_fail(scene,
                      "A stranger's frame costs the device %lld nAh; more "
                      "than %lld nAh means that it does real work for him.",
                      (long long)each_nAh,
                      (long long)limit_nAh);
    }

    connect_in_a_race(scene, &dice);

    const int64_t now = dg_scene_moved(scene);

    flood(scene, &dice, door, &heard, 200);

    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", 1000, "confirmed", "valid");

    dg_scene_advance(scene, 120U);
    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene,
                      "In the middle of the flood the owner could not dose: "
                      "\"%s\" %s.",
                      said.result,
                      said.reason);
        return;
    }
    dg_scene_expect(scene, now, 120U, 1000, "The owner's dose in the flood");
    dg_scene_see(scene,
                 "%lld frames in %lld hours: basal as scheduled, %lld nAh "
                 "for each, and the owner connected anew and dosed.",
                 (long long)frames,
                 (long long)hours,
                 (long long)each_nAh);
}
