/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

#include <string.h>

#include "eval/dice.h"

/* DG-H13, H16, H24: what lies between phone and device loses, repeats, delays
 * and swaps messages, by chance and for days.  Each intent is at most one dose,
 * and the account stays true. */

struct plumbing {
    struct dg_dice dice;
    struct dg_relay *relay;
    uint32_t faults; /* of 100 frames */
    unsigned hurt;
};

/* Of 100 frames some are lost, some come twice, some come late. */
static enum dg_fate at_random(void *context,
                              struct dg_frame *frame,
                              unsigned number)
{
    struct plumbing *plumbing = context;
    const uint32_t roll = dg_dice_roll(&plumbing->dice, 100U);

    (void)frame;
    (void)number;
    if (roll >= plumbing->faults) {
        return DG_FATE_PASS;
    }
    plumbing->hurt++;
    if (((roll % 3U) == 0U) && (plumbing->relay->held_count < 8U)) {
        return DG_FATE_HOLD;
    }
    return ((roll % 3U) == 1U) ? DG_FATE_TWICE : DG_FATE_DROP;
}

struct account {
    int64_t bolus_mU;
    int64_t basal_mU;
    unsigned asked;
    unsigned accepted;
    unsigned stopped;
};

/* Over a line that is whole again. */
static void check_account(struct dg_scene *scene, struct account *account)
{
    dg_relay_release(&scene->relay);
    dg_scene_wait(scene, 5);
    (void)dg_scene_say(scene, "a", "connect");

    const struct dg_said said = dg_scene_status(scene, "a");
    const int64_t moved = dg_scene_moved(scene);

    if (!dg_scene_is(&said, "status")) {
        dg_scene_inconclusive(scene, "No status came over a whole line.");
        return;
    }
    if ((said.bolus_total_mU < account->bolus_mU) ||
        (said.basal_total_mU < account->basal_mU)) {
        dg_scene_fail(scene,
                      "A total fell: %lld mU of bolus after %lld, %lld mU of "
                      "basal after %lld.",
                      (long long)said.bolus_total_mU,
                      (long long)account->bolus_mU,
                      (long long)said.basal_total_mU,
                      (long long)account->basal_mU);
    }
    if (said.bolus_total_mU + said.basal_total_mU != moved) {
        dg_scene_fail(scene,
                      "The device says %lld mU in all, its mechanism moved "
                      "%lld.",
                      (long long)(said.bolus_total_mU + said.basal_total_mU),
                      (long long)moved);
    }
    /* Whoever was given a dose can be told what became of it. */
    if ((account->accepted > 0U) &&
        ((said.outcome[0] == '\0') || (strcmp(said.outcome, "none") == 0))) {
        dg_scene_fail(scene,
                      "A dose was accepted, and the device names no last dose "
                      "(\"%s\").",
                      said.outcome);
    }
    /* Some products count basal as on board, none more than it moved. */
    if ((said.iob_mU < 0) ||
        (said.iob_mU > said.bolus_total_mU + said.basal_total_mU)) {
        dg_scene_fail(scene,
                      "Insulin on board of %lld mU cannot be.",
                      (long long)said.iob_mU);
    }
    account->bolus_mU = said.bolus_total_mU;
    account->basal_mU = said.basal_total_mU;
}

/* One intent: asked for four times in twenty minutes, whatever comes back. */
static void one_intent(struct dg_scene *scene,
                       struct plumbing *plumbing,
                       struct account *account,
                       int64_t mU)
{
    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const bool is_stopped = dg_dice_roll(&plumbing->dice, 4U) == 0U;
    unsigned taken = 0U;

    dg_relay_set_rule(&scene->relay, at_random, plumbing);
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_say(scene, "a", "lease");
    (void)dg_scene_phone_do(scene,
                            "a",
                            json_pack("{s:s, s:I, s:s}",
                                      "do",
                                      "propose",
                                      "mU",
                                      (json_int_t)mU,
                                      "tier",
                                      "confirmed"));
    /* The same approval, again and again. */
    for (unsigned i = 0U; i < 4U; i++) {
        const struct dg_said said = dg_scene_phone_do(
            scene,
            "a",
            json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));

        taken += dg_scene_is(&said, "accepted") ? 1U : 0U;
        if (is_stopped && (i == 0U)) {
            dg_scene_advance(scene, 9U);
            (void)dg_scene_say(scene, "a", "stop");
        }
        dg_relay_release(&scene->relay);
        dg_scene_advance(scene, 300U);
    }
    dg_relay_set_rule(&scene->relay, NULL, NULL);
    account->asked++;
    account->accepted += (taken > 0U) ? 1U : 0U;
    account->stopped += is_stopped ? 1U : 0U;

    const int64_t above = dg_scene_moved(scene) - from -
                          dg_scene_basal(scene, scene->now_s - began_s);

    if (above > mU + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "One intent of %lld mU, sent over a line with faults, "
                      "became %lld mU.",
                      (long long)mU,
                      (long long)above);
    }
    if (taken > 1U) {
        dg_scene_fail(scene, "One approval was accepted %u times.", taken);
    }
    check_account(scene, account);
    dg_scene_advance(scene, 2U * 3600U);
}

void dg_hazard_faulty_plumbing(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t intents = dg_scene_number(scene, "intents");
    struct plumbing plumbing = {
        .dice = {.seed = scene->seed},
        .relay = &scene->relay,
        .faults = (uint32_t)dg_scene_number(scene, "faults_percent")};
    struct account account = {.bolus_mU = 0};

    dg_scene_try(scene,
                 "Put a line between phone and device that loses, repeats and "
                 "delays frames by chance. Let a person ask for a dose and "
                 "send the approval four times in twenty minutes, and now and "
                 "then stop it half-way. Do so for days, and compare the "
                 "device's account with the mechanism after each.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 2U * 3600U);
    for (int64_t i = 0; (i < intents) && !dg_scene_is_over(scene); i++) {
        one_intent(scene, &plumbing, &account, mU);
    }
    dg_scene_see(scene,
                 "%u intents over a line with faults (%u frames lost, repeated "
                 "or late): %u accepted, %u stopped half-way.",
                 account.asked,
                 plumbing.hurt,
                 account.accepted,
                 account.stopped);
    dg_scene_measure(scene, "frames hurt", plumbing.hurt, 0U, "");
    if (account.accepted == 0U) {
        dg_scene_inconclusive(scene, "No intent came through at all.");
    }
}
