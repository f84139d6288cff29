/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include "eval/scene_hands.h"

/* DG-A36: what a person said yes to is good for one dose, once: not for a
 * second one, not for another amount, not for another command, and not after a
 * new connection or a loss of power. */

/* Numbers that a kind of dose has beside its amount, or in its place. */
static const struct {
    const char *kind;
    bool has_amount;
    int64_t mU_per_h;
    int64_t s;
} doses[] = {{"bolus", true, 0, 0},
             {"extended", true, 0, 1800},
             {"temp_basal", false, 3000, 1800}};

#define DOSES (sizeof doses / sizeof doses[0])

static struct dg_said propose(struct dg_scene *scene, size_t which, int64_t mU)
{
    json_t *order = json_pack("{s:s, s:s, s:s}",
                              "do",
                              "propose",
                              "kind",
                              doses[which].kind,
                              "tier",
                              "confirmed");

    if (doses[which].has_amount) {
        json_object_set_new(order, "mU", json_integer(mU));
    }
    if (doses[which].mU_per_h > 0) {
        json_object_set_new(
            order, "mU_per_h", json_integer(doses[which].mU_per_h));
    }
    if (doses[which].s > 0) {
        json_object_set_new(order, "s", json_integer(doses[which].s));
    }
    return dg_scene_phone_do(scene, "a", order);
}

static struct dg_said commit(struct dg_scene *scene,
                             const char *ticket,
                             const char *sign)
{
    const struct dg_said said = dg_scene_phone_do(
        scene,
        "a",
        json_pack(
            "{s:s, s:s, s:s}", "do", "commit", "ticket", ticket, "sign", sign));

    /* A person who is asked at the device meant the first one. */
    if (dg_scene_is(&said, "accepted") && (said.outcome[0] == 'w')) {
        (void)dg_scene_press(scene, "confirm");
    }
    return said;
}

/* The same yes once more: nothing may come of it. */
static void use_again(struct dg_scene *scene,
                      const char *ticket,
                      const char *sign,
                      const char *when)
{
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said = commit(scene, ticket, sign);

    dg_scene_advance(scene, 600U);
    dg_scene_see(scene, "%s: \"%s\" (%s).", when, said.result, said.reason);
    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene, "%s: the device accepted it.", when);
    }
    dg_scene_expect(scene, before, 600U, 0, when);
}

static void reconnect(struct dg_scene *scene)
{
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_say(scene, "a", "lease");
}

/* A dose of that kind is asked for and gets its ticket; else there is nothing to
 * show. */
static void ask_for(struct dg_scene *scene, size_t which, int64_t mU)
{
    dg_scene_advance(scene, 600U);
    reconnect(scene);

    const struct dg_said said = propose(scene, which, mU);

    if (!scene->has_failed && !dg_scene_is_over(scene) &&
        !dg_scene_is(&said, "ticket")) {
        dg_scene_inconclusive(scene,
                              "No ticket for a dose of kind %s: \"%s\" (%s).",
                              doses[which].kind,
                              said.result,
                              said.reason);
    }
}

static bool dose_once(struct dg_scene *scene, int64_t mU)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said asked = propose(scene, 0U, mU);
    const struct dg_said said = commit(scene, "last", "valid");

    dg_scene_advance(scene, 600U);
    dg_scene_expect(scene, before, 600U, mU, "The dose that was approved");
    if (!dg_scene_is(&asked, "ticket") || !dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "The approved dose was not obeyed: \"%s\", "
                              "\"%s\" (%s).",
                              asked.result,
                              said.result,
                              said.reason);
    }
    return !dg_scene_is_over(scene) && !scene->has_failed;
}

void dg_attack_one_approval(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Approve a dose and have it delivered. Use the same approval "
                 "again, at once, for the ticket of another dose, after a new "
                 "connection and after a loss of power; and use what a person "
                 "signed for one pulse for a bolus, an extended bolus and a "
                 "raised rate.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    reconnect(scene);
    if (!dose_once(scene, mU)) {
        return;
    }
    use_again(scene, "last", "valid", "The same approval again");
    ask_for(scene, 0U, mU / 2);
    use_again(scene, "before", "valid", "With another dose asked for");
    for (size_t i = 0U; i < DOSES; i++) {
        ask_for(scene, i, mU);
        use_again(scene, "last", "wrong", "With an approval of something else");
    }
    reconnect(scene);
    use_again(scene, "before", "valid", "In a new connection");
    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    reconnect(scene);
    use_again(scene, "before", "valid", "After a loss of power");
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        dg_scene_advance(scene, 3600U);
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
