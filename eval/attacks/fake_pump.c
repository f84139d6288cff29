/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

/* DG-A09, A17, A47: a pump that is none.  It has heard everything that the real
 * one ever said to this phone and says it again, in the same order, in answer
 * to what looks alike. */

struct impostor {
    struct dg_relay *relay;
    size_t from; /* of what it heard */
    size_t to;
    size_t at; /* after the phone's frame that it answered last */
    unsigned said;
};

/* The next frame of the phone, from @p at on, that has this size. */
static size_t find_like(const struct impostor *impostor,
                        size_t at,
                        uint16_t size)
{
    for (size_t i = at; i < impostor->to; i++) {
        if ((impostor->relay->frames[i].way == DG_WAY_TO_DEVICE) &&
            (impostor->relay->frames[i].size == size)) {
            return i;
        }
    }
    return impostor->to;
}

/* Nothing reaches the pump, and nothing of it the phone. */
static enum dg_fate answer_instead(void *context,
                                   struct dg_frame *frame,
                                   unsigned number)
{
    struct impostor *impostor = context;
    size_t like = impostor->to;

    (void)number;
    if (frame->way != DG_WAY_TO_DEVICE) {
        return DG_FATE_DROP;
    }
    like = find_like(impostor, impostor->at, frame->size);
    if (like == impostor->to) {
        like = find_like(impostor, impostor->from, frame->size);
    }
    for (size_t i = like + 1U;
         (i < impostor->to) &&
         (impostor->relay->frames[i].way == DG_WAY_TO_PHONE);
         i++) {
        const struct dg_frame said = impostor->relay->frames[i];

        dg_relay_inject(impostor->relay,
                        frame->door,
                        DG_WAY_TO_PHONE,
                        (dg_span){said.byte, said.size});
        impostor->said++;
    }
    impostor->at = like + 1U;
    return DG_FATE_DROP;
}

/* The person doses and looks while the pump is a fake. */
static void use_fake(struct dg_scene *scene,
                     struct impostor *impostor,
                     int64_t mU)
{
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    impostor->at = impostor->from;
    dg_relay_set_rule(&scene->relay, answer_instead, impostor);

    const struct dg_said dosed = dg_scene_bolus(scene, "a", mU);
    const struct dg_said looked = dg_scene_status(scene, "a");

    dg_relay_set_rule(&scene->relay, NULL, NULL);
    dg_scene_advance(scene, 120U);
    dg_scene_see(scene,
                 "In front of the fake: dose \"%s\" (%s), question \"%s\"; the "
                 "fake sent %u recorded answers.",
                 dosed.result,
                 dosed.outcome,
                 looked.result,
                 impostor->said);
    if (dg_scene_is_over(scene)) {
        return;
    }
    if (impostor->said == 0U) {
        dg_scene_inconclusive(scene, "The fake had nothing to say.");
        return;
    }
    if (dg_scene_is(&dosed, "accepted") || dg_scene_is(&dosed, "already")) {
        dg_scene_fail(scene,
                      "The phone said \"%s\" of a dose that the pump never "
                      "heard of.",
                      dosed.result);
    }
    if (dg_scene_is(&looked, "status")) {
        dg_scene_fail(scene,
                      "The phone showed values of a pump that is a fake.");
    }
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "While the phone spoke to a fake");
}

void dg_attack_fake_pump(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t pause_s = dg_scene_number(scene, "pause_s");
    struct impostor impostor = {.relay = &scene->relay};

    dg_scene_try(scene,
                 "Record all that the pump says to a phone in a connection "
                 "and a dose. Then stand in its place and say it again while "
                 "the person doses and looks. The phone may neither report a "
                 "dose nor show a value.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");
    dg_scene_pair(scene, "a", "owner");
    impostor.from = scene->relay.heard;
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    (void)dg_scene_status(scene, "a");
    impostor.to = scene->relay.heard;
    dg_scene_advance(scene, (uint32_t)pause_s);
    use_fake(scene, &impostor, mU);
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }
    /* The real one is back. */
    dg_scene_advance(scene, (uint32_t)pause_s);
    (void)dg_scene_status(scene, "a");
    (void)dg_scene_control(scene, "a", mU);
}
