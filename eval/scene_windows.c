/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scene.h"

#include <stdio.h>

/* The therapy monitor's arithmetic: from what the mechanism moved, what lay
 * above basal, and how much of it in any stretch of time. */

void dg_scene_expect(struct dg_scene *scene,
                     int64_t from_mU,
                     uint32_t s,
                     int64_t extra_mU,
                     const char *what)
{
    const int64_t got = dg_scene_moved(scene) - from_mU;
    const int64_t basal = (scene->basal_mU_per_h * (int64_t)s) / 3600;
    const int64_t off = got - basal - extra_mU;

    if (scene->trouble[0] != '\0') {
        return;
    }
    if ((off > scene->pulse_mU) || (off < -scene->pulse_mU)) {
        dg_scene_fail(scene,
                      "%s: %lld mU moved in %u s, expected %lld mU (basal "
                      "%lld, allowed dose %lld).",
                      what,
                      (long long)got,
                      (unsigned)s,
                      (long long)(basal + extra_mU),
                      (long long)basal,
                      (long long)extra_mU);
    }
}

int64_t dg_scene_worst_window(const struct dg_scene *scene, uint32_t s)
{
    int64_t worst = 0;
    size_t from = 0U;

    for (size_t to = 0U; to < scene->deliveries; to++) {
        while (scene->delivery[from].at_s + s < scene->delivery[to].at_s) {
            from++;
        }

        const struct dg_scene_delivery *first = &scene->delivery[from];
        const struct dg_scene_delivery *last = &scene->delivery[to];
        const int64_t basal =
            (scene->basal_mU_per_h * (int64_t)(last->at_s - first->at_s)) /
            3600;
        const int64_t above = last->total_mU - first->total_mU - basal;

        worst = (above > worst) ? above : worst;
    }
    return worst;
}

void dg_scene_check_windows(struct dg_scene *scene,
                            const struct dg_scene_caps *caps,
                            const char *who)
{
    static const uint32_t length_s[4] = {300U, 3600U, 14400U, 86400U};
    static const char *const name[4] = {"5 min", "1 h", "4 h", "24 h"};

    for (unsigned i = 0U; i < 4U; i++) {
        const int64_t worst = dg_scene_worst_window(scene, length_s[i]);
        char label[96];

        (void)snprintf(
            label, sizeof label, "%s: most above basal in %s", who, name[i]);
        dg_scene_measure(scene, label, worst, 3U, "U");
        /* Basal comes in pulses, so the difference may be one off. */
        if (worst > caps->window_mU[i] + scene->pulse_mU) {
            dg_scene_fail(scene,
                          "%s got %lld mU above basal in %s; the declared "
                          "cap is %lld mU.",
                          who,
                          (long long)worst,
                          name[i],
                          (long long)caps->window_mU[i]);
        }
    }
}
