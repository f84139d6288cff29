/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

/* DG-A51, DG-A52: what the air tells without a key: which act it was, by the
 * length of a frame, and whose phone it is, by bytes that come again. */
#define SIZES (DG_RELAY_FRAME_MAX + 1U)

struct lengths {
    unsigned count[2][SIZES]; /* by way and size */
    unsigned total;
};

static void count_lengths(const struct dg_relay *relay,
                          size_t from,
                          struct lengths *lengths)
{
    for (size_t i = from; i < relay->heard; i++) {
        const struct dg_frame *frame = &relay->frames[i];

        lengths->count[frame->way][frame->size]++;
        lengths->total++;
    }
}

/* How often the best guess from one frame's length is right, when one act is
 * as likely as the other; permille, 500 is chance. */
static unsigned guess_permille(const struct lengths *one,
                               const struct lengths *other)
{
    uint64_t right = 0U; /* in parts of both totals */

    if ((one->total == 0U) || (other->total == 0U)) {
        return 500U;
    }
    for (unsigned way = 0U; way < 2U; way++) {
        for (size_t size = 0U; size < SIZES; size++) {
            const uint64_t a = (uint64_t)one->count[way][size] * other->total;
            const uint64_t b = (uint64_t)other->count[way][size] * one->total;

            right += (a > b) ? a : b;
        }
    }
    return (unsigned)((right * 500U) / ((uint64_t)one->total * other->total));
}

void dg_attack_frame_lengths(struct dg_scene *scene)
{
    const int64_t doses = dg_scene_number(scene, "doses");
    const int64_t rounds = dg_scene_number(scene, "status_rounds");
    static __thread struct lengths dose;
    static __thread struct lengths status;

    memset(&dose, 0, sizeof dose);
    memset(&status, 0, sizeof status);
    dg_scene_try(scene,
                 "In an open session, ask for the status many times and dose "
                 "several times. Guess from the length of each frame alone "
                 "which of the two it belongs to, knowing both.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", 500)) {
        return;
    }

    size_t from = scene->relay.heard;

    for (int64_t i = 0; (i < rounds) && !dg_scene_is_over(scene); i++) {
        (void)dg_scene_status(scene, "a");
    }
    count_lengths(&scene->relay, from, &status);
    for (int64_t i = 0; (i < doses) && !dg_scene_is_over(scene); i++) {
        dg_scene_advance(scene, 1200U);
        (void)dg_scene_say(scene, "a", "lease");
        from = scene->relay.heard;
        (void)dg_scene_phone_do(scene,
                                "a",
                                json_pack("{s:s, s:i, s:s}",
                                          "do",
                                          "propose",
                                          "mU",
                                          500,
                                          "tier",
                                          "confirmed"));

        const struct dg_said said = dg_scene_phone_do(
            scene,
            "a",
            json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));

        count_lengths(&scene->relay, from, &dose);
        if (!dg_scene_is_over(scene) && !dg_scene_is(&said, "accepted")) {
            dg_scene_inconclusive(scene,
                                  "Dose %lld was not obeyed: \"%s\" (%s).",
                                  (long long)i + 1,
                                  said.result,
                                  said.reason);
        }
    }
    if (dg_scene_is_over(scene)) {
        return;
    }

    const unsigned right = guess_permille(&dose, &status);

    dg_scene_measure(scene, "right guesses", (int64_t)right, 1U, "%");
    if (right > 550U) {
        dg_scene_fail(scene,
                      "The length of one frame tells a dose from a status "
                      "request in %u.%u %% of cases; chance is 50 %%.",
                      right / 10U,
                      right % 10U);
    }
    dg_scene_see(scene,
                 "%u frames of doses, %u of status requests: %u.%u %% guessed "
                 "right from the length of one.",
                 dose.total,
                 status.total,
                 right / 10U,
                 right % 10U);
}

/* Whose phone ------------------------------------------------------------- */

/* One byte has 256 values at most: it can say which of a pump's few phones
 * speaks, and cannot find a person among those who pass by.  Two can. */
#define BYTES_MAX 1U

/* One value that every frame of a door holds at one place; -1: there is none. */
static int constant_of(const struct dg_relay *relay,
                       size_t from,
                       const struct dg_frame *like,
                       unsigned door,
                       size_t at,
                       unsigned *frames)
{
    int value = -1;
    bool is_constant = true;

    *frames = 0U;
    for (size_t i = from; i < relay->heard; i++) {
        const struct dg_frame *frame = &relay->frames[i];

        if ((frame->door != door) || (frame->way != like->way) ||
            (frame->size != like->size)) {
            continue;
        }
        is_constant =
            is_constant && ((*frames == 0U) || (value == (int)frame->byte[at]));
        value = (int)frame->byte[at];
        *frames += 1U;
    }
    return is_constant ? value : -1;
}

static bool is_new_form(const struct dg_relay *relay, size_t from, size_t index)
{
    for (size_t i = from; i < index; i++) {
        if ((relay->frames[i].way == relay->frames[index].way) &&
            (relay->frames[i].size == relay->frames[index].size)) {
            return false;
        }
    }
    return true;
}

/* Places at which all frames of one phone agree, all of the other one agree,
 * and the two do not; the most of them in frames of one form. */
static unsigned count_marks(struct dg_scene *scene,
                            size_t from,
                            const unsigned door[2],
                            unsigned least,
                            unsigned *places)
{
    const struct dg_relay *relay = &scene->relay;
    unsigned most = 0U;

    for (size_t i = from; i < relay->heard; i++) {
        const struct dg_frame *like = &relay->frames[i];
        unsigned marks = 0U;

        if (!is_new_form(relay, from, i)) {
            continue;
        }
        for (size_t at = 0U; at < like->size; at++) {
            unsigned frames[2];
            const int one =
                constant_of(relay, from, like, door[0], at, &frames[0]);
            const int other =
                constant_of(relay, from, like, door[1], at, &frames[1]);

            if ((frames[0] < least) || (frames[1] < least)) {
                continue;
            }
            *places += 1U;
            if ((one >= 0) && (other >= 0) && (one != other)) {
                marks++;
                dg_scene_see(scene,
                             "Frames of %u bytes %s: byte %zu is always %d "
                             "for one phone and %d for the other.",
                             (unsigned)like->size,
                             (like->way == DG_WAY_TO_DEVICE) ? "to the device"
                                                             : "to the phone",
                             at,
                             one,
                             other);
            }
        }
        most = (marks > most) ? marks : most;
    }
    return most;
}

void dg_attack_linkable_phones(struct dg_scene *scene)
{
    const int64_t rounds = dg_scene_number(scene, "connections");
    unsigned door[2];
    unsigned places = 0U;

    dg_scene_try(scene,
                 "Two phones connect to one device again and again. Look for "
                 "bytes that are the same in every connection of one phone "
                 "and others in those of the other: they would tell who "
                 "passes by.");
    dg_scene_start(scene, "adult");
    door[0] = dg_scene_phone(scene, "a", "bare");
    door[1] = dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (!dg_scene_control(scene, "a", 500)) {
        return;
    }

    const size_t from = scene->relay.heard;

    for (int64_t i = 0; (i < rounds) && !dg_scene_is_over(scene); i++) {
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_status(scene, "a");
        (void)dg_scene_say(scene, "b", "connect");
        (void)dg_scene_status(scene, "b");
        dg_scene_advance(scene, 900U);
    }
    if (dg_scene_is_over(scene)) {
        return;
    }

    const unsigned marks =
        count_marks(scene, from, door, (unsigned)rounds, &places);

    dg_scene_measure(scene, "places compared", (int64_t)places, 0U, "");
    dg_scene_measure(
        scene, "bytes of one frame that differ", (int64_t)marks, 0U, "");
    if (places == 0U) {
        dg_scene_inconclusive(scene, "Too few frames alike to compare.");
    } else if (marks > BYTES_MAX) {
        dg_scene_fail(scene,
                      "%u bytes of a frame tell two phones apart in every "
                      "connection.",
                      marks);
    } else {
        dg_scene_see(scene,
                     "%u places in frames of %lld connections each: at most "
                     "%u of a frame tells the two phones apart.",
                     places,
                     (long long)rounds,
                     marks);
    }
}
