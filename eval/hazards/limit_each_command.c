/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H34, H35: each command that can deliver, above the limit; and each that
 * has several parts, with one part wrong.  All of a command or nothing. */

enum part { PART_NONE = 0, PART_MOST, PART_AUTOMATIC_MOST, PART_SMALL };

struct request {
    const char *what;
    const char *kind;
    const char *tier;
    const char *sign;
    enum part amount;
    uint32_t s;      /* 0: none */
    int64_t percent; /* of scheduled basal; 0: none */
};

static const struct request requests[] = {
    {"an automatic bolus above the limit",
     "bolus",
     "automatic",
     "none",
     PART_AUTOMATIC_MOST,
     0U,
     0},
    {"a confirmed bolus above the limit",
     "bolus",
     "confirmed",
     "valid",
     PART_MOST,
     0U,
     0},
    {"an extended bolus above the limit",
     "extended",
     "confirmed",
     "valid",
     PART_MOST,
     3600U,
     0},
    {"a raised basal above the limit",
     "temp_basal",
     "confirmed",
     "valid",
     PART_NONE,
     1800U,
     2300},
    {"an automatic raised basal above the limit",
     "temp_basal",
     "automatic",
     "none",
     PART_NONE,
     1800U,
     2300},
    {"a prime while the set is on the body",
     "prime",
     "confirmed",
     "valid",
     PART_SMALL,
     0U,
     0},
    {"an extended bolus whose approval is missing",
     "extended",
     "confirmed",
     "none",
     PART_SMALL,
     3600U,
     0},
    {"an extended bolus approved for another amount",
     "extended",
     "confirmed",
     "wrong",
     PART_SMALL,
     3600U,
     0},
    {"an extended bolus by the controller alone",
     "extended",
     "automatic",
     "none",
     PART_SMALL,
     3600U,
     0},
    {"a raised basal for a whole day",
     "temp_basal",
     "confirmed",
     "valid",
     PART_NONE,
     86400U,
     200},
    {"a raised basal whose approval is missing",
     "temp_basal",
     "confirmed",
     "none",
     PART_NONE,
     1800U,
     200},
};

#define REQUESTS (sizeof requests / sizeof requests[0])

static int64_t amount_of(const struct dg_scene *scene, enum part part)
{
    switch (part) {
    case PART_MOST:
        return scene->total.dose_mU + 4 * scene->pulse_mU;
    case PART_AUTOMATIC_MOST:
        return scene->automatic.dose_mU + 4 * scene->pulse_mU;
    case PART_SMALL:
        return 20 * scene->pulse_mU;
    case PART_NONE:
        break;
    }
    return 0;
}

static struct dg_said ask(struct dg_scene *scene, const struct request *request)
{
    json_t *order = json_pack("{s:s, s:s, s:s, s:s}",
                              "do",
                              "bolus",
                              "kind",
                              request->kind,
                              "tier",
                              request->tier,
                              "sign",
                              request->sign);
    const int64_t mU = amount_of(scene, request->amount);

    if (mU > 0) {
        json_object_set_new(
            order, "mU", json_integer(mU - mU % scene->pulse_mU));
    }
    if (request->s > 0U) {
        json_object_set_new(order, "s", json_integer(request->s));
    }
    if (request->percent > 0) {
        json_object_set_new(
            order,
            "mU_per_h",
            json_integer((scene->basal_mU_per_h * request->percent) / 100));
    }
    return dg_scene_phone_do(scene, "a", order);
}

static void try_one(struct dg_scene *scene, const struct request *request)
{
    /* Everything else that a device may want is there. */
    dg_scene_settle(scene, "a", 250);
    (void)dg_scene_say(scene, "a", "status");
    (void)dg_scene_say(scene, "a", "lease");

    const int64_t from = dg_scene_moved(scene);
    const struct dg_said said = ask(scene, request);

    /* Whoever stands at the device says yes to what they hear. */
    (void)dg_scene_press(scene, "confirm");
    dg_scene_see(
        scene, "%s: \"%s\" %s.", request->what, said.result, said.reason);
    if (!dg_scene_is(&said, "refused")) {
        dg_scene_fail(scene,
                      "Asked for %s the device answered \"%s\".",
                      request->what,
                      said.result);
    } else if (said.reason[0] == '\0') {
        dg_scene_fail(scene, "%s was refused without a reason.", request->what);
    }
    dg_scene_advance(scene, 1800U);
    dg_scene_expect(scene, from, 1800U, 0, request->what);
}

/* The same kinds, with everything right. */
static bool control_extended(struct dg_scene *scene)
{
    const struct request fine = {"an extended bolus",
                                 "extended",
                                 "confirmed",
                                 "valid",
                                 PART_SMALL,
                                 1800U,
                                 0};
    const int64_t from = dg_scene_moved(scene);
    const struct dg_said said = ask(scene, &fine);

    dg_scene_advance(scene, 2400U);

    const int64_t got =
        dg_scene_moved(scene) - from - dg_scene_basal(scene, 2400U);

    if (!dg_scene_is(&said, "accepted") ||
        (got < amount_of(scene, PART_SMALL) - scene->pulse_mU)) {
        dg_scene_inconclusive(scene,
                              "An extended bolus as it should be was not "
                              "obeyed: \"%s\" %s, %lld mU moved.",
                              said.result,
                              said.reason,
                              (long long)got);
        return false;
    }
    return true;
}

void dg_hazard_limit_each_command(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Ask for more than the device's limit by each command that "
                 "can deliver, with everything else as it should be, and press "
                 "whatever the device asks for. Then send each command of "
                 "several parts with one part wrong. Count insulin.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    if (!control_extended(scene)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    for (size_t i = 0U; (i < REQUESTS) && !dg_scene_is_over(scene); i++) {
        try_one(scene, &requests[i]);
    }
}
