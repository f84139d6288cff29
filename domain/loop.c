/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>

void dg_loop_add(struct dg_loop *loop, const struct dg_reading *reading)
{
    if (loop->count > 0U) {
        const uint32_t last = loop->reading[loop->count - 1U].at.s;

        if ((reading->at.s <= last) ||
            ((reading->at.s - last) > DG_LOOP_GAP_S_MAX)) {
            loop->count = 0;
        }
    }
    if (loop->count == DG_LOOP_READINGS) {
        for (size_t i = 1; i < DG_LOOP_READINGS; i++) {
            loop->reading[i - 1U] = loop->reading[i];
        }
        loop->count--;
    }
    loop->reading[loop->count] = *reading;
    loop->count++;
}

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
    if (value < low) {
        return low;
    }
    return (value > high) ? high : value;
}

/* Change over the horizon if it went on as between first and last. */
static int32_t trend_mg_dL(const struct dg_loop *loop)
{
    const struct dg_reading *first = &loop->reading[0];
    const struct dg_reading *last = &loop->reading[DG_LOOP_READINGS - 1U];

    /* dg_loop_add() keeps at.s rising, and the gap small. */
    const int32_t span_s = (int32_t)(last->at.s - first->at.s);
    const int32_t change = last->value.mg_dL - first->value.mg_dL;

    return clamp((change * DG_LOOP_HORIZON_S) / span_s,
                 -DG_LOOP_TREND_MG_DL_MAX,
                 DG_LOOP_TREND_MG_DL_MAX);
}

static bool is_sound(const struct dg_loop_settings *settings,
                     dg_dose iob,
                     dg_dose headroom)
{
    return (settings->target.mg_dL >= 80) && (settings->target.mg_dL <= 250) &&
           (settings->isf_mg_dL_per_U >= 2) &&
           (settings->isf_mg_dL_per_U <= 1000) && (iob.mU >= 0) &&
           (headroom.mU >= 0);
}

enum dg_status dg_loop_decide(const struct dg_loop *loop,
                              const struct dg_loop_settings *settings,
                              dg_dose iob,
                              dg_dose headroom,
                              dg_dose *dose)
{
    if (dose == NULL) {
        return DG_E_USAGE;
    }
    dose->mU = 0;
    if ((loop == NULL) || (settings == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_sound(settings, iob, headroom)) {
        return DG_E_RANGE;
    }
    if (loop->count < DG_LOOP_READINGS) {
        return DG_E_STATE;
    }

    const int32_t now = loop->reading[DG_LOOP_READINGS - 1U].value.mg_dL;
    const int32_t trend = trend_mg_dL(loop);
    const int32_t above = now + trend - settings->target.mg_dL;

    if ((now <= settings->target.mg_dL) || (above <= 0) ||
        (trend <= DG_LOOP_FALLING_MG_DL)) {
        return DG_OK;
    }

    /* above is at most 401 + 60: the product stays below 500,000. */
    const int32_t needed = (above * 1000) / settings->isf_mg_dL_per_U;

    if (needed <= iob.mU) {
        return DG_OK;
    }

    const int32_t half = (needed - iob.mU) / 2;
    const int32_t most = (half < headroom.mU) ? half : headroom.mU;

    dose->mU = most - (most % DG_PULSE_MU);
    return DG_OK;
}
