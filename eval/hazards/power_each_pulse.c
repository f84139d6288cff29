/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H14, H16, H23: the battery goes at each step of a bolus in turn.  What the
 * device knew before it knows after. */

struct worst {
    int64_t iob_lost_mU;
    int64_t total_lost_mU;
    int64_t above_mU;
    unsigned unnamed;
};

static void keep_worst(int64_t *worst, int64_t value)
{
    *worst = (value > *worst) ? value : *worst;
}

static void judge(struct dg_scene *scene, const struct worst *worst)
{
    if (worst->total_lost_mU > 0) {
        dg_scene_fail(scene,
                      "After a loss of power the totals are %lld mU below what "
                      "the mechanism moved.",
                      (long long)worst->total_lost_mU);
    }
    if (worst->iob_lost_mU > scene->pulse_mU) {
        dg_scene_fail(scene,
                      "A loss of power took %lld mU from insulin on board.",
                      (long long)worst->iob_lost_mU);
    }
    if (worst->above_mU > scene->pulse_mU) {
        dg_scene_fail(scene,
                      "A dose became %lld mU larger across a loss of power.",
                      (long long)worst->above_mU);
    }
    if (worst->unnamed > 0U) {
        dg_scene_fail(scene,
                      "Back on, the device did not name the dose that it had "
                      "begun.");
    }
}

static bool cut_at(struct dg_scene *scene,
                   int64_t mU,
                   uint32_t s,
                   struct worst *worst)
{
    (void)dg_scene_say(scene, "a", "connect");

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose to be cut was not accepted: \"%s\" %s.",
                              said.result,
                              said.reason);
        return false;
    }
    if (s > 0U) {
        dg_scene_advance(scene, s);
    }

    const struct dg_said before = dg_scene_status(scene, "a");

    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    (void)dg_scene_say(scene, "a", "connect");

    const struct dg_said after = dg_scene_status(scene, "a");
    const int64_t moved = dg_scene_moved(scene);

    if (!dg_scene_is(&before, "status") || !dg_scene_is(&after, "status")) {
        dg_scene_inconclusive(scene, "No status around the cut.");
        return false;
    }
    keep_worst(&worst->total_lost_mU,
               moved - after.bolus_total_mU - after.basal_total_mU);
    keep_worst(&worst->iob_lost_mU, before.iob_mU - after.iob_mU);
    worst->unnamed +=
        ((after.outcome[0] == 'n') || (after.outcome[0] == '\0')) ? 1U : 0U;
    dg_scene_advance(scene, 300U);
    keep_worst(&worst->above_mU,
               dg_scene_moved(scene) - from -
                   dg_scene_basal(scene, scene->now_s - began_s) - mU);
    judge(scene, worst);
    return !scene->has_failed;
}

/* Many cuts in one hour: what each loses would add up. */
static void cut_often(struct dg_scene *scene, unsigned times)
{
    (void)dg_scene_say(scene, "a", "connect");

    const struct dg_said before = dg_scene_status(scene, "a");
    const int64_t from = dg_scene_moved(scene);

    for (unsigned i = 0U; (i < times) && !dg_scene_is_over(scene); i++) {
        dg_scene_power_cut(scene);
        dg_scene_power_on(scene);
    }
    (void)dg_scene_say(scene, "a", "connect");

    const struct dg_said after = dg_scene_status(scene, "a");

    if (!dg_scene_is(&before, "status") || !dg_scene_is(&after, "status")) {
        dg_scene_inconclusive(scene,
                              "No status around many cuts: \"%s\" before, "
                              "\"%s\" after.",
                              before.result,
                              after.result);
        return;
    }
    dg_scene_see(scene,
                 "%u losses of power in a row: IOB %lld mU before, %lld mU "
                 "after; %lld mU may still be had, %lld before.",
                 times,
                 (long long)before.iob_mU,
                 (long long)after.iob_mU,
                 (long long)after.confirmed_mU,
                 (long long)before.confirmed_mU);
    if ((after.iob_mU < before.iob_mU - scene->pulse_mU) ||
        (after.confirmed_mU > before.confirmed_mU + scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "%u losses of power brought insulin on board from %lld "
                      "to %lld mU.",
                      times,
                      (long long)before.iob_mU,
                      (long long)after.iob_mU);
    }
    if (dg_scene_moved(scene) - from > (int64_t)times * scene->pulse_mU) {
        dg_scene_fail(scene, "Each loss of power gave more than one step.");
    }
}

void dg_hazard_power_each_pulse(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t every_s = dg_scene_number(scene, "every_s");
    struct worst worst = {.iob_lost_mU = 0};
    unsigned cuts = 0U;

    dg_scene_try(
        scene,
        "Take the battery out at each step of a bolus in turn and put "
        "it back. Compare what the device then says of totals, of the "
        "dose and of insulin on board with what it said before and "
        "with what the mechanism moved. Then take it out many times in "
        "a row.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }

    const int64_t steps = mU / scene->pulse_mU;

    for (int64_t i = 0; i <= steps; i++) {
        dg_scene_advance(scene, 3U * 3600U);
        if (!cut_at(scene, mU, (uint32_t)(i * every_s), &worst)) {
            return;
        }
        cuts++;
    }
    dg_scene_see(scene,
                 "%u cuts: at most %lld mU missing in the totals, %lld mU in "
                 "insulin on board, %lld mU above the dose; the dose was not "
                 "named %u times.",
                 cuts,
                 (long long)worst.total_lost_mU,
                 (long long)worst.iob_lost_mU,
                 (long long)worst.above_mU,
                 worst.unnamed);
    cut_often(scene, 20U);
}
