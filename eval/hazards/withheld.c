/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-A05, A50, H08: insulin that is not given.  A phone withholds basal again
 * and again, because somebody stole it, because it is at a loss, or because it
 * believes a sensor that reads too low. */

#define STEP_S       300U
#define HOLD_S       7200
#define FOUR_HOURS_S 14400U
#define DAY_S        86400U

/* The least that was moved in any trailing span of so many seconds, mU; of a
 * test that is shorter than the span, more than any. */
static int64_t least_window(const struct dg_scene *scene,
                            uint32_t from_s,
                            uint32_t s)
{
    int64_t least = INT64_MAX;
    size_t from = 0U;

    for (size_t to = 0U; to < scene->deliveries; to++) {
        const struct dg_scene_delivery *last = &scene->delivery[to];

        while ((from < to) && (scene->delivery[from].at_s < from_s)) {
            from++;
        }
        while (scene->delivery[from].at_s + s < last->at_s) {
            from++;
        }
        if ((last->at_s < from_s + s) ||
            (scene->delivery[from].at_s + s > last->at_s + 60U)) {
            continue;
        }

        const int64_t moved = last->total_mU - scene->delivery[from].total_mU;

        least = (moved < least) ? moved : least;
    }
    return least;
}

static void judge_window(struct dg_scene *scene,
                         uint32_t from_s,
                         uint32_t s,
                         int64_t percent_min,
                         const char *label)
{
    const int64_t least = least_window(scene, from_s, s);
    const int64_t basal = dg_scene_basal(scene, s);
    const int64_t owed = (basal * percent_min) / 100;

    if (dg_scene_is_over(scene) || (least == INT64_MAX) || (basal < 1)) {
        return;
    }
    dg_scene_measure(scene, label, (least * 100) / basal, 0U, "%");
    if (least + scene->pulse_mU < owed) {
        dg_scene_fail(scene,
                      "In one span of %u h only %lld mU came of %lld mU basal; "
                      "at least %lld percent are owed whatever a phone "
                      "withholds.",
                      (unsigned)(s / 3600U),
                      (long long)least,
                      (long long)basal,
                      (long long)percent_min);
    }
}

struct flood {
    unsigned taken;
    unsigned refused;
};

static void suspend_again(struct dg_scene *scene, struct flood *flood)
{
    const struct dg_said said = dg_scene_phone_do(
        scene,
        "b",
        json_pack("{s:s, s:I}", "do", "suspend", "s", (json_int_t)HOLD_S));

    if (dg_scene_is(&said, "refused") || dg_scene_is(&said, "silent") ||
        dg_scene_is(&said, "no_session")) {
        flood->refused++;
    } else {
        flood->taken++;
    }
    if (dg_scene_is(&said, "silent") || dg_scene_is(&said, "no_session")) {
        (void)dg_scene_say(scene, "b", "connect");
        (void)dg_scene_say(scene, "b", "lease");
    }
}

/* What a phone withholds for so long, asking every five minutes. */
static void flood_for(struct dg_scene *scene,
                      uint32_t span_s,
                      int64_t mg_dL,
                      struct flood *flood)
{
    const uint32_t began_s = scene->now_s;
    const bool has_sensor = mg_dL > 0;

    while (((scene->now_s - began_s) < span_s) && !dg_scene_is_over(scene)) {
        if (has_sensor) {
            const int ripple = (int)((scene->now_s / STEP_S) % 3U);

            dg_scene_reading(scene, (int)mg_dL + ripple);
            (void)dg_scene_say(scene, "b", "glucose");
        }
        suspend_again(scene, flood);
        dg_scene_advance(scene, STEP_S);
    }
}

static bool begin(struct dg_scene *scene, int64_t mU)
{
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (!dg_scene_control(scene, "a", mU)) {
        return false;
    }
    dg_scene_advance(scene, 6U * 3600U);
    (void)dg_scene_say(scene, "b", "connect");
    (void)dg_scene_say(scene, "b", "lease");
    return !dg_scene_is_over(scene);
}

/* Basal is back when nobody asks any more, and a proper dose is obeyed. */
static void expect_basal_back(struct dg_scene *scene, int64_t mU)
{
    dg_scene_advance(scene, (uint32_t)HOLD_S + 60U);

    const int64_t before = dg_scene_moved(scene);

    dg_scene_advance(scene, 3600U);
    dg_scene_expect(
        scene, before, 3600U, 0, "Two hours after the last suspension");
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_control(scene, "a", mU);
}

void dg_hazard_suspend_flood(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const uint32_t span_s = (uint32_t)dg_scene_number(scene, "hours") * 3600U;
    const int64_t alarm_s = dg_scene_number(scene, "alarm_s");
    struct flood flood = {.taken = 0U};

    dg_scene_try(scene,
                 "With a paired phone withhold basal for two hours, and ask "
                 "for the same every five minutes for more than a day. Watch "
                 "what is left of basal in any four hours and in any day, and "
                 "whether the device can be heard.");
    if (!begin(scene, mU)) {
        return;
    }
    dg_scene_withhold(scene, dg_scene_basal(scene, span_s + (uint32_t)HOLD_S));

    const uint32_t from_s = scene->now_s;

    dg_scene_silence(scene);
    suspend_again(scene, &flood);
    if (flood.taken == 0U) {
        dg_scene_inconclusive(scene, "The phone may not suspend at all.");
        return;
    }

    const int64_t heard_s = dg_scene_until_heard(scene, (uint32_t)alarm_s);

    if (!dg_scene_is_over(scene) && (heard_s < 0)) {
        dg_scene_fail(scene,
                      "A phone withholds basal and the device was not heard "
                      "in %lld s.",
                      (long long)alarm_s);
    }
    flood_for(scene, span_s, 0, &flood);
    judge_window(scene,
                 from_s,
                 FOUR_HOURS_S,
                 dg_scene_number(scene, "least_percent_4_h"),
                 "least of basal in 4 h");
    judge_window(scene,
                 from_s,
                 DAY_S,
                 dg_scene_number(scene, "least_percent_24_h"),
                 "least of basal in 24 h");
    dg_scene_see(scene,
                 "%u suspensions taken, %u refused, in %u h.",
                 flood.taken,
                 flood.refused,
                 (unsigned)(span_s / 3600U));
    if (!scene->has_failed) {
        expect_basal_back(scene, mU);
    }
}

/* A sensor that reads too low ---------------------------------------------- */

/* What the device says that it trusts, mg/dL; 0: nothing. */
static int64_t trusted(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene,
        json_pack(
            "{s:s, s:s, s:s}", "op", "phone", "phone", "b", "do", "status"));
    const int64_t mg_dL = json_integer_value(
        json_object_get(json_object_get(answer, "status"), "glucose_mg_dL"));

    json_decref(answer);
    return mg_dL;
}

/* The seconds from the first low reading until the device trusts it no more,
 * or -1. */
static int64_t until_flagged(struct dg_scene *scene, int64_t mg_dL)
{
    const int64_t flag_s = dg_scene_number(scene, "flag_s");

    for (int64_t past_s = 0; past_s <= flag_s; past_s += (int64_t)STEP_S) {
        dg_scene_reading(scene, (int)mg_dL + (int)((past_s / 300) % 2));
        (void)dg_scene_say(scene, "b", "glucose");
        if ((trusted(scene) == 0) || dg_scene_is_over(scene)) {
            return past_s;
        }
        dg_scene_advance(scene, STEP_S);
    }
    return -1;
}

void dg_hazard_sensor_bias(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t true_mg_dL = dg_scene_number(scene, "true_mg_dL");
    const int64_t bias = dg_scene_number(scene, "bias_percent");
    const uint32_t span_s = (uint32_t)dg_scene_number(scene, "hours") * 3600U;
    const int64_t read_mg_dL = (true_mg_dL * (100 - bias)) / 100;
    struct flood flood = {.taken = 0U};

    dg_scene_try(scene,
                 "Let a true sensor be believed, and then read 40 percent too "
                 "low for half a day, with no insulin that could explain it. "
                 "The phone believes it and withholds basal whenever it may. "
                 "See whether the device says that it does not believe it, "
                 "and what is left of basal.");
    if (!begin(scene, mU)) {
        return;
    }
    dg_scene_withhold(scene, dg_scene_basal(scene, span_s + (uint32_t)HOLD_S));
    dg_scene_settle(scene, "b", (int)true_mg_dL);
    if (!dg_scene_is_over(scene) && (trusted(scene) == 0)) {
        dg_scene_inconclusive(scene, "True readings are not believed.");
        return;
    }
    dg_scene_advance(scene, STEP_S);

    const uint32_t from_s = scene->now_s;
    const int64_t flagged_s = until_flagged(scene, read_mg_dL);

    if (!dg_scene_is_over(scene) && (flagged_s < 0)) {
        dg_scene_fail(scene,
                      "A sensor fell from %lld to %lld mg/dL with no insulin "
                      "to explain it, and the device went on to trust it.",
                      (long long)true_mg_dL,
                      (long long)read_mg_dL);
    } else {
        dg_scene_measure(scene, "time until flagged", flagged_s, 0U, "s");
    }
    flood_for(scene, span_s, read_mg_dL, &flood);
    judge_window(scene,
                 from_s,
                 span_s,
                 dg_scene_number(scene, "least_percent"),
                 "least of basal while the sensor was wrong");
    dg_scene_see(scene,
                 "%lld mg/dL in the place of %lld: not trusted after %lld s; "
                 "%u suspensions taken, %u refused.",
                 (long long)read_mg_dL,
                 (long long)true_mg_dL,
                 (long long)flagged_s,
                 flood.taken,
                 flood.refused);
    if (!dg_scene_is_over(scene) && (flood.taken == 0U)) {
        dg_scene_inconclusive(scene, "The phone could never withhold basal.");
    }
    if (!scene->has_failed) {
        expect_basal_back(scene, mU);
    }
}
