/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/attacks/fuzz_case.h"

/* DG-A28, A34, A23: before anybody is authenticated.  At each point of a real
 * connection, frames of it go to the device changed as the grammar suggests,
 * or whole and out of order: those of the connection that is under way, and
 * those of an earlier one. */

#define FRAMES 3U /* of a connection, to the device */
#define REST_S 60U

static const char *const state_names[FRAMES] = {
    "before frame 1", "before frame 2", "before frame 3"};
static const char *const messages[FRAMES] = {"frame 1", "frame 2", "frame 3"};

/* A connection with a hand in it. */
struct hand {
    struct dg_scene *scene;
    struct dg_fuzz_case *one;
    const struct dg_fuzz_step *steps;
    size_t count;
    struct dg_frame earlier[FRAMES]; /* of the last connection */
    unsigned stranger;               /* his door */
    bool is_done;                    /* a phone that tries again gets none */
};

static void throw_one(struct hand *hand,
                      const struct dg_fuzz_step *step,
                      const struct dg_frame *live)
{
    const struct dg_frame *base =
        (step->message == step->state) ? live : &hand->earlier[step->message];
    struct dg_fuzz_bytes bytes;

    memset(&bytes, 0, sizeof bytes);
    bytes.size = base->size;
    if (bytes.size == 0U) {
        return;
    }
    memcpy(bytes.byte, base->byte, bytes.size);
    /* The first byte says what a frame is; half of them keep it. */
    bytes.kept =
        (((step->change[0].what & 1U) != 0U) && (bytes.size > 1U)) ? 1U : 0U;
    dg_fuzz_change(
        step, bytes.byte, &bytes.size, DG_RELAY_FRAME_MAX, bytes.kept);
    dg_fuzz_note(hand->one,
                 step,
                 state_names[step->state],
                 messages[step->message],
                 &bytes);
    /* From the phone's own address, and from a stranger's. */
    dg_relay_inject(&hand->scene->relay,
                    ((step->change[0].what & 2U) != 0U) ? hand->stranger
                                                        : live->door,
                    DG_WAY_TO_DEVICE,
                    (dg_span){bytes.byte, bytes.size});
}

static enum dg_fate interfere(void *context,
                              struct dg_frame *frame,
                              unsigned number)
{
    struct hand *hand = context;

    if ((frame->way == DG_WAY_TO_DEVICE) && !hand->is_done &&
        (number == hand->steps[0].state)) {
        for (size_t i = 0U; i < hand->count; i++) {
            throw_one(hand, &hand->steps[i], frame);
        }
        hand->is_done = true;
    }
    return DG_FATE_PASS;
}

/* The frames of a connection that nobody disturbs. */
static bool record(struct dg_scene *scene, struct hand *hand)
{
    const size_t from = scene->relay.heard;
    const struct dg_said said = dg_scene_say(scene, "a", "connect");
    unsigned count = 0U;

    for (size_t i = from; (i < scene->relay.heard) && (count < FRAMES); i++) {
        if (scene->relay.frames[i].way == DG_WAY_TO_DEVICE) {
            hand->earlier[count++] = scene->relay.frames[i];
        }
    }
    return dg_scene_is(&said, "status") && (count > 0U);
}

static const char *look_at_basal(struct dg_scene *scene)
{
    const int64_t before = dg_scene_moved(scene);

    dg_scene_advance(scene, REST_S);

    const int64_t off = dg_scene_moved(scene) - before -
                        ((scene->basal_mU_per_h * (int64_t)REST_S) / 3600);

    if (dg_scene_is_over(scene)) {
        return NULL;
    }
    if (off > scene->pulse_mU) {
        return "insulin was delivered that nobody asked for";
    }
    return (off < -scene->pulse_mU) ? "basal insulin was missing" : NULL;
}

static const char *play(struct dg_scene *scene,
                        const struct dg_fuzz_step *steps,
                        size_t count,
                        struct dg_fuzz_case *one)
{
    struct hand hand;
    const char *why = NULL;

    memset(&hand, 0, sizeof hand);
    hand.scene = scene;
    hand.one = one;
    /* His door is there from the beginning: see set_up(). */
    hand.stranger = 1U;
    for (size_t i = 0U;
         (i < count) && (why == NULL) && !dg_scene_is_over(scene);) {
        if (!record(scene, &hand)) {
            why = dg_scene_is_over(scene) ? NULL
                                          : "no phone gets a session any more";
            break;
        }
        hand.steps = &steps[i];
        hand.count = 1U;
        hand.is_done = false;
        while ((i + hand.count < count) &&
               (steps[i + hand.count].state == steps[i].state)) {
            hand.count++;
        }
        dg_relay_set_rule(&scene->relay, interfere, &hand);
        (void)dg_scene_say(scene, "a", "connect");
        dg_relay_set_rule(&scene->relay, NULL, NULL);
        i += hand.count;
        one->played = i;
        why = look_at_basal(scene);
    }
    return (why == NULL) ? dg_fuzz_recover(scene, "a") : why;
}

static void set_up(struct dg_scene *scene)
{
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    (void)dg_scene_phone(scene, "s", "stranger");
}

void dg_attack_fuzz_handshake(struct dg_scene *scene)
{
    static const struct dg_fuzz_play how = {.set_up = set_up,
                                            .play = play,
                                            .states = state_names,
                                            .state_count = FRAMES,
                                            .messages = messages,
                                            .message_count = FRAMES,
                                            .whole = 4U};

    dg_scene_try(scene,
                 "Stand between phone and device without keys. At each point "
                 "of a connection send the device its frames and those of an "
                 "earlier connection: out of order, and with the CBOR in them "
                 "changed. Basal goes on, and the phone gets its session and "
                 "a proper dose afterwards.");
    set_up(scene);
    if (dg_scene_control(scene, "a", DG_FUZZ_DOSE_MU)) {
        dg_scene_advance(scene, 600U);
        dg_fuzz_run(scene, &how);
    }
}
