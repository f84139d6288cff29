/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/pauses.h"

uint32_t dg_pauses_weigh(uint32_t seconds, uint32_t permille)
{
    /* In 64 bits: any number of seconds is allowed. */
    return (uint32_t)((((uint64_t)seconds * permille) + DG_PERMILLE - 1U) /
                      DG_PERMILLE);
}

static uint32_t left_of(uint32_t most, uint32_t used)
{
    return (used >= most) ? 0U : (most - used);
}

uint32_t dg_pauses_room(uint32_t used_4_h_s,
                        uint32_t used_24_h_s,
                        uint32_t permille)
{
    if ((permille == 0U) || (permille > DG_PERMILLE)) {
        return 0U;
    }

    const uint32_t in_4_h_s = left_of(DG_PAUSE_S_MAX_IN_4_H, used_4_h_s);
    const uint32_t in_24_h_s = left_of(DG_PAUSE_S_MAX_IN_24_H, used_24_h_s);
    const uint32_t whole_s = (in_4_h_s < in_24_h_s) ? in_4_h_s : in_24_h_s;

    /* Down: the pause, weighed and rounded up, then fits.  At most 7200 x
     * 1000: fits. */
    const uint32_t seconds = (whole_s * DG_PERMILLE) / permille;

    return (seconds < DG_PAUSE_S_MAX) ? seconds : DG_PAUSE_S_MAX;
}

void dg_pauses_advance(struct dg_pauses *pauses, uint32_t to)
{
    if (to <= pauses->head) {
        return;
    }

    const uint32_t steps = to - pauses->head;
    const uint32_t stale = (steps < DG_PAUSE_BINS) ? steps : DG_PAUSE_BINS;

    for (uint32_t i = 1U; i <= stale; i++) {
        pauses->s[(pauses->head + i) % DG_PAUSE_BINS] = 0U;
    }
    pauses->head = to;
}

/* Number of the oldest bin that is held. */
static uint32_t oldest(const struct dg_pauses *pauses)
{
    return (pauses->head >= DG_PAUSE_BINS)
               ? (pauses->head - (DG_PAUSE_BINS - 1U))
               : 0U;
}

void dg_pauses_add(struct dg_pauses *pauses,
                   uint32_t from_s,
                   uint32_t to_s,
                   uint32_t permille)
{
    if (to_s <= from_s) {
        return;
    }
    dg_pauses_advance(pauses, (to_s - 1U) / DG_PAUSE_BIN_S);

    const uint32_t first = from_s / DG_PAUSE_BIN_S;
    const uint32_t last = (to_s - 1U) / DG_PAUSE_BIN_S;
    const uint32_t start = oldest(pauses);

    for (uint32_t bin = (first > start) ? first : start; bin <= last; bin++) {
        const uint64_t begin_s = (uint64_t)bin * DG_PAUSE_BIN_S;
        const uint64_t end_s = begin_s + DG_PAUSE_BIN_S;
        const uint64_t a_s = (from_s > begin_s) ? from_s : begin_s;
        const uint64_t b_s = (to_s < end_s) ? to_s : end_s;
        uint16_t *sum = &pauses->s[bin % DG_PAUSE_BINS];
        const uint32_t more =
            dg_pauses_weigh((uint32_t)(b_s - a_s), permille) + *sum;

        *sum = (more > UINT16_MAX) ? UINT16_MAX : (uint16_t)more;
    }
}

uint32_t dg_pauses_within(const struct dg_pauses *pauses,
                          uint32_t now_s,
                          uint32_t window_s)
{
    const uint32_t first =
        (now_s > window_s) ? ((now_s - window_s) / DG_PAUSE_BIN_S) : 0U;
    const uint32_t start = oldest(pauses);
    uint32_t sum = 0U;

    for (uint32_t bin = (first > start) ? first : start; bin <= pauses->head;
         bin++) {
        sum += pauses->s[bin % DG_PAUSE_BINS];
    }
    return sum;
}
