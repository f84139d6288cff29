/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <string.h>

/* DG-A03, A07, A17, A19, A41: whoever has no key of this pair is nobody, on
 * either side, whatever else he knows. */

static int64_t moved_of_other(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "delivered", "unit", "y"));
    const int64_t mU = json_integer_value(json_object_get(answer, "mU"));

    json_decref(answer);
    return mU;
}

/* The phone is led to another unit of the same product line. */
static void swap_unit(struct dg_scene *scene, const char *own)
{
    char other[64];

    dg_scene_start_other(scene, other);
    if (dg_scene_is_over(scene) || !dg_relay_redirect(&scene->relay, other)) {
        return;
    }

    const int64_t before = moved_of_other(scene);
    const struct dg_said said = dg_scene_bolus(scene, "a", 1000);

    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene,
                      "The phone took a strange unit for its own pump and "
                      "reported a dose.");
    }
    if (moved_of_other(scene) != before) {
        dg_scene_fail(scene,
                      "A unit that was never paired with this phone delivered "
                      "its dose.");
    }
    dg_scene_see(scene,
                 "Phone led to another unit of the same product: answer "
                 "\"%s\".",
                 said.result);
    (void)dg_relay_redirect(&scene->relay, own);
}

/* One who knows every identifier and the whole protocol, but no key. */
static void pose(struct dg_scene *scene)
{
    const int64_t before = dg_scene_moved(scene);

    (void)dg_scene_phone(scene, "s", "stranger");
    json_decref(dg_scene_ask(
        scene,
        json_pack("{s:s, s:s, s:s}", "op", "pose", "phone", "s", "as", "a")));

    const struct dg_said connected = dg_scene_say(scene, "s", "connect");
    const struct dg_said dosed =
        dg_scene_bare_bolus(scene, "s", 1000, "confirmed", "valid");

    dg_scene_advance(scene, 300U);
    dg_scene_expect(scene, before, 300U, 0, "After a stranger asked for 1 U");
    if (dg_scene_is(&connected, "status")) {
        dg_scene_fail(scene, "A stranger with other keys got an open session.");
    }
    dg_scene_see(scene,
                 "Stranger with all identifiers and no key: connection "
                 "\"%s\", dose \"%s\".",
                 connected.result,
                 dosed.result);
}

/* Pairing without anyone at the device. */
static void pair_unseen(struct dg_scene *scene)
{
    (void)dg_scene_phone(scene, "t", "bare");

    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:s, s:b}",
                                            "op",
                                            "pair",
                                            "phone",
                                            "t",
                                            "unit",
                                            "x",
                                            "role",
                                            "owner",
                                            "presence",
                                            0));
    const char *result = json_string_value(json_object_get(answer, "result"));

    if ((result != NULL) && (strcmp(result, "paired") == 0)) {
        dg_scene_fail(scene,
                      "A phone paired although nobody pressed the device's "
                      "button.");
    }
    dg_scene_see(scene,
                 "Pairing tried without the device's button: \"%s\".",
                 (result == NULL) ? "no answer" : result);
    json_decref(answer);
}

static enum dg_fate spoil(void *context,
                          struct dg_frame *frame,
                          unsigned number)
{
    unsigned *spoiled = context;

    (void)number;
    if (frame->size > 0U) {
        frame->byte[frame->size - 1U] ^= 0x01U;
        *spoiled += 1U;
    }
    return DG_FATE_PASS;
}

/* One bit of every frame of a connection is changed, its repeats included. */
static void spoil_handshake(struct dg_scene *scene)
{
    const int64_t before = dg_scene_moved(scene);
    unsigned spoiled = 0U;

    dg_relay_set_rule(&scene->relay, spoil, &spoiled);

    const struct dg_said said = dg_scene_say(scene, "b", "connect");

    dg_relay_set_rule(&scene->relay, NULL, NULL);
    dg_scene_advance(scene, 60U);
    dg_scene_expect(scene, before, 60U, 0, "After changed handshake frames");
    dg_scene_see(scene,
                 "One bit changed in each of %u frames of a connection: "
                 "\"%s\".",
                 spoiled,
                 said.result);
    if (dg_scene_is_over(scene)) {
        return;
    }
    if (spoiled == 0U) {
        dg_scene_inconclusive(scene, "No frame of a connection was heard.");
    }
    if (dg_scene_is(&said, "status")) {
        dg_scene_fail(scene,
                      "A connection came about although every frame of it "
                      "was changed.");
    }
}

void dg_attack_man_in_the_middle(struct dg_scene *scene)
{
    char own[64];

    dg_scene_try(scene,
                 "Stand between phone and device without keys: lead the phone "
                 "to another unit of the same product, pose as the paired "
                 "phone with every identifier and other keys, pair without "
                 "the device's button, change single bits of the handshake.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");
    dg_scene_pair(scene, "a", "owner");
    (void)dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "b", "caregiver");
    (void)dg_scene_say(scene, "b", "connect");
    if (!dg_scene_control(scene, "a", 1000)) {
        return;
    }
    dg_scene_advance(scene, 600U);
    (void)snprintf(own,
                   sizeof own,
                   "udp:127.0.0.1:%u",
                   (unsigned)scene->relay.device_port);
    swap_unit(scene, own);
    pose(scene);
    pair_unseen(scene);
    spoil_handshake(scene);
    dg_scene_advance(scene, 600U);
    (void)dg_scene_control(scene, "a", 1000);
}
