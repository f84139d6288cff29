/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

/* DG-H09, H21, H22, H31: an update takes what the phone had stored, or the
 * phone's stack forgets its bond and comes back another.  The device is kept,
 * and nobody gets in by the back door. */

/* Another stack: it sends everything twice. */
static enum dg_fate repeat(void *context,
                           struct dg_frame *frame,
                           unsigned number)
{
    (void)context;
    (void)frame;
    (void)number;
    return DG_FATE_TWICE;
}

/* Another stack: what is long does not come through. */
static enum dg_fate shorten(void *context,
                            struct dg_frame *frame,
                            unsigned number)
{
    const unsigned *most = context;

    (void)number;
    return (frame->size > *most) ? DG_FATE_DROP : DG_FATE_PASS;
}

static struct dg_said dose(struct dg_scene *scene,
                           const char *phone,
                           int64_t mU)
{
    return (phone[0] == 'a')
               ? dg_scene_bolus(scene, phone, mU)
               : dg_scene_bare_bolus(scene, phone, mU, "confirmed", "valid");
}

static void expect_dose(struct dg_scene *scene,
                        const char *phone,
                        int64_t mU,
                        const char *what)
{
    const int64_t from = dg_scene_moved(scene);
    const struct dg_said said = dose(scene, phone, mU);

    dg_scene_advance(scene, 600U);
    dg_scene_see(scene, "%s: \"%s\" %s.", what, said.result, said.reason);
    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene,
                      "%s: the dose was not obeyed (\"%s\" %s).",
                      what,
                      said.result,
                      said.reason);
        return;
    }
    dg_scene_expect(scene, from, 600U, mU, what);
    dg_scene_advance(scene, 4U * 3600U);
}

static void expect_none(struct dg_scene *scene,
                        const char *phone,
                        int64_t mU,
                        const char *what)
{
    const int64_t from = dg_scene_moved(scene);
    const struct dg_said said = dose(scene, phone, mU);

    dg_scene_advance(scene, 600U);
    dg_scene_see(scene, "%s: \"%s\" %s.", what, said.result, said.reason);
    if (dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene, "%s: the dose was accepted.", what);
    }
    dg_scene_expect(scene, from, 600U, 0, what);
}

/* The phone's address and all that its stack knew are new; its keys are not. */
static void another_stack(struct dg_scene *scene, int64_t mU)
{
    unsigned most = 80U;

    dg_scene_power(scene, "b", "kill");
    dg_scene_power(scene, "b", "start");
    expect_dose(scene,
                "b",
                mU,
                "A phone whose bond is gone, and whose keys "
                "are not");
    dg_relay_set_rule(&scene->relay, repeat, NULL);
    expect_dose(scene, "b", mU, "A stack that sends everything twice");
    dg_relay_set_rule(&scene->relay, shorten, &most);

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    (void)dg_scene_say(scene, "b", "connect");
    (void)dose(scene, "b", mU);
    dg_scene_advance(scene, 600U);
    dg_relay_set_rule(&scene->relay, NULL, NULL);

    /* A product of short frames notices nothing: then all of it comes. */
    const int64_t above = dg_scene_moved(scene) - from -
                          dg_scene_basal(scene, scene->now_s - began_s);

    dg_scene_expect(scene,
                    from,
                    scene->now_s - began_s,
                    (above > (mU / 2)) ? mU : 0,
                    "A stack that loses what is long");
    dg_scene_advance(scene, 4U * 3600U);
    (void)dg_scene_say(scene, "b", "connect");
    expect_dose(scene, "b", mU, "The stack as it was");
}

static void wiped(struct dg_scene *scene, int64_t mU)
{
    expect_dose(scene, "a", mU, "The app before its storage was wiped");
    (void)dose(scene, "a", mU);
    dg_scene_advance(scene, 300U);
    (void)dg_scene_say(scene, "b", "connect");

    const struct dg_said before = dg_scene_status(scene, "b");

    dg_scene_power(scene, "a", "wipe");
    dg_scene_power(scene, "a", "start");

    const struct dg_said refused = dg_scene_bolus(scene, "a", mU);

    if (dg_scene_is(&refused, "accepted")) {
        dg_scene_fail(scene, "An app without keys gave a dose.");
    }
    if (dg_scene_try_pair(scene, "a", "owner", false)) {
        dg_scene_fail(scene,
                      "The wiped phone was taken back and nobody was there.");
    }
    if (!dg_scene_try_pair(scene, "a", "owner", true)) {
        dg_scene_fail(scene,
                      "The wiped phone cannot be paired again: the device "
                      "would have to be thrown away.");
        return;
    }

    (void)dg_scene_say(scene, "b", "connect");

    const struct dg_said after = dg_scene_status(scene, "b");
    const int64_t moved = dg_scene_moved(scene);

    if (!dg_scene_is(&before, "status") || !dg_scene_is(&after, "status")) {
        dg_scene_inconclusive(scene,
                              "No status around the wiped storage: \"%s\" "
                              "before, \"%s\" after.",
                              before.result,
                              after.result);
        return;
    }

    dg_scene_see(scene,
                 "Wiped: \"%s\"; paired again at the device. IOB %lld mU "
                 "before, %lld mU after.",
                 refused.result,
                 (long long)before.iob_mU,
                 (long long)after.iob_mU);
    if ((after.bolus_total_mU + after.basal_total_mU != moved) ||
        (after.iob_mU < before.iob_mU - scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "Pairing again cost the device its memory: IOB %lld mU "
                      "before, %lld after; %lld mU in all, %lld moved.",
                      (long long)before.iob_mU,
                      (long long)after.iob_mU,
                      (long long)(after.bolus_total_mU + after.basal_total_mU),
                      (long long)moved);
    }
    dg_scene_advance(scene, 4U * 3600U);
    expect_dose(scene, "a", mU, "The app, paired again");
}

/* The other side forgets: the phones that are left go on as they were. */
static void forgotten(struct dg_scene *scene, int64_t mU)
{
    (void)dg_scene_press(scene, "forget");
    if (!dg_scene_press(scene, "forget_hold")) {
        dg_scene_fail(scene, "The device cannot be told to forget a phone.");
    }
    expect_none(scene, "b", mU, "A phone that the device forgot");
    expect_dose(scene, "a", mU, "The phone that it did not forget");
}

void dg_hazard_phone_wiped(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Give a phone another stack: a new address, everything "
                 "twice, nothing long. Wipe the app's storage and let it ask "
                 "for a dose, pair with nobody there, pair at the device. "
                 "Compare what the device remembers. Let the device forget the "
                 "other phone.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "b", "bare");
    (void)dg_scene_phone(scene, "a", "app");
    dg_scene_pair(scene, "b", "owner");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "b", mU)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    another_stack(scene, mU);
    if (!dg_scene_is_over(scene)) {
        wiped(scene, mU);
    }
    if (!dg_scene_is_over(scene) && !scene->has_failed) {
        forgotten(scene, mU);
    }
}
