/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <string.h>

/* DG-A01, DG-A11: someone only listens.  Ciphertext looks like noise, so a
 * readable product shows itself in two ways that need no knowledge of its
 * protocol: bytes that stay the same from frame to frame, and seeded values
 * found as they are. */
#define GROUP_MIN 8U /* frames of one length that make a group */

struct group {
    enum dg_way way;
    uint16_t size;
};

/* Positions behind the header at which one value fills half of the frames. */
static void count_constant(const struct dg_relay *relay,
                           const struct group *group,
                           size_t header,
                           unsigned *constant,
                           unsigned *positions)
{
    static __thread unsigned seen[DG_RELAY_FRAME_MAX][256];
    unsigned frames = 0U;

    memset(seen, 0, sizeof seen);
    for (size_t i = 0U; i < relay->heard; i++) {
        const struct dg_frame *frame = &relay->frames[i];

        if ((frame->way != group->way) || (frame->size != group->size)) {
            continue;
        }
        frames++;
        for (size_t at = 0U; at < frame->size; at++) {
            seen[at][frame->byte[at]]++;
        }
    }
    if (frames < GROUP_MIN) {
        return;
    }
    for (size_t at = header; at < group->size; at++) {
        unsigned most = 0U;

        for (unsigned value = 0U; value < 256U; value++) {
            most = (seen[at][value] > most) ? seen[at][value] : most;
        }
        *positions += 1U;
        *constant += ((2U * most) > frames) ? 1U : 0U;
    }
}

static bool is_first_of_group(const struct dg_relay *relay, size_t index)
{
    const struct dg_frame *frame = &relay->frames[index];

    for (size_t i = 0U; i < index; i++) {
        if ((relay->frames[i].way == frame->way) &&
            (relay->frames[i].size == frame->size)) {
            return false;
        }
    }
    return true;
}

static const struct dg_frame *find(const struct dg_relay *relay,
                                   const void *needle,
                                   size_t size)
{
    for (size_t i = 0U; i < relay->heard; i++) {
        const struct dg_frame *frame = &relay->frames[i];

        if (memmem(frame->byte, frame->size, needle, size) != NULL) {
            return frame;
        }
    }
    return NULL;
}

static void search(struct dg_scene *scene,
                   const char *what,
                   const void *needle,
                   size_t size)
{
    const struct dg_frame *frame = find(&scene->relay, needle, size);

    if (frame != NULL) {
        dg_scene_packet(scene,
                        (frame->way == DG_WAY_TO_DEVICE) ? DG_RUN_TO_PRODUCT
                                                         : DG_RUN_FROM_PRODUCT,
                        what,
                        (dg_span){frame->byte, frame->size});
        dg_scene_fail(scene, "%s can be read in a captured frame.", what);
    }
}

void dg_attack_passive_capture(struct dg_scene *scene)
{
    static const char seed_name[] = "SEED-4f1c9a";
    const int64_t rounds = dg_scene_number(scene, "status_rounds");
    const int64_t header = dg_scene_number(scene, "header_bytes");
    unsigned constant = 0U;
    unsigned positions = 0U;

    dg_scene_try(scene,
                 "Listen to a whole pairing, two connections, two doses and "
                 "many status requests. Look for the seeded phone name and "
                 "dose, and for bytes behind the header that stay the same "
                 "from frame to frame.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}",
                                       "op",
                                       "pair",
                                       "phone",
                                       "a",
                                       "unit",
                                       "x",
                                       "role",
                                       "owner",
                                       "presence",
                                       1,
                                       "name",
                                       seed_name)));
    if (!dg_scene_control(scene, "a", 2350)) {
        return;
    }
    for (int64_t i = 0; (i < rounds) && !dg_scene_is_over(scene); i++) {
        (void)dg_scene_status(scene, "a");
    }
    for (size_t i = 0U; i < scene->relay.heard; i++) {
        if (is_first_of_group(&scene->relay, i)) {
            const struct group group = {scene->relay.frames[i].way,
                                        scene->relay.frames[i].size};

            count_constant(
                &scene->relay, &group, (size_t)header, &constant, &positions);
        }
    }
    search(scene, "The phone's name", seed_name, sizeof seed_name - 1U);
    search(scene, "The dose, as text", "2.35", 4U);
    search(scene, "The dose in mU, as text", "2350", 4U);
    dg_scene_measure(
        scene, "frames captured", (int64_t)scene->relay.heard, 0U, "");
    dg_scene_measure(
        scene, "byte positions compared", (int64_t)positions, 0U, "");
    dg_scene_measure(scene, "constant positions", (int64_t)constant, 0U, "");
    if (dg_scene_is_over(scene)) {
        return;
    }
    if (positions == 0U) {
        dg_scene_inconclusive(scene, "Too few frames alike to compare.");
        return;
    }
    /* One in fifty is far above what noise gives and far below what any
     * readable message has. */
    if ((constant * 50U) > positions) {
        dg_scene_packet(
            scene,
            DG_RUN_FROM_PRODUCT,
            "a frame with readable parts",
            (dg_span){scene->relay.frames[scene->relay.heard - 1U].byte,
                      scene->relay.frames[scene->relay.heard - 1U].size});
        dg_scene_fail(scene,
                      "%u of %u byte positions behind the header hold the "
                      "same value in most frames: the traffic is readable.",
                      constant,
                      positions);
        return;
    }
    dg_scene_see(scene,
                 "%zu frames captured; nothing seeded was found, and %u of %u "
                 "byte positions behind the header were constant.",
                 scene->relay.heard,
                 constant,
                 positions);
}
