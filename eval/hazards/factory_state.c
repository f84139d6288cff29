/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H25: as it comes out of the box, nothing that can harm is on; what a
 * person at the device switches on is on, and off again at once. */

static struct dg_said ask(struct dg_scene *scene, const char *kind, int64_t mU)
{
    return dg_scene_phone_do(scene,
                             "a",
                             json_pack("{s:s, s:s, s:I, s:s, s:s}",
                                       "do",
                                       "bolus",
                                       "kind",
                                       kind,
                                       "mU",
                                       (json_int_t)mU,
                                       "tier",
                                       "confirmed",
                                       "sign",
                                       "valid"));
}

static void expect_nothing(struct dg_scene *scene,
                           const struct dg_said *said,
                           const char *what)
{
    const int64_t from = dg_scene_moved(scene);

    dg_scene_see(scene, "%s: \"%s\" %s.", what, said->result, said->reason);
    dg_scene_advance(scene, 600U);
    dg_scene_expect(scene, from, 600U, 0, what);
}

/* Nobody has enabled anything. */
static void out_of_the_box(struct dg_scene *scene, int64_t mU)
{
    if (dg_scene_try_pair(scene, "a", "owner", false)) {
        dg_scene_fail(scene, "A phone was paired and nobody was there.");
    }

    const struct dg_said said = ask(scene, "bolus", mU);

    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene, "A new device takes a dose from any phone.");
    }
    expect_nothing(scene, &said, "A dose asked of a new device");
}

/* A phone is paired; filling the tube and changing the therapy are not on for
 * that. */
static void not_enabled(struct dg_scene *scene, int64_t mU)
{
    const struct dg_said prime = ask(scene, "prime", mU);

    expect_nothing(scene, &prime, "A prime that nobody at the device allowed");

    const struct dg_said refill = ask(scene, "refill", 300000);

    if (dg_scene_is(&refill, "accepted") && (refill.outcome[0] != 'w')) {
        dg_scene_fail(scene, "A phone alone said that there is more insulin.");
    }

    const struct dg_said basal = dg_scene_phone_do(
        scene,
        "a",
        json_pack("{s:s, s:s, s:I, s:i, s:i, s:s, s:s}",
                  "do",
                  "bolus",
                  "kind",
                  "basal",
                  "mU_per_h",
                  (json_int_t)((scene->basal_mU_per_h * 11) / 10),
                  "hour",
                  0,
                  "hours",
                  24,
                  "tier",
                  "confirmed",
                  "sign",
                  "valid"));
    const int64_t from = dg_scene_moved(scene);

    dg_scene_see(scene,
                 "A tenth more basal, and nobody at the device: \"%s\" "
                 "%s.",
                 basal.result,
                 basal.reason);
    dg_scene_advance(scene, 3600U);
    dg_scene_expect(
        scene, from, 3600U, 0, "After a change that nobody pressed for");
}

/* The set is off the body: a person says so at the device, and presses for the
 * prime. */
static void enabled(struct dg_scene *scene, int64_t mU)
{
    const uint32_t began_s = scene->now_s;
    const int64_t from = dg_scene_moved(scene);

    (void)dg_scene_press(scene, "detach");

    const struct dg_said said = ask(scene, "prime", mU);

    (void)dg_scene_press(scene, "confirm");
    dg_scene_advance(scene, 300U);

    const int64_t got = dg_scene_moved(scene) - from;

    dg_scene_see(scene,
                 "A prime that a person at the device allowed: \"%s\" %s, %lld "
                 "mU moved.",
                 said.result,
                 said.reason,
                 (long long)got);
    if (got < mU - scene->pulse_mU) {
        dg_scene_inconclusive(scene,
                              "A prime that a person at the device allowed was "
                              "not obeyed: %s.",
                              said.reason);
    }
    (void)dg_scene_press(scene, "resume");
    dg_scene_withhold(scene, dg_scene_basal(scene, scene->now_s - began_s));
    dg_scene_advance(scene, 4U * 3600U);
}

/* A person at the device takes the phone's right away. */
static void disabled(struct dg_scene *scene, int64_t mU)
{
    (void)dg_scene_press(scene, "forget");
    if (!dg_scene_press(scene, "forget_hold")) {
        dg_scene_fail(scene, "The device cannot be told to forget a phone.");
    }

    const struct dg_said said = ask(scene, "bolus", mU);

    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene,
                      "The person removed the phone at the device, and its "
                      "next dose was accepted.");
    }
    expect_nothing(scene, &said, "A dose of a phone that was removed");
}

void dg_hazard_factory_state(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Ask a device that is new for a dose. Let a person pair the "
                 "phone at the device; ask for a prime, a refill and another "
                 "basal schedule while nobody presses anything. Let a person "
                 "allow the prime. Then remove the phone at the device and "
                 "ask for a dose.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    out_of_the_box(scene, mU);
    if (!dg_scene_try_pair(scene, "a", "owner", true)) {
        dg_scene_inconclusive(scene, "No phone can be paired at all.");
    }
    if (!dg_scene_is_over(scene) && dg_scene_control(scene, "a", mU)) {
        dg_scene_advance(scene, 4U * 3600U);
        not_enabled(scene, 2 * mU);
        enabled(scene, 2 * mU);
        if (!dg_scene_is_over(scene) && dg_scene_control(scene, "a", mU)) {
            dg_scene_advance(scene, 4U * 3600U);
            disabled(scene, mU);
        }
    }
}
