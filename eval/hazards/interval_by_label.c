/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H33, H36: errors on the link, and doses that follow each other under one
 * label after the other.  The device's interval and windows do not ask for the
 * label. */

static const struct {
    const char *kind;
    const char *tier;
    const char *sign;
} labels[] = {
    {"bolus", "automatic", "none"},
    {"bolus", "confirmed", "valid"},
    {"extended", "confirmed", "valid"},
    {"temp_basal", "automatic", "none"},
};

#define LABELS (sizeof labels / sizeof labels[0])

/* Communication errors: some answers are lost. */
static enum dg_fate lose_some(void *context,
                              struct dg_frame *frame,
                              unsigned number)
{
    (void)context;
    return ((frame->way == DG_WAY_TO_PHONE) && ((number % 16U) == 15U))
               ? DG_FATE_DROP
               : DG_FATE_PASS;
}

static struct dg_said ask(struct dg_scene *scene, size_t label, int64_t mU)
{
    json_t *order = json_pack("{s:s, s:s, s:s, s:s}",
                              "do",
                              "bolus",
                              "kind",
                              labels[label].kind,
                              "tier",
                              labels[label].tier,
                              "sign",
                              labels[label].sign);

    if (labels[label].kind[0] == 't') {
        json_object_set_new(
            order, "mU_per_h", json_integer(scene->basal_mU_per_h * 3));
        json_object_set_new(order, "s", json_integer(1800));
    } else {
        json_object_set_new(order, "mU", json_integer((json_int_t)mU));
        if (labels[label].kind[0] == 'e') {
            json_object_set_new(order, "s", json_integer(1800));
        }
    }
    return dg_scene_phone_do(scene, "a", order);
}

struct count {
    int64_t accepted_s; /* when the last dose was accepted; -1: never */
    unsigned accepted;
    unsigned refused;
    unsigned silent;
};

static void note(struct dg_scene *scene,
                 struct count *count,
                 size_t label,
                 const struct dg_said *said)
{
    const int64_t now_s = (int64_t)scene->now_s;

    if (!dg_scene_is(said, "accepted")) {
        count->refused += dg_scene_is(said, "refused") ? 1U : 0U;
        count->silent += dg_scene_is(said, "silent") ? 1U : 0U;
        return;
    }
    if ((count->accepted_s >= 0) &&
        (now_s - count->accepted_s < scene->interval_s)) {
        dg_scene_fail(scene,
                      "Two doses began within %lld s, the second as %s %s; "
                      "the device declares an interval of %lld s.",
                      (long long)(now_s - count->accepted_s),
                      labels[label].tier,
                      labels[label].kind,
                      (long long)scene->interval_s);
    }
    count->accepted_s = now_s;
    count->accepted++;
}

void dg_hazard_interval_by_label(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t minutes = dg_scene_number(scene, "minutes");
    struct count count = {.accepted_s = -1};

    dg_scene_try(
        scene,
        "Let a phone ask for a dose twice in every five minutes for "
        "six hours, with each label in turn (automatic, confirmed, "
        "extended, raised basal), on a link that loses answers. Compare "
        "every start with the interval and every window with the "
        "caps that the device declares.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_settle(scene, "a", 250);
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    if (scene->interval_s <= 0) {
        dg_scene_inconclusive(scene,
                              "The product declares no interval to hold.");
        return;
    }
    dg_scene_advance(scene, 3600U);
    dg_relay_set_rule(&scene->relay, lose_some, NULL);
    for (int64_t minute = 0; (minute < minutes) && !dg_scene_is_over(scene);
         minute++) {
        if ((minute % 5) == 0) {
            dg_scene_reading(scene, 250 - (int)((minute / 5) % 3));
            (void)dg_scene_say(scene, "a", "glucose");
        }

        /* Twice in each period of the sensor, a minute apart. */
        if ((minute % 5) < 2) {
            const size_t label = (size_t)((minute / 5) + (minute % 5)) % LABELS;
            const struct dg_said said = ask(scene, label, mU);

            note(scene, &count, label, &said);
        }
        dg_scene_advance(scene, 60U);
    }
    dg_relay_set_rule(&scene->relay, NULL, NULL);
    dg_scene_check_windows(scene, &scene->total, "Any label");
    dg_scene_see(scene,
                 "%u doses accepted, %u refused, %u answers lost.",
                 count.accepted,
                 count.refused,
                 count.silent);
    dg_scene_measure(scene, "doses accepted", count.accepted, 0U, "");
    if (count.accepted < 2U) {
        dg_scene_inconclusive(scene, "No two doses were accepted at all.");
    }
}
