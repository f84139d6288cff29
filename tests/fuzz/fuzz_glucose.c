/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_glucose_take over any stream of readings, times and insulin.
 * Oracle: what is trusted has a predecessor of the number before it, no further
 * away than glucose moves, and two more over nine minutes; the bound never
 * rises above the value; a fresh low is never lost while nothing is trusted. */
#include "dosegate/glucose.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct past {
    uint32_t at_s;
    uint32_t sequence;
    int32_t mg_dL;
};

static void judge(const struct dg_glucose_state *state,
                  const struct past *last,
                  uint32_t low_at_s)
{
    const dg_seconds now = {last[0].at_s};
    const int32_t step = abs(last[0].mg_dL - last[1].mg_dL);
    const uint32_t apart_s = last[0].at_s - last[1].at_s;

    if (dg_glucose_is_trusted(state)) {
        if (dg_glucose_is_suspect(state) ||
            (last[0].sequence != (last[1].sequence + 1U)) || (apart_s > 660U) ||
            (last[0].mg_dL <= 39) || (last[0].mg_dL >= 401) ||
            ((apart_s <= 900U) && (step > (int32_t)(20U + (apart_s / 15U)))) ||
            ((last[0].at_s - state->run_since.s) < 540U)) {
            abort();
        }
    } else if ((low_at_s != 0U) && ((now.s - low_at_s) <= 600U) &&
               !dg_glucose_is_low(state, now, 600U, (dg_glucose){70})) {
        abort();
    }
    if (dg_glucose_bound(state, (dg_seconds){now.s + 600U}).mg_dL >
        last[0].mg_dL) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_glucose_state state;
    struct past last[2] = {{1000U, 0U, 100}, {1000U, 0U, 100}};
    uint32_t low_at_s = 0U;
    uint32_t lows = 0U;

    dg_glucose_start(&state, (dg_seconds){1000U});
    for (size_t i = 0U; (i + 4U) <= size; i += 4U) {
        const uint32_t after_s =
            (data[i] < 128U) ? 300U : (data[i] - 128U) * 10U;

        last[1] = last[0];
        last[0].at_s += after_s;
        last[0].sequence += 1U + (uint32_t)(data[i + 1U] >> 6);
        last[0].mg_dL += (int32_t)(data[i + 1U] & 63U) - 32;
        if (data[i + 2U] == 0U) {
            last[0].mg_dL = 39 + data[i + 3U];
        }
        last[0].mg_dL = (last[0].mg_dL < 39)    ? 39
                        : (last[0].mg_dL > 401) ? 401
                                                : last[0].mg_dL;

        const struct dg_reading reading = {
            last[0].sequence, {last[0].at_s}, {last[0].mg_dL}};
        const struct dg_glucose_context context = {
            .at = {last[0].at_s},
            .isf_mg_dL_per_U = 2 + (int32_t)data[i + 2U] * 3,
            .iob_mU = (int32_t)data[i + 3U] * 100,
            .bolus_steps = (uint32_t)i};

        dg_glucose_take(&state, &reading, &context);
        /* An hour of readings is kept. */
        lows = (last[0].mg_dL < 70) ? 0U : (lows + 1U);
        if (lows == 0U) {
            low_at_s = last[0].at_s;
        }
        judge(&state, last, (lows < DG_GLUCOSE_KEPT) ? low_at_s : 0U);
    }
    return 0;
}
