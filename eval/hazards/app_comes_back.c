/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

#include <string.h>

#include "eval/scene_neighbour.h"

/* DG-H10, H30, H39: an app that closes the loop is not scheduled, or dies
 * between two steps of a dose, and comes back.  It may then do what it would
 * have done with nothing on board, and no more. */

#define PERIOD_S  300U
#define CYCLES    6U  /* of a period: half an hour */
#define STEP_MS   120 /* in which an app sends its next frame */
#define SETTLE_MS 30
#define FRAMES    24U /* of one cycle, at most */

static void place(struct dg_scene *scene, int64_t mg_dL, unsigned number)
{
    /* A sensor that works does not stand still. */
    dg_scene_reading(scene, (int)mg_dL - (int)(number % 2U));
    /* What it had heard before may come first. */
    dg_scene_wait(scene, SETTLE_MS);
}

/* So many cycles of the loop at steady glucose; gives what it gave. */
static int64_t cycles(struct dg_scene *scene, int64_t mg_dL, unsigned count)
{
    const int64_t from = dg_scene_moved(scene);

    for (unsigned i = 0U; (i < count) && !dg_scene_is_over(scene); i++) {
        place(scene, mg_dL, i);
        dg_scene_advance(scene, PERIOD_S);
    }
    return dg_scene_moved(scene) - from -
           dg_scene_basal(scene, count * PERIOD_S);
}

static int64_t half_an_hour(struct dg_scene *scene, int64_t mg_dL)
{
    return cycles(scene, mg_dL, CYCLES);
}

/* What the first hour gives, with nothing on board: the most that any half
 * hour at the same glucose may give. */
static bool measure_most(struct dg_scene *scene, int64_t mg_dL, int64_t *most)
{
    *most = cycles(scene, mg_dL, 2U * CYCLES);
    dg_scene_see(scene,
                 "An hour at %lld mg/dL with nothing on board: %lld mU "
                 "above basal.",
                 (long long)mg_dL,
                 (long long)*most);
    if (*most < 2 * scene->pulse_mU) {
        dg_scene_inconclusive(scene, "The loop gives nothing at this glucose.");
    }
    dg_scene_advance(scene, 10U * 3600U);
    return !dg_scene_is_over(scene);
}

static void judge(struct dg_scene *scene,
                  int64_t got,
                  int64_t most,
                  const char *what,
                  unsigned number)
{
    if (got > most + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "%s %u: %lld mU above basal in the half hour after, "
                      "%lld in a whole one with nothing on board.",
                      what,
                      number,
                      (long long)got,
                      (long long)most);
    }
}

static void check_account(struct dg_scene *scene, const char *what)
{
    const struct dg_said said = dg_scene_status(scene, "a");
    const int64_t moved = dg_scene_moved(scene);
    const int64_t told = said.bolus_total_mU + said.basal_total_mU;

    if (!dg_scene_is(&said, "status")) {
        dg_scene_inconclusive(
            scene, "%s, the app tells no status: \"%s\".", what, said.result);
    } else if (told != moved) {
        dg_scene_fail(scene,
                      "%s: the app shows %lld mU in all, the mechanism moved "
                      "%lld.",
                      what,
                      (long long)told,
                      (long long)moved);
    }
}

static void freeze_for(struct dg_scene *scene,
                       uint32_t minutes,
                       int64_t mg_dL,
                       int64_t most)
{
    /* In the middle of its work. */
    place(scene, mg_dL, 0U);
    dg_scene_power(scene, "a", "freeze");

    const int64_t from = dg_scene_moved(scene);

    for (uint32_t minute = 0U; minute < minutes; minute++) {
        if ((minute % 5U) == 4U) {
            place(scene, mg_dL, minute);
        }
        dg_scene_advance(scene, 60U);
    }

    const int64_t frozen =
        dg_scene_moved(scene) - from - dg_scene_basal(scene, minutes * 60U);

    dg_scene_power(scene, "a", "thaw");
    dg_scene_wait(scene, 10 * STEP_MS);

    int64_t got = half_an_hour(scene, mg_dL);

    /* One that needs longer to come to itself has the next half hour. */
    if (got < scene->pulse_mU) {
        got = half_an_hour(scene, mg_dL);
    }
    dg_scene_see(scene,
                 "Frozen for %u min: %lld mU above basal meanwhile, %lld mU in "
                 "the half hour after.",
                 (unsigned)minutes,
                 (long long)frozen,
                 (long long)got);
    /* What had begun may end: one automatic dose. */
    if (frozen > scene->automatic.dose_mU + scene->pulse_mU) {
        dg_scene_fail(
            scene, "A frozen app gave %lld mU above basal.", (long long)frozen);
    }
    judge(scene, got, most, "Frozen, minutes:", (unsigned)minutes);
    check_account(scene, "Thawed");
    dg_scene_advance(scene, 10U * 3600U);
}

static void begin(struct dg_scene *scene)
{
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "loop");
    dg_scene_pair(scene, "a", "owner");
}

void dg_hazard_app_freezes(struct dg_scene *scene)
{
    static const uint32_t minutes[] = {1U, 20U, 60U, 480U};
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t mg_dL = dg_scene_number(scene, "glucose_mg_dL");
    int64_t most = 0;

    dg_scene_try(scene,
                 "Let an app close the loop at steady, high glucose and "
                 "measure an hour of it. Freeze it for a minute, for "
                 "twenty, for an hour, for eight; the sensor goes on sending. "
                 "Thaw it and measure again.");
    begin(scene);
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 10U * 3600U);
    if (!measure_most(scene, mg_dL, &most)) {
        return;
    }
    for (size_t i = 0U; (i < 4U) && !dg_scene_is_over(scene); i++) {
        freeze_for(scene, minutes[i], mg_dL, most);
    }
}

/* From this frame on nothing passes: the app dies between two steps. */
static enum dg_fate silent_from(void *context,
                                struct dg_frame *frame,
                                unsigned number)
{
    unsigned *left = context;

    (void)frame;
    (void)number;
    if (*left == 0U) {
        return DG_FATE_DROP;
    }
    (*left)--;
    return DG_FATE_PASS;
}

/* False: the app had ended its work before it was killed. */
static bool kill_after(struct dg_scene *scene,
                       unsigned frames,
                       int64_t mg_dL,
                       int64_t most)
{
    unsigned left = frames;

    /* Enough readings that the next one brings a dose. */
    for (unsigned i = 0U; i < 2U; i++) {
        place(scene, mg_dL, i);
        dg_scene_advance(scene, PERIOD_S);
    }

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    dg_relay_set_rule(&scene->relay, silent_from, &left);
    dg_scene_reading_at_once(scene, (int)mg_dL);
    dg_scene_wait(scene, STEP_MS);
    dg_scene_power(scene, "a", "kill");
    dg_relay_set_rule(&scene->relay, NULL, NULL);

    const bool was_at_work = left == 0U;

    dg_scene_advance(scene, PERIOD_S);
    dg_scene_power(scene, "a", "start");
    check_account(scene, "Started again");

    const struct dg_said said = dg_scene_status(scene, "a");

    (void)half_an_hour(scene, mg_dL);

    const int64_t got = dg_scene_moved(scene) - from -
                        dg_scene_basal(scene, scene->now_s - began_s);

    judge(scene, got, most, "Killed after frame", frames);
    if (!dg_scene_is(&said, "status")) {
        dg_scene_inconclusive(scene,
                              "Started again, the app tells no status: "
                              "\"%s\".",
                              said.result);
    } else if (said.outcome[0] == '\0') {
        dg_scene_fail(scene,
                      "The app that was started again does not show what "
                      "became of the last dose.");
    }
    dg_scene_advance(scene, 3U * 3600U);
    return was_at_work;
}

void dg_hazard_app_dies(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t mg_dL = dg_scene_number(scene, "glucose_mg_dL");
    const int64_t times = dg_scene_number(scene, "times");
    unsigned at_work = 0U;
    unsigned frame = 0U;
    int64_t most = 0;

    dg_scene_try(scene,
                 "Let an app close the loop at high glucose and measure an "
                 "hour of it. Then kill it between every two frames of a "
                 "cycle in turn, start it again, and measure what the dose and "
                 "the half hour after come to.");
    begin(scene);
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 10U * 3600U);
    if (!measure_most(scene, mg_dL, &most)) {
        return;
    }
    for (int64_t i = 0; (i < times) && !dg_scene_is_over(scene); i++) {
        const bool was_at_work = kill_after(scene, frame, mg_dL, most);

        /* Before its first frame it had not begun. */
        at_work += (was_at_work && (frame > 0U)) ? 1U : 0U;
        /* Past the last frame it begins with the first again. */
        frame = (was_at_work && (frame < FRAMES)) ? (frame + 1U) : 0U;
    }
    dg_scene_see(scene,
                 "Killed %lld times, %u of them between two frames of a cycle.",
                 (long long)times,
                 at_work);
    dg_scene_measure(scene, "killed at work", at_work, 0U, "");
    if (at_work == 0U) {
        dg_scene_inconclusive(scene, "The app was never killed at its work.");
    }
}

/* DG-A50: another program takes what the app needs -------------------------- */

static void set_load(struct dg_scene *scene, int64_t busy, int64_t stop_ms)
{
    json_decref(dg_scene_neighbour(
        scene,
        "a",
        "load",
        json_pack(
            "{s:I, s:I, s:I, s:I}",
            "cpu",
            (json_int_t)busy,
            "memory_MB",
            (json_int_t)((busy > 0) ? dg_scene_number(scene, "memory_MB") : 0),
            "stop_ms",
            (json_int_t)stop_ms,
            "run_ms",
            (json_int_t)((stop_ms > 0) ? dg_scene_number(scene, "run_ms")
                                       : 0))));
}

/* The person wants one dose and asks again while the app does not say yes. */
static void dose_once(struct dg_scene *scene, int64_t mU, const char *when)
{
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const int64_t asks = dg_scene_number(scene, "asks");
    struct dg_said said = {.result = ""};
    bool is_taken = false;

    for (int64_t i = 0; (i < asks) && !is_taken && !dg_scene_is_over(scene);
         i++) {
        said = dg_scene_bolus(scene, "a", mU);
        is_taken =
            dg_scene_is(&said, "accepted") || dg_scene_is(&said, "already");
        dg_scene_advance(scene, 60U);
    }
    dg_scene_advance(scene, 600U);

    const int64_t got = dg_scene_moved(scene) - before -
                        dg_scene_basal(scene, scene->now_s - began_s);

    dg_scene_see(scene,
                 "%s: a dose of %lld mU ends as \"%s\" (%s); %lld mU came.",
                 when,
                 (long long)mU,
                 said.result,
                 said.reason,
                 (long long)got);
    if (got > mU + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "%s, one dose of %lld mU was wanted and %lld mU came.",
                      when,
                      (long long)mU,
                      (long long)got);
    }
    /* All of it or nothing: no part of a command. */
    if ((got > scene->pulse_mU) && (got < mU - scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "%s, %lld mU of a dose of %lld mU came.",
                      when,
                      (long long)got,
                      (long long)mU);
    }
    if (dg_scene_is(&said, "refused") && (got > scene->pulse_mU) &&
        (asks == 1)) {
        dg_scene_fail(scene, "%s, a refused dose was given.", when);
    }
}

static void starve(struct dg_scene *scene,
                   int64_t busy,
                   int64_t stop_ms,
                   int64_t most,
                   const char *when)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t mg_dL = dg_scene_number(scene, "glucose_mg_dL");
    const int64_t doses = dg_scene_number(scene, "doses");

    if (dg_scene_is_over(scene)) {
        return;
    }
    set_load(scene, busy, stop_ms);
    judge(scene, half_an_hour(scene, mg_dL), most, when, 0U);
    for (int64_t i = 0; (i < doses) && !dg_scene_is_over(scene); i++) {
        dg_scene_advance(scene, 3U * 3600U);
        dose_once(scene, mU, when);
    }
    set_load(scene, 0, 0);
    dg_scene_wait(scene, 10 * STEP_MS);
    /* What it heard late, and what it makes of it now. */
    judge(scene, half_an_hour(scene, mg_dL), most, "Afterwards", 0U);
    check_account(scene, when);
    dg_scene_advance(scene, 10U * 3600U);
}

void dg_hazard_phone_starved(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t busy = dg_scene_number(scene, "busy");
    const int64_t stop_ms = dg_scene_number(scene, "stop_ms");
    int64_t most = 0;

    dg_scene_try(scene,
                 "Let an app close the loop at high glucose and measure an "
                 "hour of it. Then let another program take processors and "
                 "memory, and then the system let the app run only in short "
                 "turns with long waits: each time for half an hour of the "
                 "loop and a dose that the person wants once.");
    begin(scene);
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 10U * 3600U);
    if (!measure_most(scene, dg_scene_number(scene, "glucose_mg_dL"), &most)) {
        return;
    }
    starve(scene, busy, 0, most, "Beside a program that takes all");
    starve(scene, 0, stop_ms, most, "In short turns");
    (void)dg_scene_control(scene, "a", mU);
}
