/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/bins.h"

#include "dosegate/iob.h"

/* Bins behind the present one whose insulin has a share left. */
#define SPAN (DG_IOB_STEPS - 1U)

/* clang-format off */
/*@ requires \valid(row + (0 .. 2));
  @ assigns  row[0 .. 2];
  @ ensures  row[0] == 0 && row[1] == 0 && row[2] == 0;
  @*/
/* clang-format on */
static void clear(uint16_t row[DG_TIERS - 1U])
{
    row[0] = 0U;
    row[1] = 0U;
    row[2] = 0U;
}

void dg_bins_advance(struct dg_bins *bins, uint32_t to)
{
    if (to <= bins->head) {
        return;
    }

    const uint32_t steps = to - bins->head;
    const uint32_t stale = (steps < DG_BINS) ? steps : DG_BINS;

    for (uint32_t i = 1U; i <= stale; i++) {
        clear(bins->pulses[(bins->head + i) % DG_BINS]);
    }
    bins->head = to;
}

void dg_bins_add(struct dg_bins *bins, enum dg_tier tier, uint32_t pulses)
{
    uint16_t *bin = &bins->pulses[bins->head % DG_BINS][(unsigned)tier - 1U];
    const uint32_t room = (uint32_t)UINT16_MAX - *bin;

    *bin = (uint16_t)(*bin + ((pulses < room) ? pulses : room));
}

/* The first bin from @p first on that is still held. */
static uint32_t from(const struct dg_bins *bins, uint32_t first)
{
    const uint32_t oldest =
        (bins->head >= DG_BINS) ? (bins->head - (DG_BINS - 1U)) : 0U;

    return (first > oldest) ? first : oldest;
}

static uint32_t row(const struct dg_bins *bins, uint32_t bin, enum dg_tier tier)
{
    const uint16_t *pulses = bins->pulses[bin % DG_BINS];
    uint32_t sum = pulses[0];

    if (tier != DG_TIER_AUTOMATIC) {
        sum += pulses[1];
    }
    if (tier == DG_TIER_PRESENT) {
        sum += pulses[2];
    }
    return sum;
}

uint32_t dg_bins_since(const struct dg_bins *bins,
                       uint32_t first,
                       enum dg_tier tier)
{
    uint32_t sum = 0U;

    for (uint32_t bin = from(bins, first); bin <= bins->head; bin++) {
        sum += row(bins, bin, tier);
    }
    return sum;
}

uint64_t dg_bins_weighted(const struct dg_bins *bins, uint32_t here)
{
    const uint32_t first = (here > SPAN) ? (here - SPAN) : 0U;
    uint64_t sum = 0U;

    for (uint32_t bin = from(bins, first); bin <= bins->head; bin++) {
        /* The youngest insulin of a bin is up to one step younger than the
         * distance of the bins says. */
        const uint32_t steps = (here > bin) ? (here - bin - 1U) : 0U;

        sum += (uint64_t)row(bins, bin, DG_TIER_PRESENT) * dg_iob_share(steps);
    }
    return sum;
}
