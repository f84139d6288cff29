/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdlib.h>
#include <string.h>

/* DG-A10, A14: what a device says to be fresh has to be.  It is connected to
 * many times, and it is started many times from one image and clock with one
 * and the same first frame. */
#define ANSWERS_MAX 1024U
#define RUN         8U /* bytes in a row: 2^-64 for two that are fresh */

/* For the first answer after a start: one behind a slow radio or in an emulator
 * takes hundreds of milliseconds for its key exchange. */
#define ANSWER_MS 3000
#define LOOK_MS   2

struct answers {
    struct dg_frame frame[ANSWERS_MAX];
    size_t count;
};

/* Put the first frame that the device sent from @p from on into the list. */
static bool keep_first(const struct dg_scene *scene,
                       size_t from,
                       struct answers *answers)
{
    for (size_t i = from; i < scene->relay.heard; i++) {
        if ((scene->relay.frames[i].way == DG_WAY_TO_PHONE) &&
            (answers->count < ANSWERS_MAX)) {
            answers->frame[answers->count++] = scene->relay.frames[i];
            return true;
        }
    }
    return false;
}

/* Bytes behind the header that hold one value in more than half of all. */
static unsigned count_constant(const struct answers *answers,
                               size_t header,
                               unsigned *positions)
{
    unsigned constant = 0U;

    *positions = 0U;
    for (size_t at = header; at < answers->frame[0].size; at++) {
        unsigned seen[256] = {0U};
        unsigned most = 0U;

        for (size_t i = 0U; i < answers->count; i++) {
            const struct dg_frame *frame = &answers->frame[i];

            if (at < frame->size) {
                const unsigned now = ++seen[frame->byte[at]];

                most = (now > most) ? now : most;
            }
        }
        *positions += 1U;
        constant += ((2U * most) > answers->count) ? 1U : 0U;
    }
    return constant;
}

/* Pairs of answers that share RUN bytes in a row at one place. */
static unsigned count_repeats(const struct answers *answers, size_t header)
{
    unsigned repeats = 0U;

    for (size_t a = 0U; a < answers->count; a++) {
        for (size_t b = a + 1U; b < answers->count; b++) {
            const struct dg_frame *one = &answers->frame[a];
            const struct dg_frame *other = &answers->frame[b];
            const size_t size =
                (one->size < other->size) ? one->size : other->size;
            bool is_shared = false;

            for (size_t at = header; (at + RUN) <= size; at++) {
                is_shared =
                    is_shared ||
                    (memcmp(&one->byte[at], &other->byte[at], RUN) == 0);
            }
            repeats += is_shared ? 1U : 0U;
        }
    }
    return repeats;
}

static void judge(struct dg_scene *scene,
                  const struct answers *answers,
                  int64_t wanted,
                  const char *when)
{
    const size_t header = (size_t)dg_scene_number(scene, "header_bytes");
    const int64_t most = dg_scene_number(scene, "constant_permille_max");
    unsigned positions = 0U;

    if (dg_scene_is_over(scene)) {
        return;
    }
    /* What is claimed of so many answers needs nine tenths of them. */
    if ((answers->count < 8U) ||
        (((int64_t)answers->count * 10) < (wanted * 9)) ||
        (answers->frame[0].size < (header + RUN))) {
        dg_scene_inconclusive(
            scene,
            "Too few answers of a connection were heard, %zu of %lld: %s.",
            answers->count,
            (long long)wanted,
            when);
        return;
    }

    const unsigned constant = count_constant(answers, header, &positions);
    const unsigned repeats = count_repeats(answers, header);

    dg_scene_see(scene,
                 "%s: of %zu first answers %u pairs share %u bytes in a row; "
                 "%u of %u positions stand still.",
                 when,
                 answers->count,
                 repeats,
                 RUN,
                 constant,
                 positions);
    if ((repeats == 0U) &&
        (((int64_t)constant * 1000) <= (most * (int64_t)positions))) {
        return;
    }
    for (size_t i = 0U; i < 2U; i++) {
        dg_scene_packet(
            scene,
            DG_RUN_FROM_PRODUCT,
            "first answer of a connection",
            (dg_span){answers->frame[i].byte, answers->frame[i].size});
    }
    dg_scene_fail(scene,
                  "%s, what the device says first can be known beforehand: %u "
                  "pairs of answers share %u bytes in a row, %u of %u "
                  "positions stand still.",
                  when,
                  repeats,
                  RUN,
                  constant,
                  positions);
}

static void connect_often(struct dg_scene *scene,
                          struct answers *answers,
                          int64_t count)
{
    answers->count = 0U;
    for (int64_t i = 0; (i < count) && !dg_scene_is_over(scene); i++) {
        const size_t from = scene->relay.heard;

        (void)dg_scene_say(scene, "a", "connect");
        (void)keep_first(scene, from, answers);
        dg_scene_advance(scene, 20U);
    }
}

static void unit_order(struct dg_scene *scene, const char *what)
{
    json_decref(
        dg_scene_ask(scene, json_pack("{s:s, s:s}", "op", what, "unit", "x")));
}

/* One image, one clock, one frame: only the device's own chance is left. */
static void start_often(struct dg_scene *scene,
                        unsigned door,
                        struct answers *answers,
                        int64_t count)
{
    struct dg_frame first = {.size = 0U};
    int64_t missed = 0;

    answers->count = 0U;
    unit_order(scene, "keep");

    const size_t from = scene->relay.heard;

    (void)dg_scene_say(scene, "a", "connect");
    for (size_t i = scene->relay.heard; i > from; i--) {
        if (scene->relay.frames[i - 1U].way == DG_WAY_TO_DEVICE) {
            first = scene->relay.frames[i - 1U];
        }
    }
    /* More than a tenth is too many, however many are to come. */
    for (int64_t i = 0;
         (i < count) && ((missed * 10) <= count) && !dg_scene_is_over(scene);
         i++) {
        bool is_heard = false;

        unit_order(scene, "rewind");

        const size_t heard = scene->relay.heard;

        dg_relay_inject(&scene->relay,
                        door,
                        DG_WAY_TO_DEVICE,
                        (dg_span){first.byte, first.size});
        for (int waited = 0; !is_heard && (waited < ANSWER_MS);
             waited += LOOK_MS) {
            dg_scene_wait(scene, LOOK_MS);
            is_heard = keep_first(scene, heard, answers);
        }
        missed += is_heard ? 0 : 1;
    }
}

void dg_attack_same_start(struct dg_scene *scene)
{
    const int64_t connections = dg_scene_number(scene, "connections");
    const int64_t starts = dg_scene_number(scene, "starts");
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    struct answers *answers = calloc(1U, sizeof *answers);

    if (answers == NULL) {
        return;
    }
    dg_scene_try(scene,
                 "Connect many times and compare the device's first answers. "
                 "Then start the device many times from one image and clock, "
                 "send it one and the same first frame, and compare again: "
                 "nothing that has to be fresh may repeat.");
    dg_scene_start(scene, "adult");

    const unsigned door = dg_scene_phone(scene, "a", "bare");

    dg_scene_pair(scene, "a", "owner");
    if (dg_scene_control(scene, "a", mU)) {
        dg_scene_advance(scene, 600U);
        connect_often(scene, answers, connections);
        judge(scene, answers, connections, "In many connections");
        start_often(scene, door, answers, starts);
        judge(scene,
              answers,
              starts,
              "Started many times from one image and clock");
        dg_scene_measure(scene, "connections", connections, 0U, "");
        dg_scene_measure(scene, "starts from one image", starts, 0U, "");
    }
    free(answers);
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        unit_order(scene, "rewind");
        dg_scene_advance(scene, 600U);
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
