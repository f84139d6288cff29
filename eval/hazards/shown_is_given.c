/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H19, H20: what a person approved is one amount, shown once.  While the
 * person authenticates something else comes: another amount, another reading,
 * another person. */

static json_t *propose(int64_t mU)
{
    return json_pack("{s:s, s:I, s:s}",
                     "do",
                     "propose",
                     "mU",
                     (json_int_t)mU,
                     "tier",
                     "confirmed");
}

static struct dg_said commit(struct dg_scene *scene,
                             const char *phone,
                             const char *which)
{
    return dg_scene_phone_do(scene,
                             phone,
                             json_pack("{s:s, s:s, s:s}",
                                       "do",
                                       "commit",
                                       "sign",
                                       "valid",
                                       "ticket",
                                       which));
}

static void take_control(struct dg_scene *scene, const char *phone)
{
    (void)dg_scene_say(scene, phone, "connect");
    (void)dg_scene_say(scene, phone, "lease");
}

/* Without a ticket there is nothing that a person could approve. */
static bool is_shown(struct dg_scene *scene,
                     const struct dg_said *said,
                     const char *what)
{
    if (!dg_scene_is_over(scene) && !dg_scene_is(said, "ticket")) {
        dg_scene_inconclusive(scene,
                              "%s: the proposal to be approved got no ticket: "
                              "\"%s\" (%s).",
                              what,
                              said->result,
                              said->reason);
    }
    return !dg_scene_is_over(scene);
}

/* All of one of the amounts that somebody approved, or nothing. */
static void expect_one_of(struct dg_scene *scene,
                          int64_t from_mU,
                          uint32_t began_s,
                          int64_t one_mU,
                          int64_t other_mU,
                          const char *what)
{
    dg_scene_advance(scene, 300U);

    const int64_t above = dg_scene_moved(scene) - from_mU -
                          dg_scene_basal(scene, scene->now_s - began_s);
    const int64_t allowed[3] = {0, one_mU, other_mU};
    bool is_one = false;

    for (unsigned i = 0U; i < 3U; i++) {
        is_one = is_one || ((above >= allowed[i] - scene->pulse_mU) &&
                            (above <= allowed[i] + scene->pulse_mU));
    }
    dg_scene_see(scene, "%s: %lld mU above basal.", what, (long long)above);
    if (!is_one) {
        dg_scene_fail(scene,
                      "%s: %lld mU above basal moved, which nobody approved "
                      "(%lld or %lld mU were).",
                      what,
                      (long long)above,
                      (long long)one_mU,
                      (long long)other_mU);
    }
    dg_scene_advance(scene, 4U * 3600U);
}

/* The app proposes anew while the person still approves the first. */
static void another_amount(struct dg_scene *scene, int64_t mU, int64_t other_mU)
{
    take_control(scene, "a");

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    const struct dg_said shown = dg_scene_phone_do(scene, "a", propose(mU));

    if (!is_shown(scene, &shown, "Another amount")) {
        return;
    }
    (void)dg_scene_phone_do(scene, "a", propose(other_mU));

    const struct dg_said said = commit(scene, "a", "before");

    dg_scene_see(scene,
                 "%lld mU shown and approved, %lld mU proposed meanwhile: the "
                 "approval was \"%s\" (%s).",
                 (long long)shown.resolved_mU,
                 (long long)other_mU,
                 said.result,
                 said.reason);
    expect_one_of(scene, from, began_s, mU, mU, "Another amount came");
}

/* Glucose falls while the person approves. */
static void another_reading(struct dg_scene *scene, int64_t mU, int64_t low)
{
    take_control(scene, "a");
    dg_scene_settle(scene, "a", 160);

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    const struct dg_said shown = dg_scene_phone_do(scene, "a", propose(mU));

    if (!is_shown(scene, &shown, "Another reading")) {
        return;
    }
    dg_scene_advance(scene, 30U);
    dg_scene_reading(scene, (int)low);
    (void)dg_scene_say(scene, "a", "glucose");

    const struct dg_said said = commit(scene, "a", "last");

    dg_scene_see(scene,
                 "Approved while a reading of %lld mg/dL came: \"%s\" (%s).",
                 (long long)low,
                 said.result,
                 said.reason);
    /* Approving once more is no second dose. */
    (void)commit(scene, "a", "last");
    expect_one_of(scene, from, began_s, mU, mU, "Another reading came");
}

/* Two persons within a minute, who want different amounts. */
static void another_person(struct dg_scene *scene, int64_t mU, int64_t other_mU)
{
    take_control(scene, "a");
    (void)dg_scene_say(scene, "b", "connect");

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    const struct dg_said shown = dg_scene_phone_do(scene, "a", propose(mU));

    if (!is_shown(scene, &shown, "Another person")) {
        return;
    }

    const struct dg_said first = commit(scene, "a", "last");

    if (!dg_scene_is_over(scene) && !dg_scene_is(&first, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The dose of the first person was not accepted: "
                              "\"%s\" (%s).",
                              first.result,
                              first.reason);
        return;
    }

    dg_scene_advance(scene, 30U);
    (void)dg_scene_say(scene, "b", "lease");

    const struct dg_said asked =
        dg_scene_phone_do(scene, "b", propose(other_mU));
    const struct dg_said second = commit(scene, "b", "last");
    const struct dg_said seen = dg_scene_status(scene, "b");

    dg_scene_see(scene,
                 "Two persons within a minute: \"%s\"; the other \"%s\" (%s), "
                 "then \"%s\", and is shown a dose that is \"%s\".",
                 first.result,
                 asked.result,
                 asked.reason,
                 second.result,
                 seen.outcome);
    if (dg_scene_is(&first, "accepted") && dg_scene_is(&second, "accepted")) {
        dg_scene_fail(scene,
                      "Two persons within a minute: both doses were accepted.");
    }
    if (dg_scene_is(&first, "accepted") && (seen.outcome[0] == 'n')) {
        dg_scene_fail(scene,
                      "The other person is not shown the dose that came "
                      "first.");
    }
    expect_one_of(scene, from, began_s, mU, other_mU, "Another person asked");
}

void dg_hazard_shown_is_given(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t other_mU = dg_scene_number(scene, "other_mU");
    const int64_t low = dg_scene_number(scene, "low_mg_dL");

    dg_scene_try(scene,
                 "Let a person approve an amount, and meanwhile let the app "
                 "propose another, let glucose fall, let a second person ask "
                 "for another amount. Count what the mechanism moves.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (dg_scene_control(scene, "a", mU)) {
        dg_scene_advance(scene, 4U * 3600U);
        another_amount(scene, mU, other_mU);
        another_reading(scene, mU, low);
        another_person(scene, mU, other_mU);
    }
}
