/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

#include <string.h>

/* DG-H15, H32: nothing comes out of the tube, and nobody is there to see it.
 * What the device and the app say is what the mechanism moved. */

static enum dg_fate cut(void *context, struct dg_frame *frame, unsigned number)
{
    (void)context;
    (void)frame;
    (void)number;
    return DG_FATE_DROP;
}

/* The device's own account, over any phone. */
static struct dg_said check_account(struct dg_scene *scene,
                                    const char *phone,
                                    const char *when)
{
    const struct dg_said said = dg_scene_status(scene, phone);
    const int64_t moved = dg_scene_moved(scene);
    const int64_t told = said.bolus_total_mU + said.basal_total_mU;

    if (!dg_scene_is(&said, "status")) {
        dg_scene_inconclusive(scene, "%s: no status came.", when);
    } else if (told != moved) {
        dg_scene_fail(scene,
                      "%s the device says that it delivered %lld mU in all; "
                      "its mechanism moved %lld mU.",
                      when,
                      (long long)told,
                      (long long)moved);
    }
    return said;
}

static int64_t hear_alarm(struct dg_scene *scene, int64_t alarm_s)
{
    const int64_t heard_s =
        dg_scene_until_heard(scene, (uint32_t)alarm_s + 600U);

    if ((heard_s < 0) || (heard_s > alarm_s)) {
        dg_scene_fail(scene,
                      "The tube was blocked in the middle of a bolus and the "
                      "device did not sound within %lld s.",
                      (long long)alarm_s);
    }
    return heard_s;
}

/* The tube blocks while the link is away, in the middle of a bolus. */
static void block_in_the_middle(struct dg_scene *scene,
                                int64_t mU,
                                int64_t alarm_s)
{
    const struct dg_said before = dg_scene_status(scene, "a");
    const int64_t from = dg_scene_moved(scene);

    dg_scene_silence(scene);

    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose to be blocked was not accepted: \"%s\" "
                              "%s.",
                              said.result,
                              said.reason);
        return;
    }
    dg_relay_set_rule(&scene->relay, cut, NULL);
    dg_scene_advance(scene, (uint32_t)(mU / scene->pulse_mU / 2));
    dg_scene_block(scene, true);

    const uint32_t blocked_s = scene->now_s;
    const int64_t flowed = dg_scene_moved(scene);

    /* What was over before the block shows nothing of it. */
    if (flowed - from >= mU - scene->pulse_mU) {
        dg_scene_inconclusive(scene, "All had moved before the tube blocked.");
        dg_scene_block(scene, false);
        return;
    }

    const int64_t heard_s = hear_alarm(scene, alarm_s);

    dg_scene_advance(scene, 600U);
    dg_relay_set_rule(&scene->relay, NULL, NULL);

    const struct dg_said after = check_account(scene, "a", "After the block");
    const int64_t got = dg_scene_moved(scene) - from;

    dg_scene_see(scene,
                 "Blocked while the link was away: %lld of %lld mU moved, "
                 "heard after %lld s; outcome \"%s\", %lld mU delivered, IOB "
                 "%lld mU.",
                 (long long)got,
                 (long long)mU,
                 (long long)heard_s,
                 after.outcome,
                 (long long)after.delivered_mU,
                 (long long)after.iob_mU);
    if ((strcmp(after.outcome, "delivered") == 0) ||
        (after.delivered_mU > got + scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "%lld of %lld mU moved, and the device calls the dose "
                      "\"%s\" with %lld mU.",
                      (long long)got,
                      (long long)mU,
                      after.outcome,
                      (long long)after.delivered_mU);
    }
    if (after.iob_mU > before.iob_mU + got + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "Insulin on board of %lld mU counts what never moved "
                      "(%lld mU before, %lld mU moved).",
                      (long long)after.iob_mU,
                      (long long)before.iob_mU,
                      (long long)got);
    }
    dg_scene_block(scene, false);
    dg_scene_withhold(scene,
                      dg_scene_basal(scene, scene->now_s - blocked_s) -
                          (dg_scene_moved(scene) - flowed));
}

/* The device takes the dose, and then nothing of it comes. */
static void drop_the_dose(struct dg_scene *scene, int64_t mU)
{
    const struct dg_said before = dg_scene_status(scene, "b");

    dg_scene_block(scene, true);

    const uint32_t began_s = scene->now_s;
    const int64_t from = dg_scene_moved(scene);
    const struct dg_said said = dg_scene_bolus(scene, "b", mU);

    if (!dg_scene_is_over(scene) && !dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose of which nothing was to come was not "
                              "accepted: \"%s\" (%s).",
                              said.result,
                              said.reason);
        dg_scene_block(scene, false);
        return;
    }
    dg_scene_advance(scene, 60U);

    const struct dg_said after =
        check_account(scene, "b", "A minute after a dose that never came");
    const int64_t got = dg_scene_moved(scene) - from;

    dg_scene_see(scene,
                 "A dose of which nothing came: the app said \"%s\", and a "
                 "minute later \"%s\" with %lld mU, IOB %lld mU after %lld.",
                 said.result,
                 after.outcome,
                 (long long)after.delivered_mU,
                 (long long)after.iob_mU,
                 (long long)before.iob_mU);
    if (got > 0) {
        dg_scene_inconclusive(scene, "The tube was not blocked.");
    }
    if ((strcmp(after.outcome, "delivered") == 0) || (after.delivered_mU > 0) ||
        (after.bolus_total_mU > before.bolus_total_mU)) {
        dg_scene_fail(scene,
                      "Nothing of the dose moved, and a minute later the app "
                      "says \"%s\" with %lld mU.",
                      after.outcome,
                      (long long)after.delivered_mU);
    }
    if (after.iob_mU > before.iob_mU) {
        dg_scene_fail(scene,
                      "Nothing of the dose moved, and insulin on board rose "
                      "from %lld to %lld mU.",
                      (long long)before.iob_mU,
                      (long long)after.iob_mU);
    }
    dg_scene_block(scene, false);
    dg_scene_withhold(scene, dg_scene_basal(scene, scene->now_s - began_s));
}

void dg_hazard_said_and_moved(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t alarm_s = dg_scene_number(scene, "alarm_s");

    dg_scene_try(scene,
                 "Block the tube in the middle of a bolus while the link is "
                 "away, listen to the device, and compare what it says "
                 "afterwards with what the mechanism moved. Then block the "
                 "tube before a dose, and read the app a minute later.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "app");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 8U * 3600U);
    (void)dg_scene_say(scene, "a", "connect");
    block_in_the_middle(scene, mU, alarm_s);
    if (!dg_scene_is_over(scene)) {
        dg_scene_advance(scene, 8U * 3600U);
        if (dg_scene_control(scene, "b", mU)) {
            dg_scene_advance(scene, 8U * 3600U);
            drop_the_dose(scene, mU);
        }
    }
}
