/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include "eval/hex.h"

/* DG-A11: someone listens while a phone is paired, and has time afterwards. */
#define FRAMES_MAX 32U

/* What went to the device between two points, as hex. */
static json_t *frames_of(const struct dg_scene *scene, size_t from, size_t to)
{
    char hex[2U * DG_RELAY_FRAME_MAX + 1U];
    json_t *list = json_array();

    for (size_t i = from; (i < to) && (json_array_size(list) < FRAMES_MAX);
         i++) {
        const struct dg_frame *frame = &scene->relay.frames[i];

        if (frame->way == DG_WAY_TO_DEVICE) {
            dg_hex_put((dg_span){frame->byte, frame->size}, hex);
            (void)json_array_append_new(list, json_string(hex));
        }
    }
    return list;
}

/* A new device: nobody was let in, and nobody doses. */
static void dose_unpaired(struct dg_scene *scene, int64_t mU)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "s", mU, "confirmed", "valid");

    dg_scene_advance(scene, 300U);
    dg_scene_expect(scene, before, 300U, 0, "Before any phone was paired");
    if (dg_scene_is(&said, "accepted") || dg_scene_is(&said, "ticket")) {
        dg_scene_fail(scene,
                      "A new device let a phone dose that was never paired: "
                      "\"%s\".",
                      said.result);
    }
}

void dg_attack_pairing_listener(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Ask a new device for a dose before any pairing. Then record "
                 "a whole pairing and try every code that is short enough on "
                 "it, offline.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "s", "stranger");
    dose_unpaired(scene, mU);
    (void)dg_scene_phone(scene, "a", "bare");

    const size_t from = scene->relay.heard;

    dg_scene_pair(scene, "a", "owner");

    const size_t to = scene->relay.heard;

    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    json_decref(dg_scene_ask(
        scene,
        json_pack("{s:s, s:s, s:s}", "op", "pose", "phone", "s", "as", "a")));

    json_t *frames = frames_of(scene, from, to);
    const size_t count = json_array_size(frames);
    const struct dg_said said = dg_scene_phone_do(
        scene, "s", json_pack("{s:s, s:o}", "do", "crack", "frames", frames));

    dg_scene_measure(scene, "frames of the pairing", (int64_t)count, 0U, "");
    dg_scene_see(scene,
                 "%zu frames of a pairing tried offline: \"%s\".",
                 count,
                 said.result);
    if (count == 0U) {
        dg_scene_inconclusive(scene, "Nothing of the pairing was heard.");
        return;
    }
    if (dg_scene_is(&said, "cracked")) {
        dg_scene_packet(scene,
                        DG_RUN_TO_PRODUCT,
                        "first frame of the pairing",
                        (dg_span){scene->relay.frames[from].byte,
                                  scene->relay.frames[from].size});
        dg_scene_fail(scene,
                      "The code of a pairing was found by trying, from what "
                      "was heard.");
    }
    if (!dg_scene_is_over(scene) && !dg_scene_is(&said, "cracked") &&
        !dg_scene_is(&said, "refused")) {
        dg_scene_inconclusive(
            scene, "No code was tried on the recording: \"%s\".", said.result);
    }
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        dg_scene_advance(scene, 600U);
        (void)dg_scene_control(scene, "a", mU);
    }
}
