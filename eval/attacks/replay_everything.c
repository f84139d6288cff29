/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdlib.h>

#include "eval/scene_probe.h"

/* DG-A16: not only doses.  Every op code is said once as it should be, and each
 * recorded frame is sent again by itself: in the same session, in a new one
 * and after a loss of power. */
#define FRAMES_MAX 64U

struct recording {
    struct dg_frame frame[FRAMES_MAX];
    size_t frames;
    unsigned door;
};

/* What the phone sends while it says one op code. */
static void record_code(struct dg_scene *scene,
                        struct recording *recording,
                        int code)
{
    const size_t from = scene->relay.heard;

    json_decref(dg_scene_probe(scene, "a", code, "plain"));
    for (size_t i = from;
         (i < scene->relay.heard) && (recording->frames < FRAMES_MAX);
         i++) {
        if (scene->relay.frames[i].way == DG_WAY_TO_DEVICE) {
            recording->frame[recording->frames++] = scene->relay.frames[i];
        }
    }
}

/* Each by itself, with time to see what it does. */
static void send_each(struct dg_scene *scene,
                      const struct recording *recording,
                      uint32_t watch_s,
                      const char *when)
{
    for (size_t i = 0U; (i < recording->frames) && !scene->has_failed &&
                        !dg_scene_is_over(scene);
         i++) {
        const struct dg_frame *frame = &recording->frame[i];
        const int64_t before = dg_scene_moved(scene);

        dg_relay_inject(&scene->relay,
                        recording->door,
                        DG_WAY_TO_DEVICE,
                        (dg_span){frame->byte, frame->size});
        dg_scene_wait(scene, 2);
        dg_scene_advance(scene, watch_s);
        dg_scene_expect(scene, before, watch_s, 0, when);
        if (scene->has_failed) {
            dg_scene_packet(scene,
                            DG_RUN_TO_PRODUCT,
                            "frame that was sent again",
                            (dg_span){frame->byte, frame->size});
        }
    }
    dg_scene_see(scene,
                 "%zu recorded frames sent again, each by itself, %s.",
                 recording->frames,
                 when);
}

void dg_attack_replay_everything(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t codes = dg_scene_number(scene, "op_codes");
    const int64_t watch_s = dg_scene_number(scene, "watch_s");
    struct recording *recording = calloc(1U, sizeof *recording);

    if (recording == NULL) {
        return;
    }
    dg_scene_try(scene,
                 "Record every op code as a paired phone says it. Send each "
                 "frame again by itself in the same session, in a new one and "
                 "after a loss of power. Watch the mechanism and what is set.");
    dg_scene_start(scene, "adult");
    recording->door = dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        free(recording);
        return;
    }
    /* Downwards, then up: whatever was paused or begun is ended again. */
    for (int code = (int)codes - 1; code >= 0; code--) {
        record_code(scene, recording, code);
    }
    for (int code = 0; code < codes; code++) {
        json_decref(dg_scene_probe(scene, "a", code, "plain"));
    }
    (void)dg_scene_say(scene, "a", "stop");
    dg_scene_advance(scene, 600U);

    char *settings = dg_scene_settings(scene);

    send_each(scene, recording, (uint32_t)watch_s, "in the same session");
    (void)dg_scene_say(scene, "a", "connect");
    send_each(scene, recording, (uint32_t)watch_s, "in a new session");
    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    (void)dg_scene_say(scene, "a", "connect");
    send_each(scene, recording, (uint32_t)watch_s, "after a loss of power");
    dg_scene_expect_settings(scene, settings, "after repeated frames");
    free(settings);
    dg_scene_measure(
        scene, "frames recorded", (int64_t)recording->frames, 0U, "");
    if (!dg_scene_is_over(scene) && (recording->frames < 2U)) {
        dg_scene_inconclusive(scene, "Too few frames could be recorded.");
    }
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
    free(recording);
}
