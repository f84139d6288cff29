/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H27, H38: a device with two hormones that undo each other.  Neither is
 * ever given for the other, nor against it; and when it counts a person gets
 * the one that rescues without any phone. */

#define PERIOD_S 300U

static int64_t glucagon_ug(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "glucagon", "unit", "x"));
    const int64_t moved =
        (int64_t)json_integer_value(json_object_get(answer, "ug"));

    json_decref(answer);
    return moved;
}

static void relay(struct dg_scene *scene, int64_t mg_dL)
{
    dg_scene_reading(scene, (int)mg_dL);
    (void)dg_scene_say(scene, "a", "status");
    (void)dg_scene_say(scene, "a", "lease");
    (void)dg_scene_say(scene, "a", "glucose");
}

static struct dg_said ask_glucagon(struct dg_scene *scene, int64_t dose_ug)
{
    return dg_scene_phone_do(scene,
                             "a",
                             json_pack("{s:s, s:s, s:I, s:s, s:s}",
                                       "do",
                                       "bolus",
                                       "kind",
                                       "glucagon",
                                       "ug",
                                       (json_int_t)dose_ug,
                                       "tier",
                                       "automatic",
                                       "sign",
                                       "none"));
}

/* One of each: what is asked of one channel moves nothing in the other. */
static bool control_both(struct dg_scene *scene, int64_t mU, int64_t dose_ug)
{
    const int64_t before_ug = glucagon_ug(scene);

    if (!dg_scene_control(scene, "a", mU)) {
        return false;
    }
    if (glucagon_ug(scene) != before_ug) {
        dg_scene_fail(scene, "A dose of insulin moved glucagon.");
    }
    dg_scene_advance(scene, 6U * 3600U);
    for (int64_t i = 0; i < 4; i++) {
        relay(scene, 68 - i);
        dg_scene_advance(scene, PERIOD_S);
    }
    relay(scene, 64);

    const int64_t from = dg_scene_moved(scene);
    const int64_t low_ug = glucagon_ug(scene);
    const struct dg_said said = ask_glucagon(scene, dose_ug);

    dg_scene_advance(scene, PERIOD_S);

    const int64_t got_ug = glucagon_ug(scene) - low_ug;

    dg_scene_see(scene,
                 "Glucagon in a low: \"%s\" %s, %lld of %lld ug moved.",
                 said.result,
                 said.reason,
                 (long long)got_ug,
                 (long long)dose_ug);
    if (!dg_scene_is(&said, "accepted") || (got_ug != dose_ug)) {
        dg_scene_inconclusive(
            scene, "Glucagon in a trusted low was not given: %s.", said.reason);
        return false;
    }
    dg_scene_expect(scene, from, PERIOD_S, 0, "While glucagon was given");
    return true;
}

static struct dg_said ask_insulin(struct dg_scene *scene, int64_t mU)
{
    return dg_scene_bare_bolus(scene, "a", mU, "automatic", "none");
}

/* Glucose rises after glucagon, as it should; the controller must not take it
 * for a meal. */
static void not_against(struct dg_scene *scene, int64_t lock_s)
{
    const uint32_t began_s = scene->now_s;
    const int64_t mU = 4 * scene->pulse_mU;
    int64_t mg_dL = 64;
    unsigned asked = 0U;

    while (((int64_t)(scene->now_s - began_s) + PERIOD_S < lock_s - PERIOD_S) &&
           !dg_scene_is_over(scene)) {
        const int64_t from = dg_scene_moved(scene);

        mg_dL += (mg_dL < 220) ? 20 : -1 + (int64_t)(asked % 2U) * 2;
        relay(scene, mg_dL);

        const struct dg_said said = ask_insulin(scene, mU);

        asked++;
        if (dg_scene_is(&said, "accepted")) {
            dg_scene_fail(scene,
                          "While glucagon acted the controller alone got "
                          "insulin, at %lld mg/dL.",
                          (long long)mg_dL);
            return;
        }
        dg_scene_advance(scene, PERIOD_S);
        dg_scene_expect(scene, from, PERIOD_S, 0, "Against glucagon");
    }
    for (unsigned i = 0U; i < 4U; i++) {
        dg_scene_advance(scene, PERIOD_S);
        relay(scene, mg_dL + (int64_t)(i % 2U));
    }

    const struct dg_said said = ask_insulin(scene, mU);

    dg_scene_see(scene,
                 "%u automatic doses of insulin refused while glucagon acted; "
                 "afterwards at %lld mg/dL: \"%s\" %s.",
                 asked,
                 (long long)mg_dL,
                 said.result,
                 said.reason);
    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(
            scene, "Automatic insulin is not given at all: %s.", said.reason);
    }
    dg_scene_advance(scene, 8U * 3600U);
}

/* A day in which the controller asks for glucagon whenever it may. */
static void daily_cap(struct dg_scene *scene, int64_t dose_ug, int64_t cap_ug)
{
    const int64_t from_ug = glucagon_ug(scene);
    unsigned accepted = 0U;

    (void)dg_scene_say(scene, "a", "connect");
    for (unsigned i = 0U; (i < 288U) && !dg_scene_is_over(scene); i++) {
        relay(scene, 62 - (int64_t)(i % 3U));

        const struct dg_said said = ask_glucagon(scene, dose_ug);

        accepted += dg_scene_is(&said, "accepted") ? 1U : 0U;
        dg_scene_advance(scene, PERIOD_S);
    }

    const int64_t got_ug = glucagon_ug(scene) - from_ug;

    dg_scene_see(scene,
                 "A day of asking for glucagon every five minutes: %u doses, "
                 "%lld ug; at most %lld allowed.",
                 accepted,
                 (long long)got_ug,
                 (long long)cap_ug);
    dg_scene_measure(scene, "glucagon in a day", got_ug, 0U, "ug");
    if (got_ug > cap_ug) {
        dg_scene_fail(scene,
                      "%lld ug of glucagon in a day; the most in use is %lld.",
                      (long long)got_ug,
                      (long long)cap_ug);
    }
    dg_scene_advance(scene, 25U * 3600U);
}

/* The phone is dead; whoever is there presses. */
static void rescue(struct dg_scene *scene)
{
    dg_scene_power(scene, "a", "kill");

    const int64_t from_ug = glucagon_ug(scene);

    if (!dg_scene_press(scene, "rescue") || !dg_scene_press(scene, "confirm")) {
        dg_scene_fail(scene, "The device gives no rescue without a phone.");
        return;
    }
    dg_scene_advance(scene, 30U);

    const int64_t begun_ug = glucagon_ug(scene) - from_ug;

    dg_scene_advance(scene, 270U);

    const int64_t first_ug = glucagon_ug(scene) - from_ug;
    unsigned pressed = 1U;

    for (unsigned i = 0U; i < 23U; i++) {
        pressed += (dg_scene_press(scene, "rescue") &&
                    dg_scene_press(scene, "confirm"))
                       ? 1U
                       : 0U;
        dg_scene_advance(scene, 3600U);
    }

    const int64_t all_ug = glucagon_ug(scene) - from_ug;

    dg_scene_see(scene,
                 "Rescue by the buttons, the phone dead: %lld ug in 30 s, %lld "
                 "ug in all; pressed every hour for a day: %u rescues, %lld "
                 "ug.",
                 (long long)begun_ug,
                 (long long)first_ug,
                 pressed,
                 (long long)all_ug);
    if (begun_ug <= 0) {
        dg_scene_fail(scene,
                      "Thirty seconds after the buttons no glucagon had "
                      "moved.");
    }
    if (all_ug > 2 * first_ug) {
        dg_scene_fail(scene,
                      "The rescue repeats without bound: %lld ug in a day.",
                      (long long)all_ug);
    }
}

/* Somebody by radio, who has no keys. */
static void by_radio(struct dg_scene *scene, int64_t dose_ug)
{
    const int64_t from_ug = glucagon_ug(scene);

    (void)dg_scene_phone(scene, "s", "stranger");

    const struct dg_said said =
        dg_scene_phone_do(scene,
                          "s",
                          json_pack("{s:s, s:s, s:I}",
                                    "do",
                                    "bolus",
                                    "kind",
                                    "glucagon",
                                    "ug",
                                    (json_int_t)dose_ug));

    dg_scene_advance(scene, 300U);
    if (dg_scene_is(&said, "accepted") || (glucagon_ug(scene) != from_ug)) {
        dg_scene_fail(scene, "A stranger by radio got glucagon.");
    }
}

void dg_hazard_two_hormones(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t dose_ug = dg_scene_number(scene, "dose_ug");
    const int64_t cap_ug = dg_scene_number(scene, "day_ug");
    const int64_t lock_s = dg_scene_number(scene, "lock_s");

    dg_scene_try(scene,
                 "Give insulin and then, in a low, glucagon; watch both "
                 "mechanisms. Let glucose rise and let the controller ask for "
                 "insulin against it. Ask for glucagon for a whole day. Then "
                 "switch the phone off and press for a rescue, again and "
                 "again; and let a stranger ask by radio.");
    dg_scene_start_two(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!control_both(scene, mU, dose_ug)) {
        return;
    }
    not_against(scene, lock_s);
    if (!dg_scene_is_over(scene)) {
        daily_cap(scene, dose_ug, cap_ug);
        by_radio(scene, dose_ug);
        rescue(scene);
    }
}
