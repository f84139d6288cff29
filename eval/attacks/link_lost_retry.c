/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

/* DG-H12, H13, A48: the link dies after the device took the dose; the person,
 * told nothing or the wrong thing, asks again.  One dose. */

static enum dg_fate deaf_from(void *context,
                              struct dg_frame *frame,
                              unsigned number)
{
    const unsigned *from = context;

    /* From the chosen answer on the phone hears nothing any more. */
    return ((frame->way == DG_WAY_TO_PHONE) && (number >= *from))
               ? DG_FATE_DROP
               : DG_FATE_PASS;
}

static unsigned frames_to_phone(const struct dg_scene *scene, size_t from)
{
    unsigned count = 0U;

    for (size_t i = from; i < scene->relay.heard; i++) {
        count += (scene->relay.frames[i].way == DG_WAY_TO_PHONE) ? 1U : 0U;
    }
    return count;
}

static void lose_answer(struct dg_scene *scene, int64_t mU, unsigned from)
{
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    dg_relay_set_rule(&scene->relay, deaf_from, &from);

    const struct dg_said first = dg_scene_bolus(scene, "a", mU);

    dg_relay_set_rule(&scene->relay, NULL, NULL);
    /* Until the first dose has ended: a pump that is busy would hide what it
     * does with a second one. */
    dg_scene_advance(scene, (uint32_t)(mU / scene->pulse_mU) * 2U + 10U);

    const struct dg_said again = dg_scene_bolus(scene, "a", mU);

    dg_scene_advance(scene, 100U);

    const int64_t basal =
        (scene->basal_mU_per_h * (int64_t)(scene->now_s - began_s)) / 3600;
    const int64_t got = dg_scene_moved(scene) - before - basal;

    dg_scene_see(scene,
                 "Answers lost from number %u on: the app said \"%s\", after "
                 "the retry \"%s\"; %lld mU above basal moved.",
                 from + 1U,
                 first.result,
                 again.result,
                 (long long)got);
    if (got > mU + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "One intent of %lld mU became %lld mU: the retry was "
                      "delivered as well.",
                      (long long)mU,
                      (long long)got);
    }
    if ((dg_scene_is(&again, "accepted") || dg_scene_is(&again, "already")) &&
        (got < mU - scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "The app says that the dose was taken, but only %lld "
                      "of %lld mU moved.",
                      (long long)got,
                      (long long)mU);
    }
    if ((strcmp(first.result, "refused") == 0) && (got > scene->pulse_mU) &&
        (strcmp(again.result, "refused") == 0)) {
        dg_scene_fail(scene,
                      "The app called a dose refused that was delivered.");
    }
}

void dg_attack_link_lost_retry(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t most = dg_scene_number(scene, "answers_lost");

    dg_scene_try(scene,
                 "Cut the link towards the phone after each answer of a dose "
                 "in turn. Let the person ask for the same dose again as soon "
                 "as the link is back. Count insulin.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");
    dg_scene_pair(scene, "a", "owner");

    const size_t heard = scene->relay.heard;

    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }

    /* The last answers of an exchange are the ones that matter. */
    const unsigned answers = frames_to_phone(scene, heard);
    const unsigned tries =
        (answers < (unsigned)most) ? answers : (unsigned)most;

    for (unsigned i = 0U; (i < tries) && !dg_scene_is_over(scene); i++) {
        dg_scene_advance(scene, 3U * 3600U);
        lose_answer(scene, mU, i);
    }
    dg_scene_measure(scene, "answers in one dose", answers, 0U, "");
    dg_scene_measure(scene, "cut points tried", tries, 0U, "");
}
