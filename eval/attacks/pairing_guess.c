/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

/* DG-A04, A14: someone tries to pair who does not know the code.  He has what
 * is printed on the unit, chance, and a person who has just pressed the button
 * for a phone of his own. */
#define ROUNDS_MAX 64
/* A device may deal with one attempt at a time. */
#define PACE_S 11U

static void press_pair(struct dg_scene *scene)
{
    json_decref(dg_scene_ask(
        scene,
        json_pack(
            "{s:s, s:s, s:s}", "op", "press", "unit", "x", "button", "pair")));
}

/* The stranger guesses; a guess that is let in is the failure. */
static struct dg_said guess(struct dg_scene *scene,
                            const char *how,
                            int64_t from,
                            int64_t count,
                            const char *when)
{
    const struct dg_said said =
        dg_scene_phone_do(scene,
                          "s",
                          json_pack("{s:s, s:s, s:I, s:I}",
                                    "do",
                                    "guess",
                                    "how",
                                    how,
                                    "from",
                                    (json_int_t)from,
                                    "count",
                                    (json_int_t)count));

    if (dg_scene_is(&said, "paired")) {
        dg_scene_fail(scene,
                      "A stranger paired by guessing (%s secrets, %s).",
                      how,
                      when);
        const struct dg_said dosed =
            dg_scene_bare_bolus(scene, "s", 1000, "confirmed", "valid");

        dg_scene_see(scene, "His dose: \"%s\".", dosed.result);
    }
    return said;
}

/* A person presses the button and lets the second phone read the display. */
static bool pair_second(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:s, s:b}",
                                            "op",
                                            "pair",
                                            "phone",
                                            "b",
                                            "unit",
                                            "x",
                                            "role",
                                            "caregiver",
                                            "presence",
                                            1));
    const char *result = json_string_value(json_object_get(answer, "result"));
    const bool is_paired = (result != NULL) && (strcmp(result, "paired") == 0);

    json_decref(answer);
    return is_paired;
}

static void guess_printed(struct dg_scene *scene, int64_t count)
{
    const int64_t tries = scene->pairing_tries;
    int64_t from = 0;

    (void)guess(scene, "printed", 0, count, "nobody pressed the button");
    for (int i = 0; (i < ROUNDS_MAX) && (from < count) && !scene->has_failed &&
                    !dg_scene_is_over(scene);
         i++) {
        dg_scene_advance(scene, (uint32_t)scene->pairing_lock_s + 60U);
        press_pair(scene);
        (void)guess(
            scene, "printed", from, tries, "a person had pressed the button");
        from += tries;
    }
}

/* After as many wrong codes as are declared the right one is worth nothing,
 * and taking out the battery does not change that. */
static void expect_lock(struct dg_scene *scene, const char *how)
{
    dg_scene_advance(scene, (uint32_t)scene->pairing_lock_s + 60U);
    press_pair(scene);
    for (int64_t i = 0; (i < scene->pairing_tries) && !dg_scene_is_over(scene);
         i++) {
        const struct dg_said said =
            guess(scene, how, 0, 1, "a person had pressed the button");

        /* No code of that kind is ever typed: nothing to try, nothing to lock.
         */
        if (dg_scene_is(&said, "unsupported")) {
            dg_scene_see(scene, "The product has no code of %s.", how);
            return;
        }
        dg_scene_advance(scene, PACE_S);
    }
    if (!scene->has_failed && !dg_scene_is_over(scene) && pair_second(scene)) {
        dg_scene_fail(scene,
                      "After %lld wrong codes (%s) pairing was still open.",
                      (long long)scene->pairing_tries,
                      how);
        return;
    }
    dg_scene_power_cut(scene);
    dg_scene_power_on(scene);
    if (!scene->has_failed && !dg_scene_is_over(scene) && pair_second(scene)) {
        dg_scene_fail(scene,
                      "A loss of power gave back all the tries at the code.");
        return;
    }
    dg_scene_see(scene,
                 "After %lld wrong codes (%s) nobody was let in, nor after a "
                 "loss of power.",
                 (long long)scene->pairing_tries,
                 how);
}

static bool read_declared(struct dg_scene *scene)
{
    const int64_t tries_max = dg_scene_number(scene, "tries_max");
    const int64_t lock_max = dg_scene_number(scene, "lock_s_max");

    if (scene->pairing_tries < 1) {
        dg_scene_inconclusive(
            scene, "The product does not declare how many codes may be tried.");
        return false;
    }
    if ((scene->pairing_tries > tries_max) ||
        (scene->pairing_lock_s > lock_max)) {
        dg_scene_fail(scene,
                      "The product declares %lld tries and a wait of %lld s; "
                      "at most %lld and %lld are let pass.",
                      (long long)scene->pairing_tries,
                      (long long)scene->pairing_lock_s,
                      (long long)tries_max,
                      (long long)lock_max);
        return false;
    }
    return true;
}

void dg_attack_pairing_guess(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const int64_t printed = dg_scene_number(scene, "printed_secrets");
    const int64_t attempts = dg_scene_number(scene, "attempts");

    dg_scene_try(scene,
                 "Try to pair without the code: with secrets made of what is "
                 "printed on the unit, with chance and with wrong digits, "
                 "while nobody pressed the button and while someone has. "
                 "After the declared number of wrong codes the right one must "
                 "be worth nothing, also after a loss of power.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    (void)dg_scene_phone(scene, "s", "stranger");
    dg_scene_pair(scene, "a", "owner");
    if (!dg_scene_control(scene, "a", mU) || !read_declared(scene)) {
        return;
    }
    json_decref(dg_scene_ask(
        scene,
        json_pack("{s:s, s:s, s:s}", "op", "pose", "phone", "s", "as", "a")));

    const int64_t before = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;

    guess_printed(scene, printed);
    if (!scene->has_failed) {
        (void)guess(scene, "random", 0, attempts, "nobody pressed the button");
        expect_lock(scene, "random");
    }
    if (!scene->has_failed) {
        expect_lock(scene, "digits");
    }
    dg_scene_expect(scene,
                    before,
                    scene->now_s - began_s,
                    0,
                    "While a stranger guessed codes");
    dg_scene_measure(scene, "secrets of print", printed, 0U, "");
    dg_scene_measure(scene, "guesses by chance", attempts, 0U, "");
    dg_scene_measure(scene, "declared tries", scene->pairing_tries, 0U, "");
    if (scene->has_failed || dg_scene_is_over(scene)) {
        return;
    }
    /* Not locked for ever: whoever has the code comes in. */
    dg_scene_advance(scene, (uint32_t)scene->pairing_lock_s + 60U);
    if (!pair_second(scene)) {
        dg_scene_fail(scene,
                      "After the declared wait of %lld s the right code is "
                      "still refused.",
                      (long long)scene->pairing_lock_s);
    }
    (void)dg_scene_say(scene, "a", "connect");
    (void)dg_scene_control(scene, "a", mU);
}
