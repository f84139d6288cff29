/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/twin.h"

#include <stdio.h>
#include <string.h>

#include "eval/scratch.h"

bool dg_twin_open(struct dg_twin *twin, const struct dg_scene *of)
{
    struct dg_scene *scene = &twin->scene;
    char log[640];

    memset(twin, 0, sizeof *twin);
    dg_run_init(&twin->run);
    scene->run = &twin->run;
    scene->entry = of->entry;
    scene->profile = of->profile;
    scene->seed = of->seed;
    scene->declared = of->declared;
    scene->test = dg_catalogue_add_test(&twin->run, of->entry);
    (void)snprintf(scene->dir, sizeof scene->dir, "%.480s/twin", of->dir);
    (void)snprintf(log, sizeof log, "%s/adapter.log", of->dir);
    if ((scene->test == NULL) || !dg_contract_open(&scene->contract,
                                                   of->program,
                                                   NULL,
                                                   scene->dir,
                                                   log,
                                                   of->contract.patience_ms)) {
        return false;
    }

    json_t *hello = dg_contract_hello(&scene->contract);
    const bool is_up = hello != NULL;

    json_decref(hello);
    return is_up;
}

bool dg_twin_is_dead(struct dg_twin *twin)
{
    json_t *answer =
        dg_contract_ask(&twin->scene.contract,
                        json_pack("{s:s, s:s}", "op", "alive", "unit", "x"),
                        NULL);
    const bool is_dead = json_is_false(json_object_get(answer, "alive"));

    json_decref(answer);
    return is_dead;
}

void dg_twin_close(struct dg_twin *twin)
{
    (void)dg_contract_close(&twin->scene.contract);
    if (twin->scene.has_relay) {
        dg_relay_close(&twin->scene.relay);
    }
    /* The next one must not find its flash. */
    dg_scratch_remove(twin->scene.dir);
    dg_run_free(&twin->run);
}
