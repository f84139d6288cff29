/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <string.h>

#include "eval/scene_neighbour.h"

/* DG-A35, DG-A37, DG-A40, DG-A42: something answers the trusted display in the
 * place of the person.  Where the person has set a PIN, that is what only a
 * person can give. */
static const char right_pin[] = "918273";

static bool set_pin(struct dg_scene *scene, const char *phone)
{
    const struct dg_said said = dg_scene_neighbour_said(
        scene, phone, "pin", json_pack("{s:s}", "pin", right_pin));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&said, "done")) {
        dg_scene_inconclusive(scene, "The person could not set a PIN.");
    }
    return !dg_scene_is_over(scene);
}

/* The control of every script: with the right PIN it is a person's hand.  If
 * that gives no dose, a wrong PIN that gives none says nothing. */
static bool can_script(struct dg_scene *scene, const char *phone)
{
    /* Far from any dose before and after. */
    dg_scene_advance(scene, 3600U);

    const struct dg_said said = dg_scene_neighbour_said(
        scene,
        phone,
        "script",
        json_pack("{s:i, s:[s]}", "mU", 1000, "pins", right_pin));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&said, "accepted")) {
        dg_scene_inconclusive(scene,
                              "A program that knows the PIN got no dose: "
                              "\"%s\" (%s).",
                              said.result,
                              said.reason);
    }
    dg_scene_advance(scene, 3600U);
    return !dg_scene_is_over(scene);
}

/* Nothing may have moved but basal. */
static void expect_nothing(struct dg_scene *scene,
                           int64_t before,
                           const struct dg_said *said,
                           const char *what)
{
    dg_scene_advance(scene, 240U);
    dg_scene_expect(scene, before, 240U, 0, what);
    if (!dg_scene_is_over(scene) && dg_scene_is(said, "accepted")) {
        dg_scene_fail(scene, "%s: the dose was accepted.", what);
    }
}

void dg_attack_scripted_person(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");

    dg_scene_try(scene,
                 "The person has set a PIN. A program asks for a dose and "
                 "answers the trusted display itself: without anything, with "
                 "the number that it shows, with PINs that people choose. "
                 "Then the person doses. Before all that one that knows the "
                 "PIN must get its dose, or nothing is judged.");
    dg_scene_owner(scene, "a");
    if (!set_pin(scene, "a") || !can_script(scene, "a")) {
        return;
    }

    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said =
        dg_scene_neighbour_said(scene,
                                "a",
                                "script",
                                json_pack("{s:I, s:[s,s]}",
                                          "mU",
                                          (json_int_t)mU,
                                          "pins",
                                          "000000",
                                          "123456"));

    expect_nothing(scene, before, &said, "A dose confirmed by a program");
    dg_scene_see(scene,
                 "A program asked for %lld mU and answered the display: "
                 "\"%s\".",
                 (long long)mU,
                 said.result);
    (void)dg_scene_control(scene, "a", 1000);
}

void dg_attack_pin_guessed(struct dg_scene *scene)
{
    const int64_t guesses = dg_scene_number(scene, "guesses");
    json_t *pins = json_array();
    char pin[24];

    dg_scene_try(scene,
                 "The phone is stolen with the medical part open, and a "
                 "program guesses the PIN; the last guess is the right one. "
                 "By then it must not count any more.");
    dg_scene_owner(scene, "a");
    if (!dg_scene_control(scene, "a", 1000) || !set_pin(scene, "a") ||
        !can_script(scene, "a")) {
        json_decref(pins);
        return;
    }
    for (int64_t i = 0; i < guesses; i++) {
        (void)snprintf(pin, sizeof pin, "%06lld", (long long)i);
        json_array_append_new(pins, json_string(pin));
    }
    json_array_append_new(pins, json_string(right_pin));

    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said = dg_scene_neighbour_said(
        scene,
        "a",
        "script",
        json_pack("{s:i, s:o}", "mU", 1000, "pins", pins));

    expect_nothing(scene, before, &said, "A dose with a PIN that was guessed");

    /* What is safe never asks for a PIN. */
    const struct dg_said stopped = dg_scene_say(scene, "a", "stop");

    if (!dg_scene_is_over(scene) && !dg_scene_is(&stopped, "status")) {
        dg_scene_fail(scene,
                      "After wrong PINs the person cannot stop a dose: "
                      "\"%s\".",
                      stopped.result);
    }
    dg_scene_see(scene,
                 "%lld wrong PINs, then the right one: \"%s\"; stop: \"%s\".",
                 (long long)guesses,
                 said.result,
                 stopped.result);
}
