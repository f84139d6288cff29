/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "eval/trial/conduct_parts.h"

/* Anybody: 12 U of basal a day, half of the daily dose. */
static const struct dg_controller_person anybody = {
    .basal = {{.minute = 0U, .mU_per_h = 500U}},
    .basal_count = 1U,
    .isf_mg_dL_U = 70.0,
    .cr_g_U = 20.0,
    .tdd_U = 24.0,
    .target_mg_dL = 110.0,
    .weight_kg = 50.0,
    .age = DG_CONTROLLER_ADULT,
};

static enum dg_status play(const struct dg_controller *controller, void *state)
{
    const struct dg_controller_input input = {
        .glucose_mg_dL = 120, .reservoir_mU = 100000U, .battery_percent = 100U};
    struct dg_controller_output output;
    enum dg_status status = controller->start(state, &anybody);

    if (status == DG_OK) {
        status = controller->step(state, &input, &output);
    }
    return status;
}

/* A program that is not there, or answers nothing, would drop everybody, one
 * after the other: ask it once before. */
enum dg_status dg_rehearse(const struct dg_book *book,
                           struct dg_problem *problem)
{
    if (book->program == NULL) {
        return DG_OK;
    }

    const struct dg_controller *controller = &dg_controller_plugin;
    void *state = calloc(1U, controller->state_bytes);
    enum dg_status status = DG_E_PORT;

    dg_problem_set(problem, "memory is out");
    if (state != NULL) {
        status = controller->open(state, &book->setup);
        if (status == DG_OK) {
            status = play(controller, state);
        }
        if (status != DG_OK) {
            dg_problem_set(problem,
                           "the program '%.120s' cannot be a controller: "
                           "%.200s; see docs/controllers.md",
                           book->program,
                           controller->fault(state));
        }
        controller->close(state);
    }
    free(state);
    return status;
}
