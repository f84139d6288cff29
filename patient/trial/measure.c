/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/measure.h"

#include <stdbool.h>
#include <string.h>

#define LANES 16U

/* Tenths of mg/dL. */
#define AT_20  200U
#define AT_40  400U
#define AT_54  540U
#define AT_70  700U
#define AT_140 1400U
#define AT_180 1800U
#define AT_250 2500U

#define NEEDED    3U  /* samples in a row: 15 min */
#define PROLONGED 24U /* more samples than that: above 120 min */
#define DAY       288U

/* One limit of one person, along the samples. */
struct watch {
    uint32_t below;
    uint32_t above;
    uint32_t length;
    uint32_t episodes;
    uint32_t prolonged;
    bool is_inside;
    bool is_counted;
};

static void look(struct watch *watch, bool is_below)
{
    watch->below = is_below ? (watch->below + 1U) : 0U;
    watch->above = is_below ? 0U : (watch->above + 1U);
    if (!watch->is_inside) {
        if (watch->below >= NEEDED) {
            watch->is_inside = true;
            watch->is_counted = false;
            watch->episodes++;
            watch->length = watch->below;
        }
        return;
    }
    if (watch->above >= NEEDED) {
        watch->is_inside = false;
        return;
    }
    watch->length++;
    /* A rise counts only if the fall comes back. */
    if (is_below && !watch->is_counted && (watch->length > PROLONGED)) {
        watch->is_counted = true;
        watch->prolonged++;
    }
}

static void count(struct dg_trial_glucose *to,
                  uint32_t tenths,
                  const int32_t *risks)
{
    const int32_t risk = risks[tenths];

    to->samples++;
    to->below_54 += (tenths < AT_54) ? 1U : 0U;
    to->below_70 += (tenths < AT_70) ? 1U : 0U;
    to->tight += ((tenths >= AT_70) && (tenths <= AT_140)) ? 1U : 0U;
    to->range += ((tenths >= AT_70) && (tenths <= AT_180)) ? 1U : 0U;
    to->above_180 += (tenths > AT_180) ? 1U : 0U;
    to->above_250 += (tenths > AT_250) ? 1U : 0U;
    to->sum += tenths;
    to->squares += (uint64_t)tenths * tenths;
    to->low_risk += (risk < 0) ? (uint64_t) - (int64_t)risk : 0U;
    to->high_risk += (risk > 0) ? (uint64_t)risk : 0U;
    to->least = (tenths < to->least) ? tenths : to->least;
    to->most = (tenths > to->most) ? tenths : to->most;
}

void dg_trial_measure(const uint16_t *samples,
                      size_t steps,
                      struct dg_trial_glucose glucose[16])
{
    const int32_t *risks = dg_trial_risk_table();
    struct watch low[LANES] = {{0}};
    struct watch very_low[LANES] = {{0}};

    memset(glucose, 0, LANES * sizeof glucose[0]);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        glucose[lane].least = DG_TRIAL_TENTHS_MAX;
    }
    for (size_t step = 0U; step < steps; step++) {
        for (unsigned lane = 0U; lane < LANES; lane++) {
            const uint32_t tenths = samples[(step * LANES) + lane];

            if (tenths > DG_TRIAL_TENTHS_MAX) {
                continue;
            }
            count(&glucose[lane], tenths, risks);
            /* Nothing is under way, and nothing begins: the common case. */
            if ((tenths < AT_70) || low[lane].is_inside ||
                very_low[lane].is_inside) {
                look(&low[lane], tenths < AT_70);
                look(&very_low[lane], tenths < AT_54);
            } else {
                low[lane].below = 0U;
                very_low[lane].below = 0U;
            }
        }
    }
    for (unsigned lane = 0U; lane < LANES; lane++) {
        glucose[lane].episodes_70 = low[lane].episodes;
        glucose[lane].episodes_54 = very_low[lane].episodes;
        glucose[lane].prolonged_54 = very_low[lane].prolonged;
    }
}

void dg_trial_measure_harm(const uint16_t *samples,
                           size_t steps,
                           size_t start,
                           struct dg_trial_tally tally[16])
{
    for (unsigned lane = 0U; lane < LANES; lane++) {
        uint32_t below = 0U;

        tally[lane].lethal_proxy = 0U;
        tally[lane].severe_proxy = 0U;
        tally[lane].event_minute = 0U;
        if (tally[lane].glucose[DG_TRIAL_PLASMA].least >= AT_54) {
            continue;
        }
        for (size_t step = 0U; step < steps; step++) {
            const uint32_t tenths = samples[(step * LANES) + lane];

            if (tenths > DG_TRIAL_TENTHS_MAX) {
                continue;
            }
            tally[lane].lethal_proxy += (tenths < AT_20) ? 1U : 0U;
            below = (tenths < AT_40) ? (below + 1U) : 0U;
            tally[lane].severe_proxy += (below == NEEDED) ? 1U : 0U;
            if ((tenths < AT_54) && (step >= start) &&
                (tally[lane].event_minute == 0U)) {
                tally[lane].event_minute =
                    (uint32_t)((step - start) * DG_TRIAL_SAMPLE_MIN) + 1U;
            }
        }
    }
}

void dg_trial_measure_day(const uint16_t *samples,
                          size_t steps,
                          unsigned lane,
                          enum dg_trial_signal signal,
                          struct dg_trial_cell *cell)
{
    const uint32_t width = DG_TRIAL_GLUCOSE_WIDTH * 10U;

    for (size_t step = 0U; step < steps; step++) {
        const uint32_t tenths = samples[(step * LANES) + lane];
        const uint32_t bin = tenths / width;
        const size_t part = (step % DAY) / (DAY / DG_TRIAL_DAY_PARTS);

        if (tenths <= DG_TRIAL_TENTHS_MAX) {
            cell->day[signal][part][(bin < DG_TRIAL_GLUCOSE_BINS)
                                        ? bin
                                        : (DG_TRIAL_GLUCOSE_BINS - 1U)]++;
        }
    }
}
