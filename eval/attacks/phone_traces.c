/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <string.h>

#include "eval/scene_hands.h"
#include "eval/scene_neighbour.h"

/* DG-A53: what the phone keeps about a person, for whoever reads its files:
 * state, logs, images of crashes, a backup. */
struct seed {
    const char *text;
    const char *what;
};

static const struct seed seeds[] = {
    {"SEED-77ab12", "the phone's name"},
    {"918273", "the PIN"},
    {"604417", "a wrong PIN"},
    {"2.35", "a dose in units"},
    {"2350", "a dose in mU"},
    {"\x2e\x09\x00\x00", "a dose in mU as a number, low byte first"},
    {"\x00\x00\x09\x2e", "a dose in mU as a number, high byte first"},
};

/* Zeros may stand in front, so sizes are written down. */
static const size_t sizes[] = {11U, 6U, 6U, 4U, 4U, 4U, 4U};

static json_t *needles(void)
{
    json_t *list = json_array();

    for (size_t i = 0U; i < sizeof seeds / sizeof seeds[0]; i++) {
        dg_scene_add_hex(list,
                         (dg_span){(const uint8_t *)seeds[i].text, sizes[i]});
    }
    return list;
}

static void search(struct dg_scene *scene, const char *when)
{
    json_t *answer = dg_scene_neighbour(
        scene, "a", "search", json_pack("{s:o}", "hex", needles()));
    const json_t *found = json_object_get(answer, "found");
    const json_int_t files =
        json_integer_value(json_object_get(answer, "files"));
    size_t index = 0U;
    json_t *one = NULL;

    json_array_foreach(found, index, one)
    {
        const json_int_t which =
            json_integer_value(json_object_get(one, "needle"));
        const char *where = json_string_value(json_object_get(one, "where"));

        if ((which >= 0) &&
            (which < (json_int_t)(sizeof seeds / sizeof seeds[0]))) {
            dg_scene_fail(scene,
                          "%s: %s can be read in %s.",
                          when,
                          seeds[which].what,
                          (where == NULL) ? "a file" : where);
        }
    }
    if (!dg_scene_is_over(scene) && (files == 0)) {
        dg_scene_inconclusive(scene, "The phone shows no file at all.");
    }
    dg_scene_see(scene,
                 "%s: %lld files, %zu places with something seeded.",
                 when,
                 (long long)files,
                 json_array_size(found));
    json_decref(answer);
}

void dg_attack_phone_traces(struct dg_scene *scene)
{
    dg_scene_try(scene,
                 "Pair with a name, set a PIN, dose, type a wrong PIN, and "
                 "let the phone die and start again. Then read everything "
                 "that it keeps: state, logs, images of crashes.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "app");
    json_decref(dg_scene_ask(scene,
                             json_pack("{s:s, s:s, s:s, s:s, s:b, s:s}",
                                       "op",
                                       "pair",
                                       "phone",
                                       "a",
                                       "unit",
                                       "x",
                                       "role",
                                       "owner",
                                       "presence",
                                       1,
                                       "name",
                                       seeds[0].text)));

    const struct dg_said pin = dg_scene_neighbour_said(
        scene, "a", "pin", json_pack("{s:s}", "pin", seeds[1].text));

    if (!dg_scene_is_over(scene) && !dg_scene_is(&pin, "done")) {
        dg_scene_inconclusive(scene, "The person could not set a PIN.");
    }
    if (dg_scene_is_over(scene) || !dg_scene_control(scene, "a", 2350)) {
        return;
    }
    search(scene, "After a dose");
    dg_scene_advance(scene, 3600U);
    (void)dg_scene_neighbour_said(
        scene,
        "a",
        "script",
        json_pack("{s:i, s:[s]}", "mU", 2350, "pins", seeds[2].text));
    dg_scene_power(scene, "a", "kill");
    dg_scene_power(scene, "a", "start");
    search(scene, "After a wrong PIN and a crash");
}
