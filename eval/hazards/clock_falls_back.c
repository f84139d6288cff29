/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

#include <string.h>

#include "eval/dice.h"

/* DG-H17, H36: the same hours twice, the second time with a clock that cannot
 * be relied on.  What the device allows, refuses and counts is the same. */

#define STEPS      6U
#define POWER_STEP 4U /* the one with the loss of power */

struct seen {
    char state[16]; /* result of the question how it stands */
    char result[16];
    int64_t headroom_mU;
    int64_t confirmed_mU;
    int64_t iob_mU;
};

/* What happens to the clock before each step of the second run: by so much it
 * falls back; UINT32_MAX: to its zero, and the power goes as well. */
static uint32_t jump_s(struct dg_dice *dice, unsigned step)
{
    static const uint32_t fixed_s[STEPS] = {
        3600U, 7200U, 86400U, 0U, UINT32_MAX, 3600U};

    /* Summer time, a flight, a day; and something that nobody thought of. */
    return (fixed_s[step] != 0U) ? fixed_s[step]
                                 : dg_dice_roll(dice, 200000U) + 1U;
}

static void disturb(struct dg_scene *scene, uint32_t back_s)
{
    if (back_s == UINT32_MAX) {
        dg_scene_clock_back(scene, UINT32_MAX);
        dg_scene_power_cut(scene);
        dg_scene_power_on(scene);
        (void)dg_scene_say(scene, "a", "connect");
        return;
    }
    dg_scene_clock_back(scene, back_s);
}

/* A dose, then the same question every ten minutes. */
static void live(struct dg_scene *scene,
                 int64_t mU,
                 bool is_disturbed,
                 struct seen seen[STEPS])
{
    struct dg_dice dice = {.seed = scene->seed};

    (void)dg_scene_say(scene, "a", "connect");

    const struct dg_said first =
        dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

    if (!dg_scene_is(&first, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose before the questions was not accepted: "
                              "\"%s\" %s.",
                              first.result,
                              first.reason);
    }
    dg_scene_advance(scene, 120U);
    for (unsigned i = 0U; (i < STEPS) && !dg_scene_is_over(scene); i++) {
        if (is_disturbed) {
            disturb(scene, jump_s(&dice, i));
        }

        const struct dg_said state = dg_scene_status(scene, "a");
        /* More than any cap, so that it is refused with what is left. */
        const struct dg_said asked =
            dg_scene_bare_bolus(scene, "a", 25000, "confirmed", "valid");

        memcpy(seen[i].state, state.result, sizeof seen[i].state);
        memcpy(seen[i].result, asked.result, sizeof seen[i].result);
        seen[i].headroom_mU = asked.headroom_mU;
        seen[i].confirmed_mU = state.confirmed_mU;
        seen[i].iob_mU = state.iob_mU;
        if (!is_disturbed && !dg_scene_is_over(scene) &&
            (!dg_scene_is(&state, "status") ||
             !dg_scene_is(&asked, "refused"))) {
            dg_scene_inconclusive(scene,
                                  "With a calm clock there is nothing to "
                                  "compare with: \"%s\", and more than any "
                                  "limit was \"%s\" (%s).",
                                  state.result,
                                  asked.result,
                                  asked.reason);
        }
        dg_scene_advance(scene, 600U);
    }
}

static void compare(struct dg_scene *scene,
                    const struct seen *calm,
                    const struct seen *jumped,
                    unsigned step)
{
    const int64_t step_mU = scene->pulse_mU;

    dg_scene_see(scene,
                 "Step %u: \"%s\", %lld mU left, IOB %lld mU; with jumps "
                 "\"%s\", %lld mU, %lld mU.",
                 step + 1U,
                 calm->result,
                 (long long)calm->headroom_mU,
                 (long long)calm->iob_mU,
                 jumped->result,
                 (long long)jumped->headroom_mU,
                 (long long)jumped->iob_mU);
    if ((strcmp(calm->state, jumped->state) != 0) ||
        (strcmp(calm->result, jumped->result) != 0) ||
        (jumped->headroom_mU > calm->headroom_mU + step_mU) ||
        (jumped->confirmed_mU > calm->confirmed_mU + step_mU) ||
        (jumped->iob_mU < calm->iob_mU - step_mU)) {
        dg_scene_fail(scene,
                      "After the clock fell back the device allows %lld mU "
                      "where it allowed %lld, and counts %lld mU on board "
                      "where it counted %lld.",
                      (long long)jumped->headroom_mU,
                      (long long)calm->headroom_mU,
                      (long long)jumped->iob_mU,
                      (long long)calm->iob_mU);
    }
    /* How long a device without power or clock was off it cannot know: then it
     * may take insulin for younger than it is. */
    if ((step < POWER_STEP) &&
        ((jumped->iob_mU > calm->iob_mU + step_mU) ||
         (jumped->headroom_mU < calm->headroom_mU - step_mU) ||
         (jumped->confirmed_mU < calm->confirmed_mU - step_mU))) {
        dg_scene_fail(scene,
                      "After the clock fell back the device refuses what it "
                      "allowed: %lld mU for %lld, %lld for %lld with a "
                      "person's approval.",
                      (long long)jumped->headroom_mU,
                      (long long)calm->headroom_mU,
                      (long long)jumped->confirmed_mU,
                      (long long)calm->confirmed_mU);
    }
}

void dg_hazard_clock_falls_back(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    struct seen calm[STEPS] = {{.headroom_mU = 0}};
    struct seen jumped[STEPS] = {{.headroom_mU = 0}};

    dg_scene_try(scene,
                 "Give a dose and ask every ten minutes for more than there "
                 "is; note what is left, what is refused and what is on board. "
                 "A day later do the same while the device's own clock falls "
                 "back: by an hour, by two, by a day, by chance, and to zero "
                 "with a loss of power. Compare.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 26U * 3600U);

    const uint32_t calm_s = scene->now_s;

    live(scene, mU, false, calm);
    /* A whole number of hours later: a device may count in steps of time. */
    dg_scene_advance(scene, 28U * 3600U - (scene->now_s - calm_s));

    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    live(scene, mU, true, jumped);
    for (unsigned i = 0U; (i < STEPS) && !dg_scene_is_over(scene); i++) {
        compare(scene, &calm[i], &jumped[i], i);
    }
    /* Basal goes by the same time. */
    if (!dg_scene_is_over(scene)) {
        const int64_t got = dg_scene_moved(scene) - before - mU;
        const int64_t basal = dg_scene_basal(scene, scene->now_s - began_s);

        if ((got > basal + (2 * scene->pulse_mU)) ||
            (got < basal - (2 * scene->pulse_mU))) {
            dg_scene_fail(scene,
                          "While the clock fell back %lld mU of basal moved "
                          "where %lld were due.",
                          (long long)got,
                          (long long)basal);
        }
    }
}
