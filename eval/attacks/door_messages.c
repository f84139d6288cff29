/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <string.h>

#include "eval/dice.h"
#include "eval/scene_neighbour.h"

/* DG-A39, DG-A40: another app on the phone talks at the door that the medical
 * part has for apps.  What it sends is a message that the vendor knows, with
 * numbers that no pump can mean, and then anything at all. */
#define NUMBER_MAX 24U

/* Every number of the message, replaced by one that is no amount. */
static void add_impossible(json_t *list, const uint8_t *bytes, size_t size)
{
    static const char *const others[] = {"-1",
                                         "-1000",
                                         "4294968296",
                                         "18446744073709552616",
                                         "1e30",
                                         "0.0000001",
                                         "\"1000\"",
                                         "[1000]",
                                         "null",
                                         "2147484648"};
    uint8_t text[DG_SCENE_SAMPLE_MAX + NUMBER_MAX];

    for (size_t at = 0U; at < size; at++) {
        const bool is_first =
            (bytes[at] >= '0') && (bytes[at] <= '9') &&
            ((at == 0U) || (bytes[at - 1U] < '0') || (bytes[at - 1U] > '9'));
        size_t end = at;

        while ((end < size) && (bytes[end] >= '0') && (bytes[end] <= '9')) {
            end++;
        }
        for (size_t i = 0U; is_first && (i < sizeof others / sizeof others[0]);
             i++) {
            const size_t width = strlen(others[i]);

            memcpy(text, bytes, at);
            memcpy(text + at, others[i], width);
            memcpy(text + at + width, bytes + end, size - end);
            dg_scene_add_hex(list, (dg_span){text, at + width + size - end});
        }
    }
}

/* Flipped, cut, doubled and overlong: whatever it is, it is no reason to
 * stop. */
static void add_noise(json_t *list,
                      const uint8_t *bytes,
                      size_t size,
                      struct dg_dice *dice,
                      int64_t rounds)
{
    static uint8_t text[4096];

    for (int64_t round = 0; round < rounds; round++) {
        size_t used = size;

        memcpy(text, bytes, size);
        switch (dg_dice_roll(dice, 4U)) {
        case 0:
            text[dg_dice_roll(dice, (uint32_t)size)] ^=
                (uint8_t)(1U + dg_dice_roll(dice, 255U));
            /* A digit that became another one would be a dose. */
            text[0] = '}';
            break;
        case 1:
            used = 1U + dg_dice_roll(dice, (uint32_t)size - 1U);
            text[used - 1U] = '\n';
            break;
        case 2:
            memset(text, '{', sizeof text);
            used = sizeof text;
            break;
        default:
            for (size_t i = 0U; i < sizeof text; i++) {
                text[i] = (uint8_t)dg_dice_roll(dice, 256U);
            }
            used = 1U + dg_dice_roll(dice, (uint32_t)sizeof text - 1U);
            break;
        }
        dg_scene_add_hex(list, (dg_span){text, used});
    }
}

void dg_attack_door_messages(struct dg_scene *scene)
{
    const int64_t rounds = dg_scene_number(scene, "noise_messages");
    const int64_t which = dg_scene_number(scene, "sample");
    struct dg_dice dice = {.seed = scene->seed};
    uint8_t bytes[DG_SCENE_SAMPLE_MAX];
    size_t size = 0U;
    json_t *impossible = json_array();
    json_t *noise = json_array();

    dg_scene_try(scene,
                 "Another app sends to the door that the medical part has for "
                 "apps: requests whose numbers no pump can mean, then damaged, "
                 "cut and overlong ones and noise. Watch what the trusted "
                 "display asks a person, and the mechanism. The owner doses "
                 "afterwards.");
    dg_scene_owner(scene, "a");

    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    if (dg_scene_sample(scene, "a", (size_t)which, bytes, &size)) {
        add_impossible(impossible, bytes, size);
        add_noise(noise, bytes, size, &dice, rounds);
    } else if (!dg_scene_is_over(scene)) {
        dg_scene_inconclusive(scene, "The vendor shows no message of an app.");
    }

    const struct dg_door first = dg_scene_door(scene, "a", impossible);
    const struct dg_door then = dg_scene_door(scene, "a", noise);

    dg_scene_advance(scene, 300U);
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "While another app talked at the door");
    if (first.asked + then.asked > 0) {
        dg_scene_fail(scene,
                      "A person was asked to approve %lld requests whose "
                      "numbers no pump can mean.",
                      (long long)(first.asked + then.asked));
    }
    dg_scene_see(scene,
                 "%lld requests with impossible numbers (%lld answered), %lld "
                 "damaged ones; a person was asked about %lld.",
                 (long long)first.sent,
                 (long long)first.answered,
                 (long long)then.sent,
                 (long long)(first.asked + then.asked));
    (void)dg_scene_control(scene, "a", 1000);
}
