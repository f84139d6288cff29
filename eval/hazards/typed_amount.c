/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

#include "eval/scene_neighbour.h"

/* DG-H02: what a person types is what is shown, or it is refused.  The trusted
 * display shows six units and wants the number again; each of these looks like
 * it to a reader that drops a point, a sign or a group, and is not. */
static const char *const wrong[] = {
    ".6",       ",6",           "6.",   "6,",    "06",   "006",  "0.6",   "60",
    "6.000",    "6,000",        "6000", "6.0.0", "6..0", "6,.0", "+6",    "-6",
    "6e0",      "0x6",          "6u",   "6mU",   "5.99", "6.01", "6.005", "6'0",
    "\xd9\xa6", "\xef\xbc\x96", "66",   "6_0",   "6;0",  "6:00"};

static const char *const right[] = {"6", "6.0", "6,0", "6.00", "6,00"};

void dg_hazard_typed_amount(struct dg_scene *scene)
{
    const int64_t mU = 6000;
    const int64_t which = dg_scene_number(scene, "spelling");
    unsigned refused = 0U;

    if ((which < 0) || (which >= (int64_t)(sizeof right / sizeof right[0]))) {
        dg_scene_inconclusive(scene, "There is no such spelling.");
        return;
    }
    dg_scene_try(scene,
                 "The trusted display shows 6 U and wants the number again. "
                 "Type it in thirty ways that a careless reader takes for 6, "
                 "and once as it is.");
    dg_scene_owner(scene, "a");
    for (size_t i = 0U;
         (i < sizeof wrong / sizeof wrong[0]) && !dg_scene_is_over(scene);
         i++) {
        const struct dg_said said = dg_scene_neighbour_said(
            scene,
            "a",
            "type",
            json_pack("{s:I, s:s}", "mU", (json_int_t)mU, "text", wrong[i]));

        if (dg_scene_is(&said, "unasked")) {
            dg_scene_inconclusive(scene,
                                  "The display did not want the number again.");
        } else if (dg_scene_is(&said, "accepted")) {
            dg_scene_fail(scene,
                          "\"%s\" was typed where 6 U are shown, and 6 U were "
                          "given.",
                          wrong[i]);
            return;
        } else {
            refused++;
        }
    }

    const int64_t before = dg_scene_moved(scene);
    const struct dg_said good = dg_scene_neighbour_said(
        scene,
        "a",
        "type",
        json_pack("{s:I, s:s}", "mU", (json_int_t)mU, "text", right[which]));

    /* Where the device wants its own button as well, the person is there. */
    (void)dg_scene_press(scene, "confirm");
    dg_scene_advance(scene, 600U);
    if (!dg_scene_is_over(scene) && !dg_scene_is(&good, "accepted")) {
        dg_scene_inconclusive(scene,
                              "\"%s\" was refused where 6 U are shown: "
                              "\"%s\".",
                              right[which],
                              good.result);
        return;
    }
    dg_scene_expect(scene, before, 600U, mU, "6 U, typed as they are");
    dg_scene_see(scene,
                 "%u spellings of another number, or of none, were refused; "
                 "the right one gave 6 U.",
                 refused);
}
