/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/dice.h"
#include "eval/hazards/hazards.h"

/* DG-A08, H01, H29: what talking to its own phones costs the device, as the
 * bench's battery has it. */

#define PERIOD_S     300U
#define EVERY_S      2U
#define CONNECTS_MAX 1000U /* of one round */
#define BOLUS_HOURS  6U

static int64_t permille(int64_t part, int64_t whole)
{
    return (whole <= 0) ? 0 : ((part * 1000) / whole);
}

/* A full battery, nAh. */
static int64_t full_nAh(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "battery", "unit", "x"));
    const int64_t full =
        json_integer_value(json_object_get(answer, "full_nAh"));

    json_decref(answer);
    if (!dg_scene_is_over(scene) && (full < 1)) {
        dg_scene_inconclusive(scene,
                              "The bench does not say what the battery holds.");
    }
    return full;
}

/* DG-H01: one paired phone that crashes and connects again without end ----- */

static void pair_as(struct dg_scene *scene,
                    const char *phone,
                    const char *role,
                    const char *name)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}",
                                            "op",
                                            "pair",
                                            "phone",
                                            phone,
                                            "unit",
                                            "x",
                                            "role",
                                            role,
                                            "presence",
                                            1,
                                            "name",
                                            name));
    const char *result = json_string_value(json_object_get(answer, "result"));

    if (!dg_scene_is_over(scene) &&
        ((result == NULL) || (strcmp(result, "paired") != 0))) {
        dg_scene_inconclusive(scene, "Phone %s could not be paired.", phone);
    }
    json_decref(answer);
}

struct drain {
    int64_t from_nAh;
    int64_t most_nAh; /* that may be used */
    unsigned connected;
    unsigned refused;
    bool was_heard;
    bool was_named;
};

/* Whether the device can be heard, and whom it names. */
static void look_at_alarm(struct dg_scene *scene,
                          const char *name,
                          struct drain *drain)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "alarms", "unit", "x"));
    const char *sound = json_string_value(json_object_get(answer, "sound"));
    const char *who = json_string_value(json_object_get(answer, "drainer"));

    drain->was_heard =
        drain->was_heard ||
        ((sound != NULL) && (sound[0] != '\0') && (strcmp(sound, "off") != 0));
    drain->was_named =
        drain->was_named || ((who != NULL) && (strcmp(who, name) == 0));
    json_decref(answer);
}

/* Every two seconds, until it is kept out. */
static void connect_until_refused(struct dg_scene *scene, struct drain *drain)
{
    for (unsigned i = 0U; (i < CONNECTS_MAX) && !dg_scene_is_over(scene); i++) {
        const struct dg_said said = dg_scene_say(scene, "b", "connect");

        dg_scene_advance(scene, EVERY_S);
        if (!dg_scene_is(&said, "status")) {
            drain->refused++;
            return;
        }
        drain->connected++;
    }
}

static void judge_drain(struct dg_scene *scene,
                        const struct drain *drain,
                        int64_t used_nAh)
{
    dg_scene_measure(scene, "connections", drain->connected, 0U, "");
    dg_scene_measure(scene, "times kept out", drain->refused, 0U, "");
    dg_scene_measure(scene, "charge used for them", used_nAh, 3U, "uAh");
    scene->energy = (used_nAh > drain->most_nAh) ? DG_RUN_FAIL : DG_RUN_PASS;
    if (used_nAh > drain->most_nAh) {
        dg_scene_fail(scene,
                      "One paired phone used %lld uAh by connecting again and "
                      "again; its share is %lld uAh.",
                      (long long)(used_nAh / 1000),
                      (long long)(drain->most_nAh / 1000));
        return;
    }
    if (drain->refused == 0U) {
        dg_scene_fail(scene,
                      "A phone connected %u times and was never kept out.",
                      drain->connected);
    }
    if (!drain->was_heard || !drain->was_named) {
        dg_scene_fail(scene,
                      "A phone was kept out for what it uses, and the device "
                      "%s.",
                      drain->was_heard ? "does not say which one it is"
                                       : "cannot be heard");
    }
}

void dg_hazard_paired_drain(struct dg_scene *scene)
{
    static const char name[] = "relaunched";
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t rounds = dg_scene_number(scene, "rounds");
    const int64_t share = dg_scene_number(scene, "share_permille");
    const uint32_t span_s = (uint32_t)dg_scene_number(scene, "hours") * 3600U;
    struct drain drain = {.was_heard = false};

    dg_scene_try(scene,
                 "Let a paired phone connect every two seconds, as an app "
                 "does that crashes and is started again, until the device "
                 "keeps it out, and try again and again for half a day. "
                 "Compare the charge with as long a quiet time, listen to the "
                 "alarm, and let the owner's phone dose.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    pair_as(scene, "a", "owner", "owner");
    pair_as(scene, "b", "caregiver", name);
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    drain.most_nAh = (full_nAh(scene) * share) / 1000;
    dg_scene_advance(scene, 600U);

    const int64_t quiet_from = dg_scene_used_nAh(scene);

    dg_scene_advance(scene, span_s);

    const int64_t quiet_nAh = dg_scene_used_nAh(scene) - quiet_from;
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const uint32_t pause_s = span_s / (uint32_t)((rounds > 0) ? rounds : 1);
    int64_t used_nAh = 0;

    dg_scene_silence(scene);
    drain.from_nAh = dg_scene_used_nAh(scene);
    while (((scene->now_s - began_s) < span_s) &&
           (used_nAh <= drain.most_nAh) && !dg_scene_is_over(scene)) {
        const uint32_t round_s = scene->now_s;

        connect_until_refused(scene, &drain);
        look_at_alarm(scene, name, &drain);
        if ((scene->now_s - round_s) < pause_s) {
            dg_scene_advance(scene, pause_s - (scene->now_s - round_s));
        }
        used_nAh = dg_scene_used_nAh(scene) - drain.from_nAh -
                   ((quiet_nAh * (int64_t)(scene->now_s - began_s)) /
                    (int64_t)((span_s > 0U) ? span_s : 1U));
    }
    dg_scene_expect(
        scene, before, scene->now_s - began_s, 0, "While a phone reconnected");
    if (dg_scene_is_over(scene)) {
        return;
    }
    judge_drain(scene, &drain, used_nAh);
    dg_scene_see(scene,
                 "%u connections in %u s of the device's time, %u times kept "
                 "out, %lld uAh.",
                 drain.connected,
                 (unsigned)(scene->now_s - began_s),
                 drain.refused,
                 (long long)(used_nAh / 1000));
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_control(scene, "a", mU);
}

/* DG-A08, H29: an ordinary day over a link that loses some ---------------- */

struct loss {
    struct dg_dice dice;
    uint32_t percent;
    unsigned lost;
};

static enum dg_fate lose_some(void *context,
                              struct dg_frame *frame,
                              unsigned number)
{
    struct loss *loss = context;

    (void)frame;
    (void)number;
    if (dg_dice_roll(&loss->dice, 100U) < loss->percent) {
        loss->lost++;
        return DG_FATE_DROP;
    }
    return DG_FATE_PASS;
}

static void live(struct dg_scene *scene,
                 uint32_t span_s,
                 int64_t mU,
                 unsigned *dosed)
{
    for (uint32_t past_s = 0U; (past_s < span_s) && !dg_scene_is_over(scene);
         past_s += PERIOD_S) {
        dg_scene_reading(scene, 120 + (int)((past_s / PERIOD_S) % 2U));
        (void)dg_scene_status(scene, "a");
        if ((past_s % (BOLUS_HOURS * 3600U)) == 0U) {
            const struct dg_said said = dg_scene_bolus(scene, "a", mU);

            *dosed += dg_scene_is(&said, "accepted") ? 1U : 0U;
        }
        dg_scene_advance(scene, PERIOD_S);
    }
}

/* All frames, sent once more: none may be worth anything, and they are
 * part of what the protection is for. */
static void send_again(struct dg_scene *scene, unsigned door)
{
    const size_t heard = scene->relay.heard;
    const int64_t before = dg_scene_moved(scene);

    for (size_t i = 0U; i < heard; i++) {
        const struct dg_frame *frame = &scene->relay.frames[i];

        if (frame->way != DG_WAY_TO_DEVICE) {
            continue;
        }
        dg_relay_inject(&scene->relay,
                        door,
                        DG_WAY_TO_DEVICE,
                        (dg_span){frame->byte, frame->size});
        if ((i % 16U) == 15U) {
            dg_scene_wait(scene, 1);
        }
    }
    dg_scene_wait(scene, 20);
    dg_scene_advance(scene, 3600U);
    dg_scene_expect(scene, before, 3600U, 0, "With all frames repeated");
}

void dg_hazard_nominal_energy(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t share = dg_scene_number(scene, "share_permille");
    const uint32_t span_s = (uint32_t)dg_scene_number(scene, "hours") * 3600U;
    const int64_t days_min = dg_scene_number(scene, "battery_days_min");
    struct loss loss = {.dice = {.seed = scene->seed},
                        .percent =
                            (uint32_t)dg_scene_number(scene, "loss_percent")};
    unsigned dosed = 0U;

    dg_scene_try(scene,
                 "Measure the charge of quiet hours, then of hours in which "
                 "the app relays a reading and asks for the status every five "
                 "minutes and the person doses, over a link that loses one "
                 "frame in ten. Then send all those frames once more.");
    dg_scene_start(scene, "adult");

    const unsigned door = dg_scene_phone(scene, "a", "app");

    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 3600U);

    const int64_t full = full_nAh(scene);
    const int64_t quiet_from = dg_scene_used_nAh(scene);

    dg_scene_advance(scene, span_s);

    const int64_t quiet_nAh = dg_scene_used_nAh(scene) - quiet_from;
    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const int64_t from_nAh = dg_scene_used_nAh(scene);

    dg_relay_set_rule(&scene->relay, lose_some, &loss);
    live(scene, span_s, mU, &dosed);
    dg_relay_set_rule(&scene->relay, NULL, NULL);

    const int64_t day_nAh = dg_scene_used_nAh(scene) - from_nAh;
    /* What the doses themselves cost the mechanism is not talk. */
    const int64_t extra_permille = permille(day_nAh - quiet_nAh, quiet_nAh);
    const int64_t days =
        (day_nAh > 0) ? ((full * (int64_t)span_s) / (day_nAh * 86400)) : 0;

    dg_scene_measure(scene, "charge in quiet hours", quiet_nAh, 3U, "uAh");
    dg_scene_measure(scene, "charge in ordinary hours", day_nAh, 3U, "uAh");
    dg_scene_measure(scene, "frames lost", (int64_t)loss.lost, 0U, "");
    dg_scene_measure(scene, "days on one battery", days, 0U, "d");
    if (dg_scene_is_over(scene)) {
        return;
    }
    if ((dosed == 0U) || (loss.lost == 0U)) {
        dg_scene_inconclusive(scene,
                              "%u doses were accepted and %u frames lost: no "
                              "ordinary use of a bad link.",
                              dosed,
                              loss.lost);
        return;
    }
    if (dg_scene_moved(scene) - before <
        dg_scene_basal(scene, scene->now_s - began_s)) {
        dg_scene_fail(scene, "Less than basal was given in ordinary use.");
    }
    scene->energy = ((extra_permille > share) || (days < days_min))
                        ? DG_RUN_FAIL
                        : DG_RUN_PASS;
    if (scene->energy == DG_RUN_FAIL) {
        dg_scene_fail(scene,
                      "Ordinary use costs %lld permille more than a quiet "
                      "time (at most %lld), a battery lasts %lld days (at "
                      "least %lld).",
                      (long long)extra_permille,
                      (long long)share,
                      (long long)days,
                      (long long)days_min);
    }
    dg_scene_see(scene,
                 "%u quiet hours %lld uAh, as many ordinary ones %lld uAh, "
                 "%u frames lost.",
                 (unsigned)(span_s / 3600U),
                 (long long)(quiet_nAh / 1000),
                 (long long)(day_nAh / 1000),
                 loss.lost);
    send_again(scene, door);
    (void)dg_scene_control(scene, "a", mU);
}
