/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/hazards/hazards.h"

/* DG-H04, H11, H28, H31: a raised rate runs, and the phone that asked for it is
 * gone: out of reach, frozen, destroyed. */

#define TOO_LONG_S 5400

/* Whatever of the two the device gives: first far too long, then the lease. */
static bool raise_rate(struct dg_scene *scene,
                       const char *phone,
                       int64_t rate,
                       int64_t lease_s)
{
    const int64_t asked_s[2] = {TOO_LONG_S, lease_s};

    for (unsigned i = 0U; (i < 2U) && !dg_scene_is_over(scene); i++) {
        const struct dg_said said =
            dg_scene_phone_do(scene,
                              phone,
                              json_pack("{s:s, s:s, s:I, s:I, s:b, s:s, s:s}",
                                        "do",
                                        "bolus",
                                        "kind",
                                        "temp_basal",
                                        "mU_per_h",
                                        (json_int_t)rate,
                                        "s",
                                        (json_int_t)asked_s[i],
                                        "approve",
                                        1,
                                        "tier",
                                        "confirmed",
                                        "sign",
                                        "valid"));

        if (said.outcome[0] == 'w') {
            (void)dg_scene_press(scene, "confirm");
        }
        dg_scene_see(scene,
                     "%lld mU/h for %lld s asked for: \"%s\" %s.",
                     (long long)rate,
                     (long long)asked_s[i],
                     said.result,
                     said.reason);
        if (dg_scene_is(&said, "accepted")) {
            return true;
        }
    }
    dg_scene_inconclusive(scene, "No raised rate was ever accepted.");
    return false;
}

/* From the loss on: at most the lease at the raised rate, then the schedule. */
static void watch(struct dg_scene *scene,
                  int64_t from_mU,
                  int64_t rate,
                  int64_t lease_s,
                  const char *what)
{
    const int64_t most = ((rate - scene->basal_mU_per_h) * lease_s) / 3600;

    dg_scene_advance(scene, (uint32_t)lease_s);

    const int64_t extra = dg_scene_moved(scene) - from_mU -
                          dg_scene_basal(scene, (uint32_t)lease_s);
    const int64_t after = dg_scene_moved(scene);

    dg_scene_see(scene,
                 "%s: %lld mU above basal in the lease, at most %lld allowed.",
                 what,
                 (long long)extra,
                 (long long)most);
    if (extra > most + scene->pulse_mU) {
        dg_scene_fail(scene,
                      "%s: %lld mU above basal in %lld s; the rate and the "
                      "lease allow %lld mU.",
                      what,
                      (long long)extra,
                      (long long)lease_s,
                      (long long)most);
    }
    if (extra < 2 * scene->pulse_mU) {
        dg_scene_inconclusive(scene, "%s: the raised rate never ran.", what);
    }
    dg_scene_advance(scene, 5400U);
    dg_scene_expect(scene, after, 5400U, 0, what);
}

/* The phone is destroyed; the person has only the device. */
static void stop_at_the_device(struct dg_scene *scene, int64_t from_mU)
{
    dg_scene_advance(scene, 600U);
    if (dg_scene_moved(scene) - from_mU <
        dg_scene_basal(scene, 600U) + scene->pulse_mU) {
        dg_scene_inconclusive(scene, "There was no raised rate to stop.");
    }
    if (!dg_scene_press(scene, "stop")) {
        dg_scene_fail(scene,
                      "The stop button had nothing to do while a raised rate "
                      "was running.");
    }

    const int64_t stopped = dg_scene_moved(scene);

    dg_scene_advance(scene, 1800U);
    dg_scene_expect(
        scene, stopped, 1800U, 0, "After the stop button on the device");
}

static enum dg_fate cut(void *context, struct dg_frame *frame, unsigned number)
{
    const unsigned *door = context;

    (void)number;
    return (frame->door == *door) ? DG_FATE_DROP : DG_FATE_PASS;
}

/* With a person at the device and no server that says anything of the phone. */
static bool pair_without_server(struct dg_scene *scene, const char *phone)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}",
                                            "op",
                                            "pair",
                                            "phone",
                                            phone,
                                            "unit",
                                            "x",
                                            "role",
                                            "owner",
                                            "presence",
                                            1,
                                            "offline",
                                            1));
    const char *result = json_string_value(json_object_get(answer, "result"));
    const bool is_paired = (result != NULL) && (strcmp(result, "paired") == 0);

    json_decref(answer);
    return is_paired;
}

static void enrol_another(struct dg_scene *scene, int64_t mU)
{
    (void)dg_scene_phone(scene, "c", "bare");
    if (!pair_without_server(scene, "c") && !dg_scene_is_over(scene)) {
        dg_scene_fail(scene,
                      "With its phone destroyed the device takes no other.");
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_bare_bolus(scene, "c", mU, "confirmed", "valid");

    if (said.outcome[0] == 'w') {
        (void)dg_scene_press(scene, "confirm");
    }
    dg_scene_advance(scene, 600U);
    dg_scene_see(scene,
                 "A new phone enrolled at the device, without a server; its "
                 "dose: \"%s\" %s.",
                 said.result,
                 said.reason);
    if (!dg_scene_is(&said, "accepted")) {
        dg_scene_fail(scene, "The new phone is not obeyed: %s.", said.reason);
        return;
    }
    dg_scene_expect(scene, before, 600U, mU, "The new phone's dose");
}

void dg_hazard_raised_rate(struct dg_scene *scene)
{
    const int64_t percent = dg_scene_number(scene, "raise_percent");
    const int64_t lease_s = dg_scene_number(scene, "lease_s");
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "Raise the basal rate from an app, for as long as the device "
                 "lets one. Then freeze the app, and watch; raise again and "
                 "switch the phone off; raise from a second phone and cut its "
                 "link; raise once more and wipe the phone. Press the stop "
                 "button on the device and enrol a new phone.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");

    unsigned door = dg_scene_phone(scene, "b", "bare");

    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "caregiver");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }

    const int64_t rate = (scene->basal_mU_per_h * percent) / 100;

    dg_scene_advance(scene, 4U * 3600U);

    int64_t from = dg_scene_moved(scene);

    if (raise_rate(scene, "a", rate, lease_s)) {
        dg_scene_power(scene, "a", "freeze");
        watch(scene, from, rate, lease_s, "The app was frozen");
        dg_scene_power(scene, "a", "thaw");
    }
    from = dg_scene_moved(scene);
    if (!dg_scene_is_over(scene) && raise_rate(scene, "a", rate, lease_s)) {
        dg_scene_power(scene, "a", "kill");
        watch(scene, from, rate, lease_s, "The phone was switched off");
        dg_scene_power(scene, "a", "start");
    }
    from = dg_scene_moved(scene);
    (void)dg_scene_say(scene, "b", "connect");
    if (!dg_scene_is_over(scene) && raise_rate(scene, "b", rate, lease_s)) {
        dg_relay_set_rule(&scene->relay, cut, &door);
        watch(scene, from, rate, lease_s, "The link was cut");
        dg_relay_set_rule(&scene->relay, NULL, NULL);
    }
    from = dg_scene_moved(scene);
    if (!dg_scene_is_over(scene) && raise_rate(scene, "a", rate, lease_s)) {
        dg_scene_power(scene, "a", "wipe");
        stop_at_the_device(scene, from);
        enrol_another(scene, mU);
    }
}
